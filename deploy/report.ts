/** The last line of a run: one JSON object with the figures that a person or a program judges it by. */
import type { LedgerSummary } from "../actors/ledger/summary.ts"
import type { World } from "../actors/_ports/world/world.ts"
import { type GroupStanding, onDemandIn, type Standing } from "./standing.ts"
import type { Tally } from "./tally.ts"

export interface Ran {
  readonly standing: Standing
  readonly tally: Tally
  readonly ledger: LedgerSummary
  readonly world: World | undefined
  readonly onDemandBefore: number
  readonly peakRssMb: number | null
  readonly seconds: number
  readonly idle: boolean
  readonly restarts: number
}

/** Writes that reached the cloud without an announcement in the audit: calls of ours beyond those that were begun. */
const unauditedWrites = (world: World, tally: Tally): number => {
  const reached = new Map<string, number>()
  for (const { action, saga } of world.ground.rows.writes.rows.values()) {
    const name = `${saga} ${action}`
    reached.set(name, (reached.get(name) ?? 0) + 1)
  }
  let missing = 0
  for (const [name, count] of reached) missing += Math.max(0, count - (tally.begun.get(name) ?? 0))
  return missing
}

const isDone = ({ because }: GroupStanding) => because === "inside-the-five-layers"
const short = ({ account, region, group, members, spot, because, details }: GroupStanding) => ({
  account,
  region,
  group,
  members,
  spot,
  because,
  details
})

export type Figures = ReturnType<typeof figuresOf> & { readonly below_desired?: number }

/** Never, not even where all of ours was killed in the middle of its work. */
const never = [
  "capacity_violations",
  "other_violations",
  "ledger_duplicates",
  "ledger_missing",
  "journal_forks",
  "below_desired"
] as const
/** Nor these, where a run came to its end: whoever was killed for ever neither tidies up nor writes down. */
const atTheEnd = ["stuck", "orphans", "knobs_not_restored", "unaudited_calls"] as const

/** What is not as it must be after a run, by name. */
export const faultsOf = (figures: Figures): ReadonlyArray<string> => {
  const isDead = figures.below_desired !== undefined
  const noughts = isDead ? never : [...never, ...atTheEnd]
  const wrong: Array<string> = noughts.filter((name) => (figures[name] ?? 0) !== 0)
  if (isDead) return wrong
  if (figures.events_in_ledger !== figures.events_published) wrong.push("events_in_ledger")
  if (!figures.idle) wrong.push("idle")
  return wrong
}

export const figuresOf = ({ standing, tally, ledger, world, ...ran }: Ran) => {
  const cloud = world?.report({ isClosed: (saga) => tally.closed.has(saga) })
  const { verdicts, ends } = tally
  return {
    tenants: standing.tenants,
    accounts: standing.accounts,
    groups: standing.groups.length,
    instances_seen: standing.instances,
    proposals: tally.proposals,
    approved: verdicts.approved,
    safe_alternatives: verdicts.alternatives,
    rejected: verdicts.rejected,
    swaps_done: ends.done,
    swaps_rolled_back: ends.undone,
    swaps_refused: ends.refused,
    stuck: ends.stuck,
    not_done_because: Object.fromEntries(tally.endReasons),
    capacity_violations: cloud?.capacityViolations ?? 0,
    other_violations: (cloud?.violations.length ?? 0) - (cloud?.capacityViolations ?? 0),
    violations: (cloud?.violations ?? []).slice(0, 5),
    orphans: cloud?.orphans.length ?? 0,
    knobs_not_restored: cloud?.knobsNotRestored.length ?? 0,
    unaudited_calls: ledger.unaudited + (world === undefined ? 0 : unauditedWrites(world, tally)),
    unknown_outcomes: ledger.unknown_outcomes,
    calls_refused_late: cloud?.refusedLate ?? 0,
    on_demand_before: ran.onDemandBefore,
    on_demand_after: onDemandIn(standing),
    spot_after: standing.groups.reduce((sum, { spot }) => sum + spot, 0),
    reclaimed: cloud?.reclaimed ?? 0,
    awaiting_approval: standing.awaiting.plans,
    awaiting_monthly_savings_usd: Math.round(standing.awaiting.monthlySavings / 1e4) / 100,
    monthly_savings_usd: Math.round(ledger.monthly_savings_usd * 100) / 100,
    savings_label: ledger.savings_label,
    events_published: tally.events,
    events_in_ledger: ledger.events_in_ledger,
    ledger_duplicates: ledger.ledger_duplicates,
    ledger_missing: ledger.ledger_missing,
    journal_forks: ledger.journal_forks,
    accounts_refused: standing.refusedAccounts,
    groups_inside: standing.groups.filter(isDone).length,
    groups_left_alone: standing.groups.filter((group) => !isDone(group)).map(short),
    restarts: ran.restarts,
    idle: ran.idle,
    peak_rss_mb: ran.peakRssMb,
    seconds: Math.round(ran.seconds * 10) / 10
  }
}

/** The same for a person: what was found, what was done, what it saves, and what was left as it is. */
export const sentencesOf = (figures: Figures): ReadonlyArray<string> => {
  const { groups, instances_seen: instances, accounts, tenants, swaps_done: done } = figures
  const { groups_left_alone: alone, awaiting_approval: awaiting } = figures
  const saved = `$${figures.monthly_savings_usd} a month (${figures.savings_label})`
  return [
    `${groups} groups with ${instances} instances in ${accounts} accounts of ${tenants} tenants`,
    `${done} instances were moved to Spot, which saves ${saved}; ` +
      `${figures.swaps_rolled_back} swaps were turned back, ${figures.stuck} need a person`,
    ...(awaiting === 0
      ? []
      : [`${awaiting} plans wait for a person's yes and would save $${figures.awaiting_monthly_savings_usd} a month`]),
    ...alone.map(
      ({ account, region, group, because, details }) =>
        `${account} ${region} ${group}: ${details === "" ? because : `${because}, ${details}`}`
    )
  ]
}
