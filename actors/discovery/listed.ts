/** What a sweep brings home, in the shapes that composing needs: the ports' answers fit them as they are. */
import type { Member, Template } from "../../schemas/group.ts"
import type { GroupName, InstanceId, InstanceType, Instant, Lifecycle, ZoneId } from "../../schemas/ids.ts"
import type { Product } from "../../schemas/pool.ts"
import type { Tags } from "./owner.ts"

type ListedMember = Omit<Member, "lifecycle" | "saga" | "bound">

export interface ListedGroup {
  readonly group: GroupName
  readonly minSize: number
  readonly desired: number
  readonly maxSize: number
  readonly subnets: ReadonlyArray<string>
  readonly template: { readonly id: string; readonly version: string } | null
  readonly mixed: {
    readonly onDemandBase: number
    readonly onDemandPercentAboveBase: number
    readonly types: ReadonlyArray<InstanceType>
    readonly weighted: boolean
  } | null
  readonly suspended: ReadonlyArray<string>
  readonly members: ReadonlyArray<ListedMember>
  readonly targetGroups: ReadonlyArray<string>
  readonly classicBalancers: number
  readonly warmPool: boolean
  readonly capacityRebalance: boolean
  readonly maxInstanceLifetimeSeconds: number | null
  readonly status: string | null
  readonly obstacles: ReadonlyArray<string>
  readonly tags: Tags
}

export interface ListedInstance {
  readonly instance: InstanceId
  readonly instanceType: InstanceType
  readonly zone: ZoneId
  readonly lifecycle: Lifecycle
  readonly product: Product
  readonly state: string
  readonly stateReason: string | null
  readonly launchedAt: Instant
  readonly tags: Tags
  readonly operatorManaged: boolean
  readonly bound: ReadonlyArray<string>
}

/** An answer, or the code with which it was refused: what cannot be seen is said, never guessed. */
export type Found<A> = { readonly _tag: "Seen"; readonly value: A } | { readonly _tag: "Unseen"; readonly code: string }
export const seen = <A>(value: A): Found<A> => ({ _tag: "Seen", value })
export const unseen = (code: string): Found<never> => ({ _tag: "Unseen", code })

/** What is asked about a group apart from the listing, and kept between sweeps. */
export interface Details {
  /** Null where the group names none. */
  readonly template: Found<typeof Template.Type> | null
  readonly zones: ReadonlyMap<string, Found<ZoneId>>
  readonly hooks: Found<{ readonly launching: number; readonly terminating: number }>
  readonly refreshing: Found<boolean>
}
