/** A policy while it is edited: figures as they are typed, and the policy that they make. */
import type { Policy } from "./policies.tsx"

type Body = Omit<Policy, "version">

/** Figures as people type them: shares in percent, spans in seconds. */
export interface Draft {
  readonly approval: Policy["approval"]["_tag"]
  readonly monthlyUsd: string
  readonly scoreMin: string
  readonly zonesMin: string
  readonly zoneSharePercent: string
  readonly poolSharePercent: string
  readonly onDemandSharePercent: string
  readonly smallGroup: boolean
  readonly swapsPerWindow: string
  readonly windowSeconds: string
  readonly inFlightPercent: string
  readonly bakeSeconds: string
  readonly excludedGroups: string
  readonly excludedInstances: string
}

/** Without the noise of binary fractions: 0.15 is `15`. */
const figure = (n: number): string => String(+n.toFixed(6))

export const draftOf = (policy: Policy): Draft => ({
  approval: policy.approval._tag,
  monthlyUsd: policy.approval._tag === "auto-below" ? figure(policy.approval.monthlyUsd) : "100",
  scoreMin: figure(policy.floors.scoreMin),
  zonesMin: figure(policy.floors.zonesMin),
  zoneSharePercent: figure(policy.floors.zoneShareMin * 100),
  poolSharePercent: figure(policy.floors.poolShareMax * 100),
  onDemandSharePercent: figure(policy.floors.onDemandShareMin * 100),
  smallGroup: policy.presets.includes("small-group"),
  swapsPerWindow: figure(policy.swapsPerWindow),
  windowSeconds: figure(policy.windowMs / 1_000),
  inFlightPercent: figure(policy.inFlightShare * 100),
  bakeSeconds: figure(policy.bakeMs / 1_000),
  excludedGroups: policy.excludedGroups.join("\n"),
  excludedInstances: (policy.excludedInstances ?? []).join("\n")
})

const share = (percent: string): number => +(Number(percent) / 100).toFixed(8)
const ms = (seconds: string): number => Math.round(Number(seconds) * 1_000)

const linesOf = (text: string) =>
  text
    .split("\n")
    .map((name) => name.trim())
    .filter(Boolean)

/** The policy that a draft makes. What the form does not show stays as it was. */
export const policyOf = (draft: Draft, was: Policy): Body => {
  const { version: _version, excludedInstances: _instances, ...kept } = was
  const instances = linesOf(draft.excludedInstances)
  const others = was.presets.filter((preset) => preset !== "small-group")
  return {
    ...kept,
    approval:
      draft.approval === "auto-below"
        ? { _tag: "auto-below", monthlyUsd: Number(draft.monthlyUsd) }
        : { _tag: draft.approval },
    floors: {
      scoreMin: Number(draft.scoreMin),
      zonesMin: Math.round(Number(draft.zonesMin)),
      zoneShareMin: share(draft.zoneSharePercent),
      poolShareMax: share(draft.poolSharePercent),
      onDemandShareMin: share(draft.onDemandSharePercent)
    },
    presets: draft.smallGroup ? [...others, "small-group"] : others,
    swapsPerWindow: Math.round(Number(draft.swapsPerWindow)),
    windowMs: ms(draft.windowSeconds),
    inFlightShare: share(draft.inFlightPercent),
    bakeMs: ms(draft.bakeSeconds),
    excludedGroups: linesOf(draft.excludedGroups),
    // nobody excluded is nobody named: the policy of someone who never did so stays as it was
    ...(instances.length === 0 ? {} : { excludedInstances: instances as NonNullable<Policy["excludedInstances"]> })
  }
}
