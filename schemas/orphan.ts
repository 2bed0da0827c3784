/** An instance that carries our saga's tag and belongs to no group: left behind by a swap that nobody carries on. */
import { Schema } from "effect"
import { AccountId, InstanceId, InstanceType, Instant, Region, TenantId, ZoneId } from "./ids.ts"
import { event } from "./message.ts"

/** The tag that makes an instance ours: its value is the saga's id, put on in the call that launched it. */
export const sagaTag = "cloudoptim:saga"

/**
 * Seen, and nothing more: whether its saga is closed, or its journal lost, is for whoever reads this. Nothing is ever
 * terminated on this fact alone.
 */
export class OrphanSeen extends Schema.TaggedClass<OrphanSeen>()("OrphanSeen", {
  tenant: TenantId,
  account: AccountId,
  region: Region,
  instance: InstanceId,
  instanceType: InstanceType,
  zone: ZoneId,
  saga: Schema.String,
  launchedAt: Instant,
  readAt: Instant
}) {}
export const orphanSeen = event("discovery", OrphanSeen, { key: (e) => ["orphan", e.instance] })
