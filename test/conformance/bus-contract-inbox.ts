/** The contract of durable consumers: at least once, redelivered when due and not before, shared by replicas. */
import { assert } from "@effect/vitest"
import { Clock, Effect, Fiber } from "effect"
import { Ack, type Delivery, type Inbox, later } from "../../bus/bus.ts"
import { messageBytesMax } from "../../schemas/envelope.ts"
import { BusHouse, fact, facts, fresh, gather, hearer, type It, Pair, testTimeoutMs, textsOf } from "./bus-house.ts"

const ackAll = (deliveries: ReadonlyArray<Delivery>) => Effect.forEach(deliveries, (one) => one.settle(Ack))
/** Real servers and clocks may fire a little early by another's watch. */
const toleranceMs = 60
/** For silence to be a statement, it is listened to for so long. */
const silenceMs = 700

const hears = (it: It) => {
  it.effect(
    "a new consumer is given what was said before it was made and what is said after, first things first",
    () =>
      Effect.gen(function* () {
        const { first, second } = yield* Pair
        const owner = fresh("o")
        yield* first.append(facts(owner, 30))
        const inbox = yield* second.hear(hearer(owner))
        const old = yield* gather(inbox, 30)
        assert.deepStrictEqual(
          textsOf(old),
          Array.from({ length: 30 }, (_, i) => `${i}`)
        )
        assert.isTrue(old.every(({ attempt }) => attempt === 1))
        const { seq } = yield* first.append([fact(owner, "said", "new", "new")])
        const [late] = yield* gather(inbox, 1)
        assert.deepStrictEqual([late?.seq, late?.subject], [seq, `evt.all.${owner}.said.new`])
        yield* ackAll([...old, ...(late ? [late] : [])])
      }),
    testTimeoutMs
  )

  it.effect(
    "a take waits for what is not said yet",
    () =>
      Effect.gen(function* () {
        const { first, second } = yield* Pair
        const owner = fresh("o")
        const inbox = yield* second.hear(hearer(owner))
        const waiting = yield* Effect.forkChild(inbox.take(10))
        yield* Effect.sleep(200)
        assert.isUndefined(waiting.pollUnsafe())
        yield* first.append([fact(owner, "said", "a", "at last")])
        assert.deepStrictEqual(textsOf(yield* Fiber.join(waiting)), ["at last"])
      }),
    testTimeoutMs
  )

  it.effect(
    "only what one of its filters matches is delivered, and once",
    () =>
      Effect.gen(function* () {
        const { first } = yield* Pair
        const [mine, other] = [fresh("o"), fresh("o")]
        const filters = [`evt.*.${mine}.heard.*`, `cmd.*.${mine}.*.*`]
        const inbox = yield* first.hear(hearer(mine, { filters }))
        yield* first.append([
          fact(mine, "heard", "a", "1"),
          fact(mine, "unheard", "a", "2"),
          fact(other, "heard", "a", "3"),
          { ...fact(mine, "ask", "a", "4"), subject: `cmd.all.${mine}.ask.a` },
          fact(mine, "heard", "b", "5")
        ])
        const heard = textsOf(yield* gather(inbox, 4, 1_500))
        assert.sameMembers(heard, ["1", "4", "5"])
        // what one filter matches comes in the log's order; between two there is none
        assert.isBelow(heard.indexOf("1"), heard.indexOf("5"))
      }),
    testTimeoutMs
  )

  it.effect(
    "consumers of different names each hear everything",
    () =>
      Effect.gen(function* () {
        const { first, second } = yield* Pair
        const owner = fresh("o")
        const [one, two] = [yield* first.hear(hearer(owner)), yield* second.hear(hearer(owner))]
        yield* first.append(facts(owner, 10))
        yield* ackAll(yield* gather(one, 10))
        assert.lengthOf(yield* gather(two, 10), 10)
      }),
    testTimeoutMs
  )

  it.effect(
    "a take gives no more than it was asked for",
    () =>
      Effect.gen(function* () {
        const { first } = yield* Pair
        const owner = fresh("o")
        yield* first.append(facts(owner, 5))
        const inbox = yield* first.hear(hearer(owner))
        const sizes: Array<number> = []
        for (let got = 0; got < 5; got += sizes.at(-1) ?? 0) sizes.push((yield* inbox.take(2)).length)
        assert.isTrue(
          sizes.every((size) => size === 1 || size === 2),
          `${sizes}`
        )
      }),
    testTimeoutMs
  )
}

