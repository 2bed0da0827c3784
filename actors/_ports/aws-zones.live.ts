/** Zone names of one account, as IDs: `us-east-1a` is another building in each account, `use1-az1` the same in all. */
import { DescribeAvailabilityZonesCommand } from "@aws-sdk/client-ec2"
import { Effect, Schema } from "effect"
import { type AccountId, type Region, ZoneId } from "../../schemas/ids.ts"
import { readAs } from "./aws-refusal.live.ts"
import type { Aws } from "./aws.live.ts"
import type { CloudRefusal } from "./cloud-refusal.ts"
import type { Caller } from "./port.ts"

/** AWS opens a zone every few years; a name that is not known is asked for at once. */
const freshMs = 3_600_000
const unknownFreshMs = 60_000
const scopesMax = 2000

/** What the answers of EC2 say about a place: mostly a name, lately also an ID. */
export interface Placed {
  readonly AvailabilityZone?: string | undefined
  readonly AvailabilityZoneId?: string | undefined
}
/** The zone's ID, or null where it cannot be told. */
export type ZoneOf = (placed: Placed | undefined) => ZoneId | null

interface Zone {
  readonly zone: ZoneId
  readonly name: string
}
const Zones = Schema.Array(Schema.Struct({ ZoneId, ZoneName: Schema.NonEmptyString }))
const isZoneId = Schema.is(ZoneId)

export interface Zoning {
  readonly zones: (caller: Caller) => Effect.Effect<ReadonlyArray<Zone>, CloudRefusal>
  /** Knows every name among those given, where AWS knows it. Asks AWS only where a name comes without its ID. */
  readonly zoneOf: (caller: Caller, places: Iterable<Placed | undefined>) => Effect.Effect<ZoneOf, CloudRefusal>
}

const ask = (aws: Aws["Service"], caller: Caller) => {
  const action = "ec2:DescribeAvailabilityZones"
  return aws
    .read("ec2", caller, action, (ec2, options) =>
      // also those that the account has not opted in to: a name must never be strange
      ec2.send(new DescribeAvailabilityZonesCommand({ AllAvailabilityZones: true }), options)
    )
    .pipe(
      Effect.map(({ AvailabilityZones = [] }) =>
        AvailabilityZones.filter((zone) => zone.ZoneType !== "wavelength-zone")
      ),
      Effect.flatMap(readAs(action, Zones, "the zones")),
      Effect.map((zones): ReadonlyArray<Zone> => zones.map(({ ZoneId: zone, ZoneName: name }) => ({ zone, name })))
    )
}

interface Known {
  readonly names: ReadonlyMap<string, ZoneId>
  readonly zones: ReadonlyArray<Zone>
  readonly at: number
}

export const makeZoning = (aws: Aws["Service"]): Zoning => {
  const kept = new Map<string, Known>()
  const scopeOf = (account: AccountId, region: Region) => `${account}/${region}`
  const learn = (caller: Caller) =>
    Effect.map(ask(aws, caller), (zones): Known => {
      const known = { names: new Map(zones.map(({ zone, name }) => [name, zone])), zones, at: Date.now() }
      if (kept.size >= scopesMax) kept.clear()
      kept.set(scopeOf(caller.account, caller.region), known)
      return known
    })
  const known = (caller: Caller, withinMs: number) =>
    Effect.suspend(() => {
      const have = kept.get(scopeOf(caller.account, caller.region))
      return have !== undefined && Date.now() - have.at < withinMs ? Effect.succeed(have) : learn(caller)
    })
  return {
    zones: (caller) => Effect.map(known(caller, freshMs), ({ zones }) => zones),
    zoneOf: (caller, places) =>
      Effect.gen(function* () {
        const names = new Set<string>()
        for (const place of places) {
          if (place?.AvailabilityZone !== undefined && !isZoneId(place.AvailabilityZoneId))
            names.add(place.AvailabilityZone)
        }
        const have = names.size === 0 ? null : yield* known(caller, freshMs)
        const isStrange = have !== null && [...names].some((name) => !have.names.has(name))
        const ids = isStrange ? yield* known(caller, unknownFreshMs) : have
        return (placed) => {
          if (isZoneId(placed?.AvailabilityZoneId)) return placed.AvailabilityZoneId
          return ids?.names.get(placed?.AvailabilityZone ?? "") ?? null
        }
      })
  }
}
