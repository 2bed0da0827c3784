/** The desk, case by case: who may say yes, what ends a plan, and what is remembered of it. */
import { assert, it } from "@effect/vitest"
import {
  aDesk,
  aGroup,
  aMember,
  anAccount,
  anOpenPlan,
  aPolicy,
  aRef,
  hour,
  instanceId,
  later,
  minute,
  noon,
  region,
  score,
  tenant,
  type,
  zone
} from "../../test/builders.ts"
import type { Account } from "../../schemas/account.ts"
import { AbortSwap, Desk, GrantApproval, RefuseApproval, RetrySwap } from "../../schemas/approval.ts"
import { accounts, groups, judgements } from "../../schemas/catalogue.ts"
import type { Heard } from "../../schemas/decision.ts"
import type { GroupSeen } from "../../schemas/group.ts"
import { type Instant, instant, microUsd, type Mode, TenantId } from "../../schemas/ids.ts"
import { Pool, poolToken } from "../../schemas/pool.ts"
import { Move, Part, planHash, productFloors, SafePlan } from "../../schemas/safe-plan.ts"
import { PlanApproved, ProposalRejected } from "../../schemas/safety.ts"
import { SwapSettled } from "../../schemas/swap.ts"
import type { DeskFact } from "./desk.ts"
import { type DeskMessage, rules } from "./policy.ts"

const ref = aRef()
const moveIn = (n: number) =>
  new Move({
    swap: `swap-${n}`,
    old: instanceId(n),
    oldType: type("m5.large"),
    oldVcpu: 2,
    pool: new Pool({ region, zone: zone((n % 3) + 1), instanceType: type("m6i.large"), product: "linux" }),
    newVcpu: 2,
    score: score(0.95),
    onDemandPerHour: microUsd(0.096),
    spotPerHour: microUsd(0.035)
  })
/** One move in each zone of twelve members. */
const plan = (groupSeq = 1) => {
  const part = (n: number, lifecycle: "spot" | "on-demand", count: number) =>
    new Part({
      zone: zone(n),
      instanceType: type("m6i.large"),
      lifecycle,
      vcpu: 2,
      count,
      score: lifecycle === "spot" ? score(0.95) : null
    })
  const target = [1, 2, 3].flatMap((n) => [part(n, "spot", 1), part(n, "on-demand", 3)])
  return new SafePlan({ ref, preset: "strict", floors: productFloors, target, moves: [0, 1, 2].map(moveIn), groupSeq })
}
const approved = (groupSeq = 1) =>
  new PlanApproved({
    ...ref,
    proposal: planHash(plan(groupSeq)),
    ages: { inventoryMs: 0, scoresMs: 0 },
    at: noon,
    plan: plan(groupSeq),
    hash: planHash(plan(groupSeq)),
    monthlySavings: microUsd(100)
  })
const rejected = new ProposalRejected({
  ...ref,
  proposal: approved().proposal,
  ages: { inventoryMs: null, scoresMs: null },
  at: noon,
  violations: [],
  because: "stale",
  details: ""
})

interface Around {
  readonly at?: Instant
  readonly mode?: Mode
  readonly status?: Account["status"]
  readonly group?: GroupSeen
  readonly judged?: { readonly fact: PlanApproved | ProposalRejected; readonly at: Instant }
}
const subnets = [1, 2, 3].map((n) => ({ subnet: `subnet-${n}`, zone: zone(n) }))
const around = ({
  at = noon,
  mode = "act",
  status = "connected",
  group = aGroup({ subnets, maxSize: 20 }),
  judged
}: Around = {}): Heard => {
  const fact = judged?.fact ?? approved()
  const row = (value: unknown, at: Instant) =>
    ({
      seq: 1,
      at,
      value,
      fact: (road: { tag: string }) => (road.tag === (value as { _tag: string })._tag ? value : undefined)
    }) as never
  const rows = new Map([
    [accounts.name, row(anAccount({ mode, status }), noon)],
    [groups.name, row(group, noon)],
    [judgements.name, row(fact, judged?.at ?? noon)]
  ])
  return { at, seq: 2, book: { get: (bucket) => rows.get(bucket.name), all: () => [], remark: () => undefined } }
}
const auto = aPolicy({ approval: { _tag: "auto" }, inFlightShare: 0.3 })
const say = (desk: Desk | undefined, message: DeskMessage, heard = around()) => rules.decide(desk, message, heard)
const isFact = (one: { readonly _tag: string }): one is DeskFact =>
  one._tag !== "SwapOrdered" && one._tag !== "ResumeOrdered"
