/** Accounts, groups and instances as they are told, and what it takes to connect an account and to raise its mode. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { anAccount, day, hour, later, noon, zone } from "../../test/builders.ts"
import { sayDesk } from "../../test/gateway/desks.ts"
import {
  ask,
  book,
  callerOf,
  head,
  refusal,
  saidAfter,
  saidAt,
  say,
  stage,
  stated
} from "../../test/gateway/rows-stage.ts"
import { sayMarket } from "../../test/gateway/small-market.ts"
import {
  connect,
  groupIn,
  openOf,
  planOf,
  refOf,
  sayAlone,
  sayPending,
  type Whose
} from "../../test/gateway/tenants.ts"
import { Account, AccountMarked, accountMarked, connectAccount } from "../../schemas/account.ts"
import { groupSeen, groupToken } from "../../schemas/group.ts"
import { AccountId } from "../../schemas/ids.ts"
import { identityChanged } from "../../schemas/identity.ts"
import { lookAgain } from "../../schemas/proposal.ts"
import { tokensOf } from "../../schemas/message.ts"
import { Vault } from "../identity/vault.ts"

const whose: Whose = { tenant: "acme", account: "111122223333", n: 1 }
const quiet: Whose = { tenant: "acme", account: "222233334444", n: 2 }
const eve = callerOf("acme")
const adam = callerOf("acme", { id: "u_0000000000000002", name: "adam@example.com" })
const because = "the canary has baked for a week"
const mode = (to: string, of = quiet) => ({ params: { account: of.account }, body: { mode: to, because } })

/** What was ordered since a sequence, by name. */
const namesAfter = (seq: number) =>
  Effect.map(saidAfter(seq), (all) => all.map(({ subject }) => tokensOf(subject)?.name))

