/** The contract of the log: appends on conditions, all or none; recall; scan. */
import { assert } from "@effect/vitest"
import { Effect, Result } from "effect"
import type { AppendRefused, Draft } from "../../bus/bus.ts"
import { messageBytesMax } from "../../schemas/envelope.ts"
import { entityFilter } from "../../schemas/message.ts"
import {
  type BusShape,
  bytes,
  expecting,
  fact,
  facts,
  fresh,
  type It,
  Pair,
  testTimeoutMs,
  text,
  textsOf
} from "./bus-house.ts"

const reasonOf = <A>(append: Effect.Effect<A, AppendRefused>) =>
  Effect.map(Effect.result(append), (end) => (Result.isFailure(end) ? end.failure.reason : "stored"))

/**
 * The same once the server has an answer: "in flight" is none, an earlier write is not settled on every replica yet.
 */
const answerTo = <A>(append: Effect.Effect<A, AppendRefused>) =>
  Effect.repeat(
    Effect.tap(reasonOf(append), (end) => (end === "in-flight" ? Effect.sleep(10) : Effect.void)),
    {
      while: (end) => end === "in-flight",
      times: 200
    }
  )

/** Appends what `draft` makes of the entity's last sequence, reading again as often as somebody else was first. */
const insist = (bus: BusShape, on: string, draft: (last: number) => Draft): Effect.Effect<number, unknown> =>
  Effect.gen(function* () {
    for (let attempt = 1; attempt <= 400; attempt++) {
      const last = (yield* bus.recall(on))?.seq ?? 0
      const end = yield* Effect.result(bus.append([expecting(draft(last), last, on)]))
      if (Result.isSuccess(end)) return attempt
      if (end.failure.reason !== "conflict" && end.failure.reason !== "in-flight") return yield* end.failure
      yield* Effect.sleep(1 + (attempt % 7))
    }
    return yield* Effect.fail("never the first in 400 attempts")
  })

const batches = (it: It) => {
  it.effect("a batch lies in the log in its order, with nothing in between", () =>
    Effect.gen(function* () {
      const { first } = yield* Pair
      const drafts = facts(fresh("o"), 50)
      const noise = Effect.forEach(facts(fresh("noise"), 30), (draft) => first.append([draft]), { concurrency: 10 })
      const [{ seq }] = yield* Effect.all([first.append(drafts), noise], { concurrency: 2 })
      const stored = yield* first.scan(seq - 50, 50)
      assert.deepStrictEqual(
        stored.map((m) => [m.seq, m.subject, text(m.data)]),
        drafts.map((draft, i) => [seq - 49 + i, draft.subject, text(draft.data)])
      )
    })
  )

  it.effect(
    "one stale condition among several refuses the batch whole",
    () =>
      Effect.gen(function* () {
        const { first, second } = yield* Pair
        const owner = fresh("o")
        const [a, b, c] = [fact(owner, "x", "a", "1"), fact(owner, "x", "b", "1"), fact(owner, "x", "c", "1")]
        const { seq } = yield* first.append([expecting(a, 0), expecting(b, 0)])
        const stale = [expecting(a, seq - 1), c, expecting(b, seq - 1)]
        assert.strictEqual(yield* answerTo(second.append(stale)), "conflict")
        assert.strictEqual((yield* first.recall(a.subject))?.seq, seq - 1)
        assert.strictEqual((yield* first.recall(b.subject))?.seq, seq)
        assert.isUndefined(yield* first.recall(c.subject))
        const right = yield* second.append([expecting(a, seq - 1), c, expecting(b, seq)])
        assert.strictEqual((yield* first.recall(c.subject))?.seq, right.seq - 1)
      }),
    testTimeoutMs
  )

  it.effect("keeps every byte, and a message of none", () =>
    Effect.gen(function* () {
      const { first, second } = yield* Pair
      const { subject } = fact(fresh("o"), "x", "a", "")
      const all = Uint8Array.from({ length: 256 }, (_, i) => i)
      yield* first.append([{ subject, data: all }])
      assert.deepStrictEqual([...((yield* second.recall(subject))?.data ?? [])], [...all])
      yield* first.append([{ subject, data: new Uint8Array() }])
      assert.strictEqual((yield* second.recall(subject))?.data.length, 0)
    })
  )

  it.effect("takes 256 KiB, refuses one byte more by name, and stores nothing of that batch", () =>
    Effect.gen(function* () {
      const { first } = yield* Pair
      const [owner, other] = [fresh("o"), fresh("o")]
      const large = { ...fact(owner, "x", "large", ""), data: new Uint8Array(messageBytesMax + 1).fill(65) }
      const small = fact(other, "x", "small", "1")
      assert.strictEqual(yield* reasonOf(first.append([small, large])), "too-large")
      assert.isUndefined(yield* first.recall(small.subject))
      assert.isUndefined(yield* first.recall(large.subject))
      yield* first.append([{ ...large, data: large.data.subarray(1) }])
      assert.strictEqual((yield* first.recall(large.subject))?.data.length, messageBytesMax)
    })
  )
}

