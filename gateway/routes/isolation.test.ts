/** No answer of any route tells one tenant anything of another: no name, no account, nor that it is there. */
import { assert, layer } from "@effect/vitest"
import { Effect, Result } from "effect"
import { TestClock } from "effect/testing"
import { day, later, noon } from "../../test/builders.ts"
import { ask, book, callerOf, head, type Replied, routes, say, stage, stated } from "../../test/gateway/rows-stage.ts"
import { sayDesk } from "../../test/gateway/desks.ts"
import { sayMarket } from "../../test/gateway/small-market.ts"
import {
  connect,
  deskOf,
  groupIn,
  openOf,
  planOf,
  refOf,
  sayAlone,
  sayPending,
  type Whose
} from "../../test/gateway/tenants.ts"
import { Desk, PlanClosed, planClosed, StopSet, stopSet } from "../../schemas/approval.ts"
import { prng } from "../../schemas/chance.ts"
import { groupSeen, groupToken } from "../../schemas/group.ts"
import { AccountId, TenantId } from "../../schemas/ids.ts"
import { planHash } from "../../schemas/safe-plan.ts"

const tenants = ["acme", "rival-inc", "third-ltd"]
const chance = prng(20_261_121)

/** Accounts of each tenant, with group names that they share and machines that they do not. */
const owners: ReadonlyArray<Whose> = tenants.flatMap((tenant, t) =>
  Array.from({ length: 1 + Math.floor(chance() * 2) }, (_, i) => ({
    tenant,
    account: String(100_000_000_000 + Math.floor(chance() * 8e11)),
    n: t * 10 + i + 1
  }))
)
const [first, second] = [owners[0], owners.find(({ tenant }) => tenant !== owners[0]?.tenant)]
if (first === undefined || second === undefined) throw new Error("two tenants at least")

/** What nobody honest says: facts about one tenant's account that name another one as its owner. */
const sayForged = Effect.gen(function* () {
  const forged = { tenant: second.tenant, account: first.account, n: 77 }
  yield* say(groupSeen, groupIn(forged, "forged"))
  const about = { tenant: TenantId.make(second.tenant), account: AccountId.make(first.account) }
  const stop = new StopSet({ ...about, stop: "halt", by: "mallory", because: "because I can", at: noon })
  const plan = openOf(planOf(forged, "forged", 1))
  const row = deskOf({ ...second, account: first.account }, [plan], { stop: "halt" })
  const { hash } = plan
  const ended = { because: "refused" as const, done: 0, undone: 0, refusedPools: [], at: noon }
  yield* say(planClosed, new PlanClosed({ ...refOf(forged, "forged"), hash, ...ended }), stated(row, Desk))
  // the account's true desk speaks last, so that the row is the true owner's again
  yield* say(stopSet, stop, stated(row, Desk))
  yield* sayDesk(first)
})

interface Known {
  readonly whose: Whose
  readonly hash: string
  readonly closed: string
  readonly swap: string
}

const world = Effect.gen(function* () {
  yield* TestClock.setTime(noon)
  yield* sayMarket("rival-inc")
  const known: Array<Known> = []
  for (const whose of owners) {
    yield* connect(whose)
    const { hash, plan } = yield* sayPending(whose)
    yield* sayAlone(whose)
    const { hash: closed, swap } = yield* sayDesk(whose, [openOf(plan)])
    known.push({ whose, hash, closed, swap })
  }
  yield* sayForged
  yield* book
  return known
})