const hear = (desk: Desk | undefined, message: DeskMessage, heard = around()) =>
  say(desk, message, heard).filter(isFact).reduce<Desk | undefined>(rules.evolve, desk)
const tags = (said: ReadonlyArray<{ readonly _tag: string; readonly because?: unknown }>) =>
  said.map((one) => (one._tag === "PlanClosed" ? `closed ${one.because}` : one._tag))
const grant = (groupSeq = 1) =>
  new GrantApproval({ ...ref, hash: approved(groupSeq).hash, by: "eve", because: "reviewed" })
const settled = (n: number, end: SwapSettled["end"], code: string | null = null) =>
  new SwapSettled({
    ...ref,
    swap: `swap-${n}`,
    plan: approved().hash,
    end,
    code,
    reason: null,
    move: moveIn(n),
    replacement: null,
    hourlySavings: microUsd(0),
    startedAt: noon,
    at: noon
  })

it("without a wish of anybody's a person is asked, and the person's name is on the order", () => {
  const asked = hear(undefined, approved())
  assert.deepStrictEqual(
    asked?.plans.map((one) => one.status),
    ["pending"]
  )
  const said = say(asked, grant(), around({ at: later(noon, hour) }))
  assert.deepStrictEqual(tags(said), ["PlanOpened", "SwapsReleased", "SwapOrdered"])
  const order = said.find((one) => one._tag === "SwapOrdered")
  assert.deepStrictEqual(
    [order?.approvedBy, order?.canary, order?.alone, order?.bakeMs],
    ["eve", true, true, 5 * minute]
  )
  assert.deepStrictEqual([order?.notAfter, order?.signature], [later(noon, hour + 15 * minute), ""])
})

it("no order outlives the approval under which it left", () => {
  const late = around({ at: later(noon, 24 * hour - minute) })
  const order = say(hear(undefined, approved()), grant(), late).find((one) => one._tag === "SwapOrdered")
  assert.strictEqual(order?.notAfter, later(noon, 24 * hour))
})

it("below its threshold, and nowhere above it, the policy says yes by itself", () => {
  const below = (monthlyUsd: number) => aDesk({ policy: aPolicy({ approval: { _tag: "auto-below", monthlyUsd } }) })
  assert.deepStrictEqual(tags(say(below(101), approved())), ["PlanOpened", "SwapsReleased", "SwapOrdered"])
  assert.deepStrictEqual(tags(say(below(100), approved())), ["ApprovalRequested"])
})

it("observe asks nobody, recommend asks and gives out nothing", () => {
  const desk = aDesk({ policy: auto })
  assert.deepStrictEqual(tags(say(desk, approved(), around({ mode: "observe" }))), ["closed stopped"])
  const recommend = around({ mode: "recommend" })
  assert.deepStrictEqual(tags(say(desk, approved(), recommend)), ["ApprovalRequested"])
  assert.deepStrictEqual(tags(say(hear(desk, approved(), recommend), grant(), recommend)), ["PlanOpened"])
})

it("in a disconnected account what is open is closed, what is in flight ends first, and no more leaves", () => {
  const left = around({ at: later(noon, minute), status: "disconnected" })
  const wake = (desk: Desk) => tags(rules.wake?.(desk, left) ?? [])
  const asked = hear(undefined, approved())!
  assert.deepStrictEqual(wake(asked), ["closed stopped"])
  assert.deepStrictEqual(tags(say(asked, grant(), left)), ["PlanOpened", "closed stopped"])
  assert.deepStrictEqual(tags(say(aDesk({ policy: auto }), approved(), left)), ["closed stopped"])
  assert.deepStrictEqual(wake(hear(aDesk({ policy: auto }), approved())!), [])
})

it("a yes counts neither before the plan was shown nor once it has expired", () => {
  const asked = hear(undefined, approved(), around({ at: later(noon, hour) }))
  assert.deepStrictEqual(tags(say(asked, grant())), [])
  assert.deepStrictEqual(tags(say(asked, grant(), around({ at: later(noon, 25 * hour) }))), ["closed expired"])
  assert.deepStrictEqual(tags(say(asked, grant(2), around({ at: later(noon, 2 * hour) }))), [])
})

it("a newer plan takes a pending one's place; an older one that comes late does not", () => {
  const second = around({ at: later(noon, hour), judged: { fact: approved(2), at: later(noon, hour) } })
  const asked = hear(undefined, approved())
  assert.deepStrictEqual(tags(say(asked, approved(2), second)), ["closed superseded", "ApprovalRequested"])
  const newer = hear(undefined, approved(2), second)
  assert.isEmpty(say(newer, approved()))
})