const sizes = (it: It) => {
  it.effect(
    "a batch is of 1,000 messages at most; one more is refused by name, and none of them stored",
    () =>
      Effect.gen(function* () {
        const { first } = yield* Pair
        const owner = fresh("o")
        assert.strictEqual(yield* reasonOf(first.append(facts(owner, 1_001))), "too-large")
        assert.isUndefined(yield* first.recall(`evt.*.${owner}.*.*`))
        const { seq } = yield* first.append(facts(owner, 1_000))
        const [start] = yield* first.scan(seq - 1_000, 1)
        assert.strictEqual(start?.subject, `evt.all.${owner}.said.k0`)
        assert.strictEqual((yield* first.recall(`evt.*.${owner}.*.k999`))?.seq, seq)
      }),
    testTimeoutMs
  )
}

const conditions = (it: It) => {
  it.effect("expecting 0 means that there must be none yet", () =>
    Effect.gen(function* () {
      const { first, second } = yield* Pair
      const draft = fact(fresh("o"), "x", "a", "1")
      yield* first.append([expecting(draft, 0)])
      assert.strictEqual(yield* answerTo(second.append([expecting(draft, 0)])), "conflict")
      assert.strictEqual(yield* answerTo(second.append([draft])), "stored")
    })
  )

  it.effect("a condition on its own subject holds until that subject's next message, whatever else is said", () =>
    Effect.gen(function* () {
      const { first, second } = yield* Pair
      const owner = fresh("o")
      const mine = fact(owner, "x", "a", "1")
      const { seq } = yield* first.append([mine])
      yield* second.append([fact(owner, "y", "a", "1"), fact(owner, "x", "b", "1")])
      const next = yield* first.append([expecting(mine, seq)])
      assert.strictEqual(yield* answerTo(first.append([expecting(mine, seq)])), "conflict")
      assert.strictEqual((yield* second.recall(mine.subject))?.seq, next.seq)
    })
  )

  it.effect("a condition on an entity counts every fact about it, by any name and for any account, and no order", () =>
    Effect.gen(function* () {
      const { first, second } = yield* Pair
      const owner = fresh("o")
      const on = entityFilter(owner, "a")
      const { seq } = yield* first.append([
        { subject: `evt.123456789012.${owner}.opened.a`, data: bytes("1") },
        fact(owner, "opened", "b", "1"),
        { subject: `cmd.all.${owner}.close.a`, data: bytes("1") }
      ])
      const close = fact(owner, "closed", "a", "2")
      for (const wrong of [0, seq, seq - 1]) {
        assert.strictEqual(yield* answerTo(second.append([expecting(close, wrong, on)])), "conflict", `${wrong}`)
      }
      const closed = yield* second.append([expecting(close, seq - 2, on)])
      assert.strictEqual((yield* first.recall(on))?.seq, closed.seq)
    })
  )

  it.effect(
    "of 20 writers with one condition exactly one is first, round after round",
    () =>
      Effect.gen(function* () {
        const { first, second } = yield* Pair
        const owner = fresh("o")
        const on = entityFilter(owner, "a")
        let seq = 0
        for (let round = 0; round < 5; round++) {
          const writers = Array.from({ length: 20 }, (_, i) =>
            reasonOf((i % 2 ? first : second).append([expecting(fact(owner, `n${i}`, "a", `${round}`), seq, on)]))
          )
          const ends = yield* Effect.all(writers, { concurrency: "unbounded" })
          assert.lengthOf(
            ends.filter((end) => end === "stored"),
            1
          )
          assert.isTrue(
            ends.every((end) => end === "stored" || end === "conflict" || end === "in-flight"),
            `${ends}`
          )
          const last = yield* first.recall(on)
          assert.isAbove(last?.seq ?? 0, seq)
          assert.strictEqual(text(last?.data ?? bytes("")), `${round}`)
          seq = last?.seq ?? 0
        }
      }),
    testTimeoutMs
  )

  it.effect(
    "20 writers of two processes that read again when refused all get through, once each, in one chain",
    () =>
      Effect.gen(function* () {
        const { first, second } = yield* Pair
        const owner = fresh("o")
        const on = entityFilter(owner, "a")
        const { seq: before } = yield* first.append([fact(fresh("o"), "x", "mark", "")])
        const writers = Array.from({ length: 20 }, (_, i) =>
          insist(i % 2 ? first : second, on, (last) => fact(owner, `n${i}`, "a", `${last}`))
        )
        const attempts = yield* Effect.all(writers, { concurrency: "unbounded" })
        const mine = (yield* first.scan(before, 5_000)).filter(({ subject }) => subject.includes(`.${owner}.`))
        assert.strictEqual(new Set(mine.map(({ subject }) => subject)).size, 20)
        assert.deepStrictEqual(textsOf(mine), ["0", ...mine.slice(0, -1).map(({ seq }) => `${seq}`)])
        assert.isAbove(Math.max(...attempts), 1) // they did meet
      }),
    testTimeoutMs
  )

  it.effect("40 writers to 40 entities do not disturb each other", () =>
    Effect.gen(function* () {
      const { first, second } = yield* Pair
      const owner = fresh("o")
      const ends = yield* Effect.forEach(
        facts(owner, 40),
        (draft, i) => reasonOf((i % 2 ? first : second).append([expecting(draft, 0, entityFilter(owner, `k${i}`))])),
        { concurrency: "unbounded" }
      )
      assert.deepStrictEqual([...new Set(ends)], ["stored"])
    })
  )
}

