/** What the simulated cloud remembers: plain rows in tables that know which of them changed since the last commit. */
import type {
  AccountId,
  Environment,
  InstanceId,
  InstanceType,
  Lifecycle,
  Mode,
  Region,
  TenantId,
  ZoneId
} from "../../../schemas/ids.ts"
import type { Architecture, Product } from "../../../schemas/pool.ts"
import type { AlarmState, TargetState } from "../health.ts"

/** Rows by key. Whoever changes a row puts it again: what is not put is not kept. */
export class Table<T> {
  readonly rows = new Map<string, T>()
  readonly dirty = new Set<string>()
  get(key: string): T | undefined {
    return this.rows.get(key)
  }
  put(key: string, row: T): void {
    this.rows.set(key, row)
    this.dirty.add(key)
  }
  drop(key: string): void {
    if (this.rows.delete(key)) this.dirty.add(key)
  }
}

/** Everything below an account is kept per account and region. */
export interface Place {
  readonly account: AccountId
  readonly region: Region
}
export const scopeOf = (place: Place): string => `${place.account}/${place.region}`
export const keyIn = (place: Place, name: string): string => `${place.account}/${place.region}/${name}`

export interface AccountRow {
  readonly tenant: TenantId
  readonly account: AccountId
  readonly name: string
  readonly regions: ReadonlyArray<Region>
  readonly environment: typeof Environment.Type
  /** What the role in the account lets us do, whatever a caller believes. */
  mode: typeof Mode.Type
  readonly roleArn: string | null
  readonly externalId: string | null
  /** A code with which every call is refused, as `ExpiredToken`; null = it answers. */
  refuses: string | null
  /** The service-linked role for Spot exists. */
  spotRole: boolean
  /** vCPUs that may run at once, per region. */
  spotVcpuQuota: number
  onDemandVcpuQuota: number
}

export interface SubnetRow extends Place {
  readonly subnet: string
  readonly zone: ZoneId
  addresses: number
}

export interface TemplateVersion {
  readonly version: number
  readonly imageId: string | null
  readonly instanceType: InstanceType | null
  readonly architecture: typeof Architecture.Type | null
  readonly asksForSpot: boolean
  /** What else it asks for that a swap cannot give, by name. */
  readonly obstacles?: ReadonlyArray<string>
}
export interface TemplateRow extends Place {
  readonly id: string
  defaultVersion: number
  versions: ReadonlyArray<TemplateVersion>
}

export interface MemberRow {
  /** The group's key. */
  readonly group: string
  state: string
  healthy: boolean
  protectedFromScaleIn: boolean
  readonly weight: number
  targets: Record<string, typeof TargetState.Type>
}

export interface InstanceRow extends Place {
  readonly id: InstanceId
  /** In order of launching, from 1. */
  readonly n: number
  readonly instanceType: InstanceType
  readonly vcpu: number
  readonly zone: ZoneId
  readonly subnet: string
  readonly lifecycle: typeof Lifecycle.Type
  readonly product: typeof Product.Type
  state: "pending" | "running" | "shutting-down" | "terminated" | "stopping" | "stopped"
  stateReason: string | null
  readonly launchedAt: number
  /** Reads do not know it before (eventual consistency). */
  visibleAt: number
  /** When both status checks pass; null = not running yet, or never. */
  statusOkAt: number | null
  /** They never will. */
  readonly sick: boolean
  tags: Record<string, string>
  readonly operatorManaged: boolean
  /** The template's version it was launched from. */
  readonly from?: { readonly id: string; readonly version: string }
  /** What its owner has tied to it, as an address: lost with it. */
  bound?: ReadonlyArray<string>
  terminationProtected: boolean
  /** The saga that launched it, whatever became of its tags. */
  readonly saga: string | null
  /** Of the call that launched it, where that gave one. */
  readonly clientToken?: string
  member: MemberRow | null
}

