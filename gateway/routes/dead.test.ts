/** What nobody could read: each tenant's own without a word of it, all of it to who runs the house, and heard again. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { Bus } from "../../bus/bus.ts"
import { ConnectAccount, connectAccount } from "../../schemas/account.ts"
import { identityChanged } from "../../schemas/identity.ts"
import { matches, redriveSubject } from "../../schemas/message.ts"
import { Redrive, redrive } from "../../schemas/redrive.ts"
import { swapOrdered } from "../../schemas/swap.ts"
import { anAccount, day, later, minute, noon } from "../../test/builders.ts"
import { oldOnboarderHears, onboarderHears } from "../../test/gateway/minds.ts"
import {
  type Asking,
  askOf,
  book,
  callerOf,
  head,
  refusal,
  say,
  saidAfter,
  stage
} from "../../test/gateway/rows-stage.ts"
import { connect, of, type Whose } from "../../test/gateway/tenants.ts"
import type { Caller } from "../caller.ts"
import { forWhom, shownTo } from "../shown/shown.ts"
import { operationsRoutes } from "./operations.ts"
import { systemRoutes } from "./system.ts"

const acme: Whose = { tenant: "acme", account: "111122223333", n: 1 }
const globex: Whose = { tenant: "globex", account: "999988887777", n: 2 }
const eve = callerOf("acme")
const gil = callerOf("globex", { name: "gil@example.com" })
const root = callerOf("house", { superAdmin: true, name: "root@example.com" })
const rootsKey = callerOf("house", { kind: "key", superAdmin: true })
const because = "the new version reads it"

const ask = (name: string, caller: Caller, asking: Asking = {}) =>
  askOf([...systemRoutes, ...operationsRoutes], name, caller, { now: noon, ...asking })
const listed = (caller: Caller, query: Asking["query"] = {}) =>
  Effect.map(ask("listDead", caller, { query }), ({ json }) => json.items as ReadonlyArray<any>)
const redriven = (seq: number, caller = root) =>
  ask("redriveDead", caller, { params: { seq: String(seq) }, body: { because } })
const fateOf = (command: string, caller = root) =>
  Effect.map(ask("getCommand", caller, { params: { id: command } }), ({ json }) => json)
const systemOf = (caller: Caller, now: number = noon) =>
  Effect.map(ask("getSystem", caller, { now }), ({ json }) => json)

/** Puts aside, under a consumer's name, what was just said with these bytes. */
const bury = (consumer: string, reason: string, subject: string, text: string) =>
  Effect.gen(function* () {
    const bus = yield* Bus
    const { seq } = yield* bus.append([{ subject, data: new TextEncoder().encode(text) }])
    const [stored] = yield* bus.scan(seq - 1, 1)
    if (stored === undefined) return yield* Effect.die(new Error("it was not stored"))
    yield* bus.bury(stored, consumer, reason)
    return seq
  }).pipe(Effect.orDie)

const wish = () => {
  const { status: _s, reason: _r, since: _t, ...rest } = anAccount({ ...of(acme), name: "the second" })
  return new ConnectAccount({ ...rest, reconnects: true })
}

