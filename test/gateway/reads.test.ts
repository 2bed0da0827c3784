/** What happened, as it is asked for over a real ledger: complete, fresh, as of any moment, and nobody else's. */
import { assert, it, layer } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { ledgerRowOf } from "../../actors/ledger/policy.ts"
import { Warehouse } from "../../actors/_ports/warehouse.ts"
import { abortSwap, Desk, policySet, PolicySet, retrySwap, StopSet, stopSet } from "../../schemas/approval.ts"
import { setStop, SetStop } from "../../schemas/policy.ts"
import { GroupRef } from "../../schemas/group.ts"
import { AccountId, instant, TenantId } from "../../schemas/ids.ts"
import { stepsOf } from "../../schemas/steps.ts"
import { anOpenPlan, aPolicy, digest, noon } from "../builders.ts"
import { storedOf } from "../../gateway/history/logged.ts"
import { forWhom } from "../../gateway/shown/shown.ts"
import { acme, allPages, ask, globex, sayEnd, sayEverything, saySwap, swapOf } from "./reads-stage.ts"
import { book, head, saidAt, say, stage, stated } from "./rows-stage.ts"
import { journalOf, sayEntry, wholeJourney } from "./swaps.ts"
import { deskOf } from "./tenants.ts"

type Said = Effect.Success<typeof sayEverything>
let said: Said
const lists = ["listEvents", "listSagas", "listOptimizations", "listAudit", "listLedger", "listAttention"]
const status = (asked: Effect.Effect<any, { readonly status: number }, any>) =>
  Effect.map(Effect.flip(asked), (refused) => refused.status)

/** The views hear of what was said a moment later. */
const viewed = Effect.gen(function* () {
  for (let look = 0; look < 100; look++) {
    yield* Effect.sleep("20 millis")
    const { projections } = yield* ask("getSystem", acme)
    if (projections.every(({ behind }: { readonly behind: number }) => behind === 0)) break
  }
})

const Bytes = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 })))
it.prop("what cannot be read is told off the ledger as it is off the log", { data: Bytes }, ({ data }) => {
  const subject = "evt.111122223333.discovery.group-seen.x"
  const stored = { seq: 7, subject, data: Uint8Array.from(data), at: noon }
  const { body, at: ms } = ledgerRowOf(stored)
  assert.deepStrictEqual(forWhom(storedOf({ seq: 7, ms, subject, body })), forWhom(stored))
})

