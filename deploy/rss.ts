/** Memory of a process and all that it started, as Linux tells it; null where there is no /proc. */
import { readdirSync, readFileSync } from "node:fs"

interface Seen {
  readonly parent: number
  readonly rssKb: number
}

const seen = (pid: string): Seen | undefined => {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8")
    const parent = /^PPid:\s+(\d+)/m.exec(status)?.[1]
    const rss = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]
    return parent === undefined ? undefined : { parent: Number(parent), rssKb: Number(rss ?? 0) }
  } catch {
    return undefined // it ended while we were looking
  }
}

/** Sum of the resident sets of the tree under `root`, in MB. Shared pages count once per process: never too little. */
export const treeRssMb = (root: number): number | null => {
  let pids: ReadonlyArray<string>
  try {
    pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name))
  } catch {
    return null
  }
  const all = new Map(pids.map((pid) => [Number(pid), seen(pid)] as const))
  const isUnder = (pid: number): boolean => {
    for (let at: number | undefined = pid, depth = 0; at !== undefined && at > 1 && depth < 32; depth++) {
      if (at === root) return true
      at = all.get(at)?.parent
    }
    return false
  }
  let kb = 0
  for (const [pid, process] of all) if (process !== undefined && isUnder(pid)) kb += process.rssKb
  return Math.round(kb / 1024)
}
