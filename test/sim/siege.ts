/** The siege: each guard is taken away once, and seeds are lived until one notices; who survives must be redundant. */
import { fork } from "node:child_process"
import { join } from "node:path"
import type { Lived } from "./life.ts"
import { inParallel } from "./workers.ts"
import type { Mutant } from "./mutant.ts"

export interface SiegeTerms {
  readonly workers: number
  readonly hours: number
  /** So many seeds at most. */
  readonly seeds: number
  readonly say: (line: string) => void
  readonly progress: (line: string) => void
}

interface Fate {
  readonly mutant: Mutant
  /** What noticed it first; null = nothing did. */
  readonly caught: { readonly seed: number; readonly by: string } | null
}

const program = join(import.meta.dirname, "main.ts")
const hook = join(import.meta.dirname, "mutate.mjs")
/** What stands before an invariant's number in a violation, or the machinery's own word. */
const shortOf = (violation: string) => violation.split("\n")[0]!.slice(0, 140)

/** Lives seeds in a process without the guard until one notices. A process that cannot start has not been caught. */
export const besiege = (mutant: Mutant, seeds: ReadonlyArray<number>, hours: number): Promise<Fate> =>
  new Promise((resolve, reject) => {
    const env = { ...process.env, MUTANT: mutant.name }
    const child = fork(program, [], { env, execArgv: ["--import", hook], stdio: ["ignore", "ignore", "pipe", "ipc"] })
    let caught: Fate["caught"] = null
    let lived = 0
    let noise = ""
    const next = () =>
      lived >= seeds.length || caught !== null ? child.disconnect() : child.send({ seed: seeds[lived++], hours })
    child.stderr?.on("data", (chunk) => (noise += String(chunk)))
    child.on("message", (message) => {
      const { seed, violation } = message as Lived
      if (violation !== null) caught = { seed, by: shortOf(violation) }
      next()
    })
    child.on("error", reject)
    child.on("exit", (code) => {
      if (code !== 0) reject(new Error(`${mutant.name}: ${noise.slice(-400)}`))
      else resolve({ mutant, caught })
    })
    next()
  })

/** Seeds that are lived without a violation while every guard stands: any other would catch whatever it is shown. */
const soundSeeds = async ({ seeds, hours, workers, say }: SiegeTerms): Promise<ReadonlyArray<number>> => {
  const sound: Array<number> = []
  const drawn = Array.from({ length: seeds }, (_, i) => i + 1)
  await inParallel(drawn, hours, workers, ({ seed, violation }) => {
    if (violation === null) sound.push(seed)
    else say(`seed ${seed} proves nothing: ${shortOf(violation)}`)
  })
  if (sound.length === 0) throw new Error("no seed is lived without a violation while every guard stands")
  return sound.toSorted((a, b) => a - b)
}

/** True where all but the redundant were caught, or 95 in a hundred. */
export const attack = async (mutants: ReadonlyArray<Mutant>, terms: SiegeTerms): Promise<boolean> => {
  const seeds = await soundSeeds(terms)
  const left = [...mutants]
  const fates: Array<Fate> = []
  const one = async () => {
    for (let mutant = left.shift(); mutant !== undefined; mutant = left.shift()) {
      const fate = await besiege(mutant, seeds, terms.hours)
      fates.push(fate)
      terms.say(lineOf(fate))
      terms.progress(`${fates.length} of ${mutants.length} guards`)
    }
  }
  await Promise.all(Array.from({ length: terms.workers }, one))
  const isKilled = (name: string) => fates.some(({ mutant, caught }) => mutant.name === name && caught !== null)
  const counted = fates.filter(
    ({ mutant: { redundantWith } }) => redundantWith === undefined || !isKilled(redundantWith)
  )
  const killed = counted.filter(({ caught }) => caught !== null).length
  terms.say(`${killed}/${counted.length} guards are watched (${((100 * killed) / counted.length).toFixed(1)} %)`)
  terms.say(`${killed}/${counted.length}`)
  return killed >= 0.95 * counted.length
}

const lineOf = ({ mutant, caught }: Fate): string => {
  if (caught !== null) return `killed    ${mutant.name} [${mutant.watchedBy}]: seed ${caught.seed}, ${caught.by}`
  if (mutant.redundantWith !== undefined) return `redundant ${mutant.name}: with ${mutant.redundantWith}`
  return `SURVIVED  ${mutant.name} [${mutant.watchedBy}]`
}
