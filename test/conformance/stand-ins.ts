/**
 * The software that stands in for the real world in tests, none of it written by us: a nats-server, moto for AWS, the
 * embedded ClickHouse engine. Each is found or fetched; what is missing is said, and is a failure where all are wanted.
 */
import { access, mkdir, mkdtemp, rename, rm } from "node:fs/promises"
import { join } from "node:path"
import { reason, run } from "../../deploy/command.ts"
import { findNatsServer } from "../../deploy/nats-server.ts"

export const names = ["nats-server", "moto", "chdb"] as const
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

const root = join(import.meta.dirname, "..", "..")
type Say = (line: string) => void

const findMoto = async (say: Say): Promise<Omit<Found, "name" | "isMissing">> => {
  const cacheDir = join(root, ".cache")
  const place = join(cacheDir, `moto-${motoVersion}`)
  // Started through python, never through its own script: that one names the folder it was installed into.
  const path = join(place, "bin", "python3")
  if (
    !(await access(path).then(
      () => true,
      () => false
    ))
  ) {
    say(`installing moto ${motoVersion} into its own Python environment`)
    await mkdir(cacheDir, { recursive: true })
    const folder = await mkdtemp(join(cacheDir, "fetching-moto-"))
    try {
      await run("python3", ["-m", "venv", folder])
      await run(join(folder, "bin", "python3"), ["-m", "pip", "install", "--quiet", `moto[server]==${motoVersion}`], {
        timeoutMs: 300_000
      })
      // One rename: a process that installs at the same time finds either nothing or all of it.
      await rename(folder, place).catch((refused: NodeJS.ErrnoException) => {
        if (refused.code !== "ENOTEMPTY" && refused.code !== "EEXIST") throw refused
      })
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
  const printed = await run(path, [
    "-c",
    "from importlib.metadata import version; import moto.server; print(version('moto'))"
  ])
  return { version: printed.trim(), path }
}

/** In a process of its own: the engine takes 150 MB and a folder, and a broken one takes its process with it. */
const findChdb = async (): Promise<Omit<Found, "name" | "isMissing">> => {
  const script = `import chdb from "chdb"; process.stdout.write(chdb.query("select version()", "TSV"))`
  const printed = await run(process.execPath, ["--input-type=module", "-e", script], { cwd: root })
  return { version: printed.trim(), path: "chdb" }
}

const finders: Readonly<Record<Name, (say: Say) => Promise<Omit<Found, "name" | "isMissing">>>> = {
  "nats-server": (say) => findNatsServer({ say }),
  moto: findMoto,
  chdb: findChdb
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
