/** The data folder is one run's at a time: a file in it names the process that has it, and goes with that process. */
import { accessSync, constants, existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { Effect, type Scope } from "effect"
import { cannot, CannotStart } from "./cannot-start.ts"

const fileIn = (folder: string) => join(folder, "up.pid")

/**
 * When a process began, in the kernel's ticks: together with its number it is never used again, not even after a
 * restart of the machine or of a container, where the same numbers come back. Empty where there is no /proc.
 */
const bornAt = (pid: number): string => {
  try {
    // field 22; the second one, a name in brackets, may contain blanks
    return (
      readFileSync(`/proc/${pid}/stat`, "utf8")
        .replace(/^.*\) /s, "")
        .split(" ")[19] ?? ""
    )
  } catch {
    return ""
  }
}

const isAlive = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch (thrown) {
    return (thrown as NodeJS.ErrnoException).code === "EPERM"
  }
}

/** The process that has the folder; undefined where nobody has it, or whoever had it is no more. */
export const holderOf = (folder: string): number | undefined => {
  try {
    const [pid = "", born = ""] = readFileSync(fileIn(folder), "utf8").trim().split(" ")
    const number = Number(pid)
    return number > 0 && isAlive(number) && bornAt(number) === born ? number : undefined
  } catch {
    return undefined
  }
}

/** One by one from the nearest that is there: where none can be made, Node's own recursion may go on for ever. */
const makeFolder = (folder: string): void => {
  if (existsSync(folder)) return
  makeFolder(dirname(folder))
  mkdirSync(folder)
}

const claim = (folder: string) => {
  const mine = `${fileIn(folder)}.${process.pid}`
  makeFolder(folder)
  accessSync(folder, constants.W_OK)
  writeFileSync(mine, `${process.pid} ${bornAt(process.pid)}\n`)
  try {
    // a whole file is linked into place: of two that start at once, one is told that it is taken
    for (let attempt = 1; ; attempt++) {
      try {
        return linkSync(mine, fileIn(folder))
      } catch (thrown) {
        if ((thrown as NodeJS.ErrnoException).code !== "EEXIST" || attempt === 2) throw thrown
        const holder = holderOf(folder)
        if (holder !== undefined) {
          throw new CannotStart({
            why: `--data ${folder} is in use by process ${holder}: end that run, or name another folder.`
          })
        }
        rmSync(fileIn(folder), { force: true })
      }
    }
  } finally {
    rmSync(mine, { force: true })
  }
}

const codeOf = (thrown: unknown) => (thrown as NodeJS.ErrnoException).code

/** Makes the folder where it is missing and keeps it for this process until the scope closes. */
export const claimFolder = (folder: string): Effect.Effect<void, CannotStart, Scope.Scope> =>
  Effect.acquireRelease(
    Effect.try({
      try: () => claim(folder),
      catch: (thrown) =>
        thrown instanceof CannotStart
          ? thrown
          : cannot(`--data ${folder} cannot be written (${codeOf(thrown)}): name another folder.`)
    }),
    () => Effect.sync(() => rmSync(fileIn(folder), { force: true }))
  )
