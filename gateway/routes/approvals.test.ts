/** A yes or a no is to exactly what was shown; whatever has moved since is shown again instead. */
import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { day, hour, later, noon } from "../../test/builders.ts"
import { sayDesk } from "../../test/gateway/desks.ts"
import { ask, book, callerOf, head, refusal, saidAt, say, stage, stated } from "../../test/gateway/rows-stage.ts"
import { sayMarket } from "../../test/gateway/small-market.ts"
import { connect, deskOf, openOf, refOf, sayPending, type Whose } from "../../test/gateway/tenants.ts"
import {
  ApprovalRequested,
  approvalRequested,
  Desk,
  grantApproval,
  type OpenPlan,
  PlanOpened,
  planOpened,
  refuseApproval
} from "../../schemas/approval.ts"

const whose: Whose = { tenant: "acme", account: "111122223333", n: 1 }
const eve = callerOf("acme", { role: "approver" })
const because = "reviewed with the team"
const world = Effect.gen(function* () {
  yield* TestClock.setTime(noon)
  yield* sayMarket("someone")
  yield* connect(whose)
  const { hash: closed } = yield* sayDesk(whose)
  const { hash, plan } = yield* sayPending(whose)
  yield* book
  return { closed, hash, plan }
})
/** The desk as it is told anew: another plan of the account, or this one further on. */
const tell = (plans: ReadonlyArray<OpenPlan>) =>
  Effect.gen(function* () {
    const [first] = plans
    if (first === undefined) return
    const { ref, hash, moves, monthlySavings, expiresAt } = first
    const about = { ...ref, hash, moves, monthlySavings, expiresAt, at: noon }
    const state = stated(deskOf(whose, plans), Desk)
    if (first.approvedBy === null) yield* say(approvalRequested, new ApprovalRequested(about), state)
    else yield* say(planOpened, new PlanOpened({ ...about, approvedBy: first.approvedBy }), state)
    yield* book
  })

layer(stage())("approvals", (it) => {
  it.effect("what waits comes with its moves, the group before and after, and how much it saves", () =>
    Effect.gen(function* () {
      const { hash, closed } = yield* world
      const { json } = yield* ask("listApprovals", eve)
      assert.lengthOf(json.items, 1)
      assert.deepInclude(json.items[0], { id: hash, status: "pending", moves: 3, monthlySavings: 133_590_000 })
      assert.strictEqual(json.items[0].requestedAt, noon)
      const { json: detail, etag } = yield* ask("getApproval", eve, { params: { id: hash } })
      assert.deepStrictEqual([detail.swaps.length, detail.after.length, detail.preset], [3, 6, "strict"])
      assert.strictEqual(
        detail.before.reduce((sum: number, part: { count: number }) => sum + part.count, 0),
        12
      )
      assert.match(etag ?? "", /pending/)
      const { json: ended } = yield* ask("listApprovals", eve, { query: { status: "closed" } })
      assert.lengthOf(ended.items, 1)
      assert.deepInclude(ended.items[0], { id: closed, closedBecause: "expired", done: 1, monthlySavings: 50_000_000 })
      const found = yield* ask("getApproval", eve, { params: { id: closed } })
      assert.strictEqual(found.json.status, "closed")
    })
  )

  it.effect("a decision on the version that was read becomes the order of whoever decided", () =>
    Effect.gen(function* () {
      const { hash } = yield* world
      const { etag = "" } = yield* ask("getApproval", eve, { params: { id: hash } })
      const decided = { params: { id: hash }, ifMatch: etag }
      const { json } = yield* ask("decideApproval", eve, { ...decided, body: { decision: "approve", because } })
      assert.strictEqual(json.seq, yield* head)
      assert.deepInclude({ ...(yield* saidAt(grantApproval, json.seq)) }, { hash, by: eve.name, because })
      const program = callerOf("acme", { kind: "key", name: "key ci", scopes: ["approve"] })
      yield* ask("reject", program, { ...decided, body: { because } })
      assert.deepInclude({ ...(yield* saidAt(refuseApproval, yield* head)) }, { hash, by: "key ci" })
    })
  )

  it.effect("what happens to other plans of the account makes no version old; what happens to this one does", () =>
    Effect.gen(function* () {
      const { hash, plan } = yield* world
      const { etag = "" } = yield* ask("getApproval", eve, { params: { id: hash } })
      const other = openOf(plan, { ref: refOf(whose, "other"), hash: "f".repeat(64) as typeof hash })
      yield* tell([openOf(plan), other])
      assert.strictEqual((yield* ask("getApproval", eve, { params: { id: hash } })).etag, etag)
      yield* tell([openOf(plan, { status: "open", approvedBy: "adam@example.com" })])
      const decision = { params: { id: hash }, body: { decision: "approve", because }, ifMatch: etag }
      const no = yield* refusal(ask("decideApproval", eve, decision))
      assert.deepStrictEqual([no.status, (no.current as { status: string }).status], [412, "open"])
      const { etag: newer = "" } = yield* ask("getApproval", eve, { params: { id: hash } })
      assert.strictEqual(no.currentVersion, newer)
      const late = yield* refusal(ask("decideApproval", eve, { ...decision, ifMatch: newer }))
      assert.deepStrictEqual([late.status, late.detail.includes("adam@example.com")], [409, true])
    })
  )

  it.effect("nothing is decided on what expired or ended; a stuck plan can still be let go", () =>
    Effect.gen(function* () {
      const { hash, closed, plan } = yield* world
      const body = { decision: "approve", because }
      const ended = yield* refusal(ask("decideApproval", eve, { params: { id: closed }, body, ifMatch: "x" }))
      assert.deepStrictEqual([ended.status, ended.detail.includes("expired")], [409, true])
      const { etag = "" } = yield* ask("getApproval", eve, { params: { id: hash } })
      yield* TestClock.setTime(later(noon, day + hour))
      const late = yield* refusal(ask("decideApproval", eve, { params: { id: hash }, body, ifMatch: etag }))
      assert.strictEqual(late.status, 409)
      yield* tell([openOf(plan, { status: "stuck", approvedBy: "adam@example.com" })])
      const { etag: stuck = "" } = yield* ask("getApproval", eve, { params: { id: hash } })
      assert.strictEqual(
        (yield* refusal(ask("approve", eve, { params: { id: hash }, body: { because }, ifMatch: stuck }))).status,
        409
      )
      yield* ask("reject", eve, { params: { id: hash }, body: { because }, ifMatch: stuck })
    })
  )

  it.effect("those that wait come first, soonest expiry before later ones, and pages hold the order", () =>
    Effect.gen(function* () {
      const { plan } = yield* world
      const of = (letter: string, over: Partial<OpenPlan>) =>
        openOf(plan, { ref: refOf(whose, letter), hash: letter.repeat(64) as OpenPlan["hash"], ...over })
      const waits = [
        of("a", { expiresAt: later(noon, 5 * hour) }),
        of("b", { status: "open", approvedBy: "x", expiresAt: later(noon, hour) }),
        of("c", { expiresAt: later(noon, 2 * hour) }),
        of("d", { status: "stuck", approvedBy: "x" })
      ]
      yield* tell(waits)
      const seen: Array<string> = []
      for (let cursor: string | undefined = undefined; ; ) {
        const { json }: { json: any } = yield* ask("listApprovals", eve, {
          query: { limit: "1", ...(cursor === undefined ? {} : { cursor }) }
        })
        for (const { group } of json.items) seen.push(group)
        if (json.nextCursor === null) break
        cursor = json.nextCursor
      }
      assert.deepStrictEqual(seen, ["c", "a", "d", "b"])
    })
  )
})
