/**
 * What is true of a house at rest: nothing open, nothing forgotten, every knob back, the books complete (2, 4, 25, 28
 * to 30).
 */
import { knobsNotRestored } from "../../actors/_ports/world/invariants.ts"
import type { GroupRow } from "../../actors/_ports/world/state.ts"
import { isSettled, standingOf } from "../../deploy/standing.ts"
import { key } from "../../schemas/key.ts"
import { desks } from "../../schemas/catalogue.ts"
import { swapSettled } from "../../schemas/swap.ts"
import { matches } from "../../schemas/message.ts"
import { fleet } from "./fleet.ts"
import type { Life } from "./life.ts"

type Wrong = readonly [invariant: number, details: string]

/** A group as the cloud names it. */
export const groupKey = (ref: { readonly account: string; readonly region: string; readonly group: string }) =>
  `${ref.account}/${ref.region}/${ref.group}`

/**
 * Knobs that are not as their owner or AWS left them. Who scaled out into the room that a swap had made keeps it:
 * MaxSize may then stay where it is.
 */
export const turnedKnobs = (groups: Iterable<GroupRow>): ReadonlyArray<string> =>
  [...groups].flatMap((group) =>
    knobsNotRestored([group]).filter((what) => !what.includes(": max ") || group.base.desired <= group.base.maxSize)
  )

/** Groups with a saga that needs a person: whatever it left there is that person's. */
const stuckGroups = ({ journals }: Life): ReadonlySet<string> =>
  new Set([...journals.traces.values()].flatMap(({ last }) => (last.phase === "Stuck" ? [groupKey(last.input)] : [])))

/** Why the house is not at rest yet. */
export const restlessness = (life: Life): ReadonlyArray<string> => {
  const { house, journals } = life
  const why: Array<string> = []
  const open = journals.open
  if (open.length > 0) {
    why.push(
      `${open.length} sagas are open: ${open.map(({ last }) => `${last.id} at ${last.phase} ${last.step}`).join()}`
    )
  }
  for (const name of house.server.consumerNames) {
    const standing = house.server.standing(name)
    if (standing !== undefined && standing.unsettled.length > 0)
      why.push(`${name} has not settled ${standing.unsettled}`)
    if (standing !== undefined && standing.unread > 0) why.push(`${name} has not read ${standing.unread}`)
  }
  why.push(...life.orphans.waiting.map((id) => `${id} was left behind, and is not ended`))
  if (house.book === undefined) return [...why, "the onlooker sees nothing"]
  const stuck = stuckGroups(life)
  const { groups } = standingOf(house.book, fleet.accounts.length)
  for (const group of groups) {
    if (!isSettled(group) && !stuck.has(groupKey(group))) why.push(`${groupKey(group)} is ${group.because}`)
  }
  for (const { account } of fleet.accounts) {
    const plans = house.book.get(desks, key(account))?.value.plans ?? []
    for (const { ref, inFlight } of plans) {
      const flying = inFlight.filter((one) => !one.stuck).length
      if (flying > 0) why.push(`${flying} swaps of ${ref.group} are in flight on the desk`)
    }
  }
  if (house.kept.events.length < house.server.log.lastSeq) why.push("the ledger lags behind")
  return why
}

/** What a house at rest must not have left behind in the cloud and in the audit. */
export const restWrongs = (life: Life): ReadonlyArray<Wrong> => {
  const { house, journals, cloud } = life
  const stuck = stuckGroups(life)
  const stuckSagas = new Set(
    [...journals.traces.values()].flatMap(({ last }) => (last.phase === "Stuck" ? [last.id] : []))
  )
  const report = house.world.report({ busy: stuck, orphanAfterMs: 60_000, isClosed: (saga) => !stuckSagas.has(saga) })
  const idle = [...house.world.ground.rows.groups.rows.values()].filter((group) => !stuck.has(group.key))
  const wrong: Array<Wrong> = turnedKnobs(idle).map((what) => [2, what])
  // what its owner took out of its group for himself is his
  const orphans = report.orphans.filter((id) => !life.orphans.taken.has(id))
  for (const id of orphans) wrong.push([4, `${id} runs, serves nowhere, and no open saga answers for it`])
  // whoever died or lost its bus cannot say what became of its last call: then whoever took the saga over has
  for (const { call, action } of cloud.unended.values()) {
    wrong.push([25, `${action} ${call} has no outcome on record`])
  }
  return wrong
}

/** 28 and 29: every message is booked once, and what is claimed as saved is what the swaps that were done save. */
export const ledgerWrongs = ({ house }: Life): ReadonlyArray<Wrong> => {
  const wrong: Array<Wrong> = []
  const { events, savings } = house.kept
  const seqs = new Set(events.map(({ seq }) => seq))
  if (seqs.size !== events.length) wrong.push([28, `${events.length - seqs.size} messages are booked twice`])
  if (seqs.size !== house.server.log.lastSeq) wrong.push([28, `${house.server.log.lastSeq - seqs.size} are not booked`])
  const text = new TextDecoder()
  let saved = 0
  const done = new Set<string>()
  for (const { subject, data } of house.server.log.after(0, Number.MAX_SAFE_INTEGER)) {
    if (!matches(swapSettled.filter, subject)) continue
    const { body } = JSON.parse(text.decode(data)) as { readonly body: Readonly<Record<string, unknown>> }
    const { swap, end, hourlySavings, move, replacement } = body as unknown as Settled
    if (done.has(swap) && end === "done") wrong.push([29, `${swap} is settled as done twice`])
    if (end === "done") done.add(swap)
    const most = end === "done" && replacement !== null ? move.onDemandPerHour - move.spotPerHour : 0
    if (hourlySavings > most) wrong.push([29, `${swap} claims ${hourlySavings}, it saves ${most}`])
    saved += hourlySavings
    if (end === "done" && replacement !== null && !served(house, swap, replacement)) {
      wrong.push([29, `${swap} claims savings, but ${replacement} never served`])
    }
  }
  // replaced by sequence, as the table does
  const claimed = new Map(savings.map(({ seq, hourlySavings }) => [seq, hourlySavings]))
  const sum = [...claimed.values()].reduce((a, b) => a + b, 0)
  if (claimed.size !== done.size) wrong.push([29, `${claimed.size} savings are booked for ${done.size} swaps done`])
  if (sum !== saved) wrong.push([29, `the ledger claims ${sum} micro-dollars an hour, the swaps save ${saved}`])
  return wrong
}
interface Settled {
  readonly swap: string
  readonly end: string
  readonly hourlySavings: number
  readonly replacement: string | null
  readonly move: { readonly onDemandPerHour: number; readonly spotPerHour: number }
}

const served = (house: Life["house"], saga: string, instance: string): boolean =>
  house.world.ground.rows.sagas.get(saga)?.served.some((id) => id === instance) === true

/** 30: whoever starts with an empty log changes nothing in the cloud, and sees all that there is. */
export const untouched = ({ house, cloud }: Life, before: number): string | undefined => {
  if (cloud.writes > before) return `${cloud.writes - before} writes after the log was lost`
  if (house.book === undefined) return "the onlooker sees nothing"
  const seen = new Set(standingOf(house.book, fleet.accounts.length).groups.map(groupKey))
  const missing = [...house.world.ground.rows.groups.rows.keys()].filter((one) => !seen.has(one))
  return missing.length === 0 ? undefined : `nobody saw ${missing.join()} again`
}
