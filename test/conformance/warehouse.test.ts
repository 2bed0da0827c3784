/** One contract for the warehouse in memory, the engine in this process and the engine behind HTTP; and kills. */
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { Effect, Fiber, Schema } from "effect"
import { layerEmbedded, layerHttp } from "../../actors/_ports/warehouse.live.ts"
import { layer as layerSim } from "../../actors/_ports/warehouse.sim.ts"
import { booked, extent, gaps, position, questions } from "../../actors/_ports/warehouse-questions.ts"
import { type Question, Warehouse } from "../../actors/_ports/warehouse.ts"
import { bookOnce, mend } from "../../actors/ledger/book.ts"
import { summary } from "../../actors/ledger/summary.ts"
import type { Stored } from "../../bus/bus.ts"
import { instant } from "../../schemas/ids.ts"
import { type Child, type ChildOptions, type Opened, opened, password, serveInChild } from "./warehouse-child.ts"
import { mayBeSkipped } from "./stand-ins.ts"

type Store = Warehouse["Service"]

// Near today: rows older than seven years are dropped by the tables themselves.
const now = Date.now()
const row = (seq: number, body = "{}", at = now) => ({
  seq,
  at,
  kind: "evt",
  account: "all",
  owner: "watcher",
  name: "thing-seen",
  about: `n${seq}`,
  subject: `evt.all.watcher.thing-seen.n${seq}`,
  body
})
const rows = (from: number, count: number) => Array.from({ length: count }, (_, i) => row(from + i))

const Text = Schema.Struct({ seq: Schema.Int, body: Schema.String, at: Schema.Int })
const between: Question<{ readonly from: number; readonly to: number }, typeof Text.Type> = {
  name: "between",
  sql: `SELECT seq, body, toUnixTimestamp64Milli(at) AS at FROM events
        WHERE seq BETWEEN {from:UInt64} AND {to:UInt64} ORDER BY seq`,
  gives: Text,
  over: ({ events }, { from, to }) =>
    events.filter(({ seq }) => seq >= from && seq <= to).map(({ seq, body, at }) => ({ seq, body, at }))
}
const echoed: Question<{ readonly text: string }, { readonly text: string }> = {
  name: "echoed",
  sql: "SELECT {text:String} AS text",
  gives: Schema.Struct({ text: Schema.String }),
  over: (_, { text }) => [{ text }]
}

const messagesOf = (from: number, count: number, at: (seq: number) => number = () => now): ReadonlyArray<Stored> =>
  Array.from({ length: count }, (_, i) => ({
    seq: from + i,
    subject: `evt.all.watcher.thing-seen.n${from + i}`,
    data: new TextEncoder().encode(JSON.stringify({ v: 1, tag: "ThingSeen", body: { seq: from + i } })),
    at: instant(at(from + i))
  }))
const logOf = (messages: ReadonlyArray<Stored>) => ({
  scan: (after: number, max: number) => Effect.succeed(messages.filter(({ seq }) => seq > after).slice(0, max))
})

/** What would break an insert that pastes: quotes, ends of statements and of lines, other alphabets, nothing, a lot. */
const hostile = [
  `it's "quoted" \\ and \\' escaped`,
  "a; DROP TABLE events;\n-- ",
  "\0\u0001\t\r\n",
  "naïve 漢字 🦊 \u2028 \ufffd",
  "{text:String}",
  "",
  "x".repeat(300_000)
]

