/** Which nats-server to run: the first that is new enough, or else one fetched into the project's cache. */
import { access, cp, mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises"
import { delimiter, join } from "node:path"
import { reason, run } from "./command.ts"
import { unpackDebian } from "./debian.ts"

export interface NatsBinary {
  readonly path: string
  /** As in `2.15.1`. */
  readonly version: string
  readonly from: "NATS_SERVER_BIN" | "PATH" | "cache" | "debian" | "go"
}

export interface FindOptions {
  /** Where fetched programs are kept. Default: `.cache` beside the sources. */
  readonly cacheDir?: string
  /** What is being done, one line at a time. */
  readonly say?: (line: string) => void
  /** Default: this process's own. */
  readonly env?: Readonly<Record<string, string | undefined>>
}

/**
 * Below 2.12 a server silently ignores atomic batches and with them our one commit per decision; recurring schedules
 * came with 2.14. The tests of this folder pass on 2.14.5 and on 2.15.1.
 */
export const oldestVersion = "2.14.5"

/** Versions asked of Go, in this order. Pinned: a fresh clone builds what the tests ran on. */
const goVersions = ["2.15.1", "2.14.5"]

/** Newest first: both carry it, one of them is sometimes between two states. Debian's stable suites are too old. */
const debianSuites = ["sid", "testing"]

const module = "github.com/nats-io/nats-server/v2"
const projectCache = join(import.meta.dirname, "..", ".cache")
const numbers = (version: string) => version.split(".").map((part) => Number.parseInt(part, 10))

/** Is `version` the same as `oldest`, or newer? Three numbers count; a suffix as in `2.15.0-RC.1` does not. */
export const isAtLeast = (version: string, oldest: string): boolean => {
  const [have, want] = [numbers(version), numbers(oldest)]
  const differs = [0, 1, 2].find((i) => (have[i] ?? 0) !== (want[i] ?? 0))
  return differs === undefined || (have[differs] ?? 0) > (want[differs] ?? 0)
}

/** Reads what `nats-server --version` prints: `nats-server: v2.15.1`. */
export const versionIn = (printed: string): string | undefined => /v?(\d+\.\d+\.\d+[\w.-]*)/.exec(printed)?.[1]

const versionOf = async (path: string): Promise<string> => {
  const version = versionIn(await run(path, ["--version"], { timeoutMs: 10_000 }))
  if (version === undefined) throw new Error(`${path} does not say its version`)
  return version
}

/** The program at `path` if it is new enough; otherwise throws the sentence that says why it is not used. */
const accept = async (path: string, from: NatsBinary["from"]): Promise<NatsBinary> => {
  const version = await versionOf(path)
  if (!isAtLeast(version, oldestVersion)) {
    throw new Error(`nats-server ${version} at ${path} is too old: ${oldestVersion} or newer is needed`)
  }
  return { path, version, from }
}

const onPath = async (path: string | undefined): Promise<string | undefined> => {
  for (const folder of (path ?? "").split(delimiter).filter((each) => each !== "")) {
    const candidate = join(folder, "nats-server")
    if (
      await access(candidate).then(
        () => true,
        () => false
      )
    )
      return candidate
  }
  return undefined
}

/** Cached programs, newest first. */
const cached = async (cacheDir: string): Promise<ReadonlyArray<string>> => {
  const names = await readdir(cacheDir).catch(() => [])
  const versions = names.flatMap((name) => /^nats-server-(\d+\.\d+\.\d+)$/.exec(name)?.[1] ?? [])
  return versions
    .sort((a, b) => (isAtLeast(a, b) ? -1 : 1))
    .map((version) => join(cacheDir, `nats-server-${version}`, "nats-server"))
}

/**
 * Runs `fetch` in a folder of its own and moves the program into the cache by one rename. Two processes that fetch at
 * once never see each other's half: the second finds the place taken and takes what is there.
 */
const keep = async (cacheDir: string, fetch: (folder: string) => Promise<string>): Promise<string> => {
  await mkdir(cacheDir, { recursive: true })
  const folder = await mkdtemp(join(cacheDir, "fetching-nats-server-"))
  try {
    const fetched = await fetch(folder)
    const { version } = await accept(fetched, "cache")
    const place = join(cacheDir, `nats-server-${version}`)
    const ready = join(folder, "ready")
    await mkdir(ready)
    await cp(fetched, join(ready, "nats-server"))
    await rename(ready, place).catch((refused: NodeJS.ErrnoException) => {
      if (refused.code !== "ENOTEMPTY" && refused.code !== "EEXIST") throw refused
    })
    return join(place, "nats-server")
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

interface Source {
  readonly from: NatsBinary["from"]
  readonly doing: string
  /** Undefined: this source has nothing to offer. */
  readonly get: () => Promise<string | undefined>
}

const sourcesFor = (
  cacheDir: string,
  env: Readonly<Record<string, string | undefined>>,
  kept: ReadonlyArray<string>
): ReadonlyArray<Source> => [
  { from: "NATS_SERVER_BIN", doing: "", get: async () => env["NATS_SERVER_BIN"] || undefined },
  { from: "PATH", doing: "", get: () => onPath(env["PATH"]) },
  ...kept.map((path): Source => ({ from: "cache", doing: "", get: async () => path })),
  ...debianSuites.map(
    (suite): Source => ({
      from: "debian",
      doing: `fetching nats-server from Debian ${suite}`,
      get: () =>
        keep(cacheDir, async (folder) => {
          await unpackDebian("nats-server", suite, folder)
          return join(folder, "usr", "sbin", "nats-server")
        })
    })
  ),
  ...goVersions.map(
    (version): Source => ({
      from: "go",
      doing: `building nats-server ${version} with Go`,
      get: () =>
        keep(cacheDir, async (folder) => {
          await run("go", ["install", `${module}@v${version}`], {
            env: { GOBIN: join(folder, "bin") },
            timeoutMs: 600_000
          })
          return join(folder, "bin", "nats-server")
        })
    })
  )
]

/**
 * Finds a nats-server of at least `oldestVersion`: NATS_SERVER_BIN, PATH, the cache, Debian's newer suites, Go. One
 * that is too old or does not run is named through `say` and passed over. Rejects with one sentence that says what to
 * install.
 */
export const findNatsServer = async (options: FindOptions = {}): Promise<NatsBinary> => {
  const { cacheDir = projectCache, say = () => {}, env = process.env } = options
  const refused: Array<string> = []
  for (const source of sourcesFor(cacheDir, env, await cached(cacheDir))) {
    try {
      if (source.doing !== "") say(source.doing)
      const path = await source.get()
      if (path !== undefined) return await accept(path, source.from)
    } catch (thrown) {
      refused.push(`${source.from}: ${reason(thrown)}`)
      say(`passed over: ${reason(thrown)}`)
    }
  }
  throw new Error(
    `No nats-server ${oldestVersion} or newer was found or could be fetched: install one (Debian testing has it, or ` +
      `\`go install ${module}@v${goVersions[0]}\`), put it on PATH or name it in NATS_SERVER_BIN. Tried ` +
      `${refused.join("; ") || "nothing"}.`
  )
}

/** Which nats-server a start would take without fetching one; undefined where it would have to. */
export const natsOnThisMachine = async (): Promise<NatsBinary | undefined> => {
  for (const { doing, get, from } of sourcesFor(projectCache, process.env, await cached(projectCache))) {
    if (doing !== "") return undefined
    try {
      const path = await get()
      if (path !== undefined) return await accept(path, from)
    } catch {
      // too old or broken: a start passes it over too
    }
  }
  return undefined
}
