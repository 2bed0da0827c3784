/** One instance is kept from every plan by an edit of its account's policy, and looked at with its group. */
import { assert, layer } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { noon } from "../../test/builders.ts"
import { sayDesk } from "../../test/gateway/desks.ts"
import { ask, book, callerOf, refusal, saidAt, say, stage, stated } from "../../test/gateway/rows-stage.ts"
import { sayMarket } from "../../test/gateway/small-market.ts"
import { connect, groupIn, of, sayPending, type Whose } from "../../test/gateway/tenants.ts"
import { Desk, PolicySet, policySet } from "../../schemas/approval.ts"
import { desks } from "../../schemas/catalogue.ts"
import { key } from "../../schemas/key.ts"
import { InstanceId } from "../../schemas/ids.ts"
import { Policy, productPolicy, setPolicy } from "../../schemas/policy.ts"
import { lookAgain } from "../../schemas/proposal.ts"
import { Rows } from "../rows.ts"

const whose: Whose = { tenant: "acme", account: "111122223333", n: 1 }
const eve = callerOf("acme")
const because = "somebody debugs on this machine"
const instance = groupIn(whose, "web").members[0]!.instance
const patch = (excluded: boolean, id: string = instance) => ({ params: { id }, body: { excluded, because } })

/** What the desk makes of the newest wish, said as it would. */
const obey = (seq: number) =>
  Effect.gen(function* () {
    const wish = yield* saidAt(setPolicy, seq)
    const state = (yield* (yield* Rows).moment(undefined)).get(desks, key(whose.account))?.value
    if (state === undefined) return yield* Effect.die(new Error("there is no desk"))
    const { _tag: _, ...wished } = wish
    const fact = new PolicySet({ ...wished, at: noon })
    yield* say(policySet, fact, stated(new Desk({ ...state, policy: wish.policy }), Desk))
    yield* Effect.yieldNow
  })

layer(stage())("an instance", (it) => {
  it.effect("is excluded by its owner, as the next version of his policy, and let go again", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(noon)
      yield* sayMarket("another")
      yield* connect(whose)
      yield* sayPending(whose)
      yield* sayDesk(whose)
      yield* book
      const shown = Effect.map(ask("getInstance", eve, { params: { id: instance } }), ({ json }) => json.excluded)
      assert.isFalse(yield* shown)
      const out = yield* ask("changeInstance", eve, patch(true))
      assert.deepStrictEqual([out.json.changes, out.json.version], [[`excludedInstances: none -> ["${instance}"]`], 4])
      yield* obey(out.json.seq)
      assert.isTrue(yield* shown)
      const twice = yield* ask("changeInstance", eve, patch(true))
      assert.deepStrictEqual([twice.json.changes, twice.json.command], [[], ""])
      const back = yield* ask("changeInstance", eve, patch(false))
      yield* obey(back.json.seq)
      assert.isFalse(yield* shown)
    })
  )

  it.effect("and five others at the same moment: each exclusion stands in the last wish, one version each", () =>
    Effect.gen(function* () {
      const six = groupIn(whose, "web").members.slice(0, 6)
      const patches = six.map((one) => ask("changeInstance", eve, patch(true, one.instance)))
      const asked = yield* Effect.forkChild(Effect.all(patches, { concurrency: "unbounded" }))
      for (let i = 0; i < 50; i++) yield* TestClock.adjust("100 millis")
      const made = yield* Fiber.join(asked)
      const versions = made.map(({ json }) => json.version)
      assert.strictEqual(new Set(versions).size, 6)
      const newest = made.find(({ json }) => json.version === Math.max(...versions))
      const wish = yield* saidAt(setPolicy, newest?.json.seq)
      assert.includeMembers(
        [...(wish.policy.excludedInstances ?? [])],
        six.map((one) => one.instance)
      )
    })
  )

  it.effect("that is gone is let go all the same: its name stands in the policy", () =>
    Effect.gen(function* () {
      const gone = "i-0fedcba9876543210"
      const desk = (yield* (yield* Rows).moment(undefined)).get(desks, key(whose.account))?.value
      const policy = new Policy({ ...(desk?.policy ?? productPolicy), excludedInstances: [InstanceId.make(gone)] })
      const { tenant, account } = of(whose)
      const fact = new PolicySet({ tenant, account, policy, by: "eve", at: noon })
      yield* say(policySet, fact, stated(new Desk({ ...desk!, policy }), Desk))
      yield* TestClock.adjust("1 minute")
      const { json } = yield* ask("changeInstance", eve, patch(false, gone))
      assert.deepStrictEqual(json.changes, [`excludedInstances: ["${gone}"] -> none`])
      assert.strictEqual((yield* refusal(ask("changeInstance", eve, patch(true, gone)))).status, 404)
    })
  )

  it.effect("of another tenant, or of nobody, is not there", () =>
    Effect.gen(function* () {
      const mallory = callerOf("other")
      for (const name of ["changeInstance", "evaluateInstance"]) {
        assert.strictEqual((yield* refusal(ask(name, mallory, patch(true)))).status, 404)
        assert.strictEqual((yield* refusal(ask(name, eve, patch(true, "i-0123456789abcdef0")))).status, 404)
      }
    })
  )

  it.effect("that is to be evaluated has its whole group looked at", () =>
    Effect.gen(function* () {
      const { json } = yield* ask("evaluateInstance", eve, { params: { id: instance } })
      const order = yield* saidAt(lookAgain, json.seq)
      assert.deepStrictEqual([`${order.account} ${order.group}`, order.by], [`${whose.account} web`, eve.name])
    })
  )
})
