/** A customer's wishes for an account: rows changed by command, versioned, named by every decision that used them. */
import { Schema } from "effect"
import { AccountId, InstanceId, Instant, TenantId } from "./ids.ts"
import { command } from "./message.ts"
import { Floors, Preset, productFloors } from "./safe-plan.ts"

/** Who must say yes before a plan runs. Below the threshold (monthly savings in dollars) `auto-below` asks nobody. */
export const ApprovalRule = Schema.Union([
  Schema.Struct({ _tag: Schema.Literal("manual") }),
  Schema.Struct({ _tag: Schema.Literal("auto-below"), monthlyUsd: Schema.Finite }),
  Schema.Struct({ _tag: Schema.Literal("auto") })
])

export class Policy extends Schema.Class<Policy>("Policy")({
  version: Schema.Int,
  approval: ApprovalRule,
  /** Floors may only be tightened: what is looser than the product's is taken as the product's. */
  floors: Floors,
  /** Presets that the account's groups may use where all five layers cannot hold. */
  presets: Schema.Array(Preset),
  /** The runaway brake: swaps released per window, and the length of the window. Product: 10 in 10 minutes. */
  swapsPerWindow: Schema.Int.check(Schema.isGreaterThan(0)),
  windowMs: Schema.Int.check(Schema.isGreaterThan(0)),
  /** Share of a group that may be in flight at once (at least one member). Product: 0.10. */
  inFlightShare: Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 0.5 })),
  /** How long the first swap of a plan serves beside the old member before there is no way back. */
  bakeMs: Schema.Int,
  /** Groups that nobody but people may touch. */
  excludedGroups: Schema.Array(Schema.String),
  /** Instances that nobody but people may take out of their group; absent = none. */
  excludedInstances: Schema.optionalKey(Schema.Array(InstanceId))
}) {}

/** Does a person keep the group from us, or any of these instances of it? */
export const excludes = (policy: Policy, group: string, instances: ReadonlyArray<string> = []): boolean => {
  const kept: ReadonlyArray<string> = policy.excludedInstances ?? []
  return policy.excludedGroups.includes(group) || (kept.length > 0 && instances.some((one) => kept.includes(one)))
}

/** What holds for an account whose people have wished nothing: the product's brake and bake, and a person says yes. */
export const productPolicy = new Policy({
  version: 0,
  approval: { _tag: "manual" },
  floors: productFloors,
  presets: [],
  swapsPerWindow: 10,
  windowMs: 10 * 60_000,
  inFlightShare: 0.1,
  bakeMs: 5 * 60_000,
  excludedGroups: []
})

export class SetPolicy extends Schema.TaggedClass<SetPolicy>()("SetPolicy", {
  tenant: TenantId,
  account: AccountId,
  policy: Policy,
  by: Schema.String,
  /** Absent where no person gave a reason, as at the start of an installation. */
  because: Schema.optionalKey(Schema.String)
}) {}
export const setPolicy = command("approval-desk", SetPolicy, { key: (c) => [c.account] })

/** Stop: `pause` releases nothing new, `halt` also turns running sagas back, `run` lifts it. */
export class SetStop extends Schema.TaggedClass<SetStop>()("SetStop", {
  tenant: TenantId,
  account: AccountId,
  stop: Schema.Literals(["run", "pause", "halt"]),
  by: Schema.String,
  because: Schema.String,
  at: Instant
}) {}
export const setStop = command("approval-desk", SetStop, { key: (c) => [c.account] })
