/** The contract of those who look on: how consumers stand, and what lies in DEAD. */
import { assert } from "@effect/vitest"
import { Effect } from "effect"
import { Buried, headBytesMax } from "../../bus/buried.ts"
import { Ack, type Dead, later, type Standing, type Stored } from "../../bus/bus.ts"
import {
  BusHouse,
  type BusShape,
  bytes,
  fact,
  facts,
  fresh,
  gather,
  hearer,
  type It,
  Pair,
  testTimeoutMs
} from "./bus-house.ts"

/** One consumer's, by filter. */
const standingsOf = (bus: BusShape, name: string) =>
  Effect.map(
    bus.standings,
    (all) => new Map(all.filter((one) => one.name === name).map((one) => [one.filter, one] as const))
  )

type Counts = Pick<Standing, "pending" | "open" | "redelivered">
const countsOf = ({ pending, open, redelivered }: Standing): Counts => ({ pending, open, redelivered })

/** How it stands with one filter as soon as it counts so, or, where it never does, at last. */
const standingWith = (bus: BusShape, name: string, filter: string, counts: Counts) =>
  Effect.gen(function* () {
    for (let attempt = 1; ; attempt++) {
      const standing = (yield* standingsOf(bus, name)).get(filter)
      const isSo = JSON.stringify(standing && countsOf(standing)) === JSON.stringify(counts)
      if (isSo || attempt === 50) {
        assert.deepStrictEqual(standing && countsOf(standing), counts)
        return standing!.settled
      }
      yield* Effect.sleep(50)
    }
  })

/** At least as far as `from`, and not as far as `to`. */
const mustStandBetween = (settled: number, from: number, to = Number.POSITIVE_INFINITY) =>
  assert.isTrue(from <= settled && settled < to, `settled up to ${settled}, not within [${from}, ${to})`)

const standings = (it: It) => {
  it.effect(
    "a consumer counts what is still to come, what is open, and up to where all is settled",
    () =>
      Effect.gen(function* () {
        const { first, second } = yield* Pair
        const owner = fresh("o")
        const spec = hearer(owner, { inFlightMax: 3 })
        const [filter = ""] = spec.filters
        const { seq: last } = yield* first.append(facts(owner, 8))
        const inbox = yield* first.hear(spec)
        const [a, b, c] = yield* gather(inbox, 3)
        const atFirst = yield* standingWith(second, spec.name, filter, { pending: 5, open: 3, redelivered: 0 })
        mustStandBetween(atFirst, 0, a!.seq)
        // what lies behind an open one is settled, but nothing says that all up to there is
        yield* b!.settle(Ack)
        const [d] = yield* gather(inbox, 1)
        const behind = yield* standingWith(second, spec.name, filter, { pending: 4, open: 3, redelivered: 0 })
        mustStandBetween(behind, 0, a!.seq)
        yield* inbox.settleAll([a!, c!, d!], Ack)
        const rest = yield* gather(inbox, 3)
        const half = yield* standingWith(second, spec.name, filter, { pending: 1, open: 3, redelivered: 0 })
        mustStandBetween(half, d!.seq, rest[0]!.seq)
        yield* inbox.settleAll(rest, Ack)
        yield* inbox.settleAll(yield* gather(inbox, 1), Ack)
        mustStandBetween(yield* standingWith(second, spec.name, filter, { pending: 0, open: 0, redelivered: 0 }), last)
      }),
    testTimeoutMs
  )

  it.effect(
    "each filter stands for itself, and each consumer, whatever it is called",
    () =>
      Effect.gen(function* () {
        const { first, second } = yield* Pair
        const owner = fresh("o")
        const filters = [`evt.*.${owner}.said.*`, `evt.*.${owner}.done.*`]
        const spec = hearer(owner, { name: fresh("Who_hears=it"), filters })
        const other = hearer(owner, { filters: filters.slice(0, 1) })
        yield* first.append([
          fact(owner, "said", "a", "0"),
          fact(owner, "done", "a", "1"),
          fact(owner, "done", "b", "2"),
          fact(owner, "said", "b", "3")
        ])
        const inbox = yield* first.hear(spec)
        const got = (yield* gather(inbox, 4)).toSorted((one, another) => one.seq - another.seq)
        yield* gather(yield* second.hear(other), 2)
        yield* inbox.settleAll([got[0]!, got[1]!, got[3]!], Ack)
        const none = { pending: 0, open: 0, redelivered: 0 }
        mustStandBetween(yield* standingWith(second, spec.name, filters[0]!, none), got[3]!.seq)
        const done = yield* standingWith(second, spec.name, filters[1]!, { ...none, open: 1 })
        mustStandBetween(done, got[1]!.seq, got[2]!.seq)
        const said = yield* standingWith(second, other.name, filters[0]!, { ...none, open: 2 })
        mustStandBetween(said, 0, got[0]!.seq)
        const all = yield* standingsOf(second, spec.name)
        assert.sameMembers([...all.keys()], filters)
        assert.deepStrictEqual([...(yield* standingsOf(second, other.name)).keys()], [filters[0]!])
      }),
    testTimeoutMs
  )

  it.effect(
    "what was given more than once is counted while it is open",
    () =>
      Effect.gen(function* () {
        const { first } = yield* Pair
        const owner = fresh("o")
        const spec = hearer(owner)
        const [filter = ""] = spec.filters
        yield* first.append(facts(owner, 3))
        const inbox = yield* first.hear(spec)
        const [a, b, c] = yield* gather(inbox, 3)
        yield* inbox.settleAll([a!, b!], later(0))
        const again = yield* gather(inbox, 2)
        yield* standingWith(first, spec.name, filter, { pending: 0, open: 3, redelivered: 2 })
        yield* again[0]!.settle(Ack)
        yield* standingWith(first, spec.name, filter, { pending: 0, open: 2, redelivered: 1 })
        yield* inbox.settleAll([again[1]!, c!], Ack)
        yield* standingWith(first, spec.name, filter, { pending: 0, open: 0, redelivered: 0 })
      }),
    testTimeoutMs
  )

  it.effect(
    "nothing is called settled before it is, however short ago it was said",
    () =>
      Effect.gen(function* () {
        const { first, second } = yield* Pair
        const owner = fresh("o")
        const spec = hearer(owner)
        const [filter = ""] = spec.filters
        const inbox = yield* first.hear(spec)
        const settledNow = Effect.map(standingsOf(second, spec.name), (all) => all.get(filter)!.settled)
        for (let round = 0; round < 20; round++) {
          // up to here it has heard and settled all, and now it is told something behind much that it does not hear
          const { seq } = yield* first.append([...facts(fresh("noise"), 50), fact(owner, "said", `k${round}`, "")])
          assert.isBelow(yield* settledNow, seq)
          const [heard] = yield* gather(inbox, 1)
          assert.strictEqual(heard?.seq, seq)
          assert.isBelow(yield* settledNow, seq)
          yield* heard!.settle(Ack)
          mustStandBetween(yield* standingWith(second, spec.name, filter, { pending: 0, open: 0, redelivered: 0 }), seq)
        }
      }),
    testTimeoutMs
  )
}