layer(stage())("fleet", (it) => {
  it.effect("an account tells how it stands, what runs in it, and hides all but four letters of its ExternalId", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(noon)
      yield* sayMarket("someone")
      yield* connect(whose)
      const { plan } = yield* sayPending(whose)
      yield* sayAlone(whose)
      yield* sayDesk(whose, [openOf(plan)])
      yield* connect(quiet, "recommend")
      yield* book
      const { json, etag } = yield* ask("listAccounts", eve)
      const [first] = json.items
      assert.deepInclude(first, {
        account: whose.account,
        mode: "act",
        groups: 2,
        instances: 13,
        spot: 2,
        stop: "pause"
      })
      assert.deepInclude(first, { policyVersion: 3, externalIdEndsWith: "acme" })
      assert.notInclude(JSON.stringify(json), "ext-acme")
      assert.lengthOf(first.sweeps, 1)
      assert.strictEqual((yield* ask("listAccounts", eve)).etag, etag)
      assert.lengthOf((yield* ask("listAccounts", eve, { query: { region: "eu-west-1" } })).json.items, 0)
    })
  )

  it.effect("a group tells its composition, why it is as it is, and what it costs as it is and all on demand", () =>
    Effect.gen(function* () {
      const { json } = yield* ask("listGroups", eve, { query: { account: whose.account } })
      const [tiny, web] = json.items
      assert.deepInclude(tiny, { group: "tiny", because: "too-small", proposedMonthlySavings: 0 })
      assert.include(tiny.details, "with 10 vCPU in all one could move")
      assert.deepInclude(web, { group: "web", because: "awaiting-approval", spot: 2, onDemand: 10, inService: 12 })
      assert.strictEqual(web.details, "3 moves wait for a person's yes and would save $133.59 a month")
      assert.deepInclude(web, { hourlyCost: 10 * 96_000 + 2 * 35_000, hourlyOnDemand: 12 * 96_000 })
      assert.deepStrictEqual(
        web.zones.map(({ spot, onDemand }: { spot: number; onDemand: number }) => spot + onDemand),
        [4, 4, 4]
      )
      const { json: detail } = yield* ask("getGroup", eve, { params: { id: web.id } })
      assert.lengthOf(detail.members, 12)
    })
  )

  it.effect("one unknown price makes a group's cost unknown, never too small", () =>
    Effect.gen(function* () {
      yield* say(groupSeen, groupIn(quiet, "odd", { product: "rhel" }))
      yield* book
      const { json } = yield* ask("getGroup", eve, { params: { id: groupToken(refOf(quiet, "odd")) } })
      assert.deepStrictEqual([json.hourlyCost, json.hourlyOnDemand, json.because], [null, null, "unseen"])
    })
  )

  it.effect(
    "instances carry their pool's state; a score over an hour old is none, and a quarantine ends by itself",
    () =>
      Effect.gen(function* () {
        const id = { params: { id: groupIn(whose, "web").members[4]?.instance } }
        const { json } = yield* ask("getInstance", eve, id)
        assert.deepInclude(json, { pool: "use1-az3_m5_large_linux", gate: "poisoned", lifecycle: "on-demand" })
        const other = { params: { id: groupIn(whose, "web").members[0]?.instance } }
        assert.strictEqual((yield* ask("getInstance", eve, other)).json.safetyScore, 0.95)
        yield* TestClock.setTime(later(noon, 2 * hour))
        assert.isNull((yield* ask("getInstance", eve, other)).json.safetyScore)
        yield* TestClock.setTime(later(noon, 16 * day))
        assert.strictEqual((yield* ask("getInstance", eve, id)).json.gate, "open")
        yield* TestClock.setTime(noon)
        const spot = yield* ask("listInstances", eve, { query: { lifecycle: "spot", group: "web" } })
        assert.lengthOf(spot.json.items, 2)
      })
  )

  it.effect("the only person of a tenant raises a mode alone; it is written down who did, and why", () =>
    Effect.gen(function* () {
      const before = yield* head
      const { json } = yield* ask("setAccountMode", eve, { ...mode("act"), now: noon })
      assert.isNull(json.awaiting)
      const change = yield* saidAt(identityChanged, before + 1)
      assert.deepInclude({ ...change }, { what: "mode-changed", by: eve.name, details: `recommend -> act: ${because}` })
      assert.strictEqual(json.seq, before + 2)
    })
  )

  it.effect("of two people each needs the other to raise to act; one wish raises once, and only for a day", () =>
    Effect.gen(function* () {
      const vault = yield* Vault
      for (const { id } of [eve, adam]) yield* vault.put(`user.${id}`, { tenant: "acme", status: "active" }, 0)
      const before = yield* head
      const first = yield* ask("setAccountMode", eve, { ...mode("act"), now: noon })
      assert.strictEqual(first.json.awaiting, "second-person")
      const again = yield* ask("setAccountMode", eve, { ...mode("act"), now: later(noon, hour) })
      assert.strictEqual(again.json.awaiting, "second-person")
      assert.notInclude(yield* namesAfter(before), connectAccount.name)
      const late = yield* ask("setAccountMode", adam, { ...mode("act"), now: later(noon, day) })
      assert.strictEqual(late.json.awaiting, "second-person")
      assert.notInclude(yield* namesAfter(before), connectAccount.name)
      const second = yield* ask("setAccountMode", eve, { ...mode("act"), now: later(noon, day + hour) })
      assert.isNull(second.json.awaiting)
      assert.strictEqual((yield* namesAfter(before)).filter((name) => name === connectAccount.name).length, 1)
      const third = yield* ask("setAccountMode", adam, { ...mode("act"), now: later(noon, day + hour) })
      assert.strictEqual(third.json.awaiting, "second-person")
      yield* vault.put("user.u_third", { tenant: "acme", status: "active" }, 0)
      const { revision = 0 } = (yield* vault.get(`user.${adam.id}`)) ?? {}
      yield* vault.put(`user.${adam.id}`, { tenant: "acme", status: "disabled" }, revision)
      const alone = yield* ask("setAccountMode", eve, { ...mode("act"), now: later(noon, day + hour) })
      assert.strictEqual(alone.json.awaiting, "second-person")
      const disabled = yield* vault.get(`user.${adam.id}`)
      yield* vault.put(`user.${adam.id}`, { tenant: "acme", status: "active" }, disabled?.revision ?? 0)
    })
  )

  it.effect("lowering a mode needs nobody else, and takes back what was wished", () =>
    Effect.gen(function* () {
      yield* ask("setAccountMode", eve, { ...mode("act"), now: noon })
      const { json } = yield* ask("setAccountMode", adam, { ...mode("observe"), now: noon })
      assert.isNull(json.awaiting)
      const after = yield* ask("setAccountMode", adam, { ...mode("act"), now: noon })
      assert.strictEqual(after.json.awaiting, "second-person")
    })
  )

  it.effect("a mode is not lowered under a swap that is under way: turning back takes calls too", () =>
    Effect.gen(function* () {
      const busy: Whose = { tenant: "acme", account: "444455556666", n: 4 }
      yield* connect(busy, "act")
      const flying = { swap: "swap4x0", zone: zone(1), alone: true, stuck: false }
      const plan = openOf(planOf(busy, "web", 1), { status: "open", approvedBy: "eve", inFlight: [flying] })
      yield* sayDesk(busy, [plan])
      const no = yield* refusal(ask("setAccountMode", eve, mode("observe", busy)))
      assert.deepStrictEqual([no.status, no.detail.includes("halt the account")], [409, true])
      yield* sayDesk(busy, [])
      assert.isNull((yield* ask("setAccountMode", eve, mode("observe", busy))).json.awaiting)
    })
  )

  it.effect("an account that does not answer is raised by nobody, and can be lowered", () =>
    Effect.gen(function* () {
      const mute: Whose = { tenant: "acme", account: "333344445555", n: 3 }
      yield* connect(mute, "recommend")
      const account = anAccount({ account: AccountId.make(mute.account), mode: "recommend", status: "refused" })
      const marked = new AccountMarked({
        tenant: account.tenant,
        account: account.account,
        reason: "AccessDenied",
        at: noon
      })
      const state = new Account({ ...account, reason: "AccessDenied: the role is gone" })
      yield* say(accountMarked, marked, stated(state, Account))
      yield* book
      const no = yield* refusal(ask("setAccountMode", eve, mode("act", mute)))
      assert.deepStrictEqual([no.status, no.detail.includes("AccessDenied")], [409, true])
      assert.isNull((yield* ask("setAccountMode", eve, mode("observe", mute))).json.awaiting)
    })
  )

  it.effect("a group that is to be looked at again is named by its id, and the asker with it", () =>
    Effect.gen(function* () {
      const { json } = yield* ask("triggerOptimization", eve, { body: { groupId: groupToken(refOf(whose, "web")) } })
      const order = yield* saidAt(lookAgain, json.seq)
      assert.deepStrictEqual([order.group, order.by], ["web", eve.name])
      assert.strictEqual((yield* refusal(ask("triggerOptimization", eve, { body: { groupId: "none" } }))).status, 404)
    })
  )
})