const contract = (name: string, open: () => Promise<Opened>, hasSql: boolean) =>
  describe(`the warehouse ${name}`, () => {
    let store: Store
    let close: () => Promise<void> = async () => {}
    const count = (from: number, to: number) => Effect.map(store.ask(between, { from, to }), (all) => all.length)
    beforeAll(async () => {
      const one = await open()
      store = one.store
      close = one.close
      await Effect.runPromise(store.migrate)
    })
    afterAll(() => close())

    it.live("migrates twice", () => Effect.andThen(store.migrate, store.migrate))

    it.live("stands at 0 before the first row", () =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* store.ask(position, {}), [{ seq: 0, underWay: 0 }])
        assert.deepInclude(yield* summary(store), { events_in_ledger: 0, ledger_missing: 0, monthly_savings_usd: 0 })
      })
    )

    it.live("stores rows of one token once, whatever is inserted in between", () =>
      Effect.gen(function* () {
        yield* store.insert("events", rows(1, 50), "LOG:1-50")
        yield* store.insert("events", rows(51, 5), "LOG:51-55")
        yield* store.insert("events", rows(1, 50), "LOG:1-50")
        assert.strictEqual(yield* count(1, 60), 55)
      })
    )

    it.live("a token does not stay: later inserts without one, equal rows too, are all stored", () =>
      Effect.gen(function* () {
        yield* store.insert("events", rows(101, 2), "LOG:101-102")
        yield* store.insert("events", rows(103, 3), null)
        yield* store.insert("events", rows(103, 3), null)
        assert.strictEqual(yield* count(101, 110), 8)
      })
    )

    it.live("stores nothing of an insert with a bad row, and its token stays unused", () =>
      Effect.gen(function* () {
        const good = rows(201, 100)
        const { seq: _, ...rest } = row(300)
        for (const bad of [
          { ...row(301), seq: "x" },
          { ...row(301), colour: "red" },
          { ...row(301), body: null }
        ]) {
          const refused = yield* Effect.flip(
            store.insert("events", [...good, bad, { ...rest, seq: 302 }], "LOG:201-302")
          )
          assert.isNotNull(refused.code, refused.message)
          assert.strictEqual(yield* count(201, 310), 0)
        }
        yield* store.insert("events", good, "LOG:201-302")
        assert.strictEqual(yield* count(201, 310), 100)
      })
    )

    it.live("gives back what was put in, letter by letter and millisecond by millisecond", () =>
      Effect.gen(function* () {
        yield* store.insert(
          "events",
          hostile.map((body, i) => row(401 + i, body, now - i)),
          "LOG:401-410"
        )
        assert.deepStrictEqual(
          yield* store.ask(between, { from: 401, to: 410 }),
          hostile.map((body, i) => ({ seq: 401 + i, body, at: now - i }))
        )
      })
    )

    it.live("takes parameters as values, never as SQL", () =>
      Effect.gen(function* () {
        for (const text of hostile.slice(0, -1)) {
          assert.deepStrictEqual(yield* store.ask(echoed, { text }), [{ text }], JSON.stringify(text))
        }
      })
    )

    it.live("takes 10,000 rows at once", () =>
      Effect.gen(function* () {
        yield* store.insert("events", rows(10_001, 10_000), "LOG:10001-20000")
        assert.strictEqual(yield* count(10_001, 20_000), 10_000)
      })
    )

    it.live("names an unknown table by ClickHouse's code", () =>
      Effect.gen(function* () {
        assert.strictEqual((yield* Effect.flip(store.insert("nowhere", rows(1, 1), null))).code, "60")
      })
    )

    it.live("an insert of no rows is nothing, and so is no error", () => store.insert("events", [], "LOG:0-0"))

    it.live("books a log over the end of a month, once, and mends what was lost of it", () =>
      Effect.gen(function* () {
        const month = 31 * 24 * 3600 * 1000
        const [at] = yield* store.ask(position, {})
        const from = (at?.seq ?? 0) + 1
        const log = logOf(messagesOf(from, 1000, (seq) => now - (seq < from + 500 ? month : 0)))
        while ((yield* bookOnce(log, store, 300)) > 0);
        assert.strictEqual(yield* count(from, from + 999), 1000)
        // a hole behind the end: as if the part in between had been lost
        yield* store.insert("events", rows(from + 1010, 10), null)
        const whole = logOf(messagesOf(from, 1020))
        yield* mend(whole, store)
        assert.isFalse((yield* store.ask(gaps, {})).some(({ first }) => first >= from))
        assert.strictEqual(yield* count(from, from + 1019), 1020)
      })
    )

    if (hasSql) sqlContract(() => store)
  })

