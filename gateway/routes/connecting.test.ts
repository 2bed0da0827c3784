/** What it takes to connect an account, whom its role trusts, and when it may be left: told as the log has it. */
import { assert, layer } from "@effect/vitest"
import { Effect, Result } from "effect"
import { TestClock } from "effect/testing"
import { anAccount, later, minute, noon, zone } from "../../test/builders.ts"
import { ask, book, callerOf, principal, refusal, saidAt, say, stage, stated } from "../../test/gateway/rows-stage.ts"
import { connect, deskOf, of, openOf, sayPending, type Whose } from "../../test/gateway/tenants.ts"
import {
  Account,
  AccountConnected,
  accountConnected,
  AccountDisconnected,
  accountDisconnected,
  AccountVerified,
  accountVerified,
  connectAccount,
  disconnectAccount,
  verifyAccount
} from "../../schemas/account.ts"
import { Desk, OpenPlan, StopSet, stopSet } from "../../schemas/approval.ts"
import { Vault } from "../identity/vault.ts"
import { commandOf } from "../traces/command.ts"

const whose: Whose = { tenant: "acme", account: "111122223333", n: 1 }
const eve = callerOf("acme")
const rival = callerOf("rival")
const because = "the team has moved to another cloud"
const account = "999988887777"
const roleArn = `arn:aws:iam::${account}:role/CloudOptimRole`
const wish = { account, name: "new", regions: ["us-east-1"], environment: "PROD", roleArn }
const known = { params: { account: whose.account } }

const ordered = (caller: typeof eve, body: object) =>
  Effect.flatMap(ask("connectAccount", caller, { body }), ({ json }) => saidAt(connectAccount, json.seq))
const trustOf = (caller: typeof eve) => Effect.map(ask("getAccountTrust", caller, { now: noon }), ({ json }) => json)
const statusOf = (name: string, caller: typeof eve, asking: object) =>
  Effect.map(refusal(ask(name, caller, asking)), ({ status }) => status)

/** The account's desk, as it stands from now on. */
const sayPlans = (plans: ReadonlyArray<OpenPlan>, stop: Desk["stop"] = "run") => {
  const said = new StopSet({ ...of(whose), stop, by: "eve", because: "for the tests", at: noon })
  return Effect.andThen(say(stopSet, said, stated(deskOf(whose, plans, { stop, stopAt: noon }), Desk)), book)
}

