/** An instance that carries our saga's tag and belongs to no group: seen by a sweep, then left, with why, or ended. */
import { Duration, Schema } from "effect"
import { AccountId, InstanceId, InstanceType, Instant, Region, TenantId, ZoneId } from "./ids.ts"
import { event } from "./message.ts"

/** The tag that makes an instance ours: its value is the saga's id, put on in the call that launched it. */
export const sagaTag = "cloudoptim:saga"

/** A swap in progress is younger than this; its instance joins its group or is ended long before. Milliseconds. */
export const orphanAfterMs = Duration.toMillis("15 minutes")

const about = { tenant: TenantId, account: AccountId, region: Region, instance: InstanceId }
const key = (e: { readonly instance: InstanceId }) => ["orphan", e.instance]

/**
 * Seen, and nothing more: whether its saga is closed, or its journal lost, is for whoever reads this. Nothing is ever
 * terminated on this fact alone. Said again every few minutes while it stands.
 */
export class OrphanSeen extends Schema.TaggedClass<OrphanSeen>()("OrphanSeen", {
  ...about,
  instanceType: InstanceType,
  zone: ZoneId,
  saga: Schema.String,
  launchedAt: Instant,
  readAt: Instant
}) {}
export const orphanSeen = event("discovery", OrphanSeen, { key })

/**
 * Why it is not ended. `stopped`, `not-acting`: nothing is done in the account now. `not-ours`: it is not what a swap
 * launches. `unconfirmed`: it carries our tag, and neither journal nor ClientToken says that we launched it.
 * `journal-lost`, `journal-unreadable`: nobody can say how its saga ended. `saga-open`, `young`: its saga still works
 * on it, or did a moment ago. `stuck`: its saga left it to a person. `handed-over`: it served in its group, and whoever
 * took it out may be using it. `in-a-group`, `serving`, `in-use`, `protected`: somebody needs it, or has said so.
 * `refused`: AWS did not let us. `given-up`: nor several times.
 */
export const LeftBecause = Schema.Literals([
  "stopped",
  "not-acting",
  "not-ours",
  "unconfirmed",
  "journal-lost",
  "journal-unreadable",
  "saga-open",
  "young",
  "stuck",
  "handed-over",
  "in-a-group",
  "serving",
  "in-use",
  "protected",
  "refused",
  "given-up"
])
export type LeftBecause = typeof LeftBecause.Type

/** Said once, and again where the reason is another one. */
export class OrphanLeft extends Schema.TaggedClass<OrphanLeft>()("OrphanLeft", {
  ...about,
  saga: Schema.String,
  because: LeftBecause,
  details: Schema.String,
  at: Instant
}) {}
export const orphanLeft = event("executor", OrphanLeft, { key })

/** Told to go, and seen going. */
export class OrphanEnded extends Schema.TaggedClass<OrphanEnded>()("OrphanEnded", {
  ...about,
  instanceType: InstanceType,
  zone: ZoneId,
  saga: Schema.String,
  /** What proved that the saga launched it: its journal names it, or its ClientToken is the launch's. */
  confirmedBy: Schema.Literals(["journal", "token"]),
  launchedAt: Instant,
  at: Instant
}) {}
export const orphanEnded = event("executor", OrphanEnded, { key })
