/** An explanation of a decision: what was said, what it rested on, what each layer says, and what would flip it. */
import { Effect, Result } from "effect"
import { Warehouse } from "../../actors/_ports/warehouse.ts"
import type { Bus, Stored } from "../../bus/bus.ts"
import type { Explanation } from "../../schemas/api/explain.ts"
import { approvalRequested, planClosed, planOpened, swapsReleased } from "../../schemas/approval.ts"
import { inventoryAgeMsMax } from "../../schemas/composition.ts"
import { unseal } from "../../schemas/envelope.ts"
import type { GroupRef } from "../../schemas/group.ts"
import type { Digest } from "../../schemas/ids.ts"
import { matches, type Road } from "../../schemas/message.ts"
import { scoreAgeMsMax } from "../../schemas/pool.ts"
import { type GroupLeftAlone, groupLeftAlone, type SpotProposed, spotProposed } from "../../schemas/proposal.ts"
import { DraftPlan, planHash, productFloors, type SafePlan, tighten, violationsOf } from "../../schemas/safe-plan.ts"
import {
  type PlanApproved,
  planApproved,
  type ProposalRejected,
  proposalRejected,
  type SafeAlternativeFound,
  safeAlternativeFound
} from "../../schemas/safety.ts"
import { swapOrdered, swapSettled } from "../../schemas/swap.ts"
import { wordOn } from "../approvals/plan-word.ts"
import type { Refused } from "../refused.ts"
import type { Moment } from "../rows.ts"
import { span } from "../shown/phrase.ts"
import { storedAt } from "./decisions.ts"
import { type InputJson, readsOf } from "./ground.ts"
import { type Looked, lookedAt, mendOf } from "./layers.ts"
import { judgedAgain, plannedAgain } from "./rerun.ts"

type ExplanationJson = typeof Explanation.Encoded

/** What differs by the kind of decision; the rest is the same of all. */
export type Reasons = Pick<
  ExplanationJson,
  "kind" | "inputs" | "candidates" | "layers" | "counterfactual" | "hash" | "rerunHash" | "rerunAgrees" | "rerunSays"
>
type Made = Effect.Effect<Reasons, Refused, Bus | Warehouse>

const nothing = {
  inputs: [],
  candidates: [],
  layers: [],
  counterfactual: "",
  hash: null,
  rerunHash: null,
  rerunAgrees: null,
  rerunSays: ""
}

type Plan = SafePlan | DraftPlan

/** The layers as everybody judges them: by the plan's floors, which never loosen the product's. */
export const layersOf = ({ target, floors, preset }: Plan): ReadonlyArray<Looked> =>
  lookedAt(target, tighten(floors, productFloors), preset)

const shown = (looked: ReadonlyArray<Looked>) => looked.map(({ layer }) => layer)

/** Of a plan alone: its hash, and the five layers, once more. */
const again = (plan: Plan, hash: Digest, isToPass: boolean) => {
  const rerunHash = planHash(plan)
  const wrong = violationsOf(plan.target, tighten(plan.floors, productFloors), plan.preset)
  const rerunAgrees = rerunHash === hash && (!isToPass || wrong.length === 0)
  const rerunSays = isToPass ? "its plan was hashed and held to the five layers again" : "its plan was hashed again"
  return { hash, rerunHash, rerunAgrees, rerunSays }
}

const ageInput = (name: string, ms: number | null, most: number): InputJson => ({
  name,
  value: ms === null ? "missing" : `${span(ms)} old, at most ${span(most)}`,
  source: "safety-enforcer",
  seq: null,
  ageMs: ms
})

const proposed = (fact: SpotProposed, stored: Stored): Made =>
  Effect.gen(function* () {
    const looked = layersOf(fact.plan)
    const inputs = yield* readsOf(fact.reads, fact.at)
    return {
      kind: "proposal",
      inputs,
      candidates: fact.candidates,
      layers: shown(looked),
      counterfactual: mendOf(looked),
      ...((yield* plannedAgain(fact, stored)) ?? again(fact.plan, fact.hash, false))
    }
  })

/** The optimizer says itself what would alter its answer. */
const leftAlone = (fact: GroupLeftAlone, stored: Stored): Made =>
  Effect.gen(function* () {
    return {
      ...nothing,
      kind: "left-alone",
      inputs: yield* readsOf(fact.reads, fact.at),
      candidates: fact.candidates,
      counterfactual: fact.details,
      ...(yield* plannedAgain(fact, stored))
    }
  })

/** The proposal that a verdict judged, by the sequence that it names. */
const judgedBy = (verdict: PlanApproved | SafeAlternativeFound | ProposalRejected) =>
  Effect.map(storedAt(verdict.seq ?? 0), (stored) => {
    const read = stored === undefined ? undefined : unseal(spotProposed, stored.data)
    const fact = read !== undefined && Result.isSuccess(read) ? read.success : undefined
    return fact?.tenant === verdict.tenant && fact.hash === verdict.proposal ? fact : undefined
  })

const agesOf = ({ ages }: PlanApproved | SafeAlternativeFound | ProposalRejected): ReadonlyArray<InputJson> => [
  ageInput("inventory", ages.inventoryMs, inventoryAgeMsMax),
  ageInput("scores", ages.scoresMs, scoreAgeMsMax)
]

