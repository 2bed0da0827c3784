/** Pools as screens show them. Evidence names who lost an instance: here it is counted and nobody is named. */
import type { PoolView } from "../../schemas/api/risk.ts"
import { outlooks, pools } from "../../schemas/catalogue.ts"
import { isPresent } from "../../schemas/composition.ts"
import type { BookRow } from "../../schemas/decision.ts"
import type { GroupSeen } from "../../schemas/group.ts"
import { familyOf, type TenantId } from "../../schemas/ids.ts"
import { isOpenAt, type PoolRisk } from "../../schemas/pool.ts"
import { groupLeftAlone, spotProposed } from "../../schemas/proposal.ts"
import { factIn } from "../facts.ts"
import { groupsOf } from "../fleet/scope.ts"
import { poolTokenOf } from "../fleet/tokens.ts"
import type { Moment } from "../rows.ts"

/** How the herd rule stands at an instant: what has run out is over, though no fact says so. */
export const herdAt = ({ herd }: Pick<PoolRisk, "herd">, at: number): "NORMAL" | "UNCERTAIN" | "RISKY" =>
  herd._tag === "NORMAL" || herd.until <= at ? "NORMAL" : herd._tag

export const isInState = (risk: PoolRisk, state: "open" | "poisoned" | "uncertain" | "risky", at: number): boolean => {
  if (state === "open" || state === "poisoned") return isOpenAt(risk, at) === (state === "open")
  return herdAt(risk, at).toLowerCase() === state
}

/** Spot instances of the tenant, by token of their pool. */
export const oursIn = (moment: Moment, tenant: TenantId): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const [, { value }] of groupsOf(moment, tenant)) {
    for (const member of value.members) {
      if (member.lifecycle !== "spot" || !isPresent(member)) continue
      const token = tokenIn(value, member)
      counts.set(token, (counts.get(token) ?? 0) + 1)
    }
  }
  return counts
}
const tokenIn = ({ product }: GroupSeen, { zone, instanceType }: Pick<PoolRisk["pool"], "zone" | "instanceType">) =>
  poolTokenOf(zone, instanceType, product)

/** Pools in which something of the tenant's runs, or that were last weighed for one of its groups. */
export const concerning = (moment: Moment, tenant: TenantId): ReadonlySet<string> => {
  const tokens = new Set<string>()
  for (const [about, { value: group }] of groupsOf(moment, tenant)) {
    for (const member of group.members) tokens.add(tokenIn(group, member))
    const row = moment.get(outlooks, about)
    const fact = row === undefined ? undefined : (factIn(row, spotProposed) ?? factIn(row, groupLeftAlone))
    for (const candidate of fact?.candidates ?? []) tokens.add(tokenIn(group, candidate))
  }
  return tokens
}

export const poolView = (
  moment: Moment,
  ours: ReadonlyMap<string, number>,
  { value: risk, seq }: BookRow<PoolRisk>
): typeof PoolView.Encoded => {
  const { pool, gate, held, herd, score, terms, scoredAt, priced, hits, interruptionCount } = risk
  const token = poolTokenOf(pool.zone, pool.instanceType, pool.product)
  return {
    key: token,
    region: pool.region,
    zone: pool.zone,
    instanceType: pool.instanceType,
    family: familyOf(pool.instanceType),
    product: pool.product,
    gate,
    held: held === undefined || held.until <= moment.at ? null : { until: held.until, because: held.because },
    herd,
    isOpen: isOpenAt(risk, moment.at),
    safetyScore: score,
    terms,
    scoredAt,
    vcpu: priced?.spec.vcpu ?? null,
    memoryMib: priced?.spec.memoryMib ?? null,
    spotPerHour: priced?.spotPerHour ?? null,
    onDemandPerHour: priced?.onDemandPerHour ?? null,
    band: priced?.band ?? null,
    volatility: priced?.volatility ?? null,
    priceReadAt: priced?.readAt ?? null,
    origin: priced?.origin ?? null,
    interruptionCount,
    lastInterruptionAt: hits.length === 0 ? null : hits.reduce((last, { at }) => Math.max(last, at), 0),
    distinctWitnesses: new Set(hits.map(({ witness }) => witness)).size,
    ours: ours.get(token) ?? 0,
    revision: seq
  }
}

export const poolAt = (moment: Moment, token: string): BookRow<PoolRisk> | undefined => moment.get(pools, token)
