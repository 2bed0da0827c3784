/** Instances left behind by a real swap, in each way in which that comes about, and what becomes of them. */
import { assert } from "@effect/vitest"
import { sweeperName } from "../../actors/executor/sweeper.ts"
import { home } from "../../actors/_ports/world/stage.ts"
import type { InstanceRow } from "../../actors/_ports/world/state.ts"
import { orphanEnded, orphanLeft, OrphanSeen, orphanSeen } from "../../schemas/orphan.ts"
import { type InstanceId, instant } from "../../schemas/ids.ts"
import { endings, type Entry } from "../../schemas/saga.ts"
import { minute } from "../builders.ts"
import { auditFaults, journalFaults } from "./clean.ts"
import { through } from "./runs.ts"
import type { Break, StageOptions, SwapStage } from "./stage.ts"

/** The launch is done and never answered, and the next try is refused: the swap turns back without it. */
const unheard: ReadonlyArray<Break> = [
  { step: "launch", part: "do", call: "ec2.launchSpot", k: 1, how: "unanswered" },
  { step: "launch", part: "do", call: "ec2.launchSpot", k: 2, how: "refused" }
]
/** Longer than an unheard launch is waited for when it is taken back. */
const lateMs = 5 * minute

export const quarterMs = 15 * minute

/** A swap was undone, and what it launched became visible only long after: ours, alone, and twenty minutes old. */
export const leftBehind = (options: StageOptions = {}, meddle: (stage: SwapStage) => void = () => {}): SwapStage => {
  const breaks = [...unheard, ...(options.breaks ?? [])]
  const stage = through({ ...options, breaks, behaviours: { lagMs: [lateMs, lateMs], ...options.behaviours } }, meddle)
  assert.strictEqual(stage.phase, "RolledBack")
  assert.strictEqual(orphanIn(stage).state, "running")
  stage.sim.runFor(20 * minute)
  return stage
}

/** The world's own row of an instance. */
export const rowOf = (stage: SwapStage, instance: InstanceId): InstanceRow => {
  const row = stage.world.ground.rows.instances.get(instance)
  if (row === undefined) throw new Error(`there is no ${instance}`)
  return row
}

/** A sweep finds the instance outside of every group; `forge` changes what it says. */
export const seen = (stage: SwapStage, instance: InstanceId, forge: Partial<OrphanSeen> = {}): void => {
  const { tenant, account, region } = home
  const row = rowOf(stage, instance)
  const { instanceType, zone, saga } = row
  const about = { tenant, account, region, instance, instanceType, zone, saga: saga ?? "s1" }
  const at = { launchedAt: instant(row.launchedAt), readAt: instant(Math.floor(stage.sim.now)) }
  const fact = new OrphanSeen({ ...about, ...at, ...forge })
  stage.say(orphanSeen, fact)
}

/** The one instance that the swap launched. */
export const orphanIn = (stage: SwapStage): InstanceRow => {
  const [one, ...others] = stage.replacements
  if (one === undefined || others.length > 0) throw new Error(`${others.length + 1} were launched`)
  return one
}

export const sweepsIn = ({ entries }: SwapStage): ReadonlyArray<Entry> =>
  entries.filter(({ saga }) => saga === "orphan-sweep")
const isSwept = (stage: SwapStage) => {
  const last = sweepsIn(stage).at(-1)
  const isOver = last === undefined || endings.includes(last.phase)
  return isOver && (stage.server.standing(sweeperName)?.unsettled.length ?? 0) === 0
}

/** Says that it was seen, and lets the house work it off, an hour at most. */
export const sweep = (stage: SwapStage, say: () => void = () => seen(stage, orphanIn(stage).id)): SwapStage => {
  say()
  const deadline = stage.sim.now + 60 * minute
  stage.sim.runFor(2_000)
  while (stage.sim.now < deadline && !isSwept(stage)) stage.sim.runFor(1_000)
  assert.isTrue(isSwept(stage), "the sweep has not come to an end")
  return stage
}

/** What was said of it since, each reason once in its order, and `ended`. */
export const saidOf = (stage: SwapStage): ReadonlyArray<string> => [
  ...stage.said(orphanLeft).map(({ because }) => because),
  ...stage.said(orphanEnded).map(() => "ended")
]

/** Each time that the cloud was asked to end an instance, or this one. */
export const terminations = ({ writes }: SwapStage, instance?: InstanceId) =>
  writes.filter(
    ({ action, request }) =>
      action === "ec2:TerminateInstances" &&
      (instance === undefined || (request as { readonly instance: string }).instance === instance)
  )

/** Whatever else: whole journals, calls on record, nobody's group touched, nothing executed twice. */
export const soundFaults = (stage: SwapStage): ReadonlyArray<string> => {
  const { before, group } = stage
  const whole = ({ minSize, desired, maxSize, suspended, members }: typeof group) =>
    JSON.stringify([minSize, desired, maxSize, suspended, members.map(({ id }) => id).toSorted()])
  const byId = Map.groupBy(stage.entries, ({ id }) => id)
  return [
    ...[...byId.values()].flatMap(journalFaults),
    ...auditFaults(stage),
    ...(whole(before) === whole(group) ? [] : [`${whole(group)}, it was ${whole(before)}`]),
    ...(stage.server.dead.length === 0 ? [] : ["something was buried"]),
    ...(terminations(stage).filter(({ effect }) => effect !== null).length > 1 ? ["ended more than once"] : []),
    ...stage.world.report().violations.map(({ invariant, details }) => `invariant ${invariant}: ${details}`)
  ]
}

/** It was ended, by one saga that is Done, and said once; nothing else was touched. */
export const assertEnded = (stage: SwapStage): void => {
  const { id, state } = orphanIn(stage)
  const last = sweepsIn(stage).at(-1)
  const said = stage.said(orphanEnded)
  assert.deepStrictEqual(soundFaults(stage), [])
  assert.strictEqual(last?.phase, "Done", `${last?.code} ${last?.reason}`)
  assert.include(["shutting-down", "terminated"], state)
  assert.deepStrictEqual(
    said.map(({ instance, account }) => [instance, account]),
    [[id, home.account]]
  )
}

/** Nothing was asked to end, no journal was opened, and the last word said why. */
export const assertLeft = (stage: SwapStage, because: string | null): void => {
  assert.deepStrictEqual(sweepsIn(stage), [])
  assert.strictEqual(stage.said(orphanLeft).at(-1)?.because ?? null, because)
  assert.deepStrictEqual(stage.said(orphanEnded), [])
}