/** What was missing or too old, with what would have done. */
const staleMend = ({ ages, details }: ProposalRejected): string => {
  const { inventoryMs, scoresMs } = ages
  if (inventoryMs !== null && inventoryMs > inventoryAgeMsMax)
    return `would be judged with the group read within ${span(inventoryAgeMsMax)} (was ${span(inventoryMs)} old)`
  if (scoresMs !== null && scoresMs > scoreAgeMsMax)
    return `would be judged with scores of the last ${span(scoreAgeMsMax)} (one was ${span(scoresMs)} old)`
  return `would be judged once this is known: ${details}`
}

const passed = (fact: PlanApproved | SafeAlternativeFound, stored: Stored): Made =>
  Effect.gen(function* () {
    const proposal = yield* judgedBy(fact)
    const reads = proposal === undefined ? [] : yield* readsOf(proposal.reads, fact.at)
    const wished = proposal === undefined ? "" : mendOf(layersOf(proposal.plan))
    const isChanged = fact._tag === "SafeAlternativeFound"
    const found = isChanged ? fact.violations.map(({ details }) => details).join("; ") : ""
    const changed = isChanged
      ? `as proposed it ${wished || `was outside: ${found}`}; changed: ${fact.changes.join("; ")}`
      : ""
    return {
      kind: "verdict",
      inputs: [...agesOf(fact), ...reads],
      candidates: proposal?.candidates ?? [],
      layers: shown(layersOf(fact.plan)),
      counterfactual: changed,
      ...((yield* judgedAgain(fact, proposal, stored)) ?? again(fact.plan, fact.hash, true))
    }
  })

const rejected = (fact: ProposalRejected, stored: Stored): Made =>
  Effect.gen(function* () {
    const proposal = yield* judgedBy(fact)
    const reads = proposal === undefined ? [] : yield* readsOf(proposal.reads, fact.at)
    const looked = proposal === undefined ? [] : layersOf(proposal.plan)
    const unsafe = mendOf(looked) || `would pass without this: ${fact.details}`
    const mends = {
      stale: staleMend(fact),
      unsafe,
      "account-not-ready": `would be judged once ${fact.details} no longer holds`
    }
    return {
      kind: "verdict",
      inputs: [...agesOf(fact), ...reads],
      candidates: proposal?.candidates ?? [],
      layers: shown(looked),
      counterfactual: mends[fact.because],
      ...((yield* judgedAgain(fact, proposal, stored)) ??
        (proposal === undefined
          ? { hash: fact.proposal, rerunHash: null, rerunAgrees: null, rerunSays: "" }
          : again(proposal.plan, fact.proposal, false)))
    }
  })

/** What happens to a plan on the desk, or to one of its swaps: the layers are those of the plan. */
const onPlan = (moment: Moment, kind: "approval" | "settlement", ref: GroupRef, hash: Digest, mend: string): Made =>
  Effect.gen(function* () {
    const word = yield* wordOn(yield* Warehouse, moment, ref, hash)
    if (word === undefined) return { ...nothing, kind, counterfactual: mend, hash }
    return {
      kind,
      inputs: agesOf(word),
      candidates: [],
      layers: shown(layersOf(word.plan)),
      counterfactual: mend,
      ...again(word.plan, hash, true)
    }
  })

const closedMend = {
  complete: "",
  "a-swap-failed": "would have gone on had no swap of it failed",
  refused: "would have run with a yes",
  expired: "would have run with a yes before it expired",
  superseded: "would have stayed had nothing of the group or its pools changed",
  stopped: "would have stayed with the stop lifted, the account above mode observe, and the group not excluded",
  stuck: "goes on once a person has put the stuck swap right"
} as const

interface Teller {
  readonly road: Road
  readonly make: (moment: Moment, stored: Stored) => Made | undefined
}
const told = <A>(road: Road<A>, make: (fact: A, stored: Stored, moment: Moment) => Made): Teller => ({
  road,
  make: (moment, stored) => {
    const read = unseal(road, stored.data)
    return Result.isSuccess(read) ? make(read.success, stored, moment) : undefined
  }
})

const tellers: ReadonlyArray<Teller> = [
  told(spotProposed, proposed),
  told(groupLeftAlone, leftAlone),
  told(planApproved, passed),
  told(safeAlternativeFound, passed),
  told(proposalRejected, rejected),
  told(approvalRequested, (fact, _, moment) =>
    onPlan(moment, "approval", fact, fact.hash, "runs with a yes of whoever may approve")
  ),
  told(planOpened, (fact, _, moment) => onPlan(moment, "approval", fact, fact.hash, "")),
  told(swapsReleased, (fact, _, moment) => onPlan(moment, "approval", fact, fact.hash, "")),
  told(planClosed, (fact, _, moment) => onPlan(moment, "approval", fact, fact.hash, closedMend[fact.because])),
  told(swapOrdered, (fact, _, moment) => onPlan(moment, "settlement", fact, fact.plan, "")),
  told(swapSettled, (fact, _, moment) =>
    onPlan(
      moment,
      "settlement",
      fact,
      fact.plan,
      fact.reason === null ? "" : `would be done without this: ${fact.reason}`
    )
  )
]

/** Why it was said; whatever is no decision of ours is only told. */
export const reasonsFor = (moment: Moment, stored: Stored): Made => {
  const one = tellers.find(({ road }) => matches(road.filter, stored.subject))
  return one?.make(moment, stored) ?? Effect.succeed({ ...nothing, kind: "other" })
}