layer(stage())("what nobody could read", (it) => {
  it.effect("is shown to whose account it is, by a word, and all of it to who runs the house in person", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(noon)
      for (const whose of [acme, globex]) {
        yield* connect(whose)
        yield* bury(
          "discovery",
          `not-json: Unexpected token in "secret of ${whose.tenant}"`,
          `evt.${whose.account}.discovery.group-seen.g`,
          `{"secret of ${whose.tenant}"\u0000\u202e`
        )
      }
      yield* bury("risk-manager", "unknown-type: x", "evt.all.price-watcher.pool-priced.p", "x")
      yield* book
      const mine = yield* listed(eve)
      assert.deepStrictEqual(
        mine.map(({ consumer, reason, subject, head: none }) => [consumer, reason, subject, none]),
        [["discovery", "not-json", `evt.${acme.account}.discovery.group-seen.g`, null]]
      )
      const theirs = yield* listed(gil)
      assert.notMatch(JSON.stringify([mine, theirs]), /secret/)
      assert.strictEqual(theirs[0]?.subject, `evt.${globex.account}.discovery.group-seen.g`)
      assert.isEmpty(yield* listed(rootsKey), "a key is of one tenant")
      assert.isEmpty(yield* listed(eve, { account: globex.account }))
      const all = yield* listed(root)
      assert.deepStrictEqual(
        all.map(({ seq }) => seq),
        [3, 2, 1]
      )
      const [, other] = all
      assert.strictEqual(Buffer.from(other.head.base64, "base64").toString(), `{"secret of globex"\u0000\u202e`)
      assert.strictEqual(other.head.text, `{"secret of globex"··`)
      assert.match(other.reason, /secret of globex/)
      assert.lengthOf(yield* listed(root, { account: globex.account }), 1)
    })
  )

  it.effect("comes newest first, page by page, each once, and as of a moment only what lay there then", () =>
    Effect.gen(function* () {
      const whole = yield* listed(root)
      const pages: Array<unknown> = []
      let cursor: string | null | undefined
      while (cursor !== null) {
        const query: Record<string, string> = cursor === undefined ? { limit: "1" } : { limit: "1", cursor }
        const { json } = yield* ask("listDead", root, { query })
        pages.push(...json.items)
        cursor = json.nextCursor
      }
      assert.deepStrictEqual(pages, whole)
      assert.lengthOf(yield* listed(root, { q: "globex discovery" }), 1)
      const at = yield* head
      yield* TestClock.setTime(later(noon, minute))
      yield* bury("risk-manager", "unknown-type: y", "evt.all.price-watcher.pool-priced.p", "y")
      yield* book
      assert.lengthOf(yield* listed(root), 4)
      assert.deepStrictEqual(yield* listed(root, { at: String(at) }), whole)
    })
  )

  it.effect("is counted for a day, of what the caller may see", () =>
    Effect.gen(function* () {
      const counted = (now: number) =>
        Effect.map(Effect.all([systemOf(eve, now), systemOf(root, now)]), (views) => views.map(({ dead }) => dead))
      assert.deepStrictEqual(yield* counted(later(noon, 2 * minute)), [1, 4])
      assert.deepStrictEqual(yield* counted(later(noon, day)), [0, 1])
      assert.deepStrictEqual(yield* counted(later(noon, 2 * day)), [0, 0])
    })
  )

  it.effect("is heard again once whom it was for can read it, and what came of that is its order's answer", () =>
    Effect.gen(function* () {
      const order = yield* say(connectAccount, wish())
      yield* oldOnboarderHears
      yield* book
      const [letter] = yield* listed(root)
      assert.deepInclude(letter, { consumer: "onboarder", logSeq: order, canBeHeardAgain: true })
      const { json: first } = yield* redriven(letter.seq)
      assert.strictEqual((yield* fateOf(first.command)).status, "accepted")
      // whoever still cannot read it changes nothing
      yield* oldOnboarderHears
      assert.strictEqual((yield* fateOf(first.command)).status, "no-change")
      const { json: second } = yield* redriven(letter.seq)
      yield* onboarderHears
      const fate = yield* fateOf(second.command)
      // the fact is acme's: that there is one is all that somebody else hears of it
      assert.deepInclude(fate, { status: "answered", name: "redrive", about: String(order), facts: [] })
      yield* book
      assert.strictEqual((yield* fateOf(second.command)).status, "answered")
      const facts = (yield* saidAfter(second.seq)).map((one) => forWhom(one).view)
      assert.deepStrictEqual(
        facts.map(({ name, cause }) => [name, cause]),
        [["account-connected", order]]
      )
    })
  )

  it.effect("is asked for on record, in words, and seen by nobody but who asked", () =>
    Effect.gen(function* () {
      const from = yield* head
      const [letter] = yield* listed(root)
      const { json } = yield* redriven(letter.seq)
      const said = yield* saidAfter(from)
      assert.deepStrictEqual(
        said.map(({ seq, subject }) => [
          seq,
          matches(identityChanged.filter, subject),
          subject === redriveSubject("onboarder", letter.logSeq)
        ]),
        [
          [from + 1, true, false],
          [json.seq, false, true]
        ]
      )
      for (const one of said) {
        const view = shownTo("house", () => undefined, one)
        assert.match(
          view?.says ?? "",
          /again.* by onboarder.*: the new version reads it\.$|^onboarder is to hear .*root@/
        )
        for (const tenant of ["acme", "globex"]) assert.isUndefined(shownTo(tenant, () => "acme", one))
      }
      assert.strictEqual((yield* refusal(ask("getCommand", eve, { params: { id: json.command } }))).status, 404)
    })
  )

  it.effect("is not heard again by who hears no redrives, nor where there is nothing", () =>
    Effect.gen(function* () {
      const bus = yield* Bus
      const swaps = { name: "executor", filters: [swapOrdered.filter], inFlightMax: 1, ackWaitMs: minute }
      yield* Effect.scoped(bus.hear(swaps))
      yield* bury("executor", "forged: no signature", `cmd.${acme.account}.executor-00.swap-ordered.s`, "{}")
      const from = yield* head
      const [letter] = yield* listed(root)
      assert.deepInclude(letter, { consumer: "executor", canBeHeardAgain: false })
      const no = yield* refusal(redriven(letter.seq))
      assert.deepStrictEqual([no.status, no.detail.includes("executor hears no message a second time")], [409, true])
      assert.strictEqual((yield* refusal(redriven(letter.seq + 1))).status, 404)
      assert.strictEqual(yield* head, from, "nothing was said")
    })
  )

  it.effect("stands beside who hears what, which names no account", () =>
    Effect.gen(function* () {
      const { consumers } = yield* systemOf(eve)
      const names = consumers.map(({ name }: { name: string }) => name)
      assert.deepStrictEqual(names, names.toSorted())
      assert.includeMembers(names, ["executor", "onboarder"])
      for (const { filter } of consumers) assert.match(filter, /^(evt|cmd)\.\*\./)
      const waiting = consumers.find(({ name }: { name: string }) => name === "executor")
      assert.deepInclude(waiting, { pending: 1, open: 0, redelivered: 0 })
    })
  )

  it.effect("an order that says another thing than its subject is told to nobody", () =>
    Effect.gen(function* () {
      const order = new Redrive({ tenant: of(acme).tenant, actor: "onboarder", seq: 7, because, by: "eve" })
      const seq = yield* say({ ...redrive, subject: () => redriveSubject("onboarder", 8) }, order)
      const [stored] = yield* Bus.use((bus) => bus.scan(seq - 1, 1))
      assert.isDefined(stored)
      assert.isUndefined(shownTo("acme", () => "acme", stored))
      assert.match(forWhom(stored).view.says, /^could not be read/)
    })
  )
})