const sqlContract = (store: () => Store) => {
  const codeOf = (sql: string) => Effect.map(Effect.flip(store().query(sql)), ({ code }) => code)

  it.live(
    "an insert that is still running is seen by whoever asks for the position, and answers wait for no other",
    () =>
      Effect.gen(function* () {
        const many = Array.from({ length: 20_000 }, (_, i) => row(900_001 + i, "x".repeat(2000)))
        const fiber = yield* Effect.forkChild(store().insert("events", many, "LOG:900001-920000"))
        let seen = 0
        while (fiber.pollUnsafe() === undefined) {
          seen = Math.max(seen, (yield* store().ask(position, {}))[0]?.underWay ?? 0)
        }
        yield* Fiber.join(fiber)
        assert.strictEqual(seen, 1)
      })
  )

  it.live("says by code what is wrong with a question: 62 grammar, 60 table, 159 time, 396 length", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* codeOf("SELEC 1"), "62")
      assert.strictEqual(yield* codeOf("SELECT * FROM nowhere"), "60")
      assert.strictEqual(yield* codeOf("SELECT sum(sipHash64(number)) FROM numbers(100000000000)"), "159")
      assert.strictEqual(yield* codeOf("SELECT number FROM numbers(100001)"), "396")
      assert.deepStrictEqual(yield* store().query("SELECT 1 AS one"), [{ one: 1 }])
    })
  )

  it.live("stores an insert of 10,000 rows and many bytes as one part: whole or not at all", () =>
    Effect.gen(function* () {
      const many = Array.from({ length: 10_000 }, (_, i) => row(50_001 + i, "x".repeat(2000)))
      yield* store().insert("events", many, "LOG:50001-60000")
      const parts = yield* store().query("SELECT DISTINCT _part FROM events WHERE seq BETWEEN 50001 AND 60000")
      assert.lengthOf(parts, 1)
    })
  )

  it.live("answers our own questions as the arrays do", () =>
    Effect.gen(function* () {
      const other = (yield* Effect.promise(() => opened(layerSim()))).store
      const said = (seq: number, subject: string, body: object) => {
        const [kind = "", account = "", owner = "", name = "", about = ""] = subject.split(".")
        return { ...row(seq, JSON.stringify({ v: 1, tag: "T", body })), kind, account, owner, name, about, subject }
      }
      const events = [
        said(70_001, "evt.1.executor.call-begun.a", { call: "a", action: "ec2:RunInstances" }),
        said(70_002, "evt.1.executor.call-ended.a", { call: "a", outcome: "ok" }),
        said(70_003, "evt.1.executor.call-begun.b", { call: "b" }),
        said(70_004, "evt.1.executor.call-ended.c", { call: "c", outcome: "unknown" }),
        said(70_005, "evt.1.safety-enforcer.plan-approved.g", { proposal: "p" }),
        said(70_006, "evt.1.safety-enforcer.safe-alternative-found.g", { violations: [{ type: "a" }, { type: "b" }] }),
        said(70_007, "evt.1.safety-enforcer.proposal-rejected.g", { violations: [{ type: "a" }] }),
        said(70_008, "jrn.1.executor.swap.s1", { id: "s1", n: 1, phase: "Planned" }),
        said(70_009, "jrn.1.executor.swap.s1", { id: "s1", n: 2, phase: "Done" }),
        said(70_010, "jrn.1.executor.swap.s2", { id: "s2", n: 2, phase: "Intent" }),
        row(70_020, `{"undecodable":"not-json","text":"x"}`)
      ]
      const prices = { onDemandPerHour: 96_000, spotPerHour: 36_000, hourlySavings: 60_000, label: "gross" }
      const saved = [70_001, 70_002, 70_002].map((seq) => ({
        seq,
        at: now,
        tenant: "acme",
        account: "123456789012",
        swap: `s${seq}`,
        replacement: null,
        ...prices
      }))
      // both hold the same rows: all of ours, as ClickHouse gives them back
      yield* store().insert("events", events, "LOG:70001-70020")
      yield* store().insert("savings", saved, null)
      const everything = yield* store().query(
        "SELECT * REPLACE (toUnixTimestamp64Milli(at) AS at) FROM events WHERE length(body) < 100000 ORDER BY seq"
      )
      yield* other.insert("events", everything, null)
      yield* other.insert("events", [row(407, hostile.at(-1))], null)
      yield* other.insert("savings", saved, null)
      for (const question of questions) {
        const here = yield* store().ask<Record<string, never>, unknown>(question, {})
        assert.deepStrictEqual(here, yield* other.ask<Record<string, never>, unknown>(question, {}), question.name)
      }
      assert.deepInclude(yield* summary(store()), { swaps_done: 2, unaudited: 2, journal_forks: 1, undecodable: 1 })
    })
  )
}

contract("in memory", () => opened(layerSim()), false)

