/** The dashboard, built: as it lies there where it is in step with its sources, else built now, which takes seconds. */
import { createHash } from "node:crypto"
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import { reason, run } from "./command.ts"

const root = join(import.meta.dirname, "..")
const sources = join(root, "dashboard")
const built = join(sources, "dist")
const mark = join(built, ".sources")

/** Of every source and of the packages' exact versions: whatever else changes, what is built stays what it is. */
const digestOfSources = (): string => {
  const hash = createHash("sha256").update(readFileSync(join(root, "package-lock.json")))
  const files = readdirSync(sources, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.startsWith(built))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !/\.test\.tsx?$/.test(file))
  for (const file of files.sort()) hash.update(file.slice(root.length)).update(readFileSync(file))
  return hash.digest("hex")
}

const viteOf = (): string | undefined => {
  try {
    return join(createRequire(import.meta.url).resolve("vite/package.json"), "..", "bin", "vite.js")
  } catch {
    return undefined
  }
}

/** Folder of the built dashboard; undefined where there is none and none can be built, which `say` explains. */
export const dashboardFolder = async (say: (line: string) => void): Promise<string | undefined> => {
  const isThere = existsSync(join(built, "index.html"))
  const digest = digestOfSources()
  if (isThere && existsSync(mark) && readFileSync(mark, "utf8") === digest) return built
  const vite = viteOf()
  if (vite === undefined) {
    if (!isThere) say("the dashboard is not built, and vite is not there to build it: npm ci brings it")
    return isThere ? built : undefined
  }
  say("building the dashboard, once")
  try {
    await run(process.execPath, [vite, "build", sources, "--logLevel", "error"], { cwd: root, timeoutMs: 120_000 })
    writeFileSync(mark, digest)
    return built
  } catch (thrown) {
    say(`the dashboard cannot be built, the API is there without it: ${reason(thrown)}`)
    return isThere ? built : undefined
  }
}