layer(stage(), { excludeTestServices: true, timeout: 60_000 })("over a real ledger", (it) => {
  it.effect("everything is said and booked", () =>
    Effect.gen(function* () {
      said = yield* sayEverything
      yield* book
      yield* viewed
      assert.strictEqual((yield* ask("listSagas", acme)).items.length, 4)
    })
  )

  it.effect("an answer to one tenant holds no word of another", () =>
    Effect.gen(function* () {
      const about = (name: string) => ({
        getSaga: [swapOf(acme, name), swapOf(globex, name)],
        getTrace: [swapOf(acme, name), swapOf(globex, name), digest("b"), "i-0000000000000065", "7", "40"]
      })
      for (const [whose, foreign] of [
        [acme, /globex|999988887777/],
        [globex, /acme|111122223333/]
      ] as const) {
        for (const name of [...lists, "getSummary", "getSavings", "verifyLedger", "getSystem"]) {
          const query = name === "getSystem" || name === "verifyLedger" ? {} : { account: whose.account }
          for (const asked of [{}, query]) {
            const reply = JSON.stringify(yield* ask(name, whose, { query: asked }))
            assert.notMatch(reply, foreign, name)
          }
        }
        for (const [name, ids] of Object.entries(about("done"))) {
          for (const id of ids) {
            const reply = yield* Effect.result(ask(name, whose, { params: { id } }))
            assert.notMatch(JSON.stringify(reply).replaceAll(id, ""), foreign, `${name} ${id}`)
          }
        }
      }
    })
  )

  it.effect("of another tenant's account there is nothing, whoever asks for it by name", () =>
    Effect.gen(function* () {
      for (const name of lists) {
        const query = { account: globex.account }
        assert.isEmpty((yield* ask(name, acme, { query })).items, name)
      }
      const [call] = (yield* ask("listAudit", globex)).items
      assert.strictEqual(yield* status(ask("getSaga", acme, { params: { id: swapOf(globex, "done") } })), 404)
      assert.strictEqual(yield* status(ask("getAudit", acme, { params: { id: call.call } })), 404)
      assert.strictEqual(yield* status(ask("getCommand", acme, { params: { id: String(said.others.command) } })), 404)
      assert.isEmpty((yield* ask("getTrace", acme, { params: { id: swapOf(globex, "done") } })).hops)
    })
  )

  it.effect("pages of any size hold each item once, in the order of the whole", () =>
    Effect.gen(function* () {
      for (const [name, query, limit] of [
        ["listEvents", {}, 7],
        ["listEvents", { q: "swap done" }, 2],
        ["listEvents", { severity: "critical" }, 1],
        ["listSagas", {}, 1],
        ["listSagas", { status: "ended" }, 1],
        ["listOptimizations", {}, 2],
        ["listAudit", {}, 1],
        ["listLedger", {}, 1],
        ["listAttention", {}, 1]
      ] as const) {
        const whole = yield* allPages(name, acme, query, 500)
        const pieces = yield* allPages(name, acme, query, limit)
        assert.isNotEmpty(whole, `${name} ${JSON.stringify(query)}`)
        assert.deepStrictEqual(pieces, whole, `${name} ${JSON.stringify(query)}`)
      }
    })
  )

  it.effect("events are those that are asked for, newest first, told in words", () =>
    Effect.gen(function* () {
      const events = yield* allPages("listEvents", acme, {}, 100)
      const seqs = events.map(({ seq }) => seq)
      assert.deepStrictEqual(
        seqs,
        seqs.toSorted((a, b) => b - a)
      )
      assert.isEmpty(events.filter(({ says }) => /could not be read|undefined/.test(says)))
      assert.isNotEmpty(events.filter(({ name }) => name === "identity-changed"))
      const count = (of: (event: any) => boolean) => events.filter(of).length
      for (const [query, of] of [
        [{ name: "swap-settled" }, (e: any) => e.name === "swap-settled"],
        [{ owner: "approval-desk" }, (e: any) => e.owner === "approval-desk"],
        [{ about: swapOf(acme, "done") }, (e: any) => e.about === swapOf(acme, "done")],
        [{ severity: "good" }, (e: any) => e.severity === "good"],
        [{ severity: "critical" }, (e: any) => e.severity === "critical"],
        [{ severity: "warning" }, (e: any) => e.severity === "warning"],
        [{ account: acme.account, name: "swap-ordered" }, (e: any) => e.name === "swap-ordered"],
        [{ region: "eu-west-1" }, () => false]
      ] as const) {
        const found = yield* allPages("listEvents", acme, query, 50)
        assert.strictEqual(found.length, count(of), JSON.stringify(query))
        assert.isTrue(found.every(of), JSON.stringify(query))
      }
    })
  )

  it.effect("a swap is shown with its steps, its calls and its group's capacity", () =>
    Effect.gen(function* () {
      const saga = yield* ask("getSaga", acme, { params: { id: swapOf(acme, "done") } })
      assert.deepInclude(saga, { status: "done", stepIndex: 10, stepCount: 10, hourlySavings: 61_000 })
      assert.strictEqual(saga.entries.length, wholeJourney.length)
      assert.isTrue(saga.steps.every(({ status: is }: { status: string }) => is === "done"))
      const launch = saga.steps.find(({ step }: { step: string }) => step === "launch")
      assert.deepStrictEqual(
        launch.calls.map(({ outcome }: { outcome: string }) => outcome),
        ["ok"]
      )
      assert.deepStrictEqual(saga.capacity[0], { at: noon, desired: 12, inService: 12 })
      const back = yield* ask("getOptimization", acme, { params: { id: swapOf(acme, "back") } })
      assert.deepInclude(back, { status: "undone", stepIndex: 0, replacement: null })
      assert.strictEqual(back.steps.length, stepsOf("group-swap").length + 3)
    })
  )

  it.effect("as of a sequence everything is as it was then", () =>
    Effect.gen(function* () {
      const { seqs } = said.own.done
      for (const i of [0, 4, 9, seqs.length - 1]) {
        const at = String(seqs[i])
        const saga = yield* ask("getSaga", acme, { params: { id: swapOf(acme, "done") }, query: { at } })
        assert.strictEqual(saga.entries.length, i + 1)
        assert.strictEqual(saga.asOf, seqs[i])
        const [listed] = (yield* ask("listSagas", acme, { query: { at } })).items
        const { move: _m, steps: _s, entries: _e, capacity: _c, asOf: _a, ...view } = saga
        assert.deepStrictEqual(listed, view)
        const events = yield* ask("listEvents", acme, { query: { at, limit: "1" } })
        assert.strictEqual(events.items[0].seq, seqs[i])
      }
    })
  )

  it.effect("what the ledger has not booked yet is there all the same, and the same once it has", () =>
    Effect.gen(function* () {
      const { order, entries } = said.own.run
      const rest = journalOf(acme, order, wholeJourney).slice(entries.length)
      const [first] = rest
      assert.isDefined(first)
      for (const entry of rest) yield* sayEntry(entry)
      yield* sayEnd(acme, order, "done")
      const young = yield* saySwap(acme, "young", 5, wholeJourney.slice(0, 3))
      const look = Effect.gen(function* () {
        const sagas = yield* ask("listSagas", acme)
        const saga = yield* ask("getSaga", acme, { params: { id: order.move.swap } })
        const running = yield* ask("listSagas", acme, { query: { status: "running" } })
        const events = yield* ask("listEvents", acme, { query: { limit: "30" } })
        const audit = yield* ask("listAudit", acme)
        return { sagas, saga, running, events, audit }
      })
      const before = yield* look
      assert.deepStrictEqual(
        before.running.items.map(({ id }: { id: string }) => id),
        [young.order.move.swap]
      )
      assert.strictEqual(before.saga.status, "done")
      assert.strictEqual(before.events.items[0].seq, young.seqs.at(-1))
      assert.strictEqual(before.sagas.asOf, young.seqs.at(-1))
      yield* book
      assert.deepStrictEqual(yield* look, before)
    })
  )

  it.effect("a trace holds what a swap came from and led to, and nothing of its siblings", () =>
    Effect.gen(function* () {
      const id = swapOf(acme, "done")
      const { hops, isCutOff } = yield* ask("getTrace", acme, { params: { id } })
      const names = new Set(hops.map(({ event }: any) => event.name))
      assert.isFalse(isCutOff)
      for (const name of ["spot-proposed", "plan-opened", "swap-ordered", "group-swap", "call-begun", "swap-settled"]) {
        assert.isTrue(names.has(name), name)
      }
      const swaps = hops
        .map(({ event }: any) => event.correlation)
        .filter((one: string | null) => one?.startsWith("acme-"))
      // `run` was ordered on the end of `done`
      assert.deepStrictEqual([...new Set(swaps)].toSorted(), [id, swapOf(acme, "run")])
      const settled = hops.find(({ event }: any) => event.seq === said.own.doneSeq)
      const noted = hops.find(({ event }: any) => event.name === "swap-noted" && event.cause === said.own.doneSeq)
      assert.strictEqual(noted.depth, settled.depth + 1)
      const whole = yield* ask("getTrace", acme, { params: { id: digest("b") } })
      for (const name of ["done", "back", "stuck", "run"]) {
        assert.isTrue(
          whole.hops.some(({ event }: any) => event.correlation === swapOf(acme, name)),
          name
        )
      }
      const instance = yield* ask("getTrace", acme, { params: { id: said.own.done.order.move.old } })
      assert.isTrue(instance.hops.some(({ event }: any) => event.correlation === id))
      assert.isTrue(instance.hops.some(({ event }: any) => event.name === "spot-interrupted"))
    })
  )

  it.effect("an order is accepted, then answered; or changed nothing, once who was asked has gone past it", () =>
    Effect.gen(function* () {
      const stop = { stop: "run" as const, by: "somebody", because: "it is over", at: noon }
      const { tenant, account } = said.own.done.order
      const asked = yield* say(setStop, new SetStop({ tenant, account, ...stop }))
      const params = { id: String(asked) }
      const command = () => ask("getCommand", acme, { params })
      const later = () => ask("getCommand", acme, { params, now: Date.now() + 60_000 })
      const answer = (cause: number) =>
        Effect.gen(function* () {
          const about = { tenant: TenantId.make(acme.tenant), account: AccountId.make(acme.account) }
          const fact = new PolicySet({ ...about, policy: aPolicy(), by: "somebody", at: noon })
          yield* say(policySet, fact, undefined, { cause })
        })
      assert.strictEqual((yield* command()).status, "accepted")
      assert.strictEqual((yield* later()).status, "accepted")
      yield* answer(asked + 1)
      assert.strictEqual((yield* command()).status, "accepted")
      assert.strictEqual((yield* later()).status, "no-change")
      yield* book
      assert.strictEqual((yield* later()).status, "no-change")
      yield* answer(asked)
      const answered = yield* command()
      assert.strictEqual(answered.status, "answered")
      assert.strictEqual(answered.facts[0].name, "policy-set")
      const swap = yield* ask("getCommand", acme, { params: { id: String(said.own.done.seq) } })
      assert.deepInclude(swap, { status: "answered", name: "swap-ordered" })
      for (const id of ["0", "x", "999999", String(said.own.doneSeq), "1e3"]) {
        assert.strictEqual(yield* status(ask("getCommand", acme, { params: { id } })), 404, id)
      }
    })
  )

  it.effect("one swap is taken back as long as it can turn; another tenant's is not there", () =>
    Effect.gen(function* () {
      const abort = (name: string, whose = globex) =>
        ask("abortSaga", globex, { params: { id: swapOf(whose, name) }, body: { because: "it looks wrong to me" } })
      const before = yield* head
      for (const name of ["done", "back", "stuck"]) assert.strictEqual(yield* status(abort(name)), 409, name)
      assert.strictEqual(yield* status(abort("run", acme)), 404)
      assert.strictEqual(yield* head, before)
      const { seq } = yield* abort("run")
      const wish = yield* saidAt(abortSwap, seq)
      const { order } = said.others.run
      assert.deepStrictEqual([wish.swap, wish.group, wish.hash], [order.move.swap, order.group, order.plan])
      assert.deepStrictEqual([wish.tenant, wish.because], ["globex", "it looks wrong to me"])
    })
  )

  it.effect("a stuck swap goes on where something may be begun; another tenant's is not there", () =>
    Effect.gen(function* () {
      const retry = (name: string, whose = globex) =>
        ask("retrySaga", globex, { params: { id: swapOf(whose, name) }, body: { because: "the role is mended" } })
      const { order } = said.others.stuck
      const { at } = yield* ask("getSaga", globex, { params: { id: order.move.swap } })
      const { tenant, account, region, group, plan: hash, move } = order
      const one = { swap: move.swap, zone: move.pool.zone, alone: false, stuck: true, stuckAt: instant(at) }
      const plan = anOpenPlan({ ref: new GroupRef({ tenant, account, region, group }), hash, inFlight: [one] })
      const desk = (stop: "run" | "pause") =>
        Effect.andThen(
          say(
            stopSet,
            new StopSet({ tenant, account, stop, by: "ann", because: "a drill", at: noon }),
            stated(deskOf(globex, [plan], { stop }), Desk)
          ),
          viewed
        )
      for (const name of ["done", "back", "run", "stuck"]) assert.strictEqual(yield* status(retry(name)), 409, name)
      assert.strictEqual(yield* status(retry("stuck", acme)), 404)
      yield* desk("pause")
      assert.strictEqual(yield* status(retry("stuck")), 409, "stopped")
      yield* desk("run")
      const { seq } = yield* retry("stuck")
      const wish = yield* saidAt(retrySwap, seq)
      assert.deepInclude(wish, { tenant, account, group, hash, swap: move.swap, stuckAt: at })
      assert.deepInclude(wish, { because: "the role is mended" })
    })
  )

  it.effect("the audit holds each call of the tenant once, as the ledger's own view joins it", () =>
    Effect.gen(function* () {
      yield* book
      const calls = yield* allPages("listAudit", acme, {}, 2)
      const rows = yield* Warehouse.use((store) =>
        store.query("SELECT call, action, saga, outcome FROM calls WHERE account = {account:String} ORDER BY call", {
          account: acme.account
        })
      )
      const of = ({ call, action, saga, outcome }: any) => ({ call, action, saga, outcome: outcome ?? "" })
      assert.deepStrictEqual(
        calls.map(of).toSorted((a, b) => (a.call < b.call ? -1 : 1)),
        rows.map(of)
      )
      const open = calls.find(({ outcome }) => outcome === null)
      assert.deepInclude(open, { saga: swapOf(acme, "run"), endedAt: null })
      assert.deepStrictEqual(yield* ask("getAudit", acme, { params: { id: open.call } }), open)
      const own = yield* ask("listAudit", acme, { query: { saga: swapOf(acme, "done"), outcome: "ok" } })
      assert.lengthOf(own.items, 1)
    })
  )
})
