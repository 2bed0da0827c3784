/** Nothing is ended that the table does not allow: a property over all there can be, and the table line by line. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { instanceId, later, minute, noon, tenant, account, type, zone } from "../../test/builders.ts"
import { Instance } from "../_ports/ec2.ts"
import { orphanAfterMs } from "../../schemas/orphan.ts"
import { Phase } from "../../schemas/saga.ts"
import { SwapEnd } from "../../schemas/swap.ts"
import { type Claim, claimOn, type Past, type Use, useOf, verdictOn } from "./orphan.ts"

const it1 = instanceId(1)
const fact = { tenant, account, instance: it1, saga: "s1" }
const hour = 60 * minute
const instance = (over: Partial<Instance> = {}) =>
  new Instance({
    instance: it1,
    instanceType: type("m6i.large"),
    zone: zone(1),
    lifecycle: "spot",
    product: "linux",
    state: "running",
    stateReason: null,
    launchedAt: later(noon, -hour),
    tags: { "cloudoptim:saga": "s1" },
    operatorManaged: false,
    clientToken: "token-of-s1",
    ...over
  })
const journal = (over: Partial<Extract<Past, { _tag: "Journalled" }>> = {}): Past => ({
  _tag: "Journalled",
  tenant,
  phase: "RolledBack",
  at: later(noon, -hour),
  launch: it1,
  token: "token-of-s1",
  ...over
})
const settled = (end: typeof SwapEnd.Type, at = later(noon, -hour)): Past => ({ _tag: "Settled", end, at, tenant })
const claim = (past: Past, over: Partial<Claim> = {}): Claim => ({
  now: noon,
  fact,
  instance: instance(),
  past,
  tokenHere: "token-of-s1",
  ...over
})
const free: Use = { group: null, targets: [], isProtected: false }
const wordOn = (past: Past, over: Partial<Claim> = {}) => {
  const verdict = claimOn(claim(past, over))
  return verdict._tag === "End" ? verdict.confirmedBy : verdict.because
}

describe("the table", () => {
  const other = instance({ clientToken: "another" })
  const lines: ReadonlyArray<readonly [name: string, past: Past, over: Partial<Claim>, word: string]> = [
    ["undone, and the journal names it", journal(), { instance: other }, "journal"],
    ["undone, its launch never heard of, by its token", journal({ launch: null }), {}, "token"],
    ["undone, and neither names it", journal({ launch: null }), { instance: other }, "unconfirmed"],
    ["done, and it is the replacement", journal({ phase: "Done" }), {}, "handed-over"],
    ["done, and another one is, by its token", journal({ phase: "Done", launch: instanceId(2) }), {}, "token"],
    [
      "done, another one is, and no token",
      journal({ phase: "Done", launch: "i-2" }),
      { instance: other },
      "unconfirmed"
    ],
    ["stuck", journal({ phase: "Stuck" }), {}, "stuck"],
    ["refused: it launched nothing", journal({ phase: "Refused", launch: null, token: null }), {}, "unconfirmed"],
    ["of another tenant", journal({ tenant: "globex" }), {}, "unconfirmed"],
    ["lost", { _tag: "Lost" }, {}, "journal-lost"],
    ["unreadable", { _tag: "Unreadable", details: "not JSON" }, {}, "journal-unreadable"],
    ["lost, settled as undone, by its token", settled("undone"), {}, "token"],
    ["lost, settled as undone, with another token", settled("undone"), { instance: other }, "unconfirmed"],
    ["lost, settled as undone, and nobody says where it is", settled("undone"), { tokenHere: null }, "unconfirmed"],
    ["lost, settled as done", settled("done"), {}, "handed-over"],
    ["lost, settled as stuck", settled("stuck"), {}, "stuck"],
    ["lost, settled as refused", settled("refused"), {}, "unconfirmed"]
  ]
  it.each(lines)("%s", (_, past, over, word) => assert.strictEqual(wordOn(past, over), word))

  it.each(Phase.literals.filter((phase) => !["Done", "RolledBack", "Refused", "Stuck"].includes(phase)))(
    "open, at %s",
    (phase) => assert.strictEqual(wordOn(journal({ phase })), "saga-open")
  )
})

describe("a quarter of an hour", () => {
  it("passes since the launch, since the last entry and since the settlement", () => {
    for (const [ms, isYoung] of [
      [orphanAfterMs - 1, true],
      [orphanAfterMs, false]
    ] as const) {
      const at = later(noon, -ms)
      const words = [
        wordOn(journal(), { instance: instance({ launchedAt: at }) }),
        wordOn(journal({ at })),
        wordOn(settled("undone", at))
      ]
      assert.deepStrictEqual(words, isYoung ? ["young", "young", "young"] : ["journal", "journal", "token"])
    }
  })
})

describe("what a swap does not launch, or somebody uses", () => {
  it("is not touched, whatever its journal says", () => {
    const word = (over: Partial<Instance>) => wordOn(journal(), { instance: instance(over) })
    assert.deepStrictEqual(
      [
        word({ tags: {} }),
        word({ tags: { "cloudoptim:saga": "s2" } }),
        word({ lifecycle: "on-demand" }),
        word({ operatorManaged: true }),
        word({ tags: { "cloudoptim:saga": "s1", "aws:autoscaling:groupName": "web" } }),
        word({ state: "stopping" }),
        word({ bound: ["an Elastic IP"] })
      ],
      ["not-ours", "not-ours", "not-ours", "not-ours", "in-a-group", "in-use", "in-use"]
    )
  })
  it("is not touched where a group, a balancer or its owner holds it", () => {
    const word = (use: Partial<Use>) => {
      const verdict = useOf({ ...free, ...use })
      return verdict?._tag === "Leave" ? verdict.because : undefined
    }
    const target = (state: string) => ({ targets: [{ targetGroup: "tg", state }] })
    assert.deepStrictEqual(
      [word({}), word({ group: "web" }), word({ isProtected: true }), word(target("healthy")), word(target("initial"))],
      [undefined, "in-a-group", "protected", "serving", "serving"]
    )
    assert.deepStrictEqual([word(target("absent")), word(target("draining"))], [undefined, undefined])
  })
})

/** Few values for each, so that every line of the table is met, and the one that allows it often. */
const Any = Schema.Struct({
  tag: Schema.Literals(["s1", "s1", "s1", "s2", "none"]),
  lifecycle: Schema.Literals(["spot", "spot", "spot", "on-demand"]),
  managed: Schema.Literals([false, false, false, true]),
  inGroup: Schema.Literals(["no", "no", "no", "tag", "listed"]),
  state: Schema.Literals(["running", "pending", "stopped", "stopping"]),
  bound: Schema.Literals([false, false, false, true]),
  launchedMs: Schema.Literals([0, orphanAfterMs - 1, orphanAfterMs, hour, hour]),
  endedMs: Schema.Literals([0, orphanAfterMs - 1, orphanAfterMs, hour, hour]),
  token: Schema.Literals(["token-of-s1", "token-of-s1", "another"]),
  past: Schema.Literals(["Journalled", "Journalled", "Journalled", "Settled", "Lost", "Unreadable"]),
  tenant: Schema.Literals([tenant, tenant, tenant, "globex"]),
  phase: Schema.Union([Phase, Schema.Literals(["RolledBack", "Done"])]),
  end: SwapEnd,
  launch: Schema.Literals([it1, it1, instanceId(2), "none"]),
  target: Schema.Literals(["absent", "absent", "draining", "healthy", "unhealthy"]),
  isProtected: Schema.Literals([false, false, false, true])
})
type Any = typeof Any.Type

