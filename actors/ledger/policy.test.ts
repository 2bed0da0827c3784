/** The ledger books every message once, whatever befalls an insert, and only what was done counts as saved. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Schema } from "effect"
import { TestClock } from "effect/testing"
import type { Stored } from "../../bus/bus.ts"
import { encodeAs, messageBytesMax, seal } from "../../schemas/envelope.ts"
import { instant } from "../../schemas/ids.ts"
import { savingsLabel } from "../../schemas/ledger.ts"
import { journalSubject } from "../../schemas/message.ts"
import { SwapSettled, swapSettled } from "../../schemas/swap.ts"
import { booked, gaps } from "../_ports/warehouse-questions.ts"
import { type Fault, memory, simulated } from "../_ports/warehouse.sim.ts"
import { bookOnce, mend } from "./book.ts"
import { batchBytesMax, batchesOf, ledgerRowOf, monthlySavings, savingsIn, savingsRowOf, tokenOf } from "./policy.ts"
import { summary } from "./summary.ts"

const march = Date.UTC(2026, 2, 10)
const settledOf = (swap: string, hourlyUsd: number, end: "done" | "undone" = "done") =>
  Schema.decodeUnknownSync(SwapSettled)({
    _tag: "SwapSettled",
    tenant: "acme",
    account: "123456789012",
    region: "us-east-1",
    group: "web",
    swap,
    plan: "a".repeat(64),
    end,
    code: null,
    reason: null,
    move: {
      swap,
      old: "i-0123456789abcdef0",
      oldType: "m5.large",
      oldVcpu: 2,
      pool: { region: "us-east-1", zone: "use1-az1", instanceType: "m5.large", product: "linux" },
      newVcpu: 2,
      score: 0.9,
      onDemandPerHour: 96_000,
      spotPerHour: 36_000
    },
    replacement: end === "done" ? "i-0fedcba9876543210" : null,
    hourlySavings: Math.round(hourlyUsd * 1e6),
    startedAt: march,
    at: march
  })
const stored = (seq: number, subject: string, data: Uint8Array, at = march): Stored => ({
  seq,
  subject,
  data,
  at: instant(at)
})
const settledMessage = (seq: number, settled: SwapSettled) =>
  stored(seq, swapSettled.subject(settled), seal(swapSettled, settled))
const bytes = (text: string) => new TextEncoder().encode(text)
const remark = (seq: number, at = march) =>
  stored(
    seq,
    `evt.all.watcher.thing-seen.n${seq}`,
    bytes(JSON.stringify({ v: 1, tag: "ThingSeen", body: { seq } })),
    at
  )
const logOf = (messages: ReadonlyArray<Stored>) => ({
  scan: (after: number, max: number) => Effect.succeed(messages.filter(({ seq }) => seq > after).slice(0, max))
})

const Bytes = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 })))

describe("rows", () => {
  it.prop("any bytes become a row whose body is JSON", { data: Bytes }, ({ data }) => {
    const row = ledgerRowOf(stored(7, "evt.all.watcher.thing-seen.x", Uint8Array.from(data)))
    assert.strictEqual(row.seq, 7)
    assert.isObject(JSON.parse(row.body))
  })

  it("a message is booked as it travelled, with the tokens of its subject", () => {
    const message = settledMessage(3, settledOf("s1", 0.06))
    const row = ledgerRowOf(message)
    assert.strictEqual(row.body, new TextDecoder().decode(message.data))
    assert.deepInclude(row, {
      kind: "evt",
      account: "123456789012",
      owner: "executor",
      name: "swap-settled",
      about: "s1"
    })
  })

  it("what is no envelope is marked with the reason, and only its beginning is kept", () => {
    const row = ledgerRowOf(stored(1, "evt.odd", new Uint8Array(messageBytesMax + 1).fill(0x61)))
    const body = JSON.parse(row.body)
    assert.strictEqual(body.undecodable, "too-large")
    assert.strictEqual(body.bytes, messageBytesMax + 1)
    assert.isAtMost(row.body.length, messageBytesMax / 2)
    assert.deepInclude(row, { kind: "evt", account: "", name: "", subject: "evt.odd" })
  })
})

describe("savings", () => {
  it("a swap done saves its difference, labelled for what it is", () => {
    const row = savingsRowOf(9, instant(march), settledOf("s1", 0.06))
    assert.deepInclude<object>(row ?? {}, {
      seq: 9,
      hourlySavings: 60_000,
      label: savingsLabel,
      replacement: "i-0fedcba9876543210"
    })
  })

  it("a swap that was turned back saves nothing", () => {
    assert.isUndefined(savingsIn(settledMessage(1, settledOf("s1", 0.06, "undone"))))
  })

  it("a settlement whose body is of another shape adds nothing and does not stop the booking", () => {
    const body = { ...(encodeAs(SwapSettled, settledOf("s1", 1)) as object), hourlySavings: "much" }
    const forged = stored(
      1,
      "evt.1.executor.swap-settled.s1",
      bytes(JSON.stringify({ v: 1, tag: "SwapSettled", body }))
    )
    assert.isUndefined(savingsIn(forged))
  })

  it("a month has 730 hours: 6 cents an hour are 43.80 dollars", () => {
    assert.strictEqual(monthlySavings(60_000), 43_800_000)
  })
})

describe("batches", () => {
  const day = 24 * 3600 * 1000
  const Log = Schema.Array(
    Schema.Struct({
      days: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 90 })),
      kib: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 3000 }))
    })
  )

  it.prop(
    "nothing is left out, nothing changes places, and no batch spans two months or is too large",
    { log: Log },
    ({ log }) => {
      const messages = log.map(({ days, kib }, i) =>
        stored(i + 1, "evt.a.b.c.d", new Uint8Array(kib * 1024), march + days * day)
      )
      const batches = batchesOf(messages)
      assert.deepStrictEqual(batches.flat(), messages)
      for (const batch of batches) {
        const months = new Set(batch.map(({ at }) => new Date(at).toISOString().slice(0, 7)))
        assert.strictEqual(months.size, 1)
        assert.isTrue(batch.length === 1 || batch.reduce((sum, { data }) => sum + data.length, 0) <= batchBytesMax)
      }
    }
  )

  it("a token names the first and the last message of its batch, and another attempt another token", () => {
    assert.strictEqual(tokenOf([remark(4), remark(5), remark(6)]), "LOG:4-6")
    assert.strictEqual(tokenOf([remark(4)], 2), "LOG:4-4:2")
  })
})

describe("booking", () => {
  const Faults = Schema.Array(Schema.NullOr(Schema.Literals(["lost", "unanswered", "late", "forgotten"])))
  const Runs = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 7 })))

  /** The process dies whenever the booking fails, and another one goes on from what the warehouse has. */
  const bookThrough = (
    messages: ReadonlyArray<Stored>,
    faults: ReadonlyArray<Fault | null>,
    runs: ReadonlyArray<number>
  ) =>
    Effect.gen(function* () {
      const kept = memory()
      kept.faults.push(...faults)
      const store = simulated(kept)
      let there = 0
      const work = Effect.gen(function* () {
        // the log grows between the looks, so that a later look meets other boundaries
        for (
          let look = 0;
          there < messages.length || (yield* store.ask(booked, {}))[0]?.last !== messages.length;
          look++
        ) {
          there = Math.min(messages.length, there + (runs[look % Math.max(1, runs.length)] ?? 3))
          const log = logOf(messages.slice(0, there))
          yield* Effect.ignore(
            Effect.timeoutOption(bookOnce(log, store, 5), look % 3 === 0 ? "600 millis" : "1 minute")
          )
        }
      })
      const fiber = yield* Effect.forkChild(work)
      for (let turn = 0; turn < 2000 && fiber.pollUnsafe() === undefined; turn++) {
        yield* Effect.repeat(Effect.yieldNow, { times: 20 })
        yield* TestClock.adjust("200 millis")
      }
      yield* Fiber.join(fiber)
      return { kept, store }
    })

  it.effect.prop(
    "each message is booked once and each saving counted once, whatever befalls the inserts and wherever we die",
    { faults: Faults, runs: Runs },
    ({ faults, runs }) =>
      Effect.gen(function* () {
        const messages = Array.from({ length: 23 }, (_, i) =>
          i % 4 === 0 ? settledMessage(i + 1, settledOf(`s${i}`, 0.01)) : remark(i + 1)
        )
        const { kept, store } = yield* bookThrough(messages, faults, runs)
        assert.deepStrictEqual(
          kept.events.map(({ seq }) => seq),
          messages.map(({ seq }) => seq)
        )
        const told = yield* summary(store)
        assert.deepInclude(told, { events_in_ledger: 23, ledger_duplicates: 0, ledger_missing: 0, swaps_done: 6 })
        assert.closeTo(told.monthly_savings_usd, 6 * 0.01 * 730, 1e-9)
      }),
    { arbitrary: { runs: 60 } }
  )

  it.effect("an insert that nobody answered is sent again by the same life, and is booked once", () =>
    Effect.gen(function* () {
      const kept = memory()
      kept.faults.push("lost", "unanswered", "unanswered")
      const fiber = yield* Effect.forkChild(bookOnce(logOf([remark(1), remark(2)]), simulated(kept)))
      for (let i = 0; i < 5; i++) {
        yield* Effect.repeat(Effect.yieldNow, { times: 20 })
        yield* TestClock.adjust("500 millis")
      }
      assert.strictEqual(yield* Fiber.join(fiber), 2)
      assert.lengthOf(kept.events, 2)
    })
  )

  it.effect("what a bad disk took is booked again, and is not taken for the repeated insert that it looks like", () =>
    Effect.gen(function* () {
      const messages = Array.from({ length: 12 }, (_, i) => remark(i + 1))
      const kept = memory()
      const store = simulated(kept)
      const log = logOf(messages)
      while ((yield* bookOnce(log, store, 4)) > 0);
      kept.events.splice(4, 4)
      assert.deepStrictEqual(yield* store.ask(gaps, {}), [{ first: 5, last: 8 }])
      assert.strictEqual(yield* mend(log, store), 4)
      assert.deepInclude(yield* summary(store), { events_in_ledger: 12, ledger_missing: 0, ledger_duplicates: 0 })
    })
  )

  it.effect("a call without an outcome and a journal with a gap are told", () =>
    Effect.gen(function* () {
      const message = (seq: number, subject: string, body: unknown) =>
        stored(seq, subject, bytes(JSON.stringify({ v: 1, tag: "T", body })))
      const jrn = journalSubject("123456789012", "group-swap", "s1")
      const store = simulated(memory())
      yield* bookOnce(
        logOf([
          message(1, "evt.1.executor.call-begun.a", { call: "a" }),
          message(2, "evt.1.executor.call-ended.a", { call: "a", outcome: "unknown" }),
          message(3, "evt.1.executor.call-begun.b", { call: "b" }),
          message(4, jrn, { id: "s1", n: 1, phase: "Planned" }),
          message(5, jrn, { id: "s1", n: 3, phase: "Done" })
        ]),
        store
      )
      const told = yield* summary(store)
      assert.deepInclude(told, { mutating_calls: 2, unaudited: 1, unknown_outcomes: 1, journal_forks: 1 })
      assert.deepStrictEqual(told.sagas, { Done: 1 })
    })
  )
})