const reads = (it: It) => {
  it.effect("recall gives what was stored a moment ago, to the writer and to others", () =>
    Effect.gen(function* () {
      const { first, second } = yield* Pair
      const owner = fresh("o")
      for (let i = 0; i < 20; i++) {
        const { seq } = yield* first.append([fact(owner, `n${i % 3}`, "a", `${i}`)])
        for (const bus of [second, first]) {
          const last = yield* bus.recall(entityFilter(owner, "a"))
          assert.deepStrictEqual([last?.seq, last && text(last.data)], [seq, `${i}`])
        }
      }
    })
  )

  it.effect("recall knows wildcards in any token and at the end, and nothing of what was never said", () =>
    Effect.gen(function* () {
      const { first } = yield* Pair
      const owner = fresh("o")
      const { seq } = yield* first.append([fact(owner, "x", "a", "1"), fact(owner, "y", "b", "2")])
      const seqOf = (filter: string) => Effect.map(first.recall(filter), (last) => last?.seq)
      assert.strictEqual(yield* seqOf(`evt.all.${owner}.x.*`), seq - 1)
      assert.strictEqual(yield* seqOf(`evt.*.${owner}.*.a`), seq - 1)
      assert.strictEqual(yield* seqOf(`evt.*.${owner}.>`), seq)
      assert.strictEqual(yield* seqOf(`evt.*.${owner}.*.*`), seq)
      assert.isUndefined(yield* seqOf(`evt.*.${owner}.*.c`))
      assert.isUndefined(yield* seqOf(`evt.*.${owner}.*`))
      assert.isUndefined(yield* seqOf(`evt.all.${fresh("nobody")}.x.a`))
    })
  )

  it.effect(
    "scan pages through the log in order, without gaps, alike for everybody, and ends",
    () =>
      Effect.gen(function* () {
        const { first, second } = yield* Pair
        const owner = fresh("o")
        const { seq: before } = yield* first.append([fact(owner, "x", "mark", "")])
        const drafts = facts(owner, 240)
        const parts = Array.from({ length: 12 }, (_, i) => drafts.slice(i * 20, i * 20 + 20))
        yield* Effect.forEach(parts, (part, i) => (i % 2 ? first : second).append(part), { concurrency: 6 })
        const found: Array<{ seq: number; subject: string; at: number; data: Uint8Array }> = []
        const isMine = ({ subject }: { subject: string }) => subject.includes(`.${owner}.`)
        while (found.filter(isMine).length < 240) {
          const page = yield* second.scan(found.at(-1)?.seq ?? before, 64)
          assert.isTrue(page.length > 0 && page.length <= 64, `a page of ${page.length}`)
          found.push(...page)
        }
        assert.deepStrictEqual(
          found.map(({ seq }) => seq),
          found.map((_, i) => before + 1 + i)
        )
        assert.isTrue(
          found.every(({ at }, i) => i === 0 || at >= (found[i - 1]?.at ?? 0)),
          "time runs backwards"
        )
        assert.sameMembers(textsOf(found.filter(isMine)), textsOf(drafts))
        const again = yield* first.scan(before, 10)
        assert.deepStrictEqual(
          again.map(({ subject }) => subject),
          found.slice(0, 10).map(({ subject }) => subject)
        )
        assert.deepStrictEqual(yield* first.scan(1_000_000_000, 10), [])
      }),
    testTimeoutMs
  )

  it.effect("messages carry the time of storing", () =>
    Effect.gen(function* () {
      const { first } = yield* Pair
      const draft = fact(fresh("o"), "x", "a", "1")
      yield* first.append([draft])
      const { at } = (yield* first.recall(draft.subject)) ?? { at: 0 }
      assert.isBelow(Math.abs(Date.now() - at), 30_000)
    })
  )
}

export const logContract = (it: It): void => {
  batches(it)
  sizes(it)
  conditions(it)
  reads(it)
}