it("a plan that the enforcer no longer stands by is closed; a copy that lags behind closes nothing", () => {
  const asked = hear(undefined, approved(), around({ at: later(noon, minute) }))
  const withdrawn = { fact: rejected, at: later(noon, 2 * minute) }
  assert.deepStrictEqual(tags(rules.wake!(asked!, around({ at: later(noon, hour), judged: withdrawn }))), [
    "closed superseded"
  ])
  assert.isEmpty(rules.wake!(asked!, around({ at: later(noon, hour), judged: { fact: rejected, at: noon } })))
})

const canaryOut = hear(aDesk({ policy: auto }), approved())!
const allOut = hear(canaryOut, settled(0, "done"))!

it("after the canary the others follow together, one in each zone, and the last one completes the plan", () => {
  assert.deepStrictEqual(
    allOut.plans[0]?.inFlight.map((one) => one.swap),
    ["swap-1", "swap-2"]
  )
  const last = hear(allOut, settled(1, "done"))!
  const said = say(last, settled(2, "done"))
  assert.deepStrictEqual(tags(said), ["SwapNoted", "closed complete"])
})

it("a failure lets the others end, then closes the plan and names the pools that had none", () => {
  const failed = hear(allOut, settled(1, "refused", "InsufficientInstanceCapacity"))!
  assert.strictEqual(failed.plans[0]?.status, "closing")
  const closed = say(failed, settled(2, "undone", "VcpuLimitExceeded")).find((one) => one._tag === "PlanClosed")
  assert.deepStrictEqual([closed?.because, closed?.done, closed?.undone], ["a-swap-failed", 1, 2])
  assert.deepStrictEqual(closed?.refusedPools, [poolToken(moveIn(1).pool)])
})

it("a stuck swap keeps its group closed until it is resolved or a person gives it free", () => {
  const stuck = hear(hear(allOut, settled(1, "stuck"))!, settled(2, "done"))!
  assert.strictEqual(stuck.plans[0]?.status, "stuck")
  const newer = around({ at: later(noon, hour), judged: { fact: approved(2), at: later(noon, hour) } })
  assert.isEmpty(say(stuck, approved(2), newer))
  assert.isEmpty(say(stuck, settled(1, "stuck")))
  assert.deepStrictEqual(tags(say(stuck, settled(1, "done"))), ["SwapNoted", "closed a-swap-failed"])
  const freed = hear(stuck, new RefuseApproval({ ...ref, hash: approved().hash, by: "eve", because: "mended" }))!
  assert.deepStrictEqual(tags(say(freed, approved(2), newer)), ["PlanOpened", "SwapsReleased", "SwapOrdered"])
})

it("a swap under way is turned back once, by name; one of another plan, an ended or a stuck one is not", () => {
  const abort = (swap: string, over: object = {}) =>
    new AbortSwap({ ...ref, hash: approved().hash, swap, by: "eve", because: "it looks wrong", ...over })
  const out = allOut
  const [first] = out.plans[0]!.inFlight.map(({ swap }) => swap)
  const said = say(out, abort(first!))
  assert.deepStrictEqual(tags(said), ["SwapAborted"])
  const told = hear(out, abort(first!))!
  assert.deepStrictEqual(
    told.plans[0]!.inFlight.map(({ swap, abortedBy }) => [swap, abortedBy]),
    out.plans[0]!.inFlight.map(({ swap }) => [swap, swap === first ? "eve" : undefined])
  )
  assert.isEmpty(say(told, abort(first!, { by: "adam" })))
  assert.isEmpty(say(out, abort(first!, { hash: approved(2).hash })))
  assert.isEmpty(say(out, abort("swap-99")))
  assert.isEmpty(say(hear(out, settled(1, "done"))!, abort("swap-1")))
  assert.isEmpty(say(hear(out, settled(1, "stuck"))!, abort("swap-1")))
})

