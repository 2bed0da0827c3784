/** Evidence about a pool: who lost instances there and when, and what several witnesses within a day mean. */
import { Duration } from "effect"
import { type Instant, instant } from "../../schemas/ids.ts"
import type { Herd, Hit, SpotInterrupted } from "../../schemas/pool.ts"

export type Evidence = typeof Hit.Type
type HerdState = typeof Herd.Type

/** The product's number: two weeks for a pool to calm down, and a day of margin. */
export const quarantineMs = Duration.toMillis("15 days")
/** The product's number: witnesses within a day speak of one event. */
export const witnessWindowMs = Duration.toMillis("24 hours")
/**
 * So many hits are kept of a pool, the newest. A herd once called stays called until it ends, whatever is forgotten.
 */
export const hitsMax = 64
/** Accounts of one tenant run alike: each further one counts for half a witness. */
export const sameTenantDiscount = 0.5

/** Who confirms it: the tenant, and which of its accounts. `seq` is the message's own in LOG. */
export const hitOf = (message: SpotInterrupted, heardAt: Instant, seq: number): Evidence => ({
  witness: `${message.tenant}/${message.account}`,
  instance: message.instance,
  // A clock that runs ahead must not lengthen a quarantine.
  at: instant(Math.min(message.at, heardAt)),
  seq
})

const byName = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
/** By time, then by name: whatever the order of hearing, the same hits are the newest. */
const newestFirst = (a: Evidence, b: Evidence) =>
  b.at - a.at || byName(a.instance, b.instance) || byName(a.witness, b.witness)

const toldAs = (hit: Evidence) => hit.seq ?? 0

/**
 * With one more; the same hits, the very same list, where it is known or older than all that are kept. Of two tellings
 * the one that the log has first is kept, whichever is heard first.
 */
export const withHit = (hits: ReadonlyArray<Evidence>, hit: Evidence): ReadonlyArray<Evidence> => {
  const known = hits.find((one) => newestFirst(one, hit) === 0)
  if (known !== undefined && toldAs(known) <= toldAs(hit)) return hits
  const others = hits.filter((one) => one !== known)
  const kept = [...others, hit].sort(newestFirst).slice(0, hitsMax)
  return kept.includes(hit) ? kept : hits
}

/**
 * Until when what was lost shuts the pool, in milliseconds since 1970; 0 = nothing does. Whoever cleared it knew of
 * every loss told until then: such an instance counts no more, though its loss be told again afterwards.
 */
export const poisonedUntil = (hits: ReadonlyArray<Evidence>, clearedAs: number | undefined): number => {
  const isKnown = (hit: Evidence) => clearedAs !== undefined && toldAs(hit) <= clearedAs
  const forgiven = new Set(hits.filter(isKnown).map(({ instance }) => instance))
  return hits.reduce((end, hit) => (forgiven.has(hit.instance) ? end : Math.max(end, hit.at + quarantineMs)), 0)
}

/** Instances lost, of those remembered: a loss may be told twice, by its warning and by its absence. */
export const instancesIn = (hits: ReadonlyArray<Evidence>): number => new Set(hits.map((hit) => hit.instance)).size

/**
 * How many may confirm it independently: tenants; within the busiest tenant its accounts, each further one at a
 * discount.
 */
export const witnessesIn = (hits: ReadonlyArray<Evidence>): number => {
  const accounts = new Map<string, Set<string>>()
  for (const { witness } of hits) {
    const tenant = witness.slice(0, witness.indexOf("/"))
    accounts.set(tenant, (accounts.get(tenant) ?? new Set()).add(witness))
  }
  const busiest = Math.max(0, ...[...accounts.values()].map((of) => of.size))
  return Math.max(accounts.size, busiest === 0 ? 0 : 1 + (busiest - 1) * sameTenantDiscount)
}

/** The day that ends with a hit. */
const dayBefore = (hits: ReadonlyArray<Evidence>, end: Evidence) =>
  hits.filter((one) => one.at <= end.at && one.at > end.at - witnessWindowMs)

/** What the hits alone say at an instant: the gravest of what has not ended, until it ends. */
const calledBy = (hits: ReadonlyArray<Evidence>, at: number): HerdState => {
  let risky = 0
  let uncertain = 0
  for (const end of hits) {
    const count = witnessesIn(dayBefore(hits, end))
    if (count >= 3) risky = Math.max(risky, end.at + quarantineMs)
    if (count >= 2) uncertain = Math.max(uncertain, end.at + witnessWindowMs)
  }
  if (risky > at) return { _tag: "RISKY", until: instant(risky) }
  return uncertain > at ? { _tag: "UNCERTAIN", until: instant(uncertain) } : { _tag: "NORMAL" }
}

const grave = { NORMAL: 0, UNCERTAIN: 1, RISKY: 2 } as const

/** The herd at an instant: what was called before and has not ended is never taken back by what is heard later. */
export const herdAt = (before: HerdState, hits: ReadonlyArray<Evidence>, at: number): HerdState => {
  const now = calledBy(hits, at)
  if (before._tag === "NORMAL" || before.until <= at || grave[before._tag] < grave[now._tag]) return now
  return now._tag !== "NORMAL" && now._tag === before._tag && now.until >= before.until ? now : before
}