describe.skipIf(await mayBeSkipped("chdb"))("ClickHouse", () => {
  let folder: string
  const limits = { computeSecondsMax: 2 }
  const children: Array<Child> = []
  const child = async (name: string, options: ChildOptions = {}) => {
    const one = await serveInChild(join(folder, name), options)
    children.push(one)
    return one
  }
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "warehouse-"))
  })
  afterAll(async () => {
    await Promise.all(children.map((one) => one.kill9()))
    await rm(folder, { recursive: true, force: true })
  })

  contract("in this process", () => opened(layerEmbedded(join(folder, "embedded"), limits)), true)
  contract("behind HTTP", async () => opened(layerHttp((await child("http")).url, limits)), true)

  describe("what can go wrong", () => {
    it("the second process on a folder is told who has it", async () => {
      const first = await child("shared")
      const refused = await child("shared").catch((thrown: Error) => thrown)
      assert.instanceOf(refused, Error)
      assert.match(
        String(refused),
        new RegExp(`is in use by process ${first.pid}: end that process, or set CLICKHOUSE_URL`)
      )
      assert.strictEqual(await first.stop(), 0)
      await (await child("shared")).stop()
    })

    it("a spoilt folder, and a file in its place, are named with what to do", async () => {
      const whole = await child("spoilt")
      const { store, close } = await opened(layerHttp(whole.url))
      await Effect.runPromise(store.migrate)
      await close()
      await whole.stop()
      const files = await readdir(join(folder, "spoilt"), { recursive: true })
      const definition = files.find((name) => name.startsWith("store") && name.endsWith("events.sql"))
      await writeFile(join(folder, "spoilt", definition ?? "absent"), "no SQL at all")
      assert.match(String(await child("spoilt").catch(String)), /cannot be opened: move it away and start again/)
      await writeFile(join(folder, "file"), "")
      assert.match(String(await child("file").catch(String)), /cannot be made: choose another one/)
    })

    it("where the engine is not installed, the sentence says how to get one", async () => {
      const hook = `import { registerHooks } from "node:module"
        const resolve = (name, context, next) => {
          if (name.startsWith("chdb")) throw new Error("no such package")
          return next(name, context)
        }
        registerHooks({ resolve })`
      const absent = `data:text/javascript,${encodeURIComponent(hook)}`
      const why = String(await child("absent", { nodeArguments: ["--import", absent] }).catch(String))
      assert.match(
        why,
        /package chdb\) cannot be loaded: install it with `npm install --include=optional`, or set CLICKHOUSE_URL/
      )
    })

    it("nobody without the password is answered, and an absent server is an error without a code", async () => {
      const one = await child("locked")
      const wrong = await opened(layerHttp(one.url.replace(encodeURIComponent(password), "guess")))
      assert.strictEqual((await Effect.runPromise(Effect.flip(wrong.store.query("SELECT 1")))).code, "516")
      await one.kill9()
      const late = await opened(layerHttp(one.url))
      assert.isNull((await Effect.runPromise(Effect.flip(late.store.query("SELECT 1")))).code)
    })

    it("a setting sent with one request does not stay for the next", async () => {
      const one = await child("settings")
      const [base = "", token = ""] = [
        one.url.replace(/\/\/.*@/, "//"),
        Buffer.from(`default:${password}`).toString("base64")
      ]
      const ask = async (settings: string) => {
        const body = "SELECT value FROM system.settings WHERE name = 'max_threads' FORMAT TSV"
        const headers = { authorization: `Basic ${token}` }
        return (await fetch(`${base}/?${settings}`, { method: "POST", body, headers })).text()
      }
      assert.strictEqual((await ask("max_threads=1")).trim(), "1")
      assert.notStrictEqual((await ask("")).trim(), "1")
    })
  })

  it.live(
    "killed ten times amid inserts, it goes on by position: every message once, none missing",
    () =>
      Effect.gen(function* () {
        const total = 120_000
        const messages = messagesOf(1, total)
        const log = { scan: (after: number, max: number) => Effect.succeed(messages.slice(after, after + max)) }
        let one = yield* Effect.promise(() => child("killed"))
        const { store, close } = yield* Effect.promise(() => opened(layerHttp(one.url)))
        yield* store.migrate
        const positions: Array<number> = []
        for (let life = 0; life < 10; life++) {
          // other sizes each time: a life begins at boundaries that the one before did not have
          const booking = bookOnce(log, store, 700 + life * 50).pipe(Effect.repeat({ until: (n) => n === 0 }))
          const fiber = yield* Effect.forkChild(Effect.exit(booking))
          yield* Effect.sleep(60 + life * 37)
          yield* Effect.promise(one.kill9)
          // every other time the ledger dies with it; else it repeats the insert of which it heard nothing
          if (life % 2 === 1) yield* Fiber.interrupt(fiber)
          one = yield* Effect.promise(() => child("killed", { port: one.port }))
          if (life % 2 === 0) yield* Effect.sleep(900)
          yield* Fiber.interrupt(fiber)
          positions.push((yield* store.ask(extent, {}))[0]?.last ?? 0)
        }
        yield* Effect.repeat(bookOnce(log, store), { until: (n) => n === 0 })
        const [counts] = yield* store.ask(booked, {})
        assert.deepInclude(counts, { events: total, distinct: total, first: 1, last: total }, JSON.stringify(positions))
        assert.isEmpty(yield* store.ask(gaps, {}))
        // the kills fell amid the work, not before or after it
        assert.isAtLeast(new Set(positions.filter((at) => at > 0 && at < total)).size, 5, JSON.stringify(positions))
        yield* Effect.promise(close)
      }),
    90_000
  )
})