it("a stuck swap goes on when a person says so, once, and where something may be begun", () => {
  const stuck = hear(hear(allOut, settled(1, "stuck"))!, settled(2, "done"))!
  const { stuckAt } = stuck.plans[0]!.inFlight[0]!
  assert.strictEqual(stuckAt, settled(1, "stuck").at, "as its journal has it")
  const wish = { ...ref, hash: approved().hash, swap: "swap-1", by: "eve", because: "the role is mended" }
  const word = new RetrySwap({ ...wish, stuckAt: stuckAt! })
  const said = say(stuck, word)
  assert.deepStrictEqual(tags(said), ["SwapRetried", "ResumeOrdered"])
  const told = hear(stuck, word)!
  const [plan] = told.plans
  assert.deepStrictEqual(
    [plan?.status, plan?.inFlight.map(({ stuck }) => stuck), plan?.undone],
    ["closing", [false], 0]
  )
  assert.isEmpty(say(told, word), "it flies already")
  assert.isEmpty(say(told, settled(1, "stuck")), "that it had been stuck is old news")
  assert.deepStrictEqual(tags(say(told, settled(1, "done"))), ["SwapNoted", "closed a-swap-failed"])
  const anew = new SwapSettled({ ...settled(1, "stuck"), at: later(stuckAt!, minute) })
  const again = hear(told, anew)!
  assert.deepStrictEqual([again.plans[0]?.status, again.plans[0]?.undone], ["stuck", 1])
  assert.isEmpty(say(again, word), "the word is about an earlier time")
  assert.deepStrictEqual(tags(say(again, new RetrySwap({ ...wish, stuckAt: anew.at }))), tags(said))
  assert.isEmpty(say(stuck, word, around({ at: later(noon, 31 * 24 * hour) })), "the log forgets its order soon")
  assert.isEmpty(say(stuck, word, around({ mode: "recommend" })))
  assert.isEmpty(say(new Desk({ ...stuck, stop: "pause" }), word))
  assert.isEmpty(say(allOut, word), "nothing is stuck")
})

it("a replacement that is already attached does not make its zone look fuller than it will be", () => {
  // the third zone has one fewer but for the replacement: one more in the second would make them two apart
  const members = Array.from({ length: 11 }, (_, n) => aMember(n))
  const attached = aMember(50, { zone: zone(3), saga: "swap-2" })
  const group = aGroup({ subnets, members: [...members, attached], maxSize: 20, desired: 12 })
  const one = anOpenPlan({
    hash: approved().hash,
    moves: 3,
    approvedBy: "eve",
    canaryPassed: true,
    released: ["swap-0", "swap-2"],
    inFlight: [{ swap: "swap-2", zone: zone(3), alone: false, stuck: false }],
    done: 1
  })
  const desk = aDesk({ policy: auto, plans: [one] })
  assert.isEmpty(rules.wake!(desk, around({ group })))
  const even = aGroup({ subnets, members: [...members, aMember(11), attached], maxSize: 20, desired: 13 })
  assert.deepStrictEqual(tags(rules.wake!(desk, around({ group: even }))), ["SwapsReleased", "SwapOrdered"])
})

it("an order that could unbalance the zones goes alone", () => {
  // the third zone has one member fewer, so one more in the first two makes them two apart
  const members = Array.from({ length: 11 }, (_, n) => aMember(n))
  const one = anOpenPlan({
    hash: approved().hash,
    moves: 3,
    approvedBy: "eve",
    canaryPassed: true,
    released: ["swap-2"],
    done: 1
  })
  const said = rules.wake!(
    aDesk({ policy: auto, plans: [one] }),
    around({ group: aGroup({ subnets, members, maxSize: 20 }) })
  )
  assert.deepStrictEqual(
    said.map((one) => (one._tag === "SwapOrdered" ? [one.move.swap, one.alone] : one._tag)),
    ["SwapsReleased", ["swap-0", true]]
  )
})

it("another tenant's word about the account is not heard", () => {
  const rival = { tenant: TenantId.make("rival") }
  assert.isEmpty(say(canaryOut, new SwapSettled({ ...settled(0, "done"), ...rival })))
  assert.isEmpty(say(undefined, new PlanApproved({ ...approved(), ...rival })))
  assert.strictEqual(canaryOut.tenant, tenant)
  const blind: Heard = { at: noon, seq: 2, book: { get: () => undefined, all: () => [], remark: () => undefined } }
  assert.isEmpty(say(canaryOut, new SwapSettled({ ...settled(0, "done"), ...rival }), blind))
})

it("a plan whose hash is not its own is not a plan", () => {
  assert.isEmpty(say(undefined, new PlanApproved({ ...approved(), hash: approved(2).hash })))
})

it("a full desk turns a plan away at once, so that its state always fits a message", () => {
  const plans = Array.from({ length: 3 }, (_, n) =>
    anOpenPlan({
      ref: aRef({ group: `g${n}` as never }),
      moves: 490,
      status: "pending",
      expiresAt: instant(noon + 24 * hour)
    })
  )
  const said = say(aDesk({ policy: auto, plans }), approved())
  assert.include(tags(said), "closed stopped")
})
