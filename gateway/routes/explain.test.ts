/** A decision is explained by what it rested on, and made once more: the same must come out, or the mismatch shows. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { aGroup, later, noon, score, zone } from "../../test/builders.ts"
import { sayDesk } from "../../test/gateway/desks.ts"
import { ask, book, callerOf, head, refusal, say, stage, stated } from "../../test/gateway/rows-stage.ts"
import { sayMarket } from "../../test/gateway/small-market.ts"
import { connect, planOf, refOf, sayAlone, sayPending, type Whose } from "../../test/gateway/tenants.ts"
import { groupToken } from "../../schemas/group.ts"
import { microUsd } from "../../schemas/ids.ts"
import { Outlook, SpotProposed, spotProposed } from "../../schemas/proposal.ts"
import { DraftPlan, Part, planHash } from "../../schemas/safe-plan.ts"
import { Judgement, ProposalRejected, proposalRejected } from "../../schemas/safety.ts"

const whose: Whose = { tenant: "acme", account: "111122223333", n: 1 }
const eve = callerOf("acme")
const explained = (id: string | number, query = {}) => ask("explain", eve, { params: { id: String(id) }, query })

/** A proposal that leaves the second zone out and rests on a poor pool, and the enforcer's no to it. */
const sayUnsafe = (ages: { readonly inventoryMs: number; readonly scoresMs: number }, because: "unsafe" | "stale") =>
  Effect.gen(function* () {
    const good = planOf(whose, "unsafe", 5)
    const parts = good.target.filter((part) => part.zone !== zone(2))
    const target = parts.map((part) => (part.lifecycle === "spot" ? new Part({ ...part, score: score(0.71) }) : part))
    const plan = new DraftPlan({ ...good, target })
    const [ref, hash] = [refOf(whose, "unsafe"), planHash(plan)]
    const proposal = { ...ref, plan, hash, monthlySavings: microUsd(9), candidates: [], at: noon }
    const fact = new SpotProposed({ ...proposal, reads: { group: 5, pools: { gone_pool: 99_999 } } })
    const outlook = { ref, groupSeq: 5, proposed: hash, alone: null, details: "", monthlySavings: microUsd(9) }
    const seq = yield* say(spotProposed, fact, stated(new Outlook({ ...outlook, refused: {}, at: noon }), Outlook))
    const no = { ...ref, proposal: hash, seq, ages, at: noon, violations: [], because, details: "2 zones" }
    const counts = { approved: 0, alternatives: 0, rejected: 1, violations: 0 }
    const state = new Judgement({ ref, proposal: hash, seq, verdict: "rejected", details: "", counts, at: noon })
    return yield* say(proposalRejected, new ProposalRejected(no), stated(state, Judgement))
  })

const world = Effect.gen(function* () {
  yield* TestClock.setTime(noon)
  yield* sayMarket("someone")
  yield* connect(whose)
  const desk = yield* sayDesk(whose)
  const pending = yield* sayPending(whose)
  yield* sayAlone(whose)
  yield* book
  return { ...desk, ...pending }
})

