/** A teller says what changed, once, whoever else tells, and whatever became of the answer. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Result, Schema } from "effect"
import { unseal } from "../schemas/envelope.ts"
import { event, matches } from "../schemas/message.ts"
import { alone } from "../test/sim/alone.ts"
import { AppendRefused, Bus } from "./bus.ts"
import { Memory } from "./memory.sim.ts"
import { makeTeller, trustMs } from "./teller.ts"

class Seen extends Schema.TaggedClass<Seen>()("Seen", { name: Schema.String, size: Schema.Int, readAt: Schema.Int }) {}
class Gone extends Schema.TaggedClass<Gone>()("Gone", { name: Schema.String }) {}
const about = { account: () => "all", key: ({ name }: { readonly name: string }) => [name] }
const seen = event("sense", Seen, about)
const gone = event("sense", Gone, about)

const web = (size: number, readAt = 0) => new Seen({ name: "web", size, readAt })
const changed = (last: Seen, now: Seen) => last.size !== now.size
const sizes = Memory.use((server) =>
  Effect.sync(() =>
    server.log
      .after(0, 1_000)
      .filter(({ subject }) => matches(seen.filter, subject))
      .map(({ data }) => Result.getOrThrow(unseal(seen, data)).size)
  )
)

describe("one teller", () => {
  it("says the first thing and each change, and nothing where nothing changed", () =>
    alone(
      Effect.gen(function* () {
        const { last, tell } = yield* makeTeller("sense")
        const said: Array<boolean> = []
        for (const [readAt, size] of [1, 1, 1, 2, 2, 1].entries())
          said.push(yield* tell(seen, web(size, readAt), changed))
        assert.deepStrictEqual(said, [true, false, false, true, false, true])
        assert.deepStrictEqual(yield* sizes, [1, 2, 1])
        assert.deepStrictEqual(yield* last(seen, "web"), web(1, 5))
        assert.isUndefined(yield* last(seen, "api"))
      })
    ))

  it("asks nobody while nothing changes, and knows after a restart what was said before it", () =>
    alone(
      Effect.gen(function* () {
        const bus = yield* Bus
        let asked = 0
        const counting = {
          ...bus,
          recall: (filter: string) =>
            Effect.andThen(
              Effect.sync(() => asked++),
              bus.recall(filter)
            )
        }
        for (let life = 0; life < 2; life++) {
          const { tell } = yield* Effect.provideService(makeTeller("sense"), Bus, counting)
          for (let n = 0; n < 50; n++) yield* tell(seen, web(7), changed)
        }
        assert.strictEqual(asked, 2)
        assert.deepStrictEqual(yield* sizes, [7])
      })
    ))

  it("takes a last word on another road for a change, in both directions", () =>
    alone(
      Effect.gen(function* () {
        const { last, tell } = yield* makeTeller("sense")
        yield* tell(seen, web(1), changed)
        assert.isTrue(yield* tell(gone, new Gone({ name: "web" }), () => false))
        assert.isUndefined(yield* last(seen, "web"))
        assert.isTrue(yield* tell(seen, web(1), changed))
        assert.deepStrictEqual(yield* sizes, [1, 1])
      })
    ))

  it("whose answer was lost does not say it again", () =>
    alone(
      Effect.gen(function* () {
        const bus = yield* Bus
        let isLost = true
        const forgetful: Bus["Service"] = {
          ...bus,
          append: (drafts) =>
            Effect.flatMap(bus.append(drafts), (stored) => {
              if (!isLost) return Effect.succeed(stored)
              isLost = false
              return Effect.fail(new AppendRefused({ reason: "unknown", details: "no answer" }))
            })
        }
        const { tell } = yield* Effect.provideService(makeTeller("sense"), Bus, forgetful)
        yield* tell(seen, web(1), changed)
        assert.deepStrictEqual([yield* sizes, isLost], [[1], false])
      })
    ))

  it("of what fits into no message gives up at once", () =>
    alone(
      Effect.gen(function* () {
        const { tell } = yield* makeTeller("sense")
        const huge = new Gone({ name: "x".repeat(300_000) })
        const end = yield* Effect.result(tell(gone, huge, () => true))
        assert.isTrue(
          Result.isFailure(end) && end.failure._tag === "AppendRefused" && end.failure.reason === "too-large"
        )
      })
    ))
})

describe("two tellers of one owner", () => {
  it("that see the same change say it once", () =>
    alone(
      Effect.gen(function* () {
        const tellers = [yield* makeTeller("sense"), yield* makeTeller("sense")]
        for (const size of [1, 2, 3]) {
          const both = { concurrency: "unbounded" } as const
          const said = yield* Effect.forEach(tellers, ({ tell }) => tell(seen, web(size), changed), both)
          assert.deepStrictEqual(said.toSorted(), [false, true])
        }
        assert.deepStrictEqual(yield* sizes, [1, 2, 3])
      })
    ))

  it("do not leave a lie standing: what the other said last is noticed even by who saw no change", () =>
    alone(
      Effect.gen(function* () {
        const [steady, gone] = [yield* makeTeller("sense"), yield* makeTeller("sense")]
        yield* steady.tell(seen, web(1), changed)
        yield* gone.tell(seen, web(2), changed) // and then it dies, and the world is again as it was
        yield* Effect.sleep(trustMs + 1)
        assert.isTrue(yield* steady.tell(seen, web(1), changed))
        assert.deepStrictEqual(yield* sizes, [1, 2, 1])
      })
    ))
})

describe("telling of many things at once", () => {
  const many = (count: number, size: number) =>
    Array.from({ length: count }, (_, n) => new Seen({ name: `k${n}`, size, readAt: 0 }))

  it("says all of them in few appends, and then remembers each", () =>
    alone(
      Effect.gen(function* () {
        const bus = yield* Bus
        let appends = 0
        const counting: Bus["Service"] = {
          ...bus,
          append: (drafts) =>
            Effect.andThen(
              Effect.sync(() => appends++),
              bus.append(drafts)
            )
        }
        const { tell, tellAll } = yield* Effect.provideService(makeTeller("sense"), Bus, counting)
        yield* tellAll(seen, many(500, 1), changed)
        assert.isAtMost(appends, 10)
        for (const fact of many(500, 1)) assert.isFalse(yield* tell(seen, fact, changed))
        assert.isTrue(yield* tell(seen, new Seen({ name: "k499", size: 2, readAt: 1 }), changed))
        assert.strictEqual((yield* sizes).length, 501)
      })
    ))

  it("where somebody spoke of one before, says only what is new, and loses none of the others", () =>
    alone(
      Effect.gen(function* () {
        const [one, other] = [yield* makeTeller("sense"), yield* makeTeller("sense")]
        yield* one.tell(seen, many(8, 1)[7]!, changed)
        yield* other.tellAll(seen, many(500, 1), changed)
        assert.strictEqual((yield* sizes).length, 500)
        yield* one.tellAll(seen, many(500, 1), changed)
        assert.strictEqual((yield* sizes).length, 500)
      })
    ))
})
