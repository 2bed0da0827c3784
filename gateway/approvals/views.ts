/** Plans on the desk, and those that ended, as people see them, with the version that a decision must name. */
import { Schema } from "effect"
import type { ApprovalView } from "../../schemas/api/approvals.ts"
import { OpenPlan } from "../../schemas/approval.ts"
import { digestOf } from "../../schemas/digest.ts"
import { groupToken } from "../../schemas/group.ts"
import type { TenantId } from "../../schemas/ids.ts"
import { accountsOf, deskOf, isWanted, type Wanted } from "../fleet/scope.ts"
import type { Moment } from "../rows.ts"
import type { Closed, Laid } from "./desk-log.ts"

export type ApprovalJson = typeof ApprovalView.Encoded

/** A plan with the sequence of the desk's row that holds it. */
export interface OnDesk {
  readonly plan: OpenPlan
  readonly seq: number
}

export const onDesks = (moment: Moment, tenant: TenantId, wanted: Wanted = {}): ReadonlyArray<OnDesk> =>
  accountsOf(moment, tenant).flatMap(([, { value }]) => {
    const row = isWanted(wanted, { account: value.account }) ? deskOf(moment, tenant, value.account) : undefined
    if (row === undefined) return []
    const plans = row.value.plans.filter(({ ref }) => ref.tenant === tenant && isWanted(wanted, ref))
    return plans.map((plan) => ({ plan, seq: row.seq }))
  })

const encoded = Schema.encodeSync(OpenPlan)

/**
 * The version of a plan: it changes with its status and with whatever happens to it, and not with what happens to
 * other plans of the account, so that a decision is refused only where what was shown is no longer so.
 */
export const versionOf = ({ plan }: OnDesk): string =>
  `${plan.hash.slice(0, 16)}-${plan.status}-${digestOf(encoded(plan)).slice(0, 16)}`

export const deskView = ({ plan, seq }: OnDesk, laid: Laid | undefined): ApprovalJson => {
  const { ref, hash, status, moves, done, undone, inFlight, monthlySavings, approvedBy, expiresAt } = plan
  return {
    id: hash,
    tenant: ref.tenant,
    account: ref.account,
    region: ref.region,
    group: ref.group,
    groupId: groupToken(ref),
    type: "spot_switch",
    status,
    closedBecause: null,
    moves,
    done,
    undone,
    inFlight: inFlight.length,
    monthlySavings,
    approvedBy,
    requestedAt: laid?.requestedAt ?? null,
    expiresAt,
    seq
  }
}

/** Of a plan that was turned away at once nothing was laid: it has no moves to tell of. */
export const closedView = ({ fact, seq }: Closed, laid: Laid | undefined): ApprovalJson => {
  const { tenant, account, region, group, hash, because, done, undone, at } = fact
  return {
    id: hash,
    tenant,
    account,
    region,
    group,
    groupId: groupToken(fact),
    type: "spot_switch",
    status: "closed",
    closedBecause: because,
    moves: laid?.fact.moves ?? 0,
    done,
    undone,
    inFlight: 0,
    monthlySavings: laid?.fact.monthlySavings ?? 0,
    approvedBy: laid?.approvedBy ?? null,
    requestedAt: laid?.requestedAt ?? null,
    expiresAt: laid?.fact.expiresAt ?? at,
    seq
  }
}

const ranks = { pending: 0, stuck: 1, open: 2, closing: 3 } as const
/** Those that wait come first; of these what expires first, then what is worth most. */
export const keyOnDesk = ({ plan }: OnDesk): ReadonlyArray<string | number> => [
  ranks[plan.status],
  plan.expiresAt,
  -plan.monthlySavings,
  plan.hash
]
