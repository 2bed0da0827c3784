/** What a group is made of, zone by zone, held against the floors: zones, largest pool, what stays on-demand. */
import { createMemo, For, Show } from "solid-js"
import { share, counted } from "../words.ts"

export interface CompositionPart {
  readonly zone: string
  /** Absent where only the zone is known: then no pool can be judged. */
  readonly instanceType?: string | undefined
  readonly lifecycle: "on-demand" | "spot"
  readonly count: number
  /** Of one member; absent = members are counted instead of vCPU. */
  readonly vcpu?: number | undefined
}
/** The floors in force; the product's are 3 zones from 5 % each, 20 % a pool, 15 % on-demand. */
export interface CompositionFloors {
  readonly zonesMin: number
  readonly zoneShareMin: number
  readonly poolShareMax: number
  readonly onDemandShareMin: number
}
export const productFloors: CompositionFloors = {
  zonesMin: 3,
  zoneShareMin: 0.05,
  poolShareMax: 0.2,
  onDemandShareMin: 0.15
}

const familyOf = (type: string) => type.slice(0, Math.max(0, type.indexOf(".")))
const sum = (parts: ReadonlyArray<CompositionPart>) =>
  parts.reduce((all, part) => all + part.count * (part.vcpu ?? 1), 0)

/** Shares of vCPU; where no sizes are known, of members. Spot of one family in one zone is one pool. */
export const sharesOf = (parts: ReadonlyArray<CompositionPart>, floors: CompositionFloors) => {
  const total = Math.max(1, sum(parts))
  const zones = [...new Set(parts.map(({ zone }) => zone))].sort().map((zone) => {
    const here = parts.filter((part) => part.zone === zone)
    const shareOf = (lifecycle: string) => sum(here.filter((part) => part.lifecycle === lifecycle)) / total
    return {
      zone,
      spot: shareOf("spot"),
      onDemand: shareOf("on-demand"),
      members: here.reduce((n, p) => n + p.count, 0)
    }
  })
  const pools = new Map<string, number>()
  for (const part of parts) {
    if (part.lifecycle !== "spot" || part.instanceType === undefined) continue
    const pool = `${familyOf(part.instanceType)} in ${part.zone}`
    pools.set(pool, (pools.get(pool) ?? 0) + sum([part]))
  }
  const [largestPool = undefined] = [...pools].sort(([, a], [, b]) => b - a)
  return {
    zones,
    zonesCounted: zones.filter(({ spot, onDemand }) => spot + onDemand >= floors.zoneShareMin - 1e-9).length,
    largestPool: largestPool === undefined ? null : { pool: largestPool[0], share: largestPool[1] / total },
    onDemand: sum(parts.filter(({ lifecycle }) => lifecycle === "on-demand")) / total,
    hasSpot: parts.some(({ lifecycle }) => lifecycle === "spot"),
    isByVcpu: parts.some(({ vcpu }) => vcpu !== undefined)
  }
}

const Rule = (props: { readonly holds: boolean | null; readonly name: string; readonly says: string }) => (
  <li class="flex items-baseline gap-1.5 text-xs">
    <span
      aria-hidden="true"
      classList={{
        "text-ok": props.holds === true,
        "text-bad": props.holds === false,
        "text-soft": props.holds === null
      }}
    >
      {props.holds === null ? "–" : props.holds ? "✓" : "✗"}
    </span>
    <span>
      <span class="sr-only">{props.holds === null ? "not judged: " : props.holds ? "holds: " : "broken: "}</span>
      {props.name} <span class="text-soft">{props.says}</span>
    </span>
  </li>
)

/** A line at a share of the bar, as a rule's limit. */
const Limit = (props: { readonly at: number; readonly title: string }) => (
  <line
    x1={props.at * 100}
    x2={props.at * 100}
    y1="0"
    y2="10"
    class="stroke-ink [stroke-dasharray:2_2]"
    vector-effect="non-scaling-stroke"
  >
    <title>{props.title}</title>
  </line>
)

type Shares = ReturnType<typeof sharesOf>

const Zones = (props: { readonly shares: Shares; readonly floors: CompositionFloors; readonly unit: string }) => (
  <ul class="grid gap-1">
    <For each={props.shares.zones}>
      {(zone) => (
        <li class="grid grid-cols-[6.5rem_1fr_auto] items-center gap-2 text-xs">
          <span class="truncate font-mono">{zone.zone}</span>
          <svg
            viewBox="0 0 100 10"
            preserveAspectRatio="none"
            class="h-4 w-full rounded-sm bg-raised"
            aria-hidden="true"
          >
            <rect x="0" y="0" width={zone.onDemand * 100} height="10" class="fill-info" />
            <rect x={zone.onDemand * 100} y="0" width={zone.spot * 100} height="10" class="fill-ok" />
            <Limit at={props.floors.zoneShareMin} title={`a zone counts from ${share(props.floors.zoneShareMin)}`} />
          </svg>
          <span class="text-soft tabular-nums">
            {share(zone.spot + zone.onDemand)} · {counted(zone.members, "member")}
            <span class="sr-only">
              , {share(zone.onDemand)} on-demand and {share(zone.spot)} spot of the group's {props.unit}
            </span>
          </span>
        </li>
      )}
    </For>
  </ul>
)

const Rules = (props: { readonly shares: Shares; readonly floors: CompositionFloors }) => (
  <ul class="grid gap-0.5">
    <Rule
      holds={props.shares.zonesCounted >= props.floors.zonesMin}
      name={`At least ${props.floors.zonesMin} zones:`}
      says={`${props.shares.zonesCounted} with ${share(props.floors.zoneShareMin)} or more`}
    />
    <Show
      when={props.shares.largestPool}
      fallback={
        <Rule
          holds={null}
          name={`At most ${share(props.floors.poolShareMax)} a pool:`}
          says={props.shares.hasSpot ? "which pools its Spot is in is not told here" : "no Spot in it"}
        />
      }
    >
      {(pool) => (
        <Rule
          holds={pool().share <= props.floors.poolShareMax + 1e-9}
          name={`At most ${share(props.floors.poolShareMax)} a pool:`}
          says={`${share(pool().share)}, ${pool().pool}`}
        />
      )}
    </Show>
    <Rule
      holds={props.shares.onDemand >= props.floors.onDemandShareMin - 1e-9}
      name={`At least ${share(props.floors.onDemandShareMin)} on-demand:`}
      says={share(props.shares.onDemand)}
    />
  </ul>
)

export interface CompositionProps {
  readonly parts: ReadonlyArray<CompositionPart>
  /** Default: the product's. */
  readonly floors?: CompositionFloors | undefined
  readonly title?: string | undefined
}

export const Composition = (props: CompositionProps) => {
  const floors = () => props.floors ?? productFloors
  const shares = createMemo(() => sharesOf(props.parts, floors()))
  const unit = () => (shares().isByVcpu ? "vCPU" : "members")
  return (
    <figure class="grid gap-2">
      <figcaption class="text-sm font-medium">{props.title ?? "Composition"}</figcaption>
      <Zones shares={shares()} floors={floors()} unit={unit()} />
      <div class="flex flex-wrap gap-3 text-xs text-soft" aria-hidden="true">
        <span class="inline-flex items-center gap-1">
          <span class="size-2.5 rounded-sm bg-info" /> on-demand
        </span>
        <span class="inline-flex items-center gap-1">
          <span class="size-2.5 rounded-sm bg-ok" /> spot
        </span>
        <span>shares of {unit()}</span>
      </div>
      <Rules shares={shares()} floors={floors()} />
    </figure>
  )
}
