/** What happened in the world so far, in figures, and what must not have happened. */
import type { Ground } from "./ground.ts"
import { knobsNotRestored, orphans } from "./invariants.ts"
import type { GroupRow, Violation } from "./state.ts"

export interface Ask {
  /** Whether nobody works on the saga any more; all of them, unless told. */
  readonly isClosed: (saga: string) => boolean
  /**
   * Age from which an instance without a group counts as forgotten, in real milliseconds; 15 minutes of the cloud
   * unless told.
   */
  readonly orphanAfterMs: number
  /** Keys (`account/region/group`) of groups in the middle of a swap: their knobs may still be turned. */
  readonly busy: ReadonlySet<string>
}

export interface Report {
  readonly at: number
  readonly writes: Readonly<
    Record<string, { readonly executed: number; readonly refused: number; readonly effects: number }>
  >
  /** Writes that the fence stopped for coming after the end of their session. */
  readonly refusedLate: number
  readonly instances: number
  readonly onDemandRunning: number
  readonly spotRunning: number
  readonly reclaimed: number
  /** Times that a call of ours took capacity below the floor (invariant 1). */
  readonly capacityViolations: number
  readonly orphans: ReadonlyArray<string>
  readonly knobsNotRestored: ReadonlyArray<string>
  readonly violations: ReadonlyArray<Violation>
}

export const report = (w: Ground, ask: Partial<Ask>): Report => {
  const writes: Record<string, { executed: number; refused: number; effects: number }> = {}
  let refusedLate = 0
  for (const { action, outcome, late, effect } of w.rows.writes.rows.values()) {
    const sum = (writes[action] ??= { executed: 0, refused: 0, effects: 0 })
    if (outcome === "executed") sum.executed++
    else sum.refused++
    if (effect !== null) sum.effects++
    if (late && outcome !== "executed") refusedLate++
  }
  const running = { "on-demand": 0, spot: 0 }
  for (const { state, lifecycle } of w.rows.instances.rows.values()) if (state === "running") running[lifecycle]++
  const isIdle = (group: GroupRow) => ask.busy?.has(group.key) !== true
  const forgotten = orphans(w, ask.orphanAfterMs ?? 900_000 / w.speed, ask.isClosed ?? (() => true))
  const violations = [...w.rows.violations.rows.values()]
  return {
    at: w.at,
    writes,
    refusedLate,
    instances: w.rows.instances.rows.size,
    onDemandRunning: running["on-demand"],
    spotRunning: running.spot,
    reclaimed: [...w.rows.reclaims.rows.values()].filter(({ takenAt }) => takenAt !== null).length,
    capacityViolations: violations.filter(({ invariant }) => invariant === 1).length,
    orphans: forgotten.map(({ id }) => id),
    knobsNotRestored: knobsNotRestored([...w.rows.groups.rows.values()].filter(isIdle)),
    violations
  }
}
