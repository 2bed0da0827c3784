/** The contract of live copies: rows made of the log, and the newest remarks. */
import { assert } from "@effect/vitest"
import { Effect } from "effect"
import type { View } from "../../bus/bus.ts"
import { pools } from "../../schemas/catalogue.ts"
import { entityFilter } from "../../schemas/message.ts"
import {
  BusHouse,
  bytes,
  eventually,
  fact,
  facts,
  fresh,
  gather,
  hearer,
  type It,
  Pair,
  testTimeoutMs,
  text,
  textsOf
} from "./bus-house.ts"

/** The names under which the bucket's owner says something about a pool. */
const [scored, poisoned, herdMoved] = pools.roads.map(({ name }) => name)

const aboutPool = (name: string | undefined, about: string, body: string) => fact(pools.owner, `${name}`, about, body)

/** The row's text once its sequence is that one. */
const rowAt = (view: View, about: string, seq: number) =>
  eventually(() => {
    const row = view.get(about)
    return row?.seq === seq ? text(row.data) : undefined
  })

const rows = (it: It) => {
  it.effect(
    "a view has the rows of before at once, and follows",
    () =>
      Effect.gen(function* () {
        const { first, second } = yield* Pair
        const about = fresh("pool")
        const early = yield* first.view(pools)
        assert.isUndefined(early.get(about))
        const { seq } = yield* second.append([aboutPool(scored, about, "1")])
        assert.strictEqual(yield* rowAt(early, about, seq), "1")
        const late = yield* second.view(pools)
        assert.strictEqual(late.get(about)?.seq, seq)
        const next = yield* first.append([aboutPool(scored, about, "2")])
        assert.strictEqual(yield* rowAt(late, about, next.seq), "2")
        assert.strictEqual(yield* rowAt(early, about, next.seq), "2")
      }),
    testTimeoutMs
  )

  it.effect(
    "the last fact about a thing is its row, whatever its name, with the log's sequence, subject and bytes",
    () =>
      Effect.gen(function* () {
        const { first } = yield* Pair
        const about = fresh("pool")
        const view = yield* first.view(pools)
        for (const name of [scored, poisoned, herdMoved, scored]) {
          const draft = aboutPool(name, about, `by ${name}`)
          const { seq } = yield* first.append([draft])
          assert.strictEqual(yield* rowAt(view, about, seq), `by ${name}`)
          assert.strictEqual(view.get(about)?.subject, draft.subject)
          assert.strictEqual((yield* first.recall(entityFilter(pools.owner, about)))?.seq, view.rows().get(about)?.seq)
        }
      }),
    testTimeoutMs
  )

  it.effect(
    "facts of other roads and of other owners, and orders, leave the row alone",
    () =>
      Effect.gen(function* () {
        const { first } = yield* Pair
        const about = fresh("pool")
        const view = yield* first.view(pools)
        const { seq } = yield* first.append([
          aboutPool(scored, about, "1"),
          aboutPool(fresh("rumour"), about, "2"),
          fact(fresh("o"), `${scored}`, about, "3"),
          { ...aboutPool(scored, about, "4"), subject: `cmd.all.${pools.owner}.${scored}.${about}` }
        ])
        assert.strictEqual(yield* rowAt(view, about, seq - 3), "1")
        yield* Effect.sleep(500)
        assert.strictEqual(view.get(about)?.seq, seq - 3)
      }),
    testTimeoutMs
  )

  it.effect(
    "a row never goes back while facts come fast, and ends at the last one",
    () =>
      Effect.gen(function* () {
        const { first, second } = yield* Pair
        const about = fresh("pool")
        const view = yield* first.view(pools)
        const seen: Array<number> = []
        const look = Effect.andThen(
          Effect.sync(() => seen.push(view.get(about)?.seq ?? 0)),
          Effect.sleep(2)
        )
        const say = Effect.forEach(Array.from({ length: 60 }), (_, i) =>
          second.append([aboutPool(scored, about, `${i}`)])
        )
        const said = yield* Effect.raceFirst(say, Effect.forever(look))
        assert.strictEqual(yield* rowAt(view, about, said.at(-1)?.seq ?? 0), "59")
        assert.deepStrictEqual(
          seen,
          seen.toSorted((a, b) => a - b)
        )
      }),
    testTimeoutMs
  )
}

const remarks = (it: It) => {
  it.effect(
    "of the remarks on a subject the newest is there, for those who look on and for those who come later",
    () =>
      Effect.gen(function* () {
        const { first, second } = yield* Pair
        const owner = fresh("o")
        const subject = (about: string) => `tck.all.${owner}.looked.${about}`
        const early = yield* first.remarks(`tck.*.${owner}.looked.*`)
        for (let i = 0; i < 5; i++) yield* second.remark(subject("a"), bytes(`${i}`))
        yield* second.remark(subject("b"), bytes("other"))
        yield* second.remark(`tck.all.${owner}.unlooked.c`, bytes("none of ours"))
        const has = (view: View) => (view.rows().size === 2 && text(view.get("a")!.data) === "4" ? true : undefined)
        assert.isTrue(yield* eventually(() => has(early)))
        const late = yield* second.remarks(`tck.*.${owner}.looked.*`)
        assert.deepStrictEqual([...late.rows().keys()].sort(), ["a", "b"])
        assert.strictEqual(text(late.get("a")!.data), "4")
        assert.isUndefined(yield* first.recall(`tck.*.${owner}.*.*`), "a remark is in the log")
      }),
    testTimeoutMs
  )
}

const joining = (it: It) => {
  it.effect(
    "a process that joins later finds everything as the others left it",
    () =>
      Effect.gen(function* () {
        const { first } = yield* Pair
        const [owner, about] = [fresh("o"), fresh("pool")]
        const spec = hearer(owner)
        const watch = yield* first.view(pools)
        const { seq } = yield* first.append([aboutPool(poisoned, about, "row"), ...facts(owner, 3)])
        yield* first.remark(`tck.all.${owner}.looked.a`, bytes("tick"))
        const inbox = yield* first.hear(spec)
        for (const delivery of yield* gather(inbox, 1)) yield* delivery.settle({ _tag: "Ack" })
        assert.strictEqual(yield* rowAt(watch, about, seq - 3), "row")

        const newcomer = yield* (yield* BusHouse).join
        assert.strictEqual((yield* newcomer.recall(entityFilter(owner, "k2")))?.seq, seq)
        assert.deepStrictEqual(textsOf(yield* newcomer.scan(seq - 4, 4)), ["row", "0", "1", "2"])
        assert.strictEqual((yield* newcomer.view(pools)).get(about)?.seq, seq - 3)
        const ticks = yield* newcomer.remarks(`tck.*.${owner}.*.*`)
        assert.strictEqual(yield* eventually(() => ticks.get("a") && text(ticks.get("a")!.data)), "tick")
        const other = yield* newcomer.hear({ ...spec, name: fresh("c") })
        assert.deepStrictEqual(textsOf(yield* gather(other, 3)), ["0", "1", "2"])
      }),
    testTimeoutMs
  )
}

export const rowContract = (it: It): void => {
  rows(it)
  remarks(it)
  joining(it)
}