/** What a consumer has buried, of all that lies in DEAD, in pages of so many. */
const deadOf = (bus: BusShape, consumer: string, pageMax: number) =>
  Effect.gen(function* () {
    const all: Array<Dead> = []
    for (;;) {
      const page = yield* bus.dead(all.at(-1)?.seq, pageMax)
      assert.isAtMost(page.length, pageMax)
      if (page.length === 0) break
      all.push(...page)
    }
    assert.isTrue(
      all.every(({ seq }, i) => i === 0 || seq < all[i - 1]!.seq),
      "newest first, each once"
    )
    return all.filter(({ buried }) => buried?.consumer === consumer)
  })

const burials = (it: It) => {
  it.effect(
    "what was buried is read back newest first, in pages of any size, as it was buried",
    () =>
      Effect.gen(function* () {
        const { first, second } = yield* Pair
        const [owner, consumer] = [fresh("o"), fresh("c")]
        const large = { ...fact(owner, "said", "large", ""), data: new Uint8Array(3 * headBytesMax).fill(0xfe) }
        const { seq } = yield* first.append([...facts(owner, 20), large])
        const stored = yield* first.scan(seq - 21, 21)
        const bury = (message: Stored) => first.bury(message, consumer, `${message.seq} says nothing`)
        for (const message of stored) yield* bury(message)
        yield* bury(stored[0]!)
        const found = yield* deadOf(second, consumer, 200)
        assert.deepStrictEqual(
          found.map(({ buried }) => [buried?.seq, buried?.subject, buried?.at, buried?.bytes, buried?.reason]),
          stored.toReversed().map((m) => [m.seq, m.subject, m.at, m.data.length, `${m.seq} says nothing`])
        )
        const newest = found[0]!
        assert.instanceOf(newest.buried, Buried)
        assert.isAtLeast(newest.at, stored.at(-1)!.at)
        const head = new Uint8Array(Buffer.from(newest.buried?.head ?? "", "base64"))
        assert.deepStrictEqual(head, large.data.subarray(0, headBytesMax))
        for (const pageMax of [7, 17]) assert.deepStrictEqual(yield* deadOf(second, consumer, pageMax), found)
        assert.deepStrictEqual(yield* second.dead(undefined, 0), [])
        assert.deepStrictEqual(yield* second.dead(1, 10), [])
      }),
    testTimeoutMs
  )

  it.effect(
    "what lies in DEAD and is no burial of ours is shown to lie there, and hides no other",
    () =>
      Effect.gen(function* () {
        const { first, second } = yield* Pair
        const { litter } = yield* BusHouse
        const [owner, consumer] = [fresh("o"), fresh("c")]
        const { seq } = yield* first.append(facts(owner, 2))
        const [one, other] = yield* first.scan(seq - 2, 2)
        yield* first.bury(one!, consumer, "before")
        const garbage = [new Uint8Array([0xff, 0]), new Uint8Array(), bytes(`{"consumer":"${consumer}"}`)]
        for (const data of garbage) yield* litter(consumer, data)
        yield* first.bury(other!, consumer, "after")
        const all = yield* second.dead(undefined, 200)
        const [after, before] = all.filter(({ buried }) => buried?.consumer === consumer)
        assert.deepStrictEqual([after?.buried?.reason, before?.buried?.reason], ["after", "before"])
        const between = all.filter((dead) => dead.seq > before!.seq && dead.seq < after!.seq)
        assert.strictEqual(between.filter(({ buried }) => buried === undefined).length, garbage.length)
      }),
    testTimeoutMs
  )
}

export const standingContract = (it: It): void => {
  standings(it)
  burials(it)
}