layer(stage())("explain", (it) => {
  it.effect("a verdict tells inputs with who said them and how old they were, layers, policy, and runs again", () =>
    Effect.gen(function* () {
      const { hash } = yield* world.pipe(Effect.map((all) => ({ hash: planHash(all.plan) })))
      const { json } = yield* explained(hash)
      assert.deepInclude(json, { kind: "verdict", group: "web", hash, rerunHash: hash, rerunAgrees: true })
      assert.deepStrictEqual(
        json.layers.map(({ passed }: { passed: boolean }) => passed),
        [true, true, true, true, true]
      )
      assert.deepInclude(json.inputs[0], { name: "inventory", ageMs: 1_000, source: "safety-enforcer" })
      const group = json.inputs.find(({ source }: { source: string }) => source === "discovery")
      assert.include(group.value, "12 members in 3 zones, 2 of them Spot")
      assert.deepInclude(json.policy, { version: 3, by: "owner of acme", rule: "a person says yes to every plan" })
      assert.lengthOf(json.candidates, 3)
      assert.strictEqual(json.counterfactual, "")
    })
  )

  it.effect("one decision is found by its sequence, its plan, its group, and a swap by its name", () =>
    Effect.gen(function* () {
      const { swap } = yield* world
      const byGroup = yield* explained(groupToken(refOf(whose, "web")))
      const bySeq = yield* explained(byGroup.json.seq)
      const byHash = yield* explained(byGroup.json.hash)
      assert.deepStrictEqual([bySeq.json, byHash.json], [byGroup.json, byGroup.json])
      const settled = yield* explained(swap)
      assert.deepInclude(settled.json, { kind: "settlement", group: "old", rerunAgrees: true })
      for (const id of ["0", "999999", "f".repeat(64), "nobody", "swap-of-no-one"]) {
        assert.strictEqual((yield* refusal(explained(id))).status, 404, id)
      }
    })
  )

  it.effect("a group that is left alone tells the smallest change that would alter it", () =>
    Effect.gen(function* () {
      yield* world
      const { json } = yield* explained(groupToken(refOf(whose, "tiny")))
      assert.strictEqual(json.kind, "left-alone")
      assert.include(json.counterfactual, "with 10 vCPU in all one could move")
    })
  )

  it.effect("a refusal tells which layers fail and what would have passed, or what was too old", () =>
    Effect.gen(function* () {
      yield* world
      const unsafe = yield* sayUnsafe({ inventoryMs: 10, scoresMs: 10 }, "unsafe")
      const stale = yield* sayUnsafe({ inventoryMs: 180_000, scoresMs: 10 }, "stale")
      yield* book
      const { json } = yield* explained(unsafe)
      assert.deepStrictEqual(
        json.layers.map(({ passed }: { passed: boolean }) => passed),
        [false, false, true, true, false]
      )
      assert.include(json.counterfactual, "a score of 0.75 for m6i.large in use1-az1 (has 0.71)")
      assert.include(json.counterfactual, "1 more zone with at least 5.0 % (has 2, needs 3)")
      assert.isTrue(json.rerunAgrees)
      assert.deepInclude(
        json.inputs.find(({ seq }: { seq: number }) => seq === 99_999),
        { value: "no longer there to be read" }
      )
      const old = yield* explained(stale)
      assert.strictEqual(old.json.counterfactual, "would be judged with the group read within 2 min (was 3 min old)")
    })
  )

  it.effect("a plan whose digest is not its own is shown as a mismatch", () =>
    Effect.gen(function* () {
      const { proposed } = yield* world
      const ref = refOf(whose, "forged")
      const hash = "e".repeat(64) as typeof proposed.hash
      const state = { ref, groupSeq: 1, proposed: hash, alone: null, details: "", monthlySavings: microUsd(1) }
      const forged = new SpotProposed({ ...proposed, group: aGroup().group, hash })
      const seq = yield* say(spotProposed, forged, stated(new Outlook({ ...state, refused: {}, at: noon }), Outlook))
      yield* book
      const { json } = yield* explained(seq)
      assert.deepStrictEqual([json.hash, json.rerunHash === hash, json.rerunAgrees], [hash, false, false])
    })
  )

  it.effect("what the ledger has not booked yet is read off the log, and an earlier moment knows nothing of it", () =>
    Effect.gen(function* () {
      yield* world
      yield* TestClock.setTime(later(noon, 1_000))
      const before = yield* head
      const seq = yield* sayUnsafe({ inventoryMs: 1, scoresMs: 1 }, "unsafe")
      assert.strictEqual((yield* explained(seq)).json.seq, seq)
      assert.strictEqual((yield* refusal(explained(seq, { at: String(before) }))).status, 404)
    })
  )
})