layer(stage())("connecting", (it) => {
  it.effect("each tenant's roles ask for an external id of its own, made once, with the policy that says so", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(noon)
      yield* connect(whose)
      const [mine, again, theirs] = [yield* trustOf(eve), yield* trustOf(eve), yield* trustOf(rival)]
      assert.match(mine.externalId, /^cloudoptim-[\w-]{32}$/)
      assert.deepStrictEqual(again, mine)
      assert.notStrictEqual(theirs.externalId, mine.externalId)
      const [statement] = JSON.parse(mine.trustPolicy).Statement
      assert.deepInclude(statement, { Effect: "Allow", Principal: { AWS: principal }, Action: "sts:AssumeRole" })
      assert.deepStrictEqual(statement.Condition, { StringEquals: { "sts:ExternalId": mine.externalId } })
    })
  )

  it.effect("a role is assumed under the caller's own external id, whoever wishes for another", () =>
    Effect.gen(function* () {
      const { externalId } = yield* trustOf(eve)
      const order = yield* ordered(eve, wish)
      assert.deepInclude({ ...order }, { tenant: eve.tenant, mode: "observe", externalId, reconnects: true })
      const copied = { ...wish, externalId }
      const no = yield* refusal(ask("connectAccount", rival, { body: copied }))
      assert.deepStrictEqual([no.status, no.detail.includes("accounts/trust")], [422, true])
      assert.strictEqual((yield* ordered(rival, wish)).externalId, (yield* trustOf(rival)).externalId)
      const onboarded = yield* ask("onboardCustomer", eve, { body: wish })
      assert.deepStrictEqual(yield* saidAt(connectAccount, onboarded.json.seq), order)
    })
  )

  it.effect("a role that works under an earlier external id keeps it; another role of the account does not", () =>
    Effect.gen(function* () {
      const role = (name: string) => `arn:aws:iam::${whose.account}:role/${name}`
      const own = { ...wish, account: whose.account }
      const account = anAccount({ ...of(whose), roleArn: role("Old"), externalId: "ext-acme" })
      const left = { ...of(whose), because, by: "eve", at: noon }
      yield* say(accountDisconnected, new AccountDisconnected(left), stated(account, Account))
      yield* book
      assert.strictEqual((yield* ordered(eve, { ...own, roleArn: role("Old") })).externalId, "ext-acme")
      const { externalId } = yield* trustOf(eve)
      assert.strictEqual((yield* ordered(eve, { ...own, roleArn: role("New") })).externalId, externalId)
      const stranger = yield* ordered(rival, { ...own, roleArn: role("Old") })
      assert.strictEqual(stranger.externalId, (yield* trustOf(rival)).externalId)
      yield* connect(whose)
      yield* book
    })
  )

  it.effect("a wish that cannot be meant is refused: no region or too many, another account's role, no role", () =>
    Effect.gen(function* () {
      const everywhere = Array.from({ length: 51 }, (_, i) => `us-east-${i + 1}`)
      const names = ["", "../ x", "a\u001b[2J", "x".repeat(577)]
      const odd: ReadonlyArray<object> = [
        { regions: [] },
        { regions: everywhere },
        { regions: ["us-east-1", "us-east-49"] },
        { roleArn: null },
        { roleArn: "arn:aws:iam::111111111111:role/X" },
        ...names.map((name) => ({ roleArn: `arn:aws:iam::${account}:role/${name}` }))
      ]
      for (const change of odd) {
        assert.strictEqual(yield* statusOf("connectAccount", eve, { body: { ...wish, ...change } }), 422)
      }
      const admin = callerOf("acme", { superAdmin: true })
      assert.isNull((yield* ordered(admin, { ...wish, roleArn: null })).externalId)
    })
  )

  it.effect("no more than ten accounts wait for their role to let us in: the next is for who mends or leaves one", () =>
    Effect.gen(function* () {
      const ids = Array.from({ length: 12 }, (_, n) => `${200000000000 + n}`)
      const roleOf = (id: string) => `arn:aws:iam::${id}:role/CloudOptimRole`
      const sayAccount = (id: string, over: Partial<Account>) => {
        const state = anAccount({ ...of({ tenant: "many", account: id, n: 2 }), roleArn: roleOf(id), ...over })
        const { status: _s, reason: _r, since: at, ...said } = state
        return say(accountConnected, new AccountConnected({ ...said, at }), stated(state, Account))
      }
      const many = callerOf("many")
      const connectOne = (id: string) =>
        ask("connectAccount", many, { body: { ...wish, account: id, roleArn: roleOf(id) } })
      // one that was let in and is refused since, and one that was left, are none of them
      yield* sayAccount(ids[11]!, { status: "refused", reason: "AccessDenied", admittedAt: noon })
      yield* sayAccount(ids[10]!, { status: "disconnected", reason: because })
      for (const [n, id] of ids.slice(0, 10).entries()) {
        assert.isDefined(yield* connectOne(id))
        yield* sayAccount(id, n % 2 === 0 ? {} : { status: "refused", reason: "AccessDenied", answeredAt: noon })
        yield* book
      }
      const no = yield* refusal(connectOne(ids[10]!))
      assert.deepStrictEqual(
        [no.status, no.detail.includes("disconnect one"), no.detail.includes(ids[0]!)],
        [409, true, true]
      )
      // correcting one of them is no other one, and nobody else waits for them
      assert.isDefined(yield* connectOne(ids[0]!))
      assert.isDefined(yield* ask("connectAccount", rival, { body: wish }))
      yield* sayAccount(ids[0]!, { admittedAt: noon })
      yield* book
      assert.isDefined(yield* connectOne(ids[10]!))
    })
  )

  it.effect(
    "a change of mode names the row that it was made on, and carries nothing else of what was known of it",
    () =>
      Effect.gen(function* () {
        const state = anAccount({ ...of(whose), connectedAt: noon, answeredAt: noon, admittedAt: noon })
        const { status: _s, reason: _r, since, ...said } = state
        yield* say(accountConnected, new AccountConnected({ ...said, at: since }), stated(state, Account))
        yield* book
        const { json } = yield* ask("setAccountMode", eve, { ...known, body: { mode: "recommend", because } })
        const order = yield* saidAt(connectAccount, json.seq)
        const { tenant, account: id, name, regions, environment, roleArn, externalId } = state
        assert.deepStrictEqual(
          { ...order },
          {
            _tag: "ConnectAccount",
            tenant,
            account: id,
            name,
            regions,
            environment,
            roleArn,
            externalId,
            mode: "recommend",
            on: since
          }
        )
        yield* connect(whose)
        yield* book
      })
  )

  it.effect("whether an account is somebody's cannot be told from the answer, nor from the fate of the order", () =>
    Effect.gen(function* () {
      const vault = yield* Vault
      const entry = `raise.${whose.account}`
      yield* vault.put(entry, { tenant: "acme", by: "u", name: "n", because, at: noon }, 0)
      const role = `arn:aws:iam::${whose.account}:role/CloudOptimRole`
      const taken = yield* ask("connectAccount", rival, { body: { ...wish, account: whose.account, roleArn: role } })
      const free = yield* ask("connectAccount", rival, { body: wish })
      assert.deepStrictEqual(Object.keys(taken.json), Object.keys(free.json))
      const fates = yield* Effect.forEach([taken, free], ({ json }) => commandOf("rival", json.command, noon))
      assert.deepStrictEqual(
        fates.map(({ status, facts }) => [status, facts.length]),
        [
          ["accepted", 0],
          ["accepted", 0]
        ]
      )
      // its true owner neither hears of it nor loses what waits there
      assert.strictEqual((yield* Effect.flip(commandOf("acme", taken.json.command, noon))).status, 404)
      assert.isDefined(yield* vault.get(entry))
    })
  )

  it.effect("an account is not left while swaps are under way, stuck or about to begin", () =>
    Effect.gen(function* () {
      const { plan } = yield* sayPending(whose)
      const swap = { swap: "s", zone: zone(1), alone: false, stuck: false }
      const leave = { ...known, body: { because } }
      const open = openOf(plan, { status: "open", approvedBy: "eve" })
      const busy: ReadonlyArray<readonly [string, ReadonlyArray<OpenPlan>, Desk["stop"]]> = [
        ["under way", [new OpenPlan({ ...open, inFlight: [swap] })], "pause"],
        ["stuck", [new OpenPlan({ ...open, status: "stuck", inFlight: [{ ...swap, stuck: true }] })], "pause"],
        ["may begin", [open], "run"]
      ]
      for (const [word, plans, stop] of busy) {
        yield* sayPlans(plans, stop)
        const no = yield* refusal(ask("disconnectAccount", eve, leave))
        assert.deepStrictEqual([no.status, no.detail.includes(word)], [409, true], no.detail)
        // connecting anew lowers the mode, and what is under way needs it
        const again = { ...wish, account: whose.account, roleArn: `arn:aws:iam::${whose.account}:role/R` }
        const isFlying = word === "under way"
        const answer = yield* Effect.result(ask("connectAccount", eve, { body: again }))
        assert.strictEqual(Result.isFailure(answer) ? answer.failure.status : 202, isFlying ? 409 : 202)
      }
      yield* sayPlans([open], "pause")
      const { json } = yield* ask("disconnectAccount", eve, leave)
      const order = yield* saidAt(disconnectAccount, json.seq)
      assert.deepInclude({ ...order }, { ...of(whose), because, by: eve.name })
      assert.strictEqual(yield* statusOf("disconnectAccount", rival, leave), 404)
    })
  )

  it.effect("whoever asks for it has the door tried, and the account tells what came of it", () =>
    Effect.gen(function* () {
      assert.isNull((yield* ask("getAccount", eve, known)).json.verified)
      const { json } = yield* ask("verifyAccount", eve, known)
      assert.strictEqual((yield* saidAt(verifyAccount, json.seq)).by, eve.name)
      assert.strictEqual(yield* statusOf("verifyAccount", rival, known), 404)
      const checks = [{ check: "role", ok: false, details: "AccessDenied", mend: "let the role trust us" }]
      const fact = { ...of(whose), checks, by: eve.name, at: later(noon, minute) }
      const seq = yield* say(accountVerified, new AccountVerified(fact))
      yield* book
      const { verified } = (yield* ask("getAccount", eve, known)).json
      assert.deepStrictEqual(verified, { at: later(noon, minute), seq, by: eve.name, checks })
    })
  )

  it.effect("a disconnected account is listed as such; its fleet, its mode and its door are nobody's any more", () =>
    Effect.gen(function* () {
      assert.isAbove((yield* ask("listGroups", eve)).json.items.length, 0)
      const state = anAccount({ ...of(whose), status: "disconnected", reason: because })
      const left = { ...of(whose), because, by: eve.name, at: noon }
      yield* say(accountDisconnected, new AccountDisconnected(left), stated(state, Account))
      yield* book
      const { json } = yield* ask("getAccount", eve, known)
      assert.deepInclude(json, { status: "disconnected", reason: because, groups: 0, instances: 0 })
      assert.lengthOf((yield* ask("listGroups", eve)).json.items, 0)
      assert.lengthOf((yield* ask("listInstances", eve)).json.items, 0)
      assert.strictEqual(yield* statusOf("verifyAccount", eve, known), 409)
      const mode = { ...known, body: { mode: "observe", because } }
      assert.strictEqual(yield* statusOf("setAccountMode", eve, mode), 409)
    })
  )
})
