/** What needs a person is listed once, with a mend, most urgent first; what needs nobody is not. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { Attention } from "../../schemas/api/money.ts"
import { AccountId, TenantId } from "../../schemas/ids.ts"
import {
  aBook,
  aDesk,
  aGroup,
  aMember,
  anAccount,
  anOpenPlan,
  aPool,
  aPoolRisk,
  aSweep,
  day,
  later,
  minute,
  noon,
  type Shelf,
  tenant,
  zone
} from "../../test/builders.ts"
import { compareKeys } from "../paging.ts"
import type { Moment } from "../rows.ts"
import { rowsOf, urgency } from "./attention.ts"
import { accountsAt, groupsAt, isUncovered, onDemandShareOf, standingIn } from "./standing.ts"

const momentOf = (shelf: Shelf = {}, over: Partial<Moment> = {}): Moment => ({
  ...aBook({ sweeps: [aSweep()], ...shelf }),
  asOf: 1,
  at: noon,
  isLive: true,
  ...over
})
const rows = (shelf: Shelf, now: number = noon, over: Partial<Moment> = {}) =>
  rowsOf(momentOf(shelf, over), tenant, {}, now)
const kinds = (found: ReturnType<typeof rows>) => found.map(({ kind, severity }) => `${kind} ${severity}`)

const pool = aPool()
const spot = (n: number) => aMember(n, { lifecycle: "spot", zone: pool.zone, instanceType: pool.instanceType })
const poisoned = aPoolRisk({
  gate: { _tag: "poisoned", until: later(noon, day) },
  hits: [{ witness: "somebody-else", instance: "i-0bad", at: noon }]
})

describe("attention", () => {
  it("is wanted by nothing where all is well", () => {
    const shelf = { groups: [aGroup()], pools: [aPoolRisk()], desks: [aDesk({ plans: [anOpenPlan()] })] }
    assert.deepStrictEqual(rows(shelf, noon + 2 * minute), [])
  })

  it("is wanted by a plan that waits, the more the sooner it ends", () => {
    const plan = anOpenPlan({ status: "pending" })
    assert.deepStrictEqual(kinds(rows({ desks: [aDesk({ plans: [plan] })] })), ["approval warning"])
    const soon = anOpenPlan({ status: "pending", expiresAt: later(noon, minute) })
    const [row] = rows({ desks: [aDesk({ plans: [soon] })] })
    assert.deepInclude(row, { severity: "critical", deadlineAt: noon + minute, link: `/approvals/${plan.hash}` })
  })

  it("is wanted by each stuck swap, or by the plan where none is named", () => {
    const inFlight = ["s1", "s2", "s3"].map((swap) => ({ swap, zone: zone(1), alone: false, stuck: swap !== "s2" }))
    const ids = (over: Parameters<typeof anOpenPlan>[0]) =>
      rows({ desks: [aDesk({ plans: [anOpenPlan(over)] })] }).map(({ id }) => id.slice(0, 8))
    assert.deepStrictEqual(ids({ status: "stuck", inFlight }), ["stuck:s1", "stuck:s3"])
    assert.deepStrictEqual(ids({ status: "stuck" }), ["stuck:aa"])
    assert.deepStrictEqual(ids({ inFlight: inFlight.slice(1, 2) }), [])
  })

  it("is wanted by an account that refuses, once, and by one that is stopped", () => {
    const refused = anAccount({ status: "refused", reason: "AccessDenied: no role" })
    const found = rows({ accounts: [refused], desks: [aDesk({ stop: "halt", stopAt: noon })] }, noon + day)
    assert.deepStrictEqual(kinds(found), ["account-refused critical", "stopped warning"])
    assert.include(found[0]?.why, "AccessDenied")
  })

  it("is wanted by a region that nobody has swept for two minutes, live and not in the past", () => {
    const late = noon + 2 * minute + 1
    assert.deepStrictEqual(kinds(rows({}, late)), ["unswept warning"])
    assert.deepStrictEqual(kinds(rows({ sweeps: [] }, late)), ["unswept warning"])
    assert.deepStrictEqual(rows({}, late, { isLive: false }), [])
  })

  it("is wanted by what of ours stands in a quarantined pool, without a word on whose loss it was", () => {
    const [row, ...more] = rows({ groups: [aGroup({ members: [spot(1), spot(2), aMember(3)] })], pools: [poisoned] })
    assert.isEmpty(more)
    assert.deepInclude(row, { kind: "poisoned-exposure", severity: "critical", since: noon })
    assert.match(row?.title ?? "", /^2 instances /)
    assert.notInclude(JSON.stringify(row), "somebody-else")
    // a quarantine ends by itself
    assert.deepStrictEqual(
      rows({ groups: [aGroup({ members: [spot(1)] })], pools: [poisoned] }, noon, { at: noon + 2 * day }),
      []
    )
  })

  it("is wanted by what of ours stands in a pool that a person holds, with his reason and without his name", () => {
    const until = later(noon, day)
    const held = { until, because: "the zone was flooded", by: "root@example.com", seq: 7, at: noon }
    const shelf = { groups: [aGroup({ members: [spot(1)] })] }
    const [row] = rows({ ...shelf, pools: [aPoolRisk({ gate: { _tag: "poisoned", until }, held })] })
    assert.deepInclude(row, { kind: "poisoned-exposure", since: noon })
    assert.match(row?.why ?? "", /^a person keeps the pool shut until .*: the zone was flooded$/)
    assert.notInclude(JSON.stringify(row), held.by)
  })

  it("is a tenant's own: another one has none of it, whatever his rows say", () => {
    const shelf = {
      accounts: [anAccount({ status: "refused" })],
      desks: [aDesk({ stop: "halt", plans: [anOpenPlan({ status: "pending" })] })],
      groups: [aGroup({ members: [spot(1)] })],
      pools: [poisoned]
    }
    const stranger = TenantId.make("globex")
    assert.deepStrictEqual(rowsOf(momentOf(shelf), stranger, {}, noon + day), [])
    assert.deepStrictEqual(accountsAt(momentOf(shelf), stranger, {}), [])
    assert.deepStrictEqual(groupsAt(momentOf(shelf), stranger, {}), [])
  })

  it("is narrowed to an account", () => {
    const other = AccountId.make("999988887777")
    const shelf = { accounts: [anAccount({ status: "refused" }), anAccount({ account: other, status: "refused" })] }
    assert.deepStrictEqual(
      rowsOf(momentOf(shelf), tenant, { account: other }, noon).map(({ account }) => account),
      [other]
    )
  })

  it.prop(
    "is in order of gravity, then of deadline, what is muted after all the rest, and the order is total",
    { rows: Schema.Array(Attention) },
    (all) => {
      const everything = all.rows.toSorted((a, b) => compareKeys(urgency(a), urgency(b)))
      const sorted = everything.filter(({ muted }) => muted === null)
      assert.deepStrictEqual(everything.slice(0, sorted.length), sorted)
      const ranks = sorted.map(({ severity }) => ["critical", "warning", "info", "good"].indexOf(severity))
      assert.deepStrictEqual(
        ranks,
        ranks.toSorted((a, b) => a - b)
      )
      for (const [i, row] of sorted.entries()) {
        const next = sorted[i + 1]
        if (next === undefined || next.severity !== row.severity || row.deadlineAt === null) continue
        assert.isAtMost(row.deadlineAt, next.deadlineAt ?? Number.MAX_SAFE_INTEGER)
      }
    }
  )
})

describe("what stands", () => {
  const group = aGroup({ members: [spot(1), spot(2), aMember(3), aMember(4, { state: "Terminating" })] })
  it("counts capacity alone, by vCPU where sizes are known and by members where not", () => {
    const standing = standingIn([group])
    assert.lengthOf(standing, 3)
    assert.strictEqual(onDemandShareOf(momentOf(), standing), 1 / 3)
    assert.isNull(onDemandShareOf(momentOf(), []))
  })
  it("is uncovered where its pool is quarantined or known to score too low", () => {
    const low = aPoolRisk({ score: 0.5 as never })
    const unknown = aPoolRisk({ score: null })
    for (const [risk, is] of [
      [poisoned, true],
      [low, true],
      [unknown, false],
      [aPoolRisk(), false]
    ] as const) {
      assert.strictEqual(isUncovered(momentOf({ pools: [risk] }), standingIn([group])[0]?.pool ?? ""), is)
    }
  })
})
