/** The fate of an order: told as soon as it is certain, and never before. */
import { assert, layer } from "@effect/vitest"
import { Context, Effect } from "effect"
import { TestClock } from "effect/testing"
import { Ack, Bus, BusDown, type Inbox } from "../../bus/bus.ts"
import { draftOf } from "../../bus/draft.ts"
import { policySet, PolicySet } from "../../schemas/approval.ts"
import { instant } from "../../schemas/ids.ts"
import type { Road } from "../../schemas/message.ts"
import { setStop, SetStop } from "../../schemas/policy.ts"
import { ResumeOrdered, resumeOrdered, swapOrdered } from "../../schemas/swap.ts"
import { aPolicy, minute, noon } from "../../test/builders.ts"
import { book, say, stage } from "../../test/gateway/rows-stage.ts"
import { orderOf, sayOrder, saySettled, settledOf } from "../../test/gateway/swaps.ts"
import { connect, of, type Whose } from "../../test/gateway/tenants.ts"
import { commandOf } from "./command.ts"

const acme: Whose = { tenant: "acme", account: "111122223333", n: 1 }
const stop = new SetStop({ ...of(acme), stop: "run", by: "somebody", because: "it is over", at: noon })
const fact = new PolicySet({ ...of(acme), policy: aPolicy(), by: "somebody", at: noon })
const isPolicySet = (cause: number) => say(policySet, fact, undefined, { cause })

/** Its status, and the names of its facts, at so many milliseconds after it was given. */
const fateOf = (seq: number, ms = 0) =>
  Effect.map(commandOf("acme", String(seq), noon + ms), ({ status, facts }) => [
    status,
    ...facts.map(({ name }) => name)
  ])

const hears = (name: string, ...roads: ReadonlyArray<Road>) =>
  Bus.use((bus) =>
    bus.hear({ name, filters: roads.map(({ filter }) => filter), inFlightMax: 100, ackWaitMs: 60 * minute })
  )
/** Settles what is there, after what is said to it. */
const settling = <E = never, R = never>(inbox: Inbox, said: Effect.Effect<unknown, E, R> = Effect.void) =>
  Effect.gen(function* () {
    const taken = yield* inbox.take(100)
    yield* said
    yield* inbox.settleAll(taken, Ack)
  })

layer(stage())("an order", (it) => {
  it.effect(
    "that its hearer settled without a fact changed nothing, however young it is, and not a moment before",
    () =>
      Effect.gen(function* () {
        yield* TestClock.setTime(noon)
        yield* connect(acme)
        const inbox = yield* hears("approval-desk", setStop)
        const first = yield* say(setStop, stop)
        assert.deepStrictEqual(yield* fateOf(first), ["accepted"])
        yield* settling(
          inbox,
          Effect.gen(function* () {
            assert.deepStrictEqual(yield* fateOf(first), ["accepted"])
          })
        )
        const second = yield* say(setStop, stop)
        assert.deepStrictEqual([yield* fateOf(first), yield* fateOf(second)], [["no-change"], ["accepted"]])
        yield* book
        assert.deepStrictEqual(yield* fateOf(first), ["no-change"])
        yield* settling(inbox, isPolicySet(second))
        assert.deepStrictEqual(yield* fateOf(second), ["answered", "policy-set"])
      })
  )

  it.effect("is not said to have changed nothing while what was said behind it cannot all be read", () =>
    Effect.gen(function* () {
      const inbox = yield* hears("approval-desk", setStop)
      const noise = Array.from({ length: 700 }, () => draftOf(policySet, fact))
      for (let batch = 0; batch < 3; batch++) yield* Bus.use((bus) => bus.append(noise))
      const seq = yield* say(setStop, stop)
      yield* settling(inbox, isPolicySet(seq))
      assert.deepStrictEqual(yield* fateOf(seq), ["accepted"])
      yield* book
      assert.deepStrictEqual(yield* fateOf(seq), ["answered", "policy-set"])
    })
  )

  it.effect("waits for everybody who hears it, and for nobody who does not", () =>
    Effect.gen(function* () {
      const [desk, other] = [yield* hears("approval-desk", setStop), yield* hears("other", setStop)]
      yield* hears("stranger", swapOrdered)
      yield* settling(other)
      const seq = yield* say(setStop, stop)
      yield* settling(desk)
      assert.deepStrictEqual(yield* fateOf(seq), ["accepted"])
      yield* settling(other)
      assert.deepStrictEqual(yield* fateOf(seq), ["no-change"])
    })
  )

  it.effect("is told as ever where the bus does not say how its hearers stand", () =>
    Effect.gen(function* () {
      const seq = yield* say(setStop, stop)
      yield* settling(yield* hears("approval-desk", setStop))
      yield* settling(yield* hears("other", setStop))
      const down = new BusDown({ op: "standings", cause: "no leader" })
      const bus = { ...(yield* Bus), standings: Effect.fail(down) }
      const silently = (ms: number) => Effect.provideContext(fateOf(seq, ms), Context.make(Bus, bus))
      assert.deepStrictEqual(
        [yield* fateOf(seq), yield* silently(0), yield* silently(minute)],
        [["no-change"], ["accepted"], ["accepted"]]
      )
      yield* isPolicySet(seq + 1)
      assert.deepStrictEqual([yield* silently(0), yield* silently(minute)], [["accepted"], ["no-change"]])
    })
  )

  it.effect("for a swap, or to go on with one, is answered by how the swap ended after it", () =>
    Effect.gen(function* () {
      const inbox = yield* hears("executor", swapOrdered, resumeOrdered)
      const order = orderOf(acme, "acme-swap", 7)
      const { tenant, account, region, group, plan, move } = order
      const resume = new ResumeOrdered({
        tenant,
        account,
        region,
        group,
        plan,
        swap: move.swap,
        stuckAt: instant(noon),
        by: "eve",
        signature: ""
      })
      const first = yield* sayOrder(order)
      yield* settling(inbox, saySettled(settledOf(order, "stuck")))
      assert.deepStrictEqual(yield* fateOf(first), ["answered", "swap-settled"])
      const again = yield* say(resumeOrdered, resume)
      assert.deepStrictEqual(yield* fateOf(again), ["accepted"])
      yield* settling(inbox, saySettled(settledOf(order, "done")))
      assert.deepStrictEqual(yield* fateOf(again), ["answered", "swap-settled"])
      yield* book
      assert.deepStrictEqual(yield* fateOf(again), ["answered", "swap-settled"])
      // about another time of its being stuck: it moves nothing
      const late = yield* say(resumeOrdered, resume)
      yield* settling(inbox)
      assert.deepStrictEqual(yield* fateOf(late), ["no-change"])
    })
  )
})
