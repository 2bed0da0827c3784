/** What holds once a swap has ended: a clean slate, a whole journal, its calls on record, its end said once. */
import { assert } from "@effect/vitest"
import { productTerms } from "../../bus/lease.ts"
import { digestOfEntry } from "../../bus/journal.ts"
import { callBegun, callEnded } from "../../schemas/audit.ts"
import { digestOf } from "../../schemas/digest.ts"
import { endings, type Entry, type Phase } from "../../schemas/saga.ts"
import { swapSettled } from "../../schemas/swap.ts"
import { breaches } from "../sim/journal-rules.ts"
import { isWell, type SwapStage } from "./stage.ts"

export type Ending = "Done" | "RolledBack" | "Refused" | "Stuck"

export interface Expected {
  /** Other members than ours may have come and gone, by the group's own or its owner's doing. */
  readonly foreign?: boolean
  /** The code of the ending. */
  readonly code?: string | null
}

const faults = (last: Entry, entry: Entry): ReadonlyArray<string> =>
  breaches(last, entry, { digest: digestOfEntry(last), storedAt: entry.at, terms: productTerms }).map(
    ([, what]) => what
  )

/** Of one saga's entries. */
export const journalFaults = (entries: ReadonlyArray<Entry>): ReadonlyArray<string> => {
  const [first, ...rest] = entries
  if (first === undefined) return ["there is no journal"]
  const start = first.n === 1 && first.prev === null ? [] : [`it begins with ${first.n}`]
  return [...start, ...rest.flatMap((entry, i) => faults(entries[i]!, entry))]
}

/** Every write that reached the cloud was on record before, by the same holder, for the same request; once after. */
export const auditFaults = (stage: SwapStage): ReadonlyArray<string> => {
  const wrong: Array<string> = []
  const begun = stage.said(callBegun)
  const calls = new Set(begun.map(({ call }) => call))
  if (calls.size !== begun.length) wrong.push("two calls under one name")
  const ends = stage.said(callEnded)
  for (const { call, action } of begun) {
    const times = ends.filter((end) => end.call === call).length
    if (times !== 1) wrong.push(`what became of ${action} ${call} is on record ${times} times`)
  }
  if (ends.length !== begun.length) wrong.push(`${begun.length} calls begun, ${ends.length} ended`)
  const free = [...begun]
  let last: { readonly by: string; readonly at: number } | undefined
  for (const write of stage.writes) {
    const { by, action, step, at } = write
    const request = digestOf(write.request)
    const i = free.findIndex((one) => one.by === by && one.action === action && one.request === request && one.at <= at)
    if (i >= 0) free.splice(i, 1)
    // a request that the wire doubled has one record, as it was made once
    else if (last?.by !== by || last.at !== at) wrong.push(`${action} of ${step} by ${by} is not on record`)
    last = write
  }
  return wrong
}

const endOf: Partial<Record<Phase, string>> = { Done: "done", RolledBack: "undone", Refused: "refused", Stuck: "stuck" }

const saidFaults = (stage: SwapStage): ReadonlyArray<string> => {
  const said = stage.said(swapSettled)
  const ending = stage.entries.at(-1)
  const only = said.at(-1)
  // what was stuck and went on has ended more than once, and said so each time
  const ended = stage.entries.filter(({ phase }) => endings.includes(phase)).length
  if (only === undefined || said.length !== ended || ending === undefined) {
    return [`said ${said.length} times how it ended, and ended ${ended} times`]
  }
  const wrong: Array<string> = []
  if (only.at !== ending.at) wrong.push(`said that it ended at ${only.at}, it ended at ${ending.at}`)
  if (only.end !== endOf[ending.phase]) wrong.push(`${only.end} was said, ${ending.phase} it is`)
  if (only.end !== "done" && only.code !== ending.code) wrong.push(`said code ${only.code}, is ${ending.code}`)
  const [serves = null] = stage.servesAtEnd
  if (only.end === "done" && only.replacement !== serves) wrong.push(`said ${only.replacement}, ${serves} serves`)
  if (only.end === "done" && only.hourlySavings > 0 !== (only.replacement !== null)) wrong.push("savings without cause")
  if (only.end !== "done" && only.hourlySavings !== 0) wrong.push("savings of nothing")
  return wrong
}

/** What the saga left behind. `foreign`: only what concerns its own instances and the group's knobs. */
const slateFaults = (stage: SwapStage, foreign: boolean): ReadonlyArray<string> => {
  const wrong: Array<string> = []
  const { before, group, old, replacements, launches } = stage
  const knobs = ({ minSize, desired, maxSize, suspended }: typeof group) =>
    `min ${minSize}, desired ${desired}, max ${maxSize}, suspended ${suspended.toSorted().join() || "nothing"}`
  if (!foreign && knobs(group) !== knobs(before)) wrong.push(`${knobs(group)}; it was ${knobs(before)}`)
  const alive = replacements.filter(({ state }) => state === "running" || state === "pending")
  for (const { id, member } of alive) if (member === null) wrong.push(`${id} runs outside of the group`)
  const isDone = stage.phase === "Done"
  if (!isDone && alive.length > 0) wrong.push(`${alive.map(({ id }) => id).join()} still runs`)
  if (launches.length > 1 || (isDone && launches.length === 0)) wrong.push(`launched ${launches.length} times`)
  // one that its owner took out of the group is his
  const oldRow = stage.world.ground.rows.instances.get(old)
  if (isDone && oldRow?.state === "running" && (oldRow.member !== null || !foreign))
    wrong.push("the old one still runs")
  for (const member of group.members) if (!isWell(member)) wrong.push(`${member.id} is ${member.state}, not well`)
  if (group.members.length !== (group.desired ?? 0)) wrong.push(`${group.members.length} members of ${group.desired}`)
  if (foreign) return wrong
  const spare = before.members.filter(({ id }) => !isDone || id !== old).map(({ id }) => id)
  const expected = [...spare, ...(isDone ? alive.map(({ id }) => id) : [])]
  if (isDone && alive.length !== 1) wrong.push(`${alive.length} replacements`)
  const is = group.members.map(({ id }) => id)
  if (is.toSorted().join() !== expected.toSorted().join()) wrong.push(`members ${is.join()}, not ${expected.join()}`)
  if (stage.servingMin < before.members.length) wrong.push(`only ${stage.servingMin} served`)
  return wrong
}

/** The saga ended so, and all that must hold then holds; every fault is named at once. */
export const assertClean = (stage: SwapStage, endings: ReadonlyArray<Ending>, expected: Expected = {}): void => {
  const { phase } = stage
  const ending = stage.entries.at(-1)
  const isOne = endings.some((each) => each === phase)
  const wrong = [
    ...(isOne ? [] : [`it ended ${phase} at ${ending?.step}: ${ending?.code} ${ending?.reason}`]),
    ...(expected.code === undefined || ending?.code === expected.code
      ? []
      : [`code ${ending?.code}: ${ending?.reason}`]),
    ...(stage.open === 0 ? [] : ["the order is not settled"]),
    ...(stage.server.dead.length === 0 ? [] : ["something was buried"]),
    ...journalFaults(stage.entries),
    ...auditFaults(stage),
    ...saidFaults(stage),
    // a stuck saga leaves to a person what it could not bring to an end
    ...(phase === "Stuck" ? [] : slateFaults(stage, expected.foreign === true)),
    ...(phase === "Stuck" ? [] : stage.world.report().knobsNotRestored),
    ...stage.world.report().violations.map(({ invariant, details }) => `invariant ${invariant}: ${details}`)
  ]
  assert.deepStrictEqual(wrong, [], `${phase}`)
}