export interface GroupRow extends Place {
  readonly key: string
  readonly group: string
  minSize: number
  desired: number
  maxSize: number
  readonly subnets: ReadonlyArray<string>
  readonly template: { readonly id: string; readonly version: string } | null
  readonly mixed: {
    readonly onDemandBase: number
    readonly onDemandPercentAboveBase: number
    readonly types: ReadonlyArray<InstanceType>
    readonly weighted: boolean
    readonly weights: Readonly<Record<string, number>>
  } | null
  suspended: ReadonlyArray<string>
  readonly launchHooks: number
  readonly terminateHooks: number
  readonly targetGroups: ReadonlyArray<string>
  readonly classicBalancers: number
  readonly warmPool: boolean
  readonly capacityRebalance: boolean
  readonly maxInstanceLifetimeSeconds: number | null
  readonly newMembersProtected: boolean
  refreshing: boolean
  status: string | null
  /** Further settings that forbid a swap, by name. */
  obstacles?: ReadonlyArray<string>
  tags: Record<string, string>
  /** The knobs as their owner or AWS last set them: ours must come back to them. */
  base: { minSize: number; desired: number; maxSize: number; suspended: ReadonlyArray<string> }
  /** Units of capacity that AWS or the owner took and that are not back yet. */
  excused: number
  /** When AWS or the owner last took capacity. */
  lossAt: number | null
  unevenSince: number | null
}

export interface TokenRow {
  readonly instance: InstanceId
  /** The request that it stands for, as JSON. */
  readonly request: string
}

/** One take of a Spot instance by AWS. */
export interface ReclaimRow extends Place {
  readonly instance: InstanceId
  readonly instanceType: InstanceType
  readonly zone: ZoneId
  readonly warnedAt: number | null
  takenAt: number | null
}

/** What a group did with an instance, or had done to it. */
export interface ActivityRow {
  /** The group's key. */
  readonly group: string
  readonly instance: InstanceId
  readonly kind: "launch" | "attach" | "terminate" | "detach"
  /** What it did itself to desired. */
  readonly desiredBy: number
  readonly at: number
}

/** One write that reached the cloud, whatever became of it. */
export interface WriteRow extends Place {
  readonly n: number
  readonly at: number
  readonly action: string
  readonly request: unknown
  readonly tenant: TenantId
  readonly mode: typeof Mode.Type
  readonly by: string
  readonly saga: string | null
  readonly step: string | null
  readonly epoch: number
  readonly until: number | null
  /** `executed`, or the code of the refusal. */
  outcome: string
  /** What it changed, as `launch i-1`; null = nothing, it had been so already or was refused. */
  effect: string | null
  /** Refused, or let through by the open fence, for coming after the end of its session. */
  late: boolean
}

export interface SagaRow {
  /** The highest that was seen. */
  epoch: number
  /** Executed effects by kind. */
  effects: Record<string, number>
  /** Of its instances, those that were ever in service. */
  served: ReadonlyArray<InstanceId>
}

export interface Violation {
  /** The invariant's number. */
  readonly invariant: number
  readonly details: string
  readonly at: number
}

/** Something that will happen by itself. */
export interface Due {
  readonly at: number
  /** Among equals in time, the one that was planned first comes first. */
  readonly n: number
  readonly kind: string
  readonly about: string
}

export const tables = () => ({
  accounts: new Table<AccountRow>(),
  subnets: new Table<SubnetRow>(),
  templates: new Table<TemplateRow>(),
  groups: new Table<GroupRow>(),
  instances: new Table<InstanceRow>(),
  tokens: new Table<TokenRow>(),
  targetGroups: new Table<{ readonly targetGroup: string }>(),
  alarms: new Table<{ state: typeof AlarmState.Type }>(),
  /** Pools that refuse Spot, by `zone type`, with their code. */
  refusing: new Table<{ readonly code: string }>(),
  reclaims: new Table<ReclaimRow>(),
  /** By instance: few things become of one. */
  activities: new Table<ReadonlyArray<ActivityRow>>(),
  writes: new Table<WriteRow>(),
  sagas: new Table<SagaRow>(),
  violations: new Table<Violation>(),
  agenda: new Table<Due>(),
  counters: new Table<{ value: number }>()
})
export type Tables = ReturnType<typeof tables>