/** Takes and settles for as long as it runs; notes what it took. */
const work = (inbox: Inbox, done: Array<number>) =>
  Effect.forever(
    Effect.gen(function* () {
      for (const delivery of yield* inbox.take(5)) {
        yield* delivery.settle(Ack)
        done.push(delivery.seq)
      }
    })
  )

const replicas = (it: It) => {
  it.effect(
    "two processes of one consumer share its messages: each is handled once",
    () =>
      Effect.gen(function* () {
        const { first, second } = yield* Pair
        const owner = fresh("o")
        const spec = hearer(owner)
        const done: Array<number> = []
        for (const bus of [first, second]) yield* Effect.forkScoped(work(yield* bus.hear(spec), done))
        const said = yield* Effect.forEach(facts(owner, 60), (draft) => first.append([draft]))
        for (let i = 0; i < 500 && done.length < 60; i++) yield* Effect.sleep(20)
        yield* Effect.sleep(300)
        assert.deepStrictEqual(
          done.toSorted((a, b) => a - b),
          said.map(({ seq }) => seq)
        )
      }),
    testTimeoutMs
  )

  it.effect(
    "what one process left unsettled goes to the next one that joins, and nothing that it settled",
    () =>
      Effect.gen(function* () {
        const { first, second } = yield* Pair
        const { join } = yield* BusHouse
        const owner = fresh("o")
        const spec = hearer(owner, { ackWaitMs: 1_000 })
        yield* first.append(facts(owner, 6))
        yield* Effect.scoped(
          Effect.gen(function* () {
            const mine = yield* gather(yield* (yield* join).hear(spec), 6)
            yield* ackAll(mine.slice(0, 4))
          })
        )
        const inbox = yield* second.hear(spec)
        const left = yield* gather(inbox, 2)
        assert.sameMembers(textsOf(left), ["4", "5"])
        assert.isTrue(left.every(({ attempt }) => attempt > 1))
        yield* ackAll(left)
        assert.deepStrictEqual(textsOf(yield* gather(inbox, 1, 1_500)), [])
      }),
    testTimeoutMs
  )
}

