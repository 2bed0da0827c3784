/** Deciding once more: the rules that decided, on the rows that they had read, and whether the same comes out. */
import { Effect, Result } from "effect"
import { Warehouse } from "../../actors/_ports/warehouse.ts"
import { judge, type Verdict } from "../../actors/safety-enforcer/policy.ts"
import { type OutlookFact, replan } from "../../actors/spot-optimizer/policy.ts"
import type { Bus, Stored } from "../../bus/bus.ts"
import type { Explanation } from "../../schemas/api/explain.ts"
import type { Book, BookRow } from "../../schemas/decision.ts"
import { canonical, digestOf } from "../../schemas/digest.ts"
import { encodeAs, unseal } from "../../schemas/envelope.ts"
import { type GroupSeen, groupSeen, SweepDone, sweepDone } from "../../schemas/group.ts"
import { type Instant, instant } from "../../schemas/ids.ts"
import type { Road } from "../../schemas/message.ts"
import { groupLeftAlone, type SpotProposed, spotProposed } from "../../schemas/proposal.ts"
import { planApproved, proposalRejected, safeAlternativeFound } from "../../schemas/safety.ts"
import type { Refused } from "../refused.ts"
import { storedAt } from "./decisions.ts"
import { bookAsRead, type Read, readOf } from "./rows-read.ts"

type Again = Pick<typeof Explanation.Encoded, "hash" | "rerunHash" | "rerunAgrees" | "rerunSays">
type Decision = OutlookFact | Verdict
type Rerun = Effect.Effect<Again | undefined, Refused, Bus | Warehouse>

const roads: Readonly<Record<Decision["_tag"], Road<any>>> = {
  SpotProposed: spotProposed,
  GroupLeftAlone: groupLeftAlone,
  PlanApproved: planApproved,
  SafeAlternativeFound: safeAlternativeFound,
  ProposalRejected: proposalRejected
}

/** A plan goes by its own hash everywhere; what carries no plan by that of what it says. */
const hashOf = (fact: Decision, said: object): string => ("plan" in fact ? fact.hash : digestOf(said))

/** Agrees only where every field is the same: the plan, what it saves, each candidate and each age. */
const compared = (fact: Decision, again: Decision): Again => {
  const said = (one: Decision) => Object(encodeAs(roads[one._tag].schema, one)) as Record<string, unknown>
  const [was, is] = [said(fact), said(again)]
  const fields = [...new Set([...Object.keys(was), ...Object.keys(is)])]
  const other = fields.filter((field) => canonical(was[field]) !== canonical(is[field]))
  const rerunSays =
    other.length === 0
      ? "decided again on the rows that it had read: the same in every field"
      : fact._tag === again._tag
        ? `decided again on the rows that it had read, it differs in ${other.join(", ")}`
        : `decided again on the rows that it had read, it would be ${again._tag}`
  return { hash: hashOf(fact, was), rerunHash: hashOf(again, is), rerunAgrees: other.length === 0, rerunSays }
}

/** The group as a decision had it: the very message that it names. */
const groupAt = (seq: number): Effect.Effect<GroupSeen | undefined, Refused, Bus | Warehouse> =>
  Effect.map(storedAt(seq), (stored) => {
    const read = stored === undefined ? undefined : unseal(groupSeen, stored.data)
    return read !== undefined && Result.isSuccess(read) ? read.success : undefined
  })

/** Of a group that waits, the fact says only for what: there is nothing in it that rules came to by weighing. */
const waits: ReadonlySet<string> = new Set(["awaiting-sweep", "turned-down", "backing-off"])

const asRead = (read: Read, group: GroupSeen) => Effect.flatMap(Warehouse, (store) => bookAsRead(store, read, group))

/** Decisions of one ledger whose rerun is remembered: what is in the log does not change, and to look at it is dear. */
const rememberedMax = 500
const remembered = new WeakMap<object, Map<number, Again>>()

/** Runs it once for each message of a ledger; who asks again is given what came out. */
const once = (stored: Stored, run: Rerun): Rerun =>
  Effect.gen(function* () {
    const store = yield* Warehouse
    const known = remembered.get(store) ?? new Map<number, Again>()
    remembered.set(store, known)
    const again = known.get(stored.seq) ?? (yield* run)
    // undefined may be a group that is not booked yet
    if (again !== undefined) known.set(stored.seq, again)
    const [oldest] = known.keys()
    if (known.size > rememberedMax && oldest !== undefined) known.delete(oldest)
    return again
  })

/** Plans again; undefined where nothing was weighed, or where what it was made with is no longer there. */
export const plannedAgain = (fact: OutlookFact, stored: Stored): Rerun => {
  const read = readOf(stored)
  if (read === undefined || (fact._tag === "GroupLeftAlone" && waits.has(fact.because)))
    return Effect.succeed(undefined)
  const seq = fact.reads.group
  const run = Effect.gen(function* () {
    const group = yield* groupAt(seq)
    if (group === undefined) return undefined
    const book = yield* asRead(read, group)
    return compared(fact, replan({ group, seq }, { at: fact.at, seq, book }, fact.refused ?? {}))
  })
  return once(stored, run)
}

/** Sweeps are not in the log: the verdict itself says how long ago the last one that it knew had begun. */
const sweptAt = (book: Book, { tenant, account, region }: Verdict, startedAt: Instant): Book => {
  const value = new SweepDone({
    tenant,
    account,
    region,
    startedAt,
    endedAt: startedAt,
    groups: 0,
    instances: 0,
    calls: 0
  })
  const row: BookRow<any> = { seq: 0, at: startedAt, value, fact: () => undefined }
  return { ...book, remark: (road) => (road.filter === sweepDone.filter ? row : undefined) }
}

/** Judges again what was judged; undefined where what it was made with is no longer there. */
export const judgedAgain = (fact: Verdict, proposal: SpotProposed | undefined, stored: Stored): Rerun => {
  const [read, seq] = [readOf(stored), fact.seq]
  if (read === undefined || seq === undefined || proposal === undefined) return Effect.succeed(undefined)
  const run = Effect.gen(function* () {
    const group = yield* groupAt(proposal.reads.group)
    if (group === undefined) return undefined
    const book = yield* asRead(read, group)
    const { inventoryMs } = fact.ages
    const swept = inventoryMs === null ? book : sweptAt(book, fact, instant(fact.at - inventoryMs))
    return compared(fact, judge(proposal, { at: fact.at, seq, book: swept }))
  })
  return once(stored, run)
}
