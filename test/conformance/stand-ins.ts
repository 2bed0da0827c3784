/**
 * The software that stands in for the real world in tests, none of it written by us: a nats-server, moto for AWS, the
 * embedded ClickHouse engine, schemathesis for strangers at the API. Each is found or fetched; what is missing is said,
 * and is a failure where all are wanted.
 */
import { access, mkdir, mkdtemp, rename, rm } from "node:fs/promises"
import { join } from "node:path"
import { reason, run } from "../../deploy/command.ts"
import { findNatsServer } from "../../deploy/nats-server.ts"

export const names = ["nats-server", "moto", "chdb", "schemathesis"] as const
export type Name = (typeof names)[number]

export interface Found {
  readonly name: Name
  readonly isMissing: false
  readonly version: string
  /** The program to start; for chdb, the package to import. */
  readonly path: string
}

export interface Missing {
  readonly name: Name
  readonly isMissing: true
  readonly why: string
}

export type StandIn = Found | Missing

/** Pinned: a later moto may answer another way, and then it is for us to look first. */
export const motoVersion = "5.2.5"
/** Pinned: the same seed draws the same requests. */
export const schemathesisVersion = "4.32.5"

const root = join(import.meta.dirname, "..", "..")
type Say = (line: string) => void

interface Python {
  readonly name: string
  readonly version: string
  /** As pip takes it. */
  readonly wanted: string
  /** Prints the version, having loaded what is used. */
  readonly proof: string
}

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false
  )

/** A package of Python in an environment of its own, by version in the project's cache. */
const findPython = async ({ name, version, wanted, proof }: Python, say: Say) => {
  const cacheDir = join(root, ".cache")
  const place = join(cacheDir, `${name}-${version}`)
  // Started through python, never through its own script: that one names the folder it was installed into.
  const path = join(place, "bin", "python3")
  if (!(await isThere(path))) {
    say(`installing ${name} ${version} into its own Python environment`)
    await mkdir(cacheDir, { recursive: true })
    const folder = await mkdtemp(join(cacheDir, `fetching-${name}-`))
    try {
      await run("python3", ["-m", "venv", folder])
      await run(join(folder, "bin", "python3"), ["-m", "pip", "install", "--quiet", wanted], { timeoutMs: 300_000 })
      // One rename: a process that installs at the same time finds either nothing or all of it.
      await rename(folder, place).catch((refused: NodeJS.ErrnoException) => {
        if (refused.code !== "ENOTEMPTY" && refused.code !== "EEXIST") throw refused
      })
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
  return { version: (await run(path, ["-c", proof])).trim(), path }
}

const moto: Python = {
  name: "moto",
  version: motoVersion,
  wanted: `moto[server]==${motoVersion}`,
  proof: "from importlib.metadata import version; import moto.server; print(version('moto'))"
}
const schemathesis: Python = {
  name: "schemathesis",
  version: schemathesisVersion,
  wanted: `schemathesis==${schemathesisVersion}`,
  proof: "from importlib.metadata import version; import schemathesis.cli; print(version('schemathesis'))"
}

/** In a process of its own: the engine takes 150 MB and a folder, and a broken one takes its process with it. */
const findChdb = async (): Promise<Omit<Found, "name" | "isMissing">> => {
  const script = `import chdb from "chdb"; process.stdout.write(chdb.query("select version()", "TSV"))`
  const printed = await run(process.execPath, ["--input-type=module", "-e", script], { cwd: root })
  return { version: printed.trim(), path: "chdb" }
}

const finders: Readonly<Record<Name, (say: Say) => Promise<Omit<Found, "name" | "isMissing">>>> = {
  "nats-server": (say) => findNatsServer({ say }),
  moto: (say) => findPython(moto, say),
  chdb: findChdb,
  schemathesis: (say) => findPython(schemathesis, say)
}

const found = new Map<Name, Promise<StandIn>>()

/** One of them: found, fetched, or missing with the reason. Asked twice, it looks once. */
export const standIn = (name: Name, say: Say = () => {}): Promise<StandIn> => {
  const known = found.get(name)
  if (known !== undefined) return known
  const looking = finders[name](say).then(
    ({ version, path }): StandIn => ({ name, isMissing: false, version, path }),
    (thrown): StandIn => ({ name, isMissing: true, why: reason(thrown) })
  )
  found.set(name, looking)
  return looking
}

/** All of them, one after another: each fetch may take the whole line. */
export const standIns = async (say: Say = () => {}): Promise<ReadonlyArray<StandIn>> => {
  const all: Array<StandIn> = []
  for (const name of names) all.push(await standIn(name, say))
  return all
}

/** Is a missing one a failure? On a build server yes; on a laptop it is only said. */
export const areAllWanted = (env: Readonly<Record<string, string | undefined>> = process.env): boolean =>
  env["STAND_INS"] === "all" || (env["CI"] !== undefined && env["CI"] !== "" && env["CI"] !== "false")

/**
 * For `describe.skipIf`: is it missing, and may it be? Where all are wanted a missing one throws, so that no suite is
 * skipped in silence.
 */
export const mayBeSkipped = async (name: Name): Promise<boolean> => {
  const one = await standIn(name)
  if (one.isMissing && areAllWanted()) throw new Error(`${name} is missing: ${one.why}`)
  return one.isMissing
}
