/** `npm run sim`: many seeds of the whole house, or one of them, or every guard taken away once. */
import { parseArgs } from "node:util"
import { tableOf } from "./coverage.ts"
import { type Lived, live } from "./life.ts"
import { mutants } from "./mutants.ts"
import { attack } from "./siege.ts"
import { seeds as remembered } from "./seeds.ts"
import { inParallel, serveParent } from "./workers.ts"

const help = `npm run sim -- [--seeds N] [--from K] [--hours H]   many seeds, default 20 of 1 hour
npm run sim -- --seed K                             one seed; prints the hash of its event log
npm run sim -- --mutants                            takes every guard away once: some seed must notice
npm run sim -- --mutant NAME                        one of them
  --workers N   processes side by side; default 2
  --verbose     a line for every seed
Exit code 1 where a promise was broken, with the seed and the last events of the saga concerned.
`

const flags = {
  seeds: { type: "string" },
  from: { type: "string", default: "1" },
  seed: { type: "string" },
  hours: { type: "string", default: "1" },
  workers: { type: "string", default: "2" },
  mutants: { type: "boolean", default: false },
  mutant: { type: "string" },
  verbose: { type: "boolean", default: false },
  help: { type: "boolean", default: false }
} as const

const say = (line: string) => process.stdout.write(`${line}\n`)
const progress = (line: string) => process.stderr.isTTY && process.stderr.write(`\r${line.padEnd(100)}`)

/** What one life came to, as a line. */
const lineOf = ({ seed, hash, figures, violation }: Lived) => {
  const counts = Object.entries(figures).map(([name, value]) => `${value} ${name}`)
  return `seed ${seed}: ${violation ?? "ok"}; ${counts.join(", ")}; hash ${hash}`
}

const tell = (lived: Lived) => {
  say(lineOf(lived))
  for (const line of lived.tail) say(`  ${line}`)
}

const many = async (count: number, from: number, hours: number, workers: number, isVerbose: boolean) => {
  const drawn = Array.from({ length: count }, (_, i) => from + i)
  const all = [...new Set([...remembered.map(({ seed }) => seed), ...drawn])].slice(
    0,
    Math.max(count, remembered.length)
  )
  const startedAt = Date.now()
  const hits = new Map<string, number>()
  const hashes = new Set<string>()
  let done = 0
  let virtual = 0
  let broken = 0
  let cpuMs = 0
  await inParallel(all, hours, workers, (lived) => {
    done++
    virtual += lived.hours
    cpuMs += lived.cpuMs
    hashes.add(lived.hash)
    for (const [cell, times] of Object.entries(lived.hits)) hits.set(cell, (hits.get(cell) ?? 0) + times)
    if (lived.violation !== null) broken++
    if (lived.violation !== null) tell(lived)
    else if (isVerbose) say(lineOf(lived))
    progress(`${done} of ${all.length} seeds, ${virtual.toFixed(1)} virtual hours, ${broken} violations`)
  })
  const seconds = (Date.now() - startedAt) / 1_000
  say(`\n${tableOf(hits)}`)
  const speed = `${((virtual * 1_000) / cpuMs).toFixed(2)} virtual hours a second of processor`
  say(
    `${hashes.size} different hashes; ${seconds.toFixed(1)} s, ${(cpuMs / 1_000).toFixed(1)} s of processor, ${speed}`
  )
  say(`${all.length} seeds, ${virtual.toFixed(1)} virtual hours, ${broken} violations`)
  if (broken > 0) process.exitCode = 1
}

const main = async () => {
  const { values } = parseArgs({ options: flags })
  const hours = Number(values.hours)
  const workers = Number(values.workers)
  if (values.help) return void process.stdout.write(help)
  if (values.mutants || values.mutant !== undefined) {
    const chosen = mutants.filter(({ name }) => values.mutant === undefined || name === values.mutant)
    if (chosen.length === 0) throw new Error(`there is no mutant ${values.mutant}`)
    const isWon = await attack(chosen, { workers, hours, seeds: Number(values.seeds ?? 20), say, progress })
    if (!isWon) process.exitCode = 1
  } else if (values.seed === undefined) {
    await many(Number(values.seeds ?? 20), Number(values.from), hours, workers, values.verbose)
  } else {
    const lived = live(Number(values.seed), hours)
    tell(lived)
    if (lived.violation !== null) process.exitCode = 1
  }
}

if (process.send === undefined) {
  main().catch((cause: unknown) => {
    process.stderr.write(`${cause instanceof Error ? cause.message : String(cause)}\n`)
    process.exitCode = 2
  })
} else serveParent(live)