const pastOf = (any: Any): Past => {
  const at = later(noon, -any.endedMs)
  const launch = any.launch === "none" ? null : any.launch
  if (any.past === "Lost") return { _tag: "Lost" }
  if (any.past === "Unreadable") return { _tag: "Unreadable", details: "" }
  if (any.past === "Settled") return { _tag: "Settled", end: any.end, at, tenant: any.tenant }
  return { _tag: "Journalled", tenant: any.tenant, phase: any.phase, at, launch, token: "token-of-s1" }
}

/** The promise in other words than the policy's. */
const isAllowed = (any: Any): boolean => {
  const isToken = any.token === "token-of-s1"
  const isNamed = any.launch === it1
  const isJournalled =
    any.past === "Journalled" &&
    ((any.phase === "RolledBack" && (isNamed || isToken)) ||
      (any.phase === "Done" && !isNamed && any.launch !== "none" && isToken))
  const isOurs = isJournalled || (any.past === "Settled" && any.end === "undone" && isToken)
  const isStill = any.launchedMs >= orphanAfterMs && any.endedMs >= orphanAfterMs
  const isUsed = any.inGroup !== "no" || any.bound || any.isProtected || /healthy/.test(any.target)
  const isKind = any.tag === "s1" && any.lifecycle === "spot" && !any.managed && any.state !== "stopping"
  return isOurs && isStill && isKind && !isUsed && any.tenant === tenant
}

describe("whatever the world and the journal say", () => {
  let ended = 0
  it.prop(
    "it is ended where the table allows it, and nowhere else",
    { any: Any },
    ({ any }) => {
      const tags = {
        ...(any.tag === "none" ? {} : { "cloudoptim:saga": any.tag }),
        ...(any.inGroup === "tag" ? { "aws:autoscaling:groupName": "web" } : {})
      }
      const launchedAt = later(noon, -any.launchedMs)
      const seen = instance({
        tags,
        launchedAt,
        state: any.state,
        lifecycle: any.lifecycle,
        operatorManaged: any.managed,
        bound: any.bound ? ["an Elastic IP"] : [],
        clientToken: any.token
      })
      const use: Use = {
        group: any.inGroup === "listed" ? "web" : null,
        targets: [{ targetGroup: "tg", state: any.target }],
        isProtected: any.isProtected
      }
      const verdict = verdictOn(claim(pastOf(any), { instance: seen }), use)
      if (verdict._tag === "End") ended++
      assert.strictEqual(verdict._tag === "End", isAllowed(any), JSON.stringify(any))
    },
    { arbitrary: { runs: 20_000 } }
  )
  it("and it was, often enough for that to mean something", () => assert.isAtLeast(ended, 20))
})
