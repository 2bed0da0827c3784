/** What the bus is measured with: priced pools, as many different ones as asked for, sealed as they travel. */
import { type Instant, InstanceType, instant, microUsd, ZoneId } from "../../schemas/ids.ts"
import { seal } from "../../schemas/envelope.ts"
import { poolPriced, poolToken } from "../../schemas/pool.ts"
import { rules } from "../../actors/risk-manager/policy.ts"
import { draftOf } from "../../bus/draft.ts"
import { riskManager } from "../../actors/risk-manager/actor.ts"
import { aPool, aPriced, aSpec, noon } from "../builders.ts"

const zones = 6
const sizes = ["large", "xlarge", "2xlarge", "4xlarge"]

/** The pool of a number: six zones, four sizes, as many families as it takes. */
const poolOf = (n: number) => {
  const family = `m${Math.floor(n / (zones * sizes.length)) + 1}i`
  const instanceType = InstanceType.make(`${family}.${sizes[Math.floor(n / zones) % sizes.length]}`)
  return aPool({ zone: ZoneId.make(`use1-az${(n % zones) + 1}`), instanceType })
}

/** The entity that a subject names. */
export const lastToken = (subject: string): string => subject.slice(subject.lastIndexOf(".") + 1)

/** A pool's price as read at that moment. */
export const pricedOf = (n: number, readAt: Instant) => {
  const pool = poolOf(n)
  const spec = aSpec({ instanceType: pool.instanceType })
  return aPriced({ pool, spec, spotPerHour: microUsd(0.03 + (readAt % 100) / 10_000), readAt })
}

export interface Sealed {
  readonly subject: string
  readonly data: Uint8Array
  /** The entity, as the last token of the subject. */
  readonly about: string
}

/** The reading with this number: of the pools in turn, each later than the one before. */
export const sealedOf = (reading: number, pools: number): Sealed => {
  const priced = pricedOf(reading % pools, instant(noon + reading))
  return { ...draftOf(poolPriced, priced), about: poolToken(priced.pool) }
}

export const readings = (count: number, pools: number): ReadonlyArray<Sealed> =>
  Array.from({ length: count }, (_, reading) => sealedOf(reading, pools))

/** Bytes of what the risk manager says to a reading, its state included: the bare client says as much. */
export const saidBytes = (): number => {
  const priced = pricedOf(0, noon)
  const book = { get: () => undefined, all: () => [], remark: () => undefined }
  const [fact] = rules.decide(undefined, priced, { at: noon, seq: 1, book })
  const road = riskManager.says.find(({ tag }) => tag === fact?._tag)
  if (fact === undefined || road === undefined) throw new Error("the risk manager says nothing to a price")
  const state = { schema: riskManager.remembers, value: rules.evolve(undefined, fact) }
  return seal(road, fact, state).length
}