const settlements = (it: It) => {
  it.effect(
    "what is not settled comes again after the ack wait, not before",
    () =>
      Effect.gen(function* () {
        const { first } = yield* Pair
        const owner = fresh("o")
        yield* first.append([fact(owner, "said", "a", "1")])
        const inbox = yield* first.hear(hearer(owner, { ackWaitMs: 1_000 }))
        const [once] = yield* gather(inbox, 1)
        const from = yield* Clock.currentTimeMillis
        const [twice] = yield* gather(inbox, 1)
        const waited = (yield* Clock.currentTimeMillis) - from
        assert.deepStrictEqual([once?.attempt, twice?.attempt, twice?.seq], [1, 2, once?.seq])
        // the server counts from its sending, we from our receiving
        assert.isTrue(waited >= 1_000 - 5 * toleranceMs && waited < 5_000, `after ${waited} ms`)
      }),
    testTimeoutMs
  )

  it.effect(
    "Later brings it again, not earlier than asked, and lets others pass meanwhile",
    () =>
      Effect.gen(function* () {
        const { first } = yield* Pair
        const owner = fresh("o")
        yield* first.append(facts(owner, 2))
        const inbox = yield* first.hear(hearer(owner, { inFlightMax: 2 }))
        const both = yield* gather(inbox, 2)
        const from = yield* Clock.currentTimeMillis
        yield* both[0]!.settle(later(900))
        yield* both[1]!.settle(Ack)
        yield* first.append([fact(owner, "said", "k2", "2")])
        assert.deepStrictEqual(textsOf(yield* gather(inbox, 1)), ["2"])
        assert.isBelow((yield* Clock.currentTimeMillis) - from, 900)
        const [again] = yield* gather(inbox, 1)
        assert.deepStrictEqual([again?.seq, again?.attempt], [both[0]!.seq, 2])
        assert.isAtLeast((yield* Clock.currentTimeMillis) - from, 900 - toleranceMs)
      }),
    testTimeoutMs
  )

  it.effect(
    "Later(0) brings it again at once",
    () =>
      Effect.gen(function* () {
        const { first } = yield* Pair
        const owner = fresh("o")
        yield* first.append(facts(owner, 1))
        const inbox = yield* first.hear(hearer(owner))
        const [once] = yield* gather(inbox, 1)
        yield* once!.settle(later(0))
        assert.deepStrictEqual(
          (yield* gather(inbox, 1, 3_000)).map(({ attempt }) => attempt),
          [2]
        )
      }),
    testTimeoutMs
  )

  it.effect(
    "whoever says that he is still working keeps his delivery, past twice the ack wait",
    () =>
      Effect.gen(function* () {
        const { first, second } = yield* Pair
        const owner = fresh("o")
        const spec = hearer(owner, { ackWaitMs: 1_000 })
        yield* first.append(facts(owner, 1))
        const [mine] = yield* gather(yield* first.hear(spec), 1)
        const sibling = yield* second.hear(spec)
        const beating = Effect.forever(Effect.andThen(mine!.working, Effect.sleep(250)))
        const stolen = yield* Effect.raceFirst(gather(sibling, 1, 2_400), beating)
        assert.deepStrictEqual(textsOf(stolen), [])
        yield* mine!.settle(Ack)
        assert.deepStrictEqual(textsOf(yield* gather(sibling, 1, 1_500)), [])
      }),
    testTimeoutMs
  )

  it.effect(
    "what was acknowledged never comes again",
    () =>
      Effect.gen(function* () {
        const { first, second } = yield* Pair
        const owner = fresh("o")
        const spec = hearer(owner, { ackWaitMs: 1_000 })
        yield* first.append(facts(owner, 20))
        yield* ackAll(yield* gather(yield* first.hear(spec), 20))
        assert.deepStrictEqual(textsOf(yield* gather(yield* second.hear(spec), 1, 2_300)), [])
      }),
    testTimeoutMs
  )

  it.effect(
    "never more than its limit is unsettled; each settlement lets one more through",
    () =>
      Effect.gen(function* () {
        const { first } = yield* Pair
        const owner = fresh("o")
        yield* first.append(facts(owner, 7))
        const inbox = yield* first.hear(hearer(owner, { inFlightMax: 3 }))
        const held = yield* gather(inbox, 4, 1_000)
        assert.deepStrictEqual(textsOf(held), ["0", "1", "2"])
        yield* held[1]!.settle(Ack)
        assert.deepStrictEqual(textsOf(yield* gather(inbox, 2, silenceMs)), ["3"])
        yield* held[0]!.settle(Ack)
        yield* held[2]!.settle(Ack)
        assert.deepStrictEqual(textsOf(yield* gather(inbox, 3, silenceMs)), ["4", "5"])
      }),
    testTimeoutMs
  )

  it.effect(
    "several settled together are settled each",
    () =>
      Effect.gen(function* () {
        const { first, second } = yield* Pair
        const owner = fresh("o")
        const filters = [`evt.*.${owner}.said.*`, `evt.*.${owner}.done.*`]
        const spec = hearer(owner, { filters, ackWaitMs: 1_000 })
        yield* first.append([...facts(owner, 20), fact(owner, "done", "a", "20"), fact(owner, "done", "b", "21")])
        const inbox = yield* first.hear(spec)
        const all = yield* gather(inbox, 22)
        const [back, kept] = [all.slice(0, 4), all.slice(4)]
        yield* inbox.settleAll(kept, Ack)
        yield* inbox.settleAll(back, later(0))
        yield* inbox.settleAll([], Ack)
        const again = yield* gather(inbox, 5, silenceMs)
        assert.sameMembers(textsOf(again), textsOf(back))
        yield* inbox.settleAll(again, Ack)
        assert.deepStrictEqual(textsOf(yield* gather(yield* second.hear(spec), 1, 2_300)), [])
      }),
    testTimeoutMs
  )

  it.effect(
    "a buried message, be it of the largest, does not stop its consumer and stays in the log",
    () =>
      Effect.gen(function* () {
        const { first } = yield* Pair
        const owner = fresh("o")
        const spec = hearer(owner, { inFlightMax: 1, ackWaitMs: 1_000 })
        const huge = { ...fact(owner, "said", "bad", ""), data: new Uint8Array(messageBytesMax).fill(0xff) }
        yield* first.append([huge, fact(owner, "said", "good", "good")])
        const inbox = yield* first.hear(spec)
        const [bad] = yield* gather(inbox, 1)
        yield* first.bury(bad!, spec.name, "x".repeat(2_000))
        yield* bad!.settle(Ack)
        const [good] = yield* gather(inbox, 1)
        assert.strictEqual(good && textsOf([good])[0], "good")
        yield* good!.settle(Ack)
        assert.deepStrictEqual(textsOf(yield* gather(inbox, 1, 1_500)), [])
        assert.strictEqual((yield* first.recall(huge.subject))?.seq, bad!.seq)
      }),
    testTimeoutMs
  )
}

export const inboxContract = (it: It): void => {
  hears(it)
  replicas(it)
  settlements(it)
}