/** Every question that can be asked, with every id there is. */
const questionsOf = (known: ReadonlyArray<Known>, last: number) => {
  const lists = [
    "listAccounts",
    "listGroups",
    "listInstances",
    "listPools",
    "listViolations",
    "listApprovals",
    "listPolicies",
    "getSafetyStatus"
  ]
  const queries = [{}, { at: String(last) }, { q: "e" }]
  const plain = lists.flatMap((name) =>
    queries.map((query) => ({ name, asking: { query: name === "getSafetyStatus" ? {} : query } }))
  )
  const byAccount = known.flatMap(({ whose: { account } }) => [
    { name: "getAccount", asking: { params: { account } } },
    { name: "getPolicy", asking: { params: { account } } },
    { name: "listGroups", asking: { query: { account } } },
    { name: "listViolations", asking: { query: { account } } },
    { name: "listApprovals", asking: { query: { account, status: "closed" } } }
  ])
  const byId = known.flatMap(({ whose, hash, closed, swap }) => {
    const group = groupToken(refOf(whose, "web"))
    return [
      { name: "getGroup", asking: { params: { id: group } } },
      { name: "getInstance", asking: { params: { id: groupIn(whose, "web").members[0]?.instance } } },
      { name: "listInstances", asking: { query: { group } } },
      { name: "getApproval", asking: { params: { id: hash } } },
      { name: "getApproval", asking: { params: { id: closed } } },
      ...[group, groupToken(refOf(whose, "tiny")), hash, swap].map((id) => ({
        name: "explain",
        asking: { params: { id } }
      }))
    ]
  })
  const forged = groupToken(refOf({ ...second, account: first.account }, "forged"))
  const others = ["getGroup", "explain"].map((name) => ({ name, asking: { params: { id: forged } } }))
  const pool = { key: "use1-az3_m5_large_linux" }
  const pools = ["getPool", "getPoolHistory"].map((name) => ({ name, asking: { params: pool } }))
  const seqs = Array.from({ length: last }, (_, i) => ({ name: "explain", asking: { params: { id: String(i + 1) } } }))
  return [
    ...plain,
    ...byAccount,
    ...byId,
    ...pools,
    ...others,
    ...seqs,
    { name: "getPolicySchema", asking: {} },
    { name: "getAccountTrust", asking: {} }
  ]
}

layer(stage())("isolation", (it) => {
  it.effect(
    "no answer to a tenant holds another one's name or account, whatever is asked",
    () =>
      Effect.gen(function* () {
        const known = yield* world
        const questions = questionsOf(known, yield* head)
        const asked = new Set(questions.map(({ name }) => name))
        const reads = routes.filter(({ endpoint }) => endpoint.method === "GET").map(({ endpoint }) => endpoint.name)
        assert.sameMembers([...asked], reads)
        let answers = 0
        for (const tenant of tenants) {
          const caller = callerOf(tenant)
          const foreign = owners.flatMap((one) =>
            one.tenant === tenant ? [] : [one.tenant, one.account, `ext-${one.tenant}`]
          )
          const own = new Set(owners.filter((one) => one.tenant === tenant).map(({ account }) => account))
          const words = [...new Set(foreign)].filter((word) => !own.has(word))
          for (const { name, asking } of questions) {
            const result: Result.Result<Replied, { readonly status: number }> = yield* Effect.result(
              ask(name, caller, asking)
            )
            if (Result.isFailure(result)) {
              assert.strictEqual(result.failure.status, 404, `${name} ${JSON.stringify(asking)}`)
              continue
            }
            answers++
            const text = JSON.stringify(result.success.json)
            for (const word of words) assert.notInclude(text, word, `${tenant}: ${name} ${JSON.stringify(asking)}`)
          }
        }
        // each tenant is answered at least every list and what is his own
        assert.isAbove(answers, tenants.length * 60)
      }),
    60_000
  )

  it.effect("another tenant's things cannot be ordered about, and the log stays as it was", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(later(noon, day / 2))
      const before = yield* head
      const hash = planHash(planOf(second, "web", 1))
      const because = "I would like to see it happen"
      const caller = callerOf(first.tenant)
      const { version: _, ...policy } = JSON.parse(JSON.stringify(deskOf(second, []).policy))
      const attempts = [
        ask("triggerOptimization", caller, { body: { groupId: groupToken(refOf(second, "web")) } }),
        ask("setAccountMode", caller, { params: { account: second.account }, body: { mode: "observe", because } }),
        ask("decideApproval", caller, { params: { id: hash }, body: { decision: "approve", because }, ifMatch: "x" }),
        ask("approve", caller, { params: { id: hash }, body: { because }, ifMatch: "x" }),
        ask("reject", caller, { params: { id: hash }, body: { because }, ifMatch: "x" }),
        ask("setPolicy", caller, { params: { account: second.account }, body: { policy, because }, ifMatch: "3" }),
        ask("disconnectAccount", caller, { params: { account: second.account }, body: { because } }),
        ask("verifyAccount", caller, { params: { account: second.account } }),
        ask("setStop", caller, { body: { account: second.account, stop: "halt", because } })
      ]
      for (const attempt of attempts) assert.strictEqual((yield* Effect.flip(attempt)).status, 404)
      assert.strictEqual(yield* head, before)
    })
  )

  it.effect("evidence of a pool is counted and names nobody", () =>
    Effect.gen(function* () {
      const { json } = yield* ask("getPool", callerOf("acme"), { params: { key: "use1-az3_m5_large_linux" } })
      assert.deepStrictEqual([json.distinctWitnesses, json.interruptionCount, json.isOpen], [1, 1, false])
      assert.notInclude(JSON.stringify(json), "i-0aaaaaaaaaaaaaaaa")
    })
  )
})
