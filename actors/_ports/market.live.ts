/** The market as shipped: real types, prices and interruption bands of three regions, read once and never changed. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { Result, Schema } from "effect"
import { InstanceType, type MicroUsd, microUsd, Region, ZoneId } from "../../schemas/ids.ts"
import { AdvisorBand, Architecture, TypeSpec } from "../../schemas/pool.ts"
import { named, readTable } from "./csv.live.ts"

/** Where the tables lie that ship with the product; its ORIGIN.md tells where they come from. */
const shipped = join(import.meta.dirname, "..", "..", "deploy", "market")

/** A line that cannot be read or believed: it is left out, the rest of its file is loaded. */
export class MalformedRow extends Schema.TaggedError<MalformedRow>()("MalformedRow", {
  file: Schema.String,
  /** Counted from 1; the header is line 1. */
  line: Schema.Int,
  problem: Schema.String
}) {
  override get message() {
    return `${this.file}:${this.line}: ${this.problem}`
  }
}

/** Digits with at most one point: an empty cell, which a number parser takes for zero, is refused. */
const Decimal = Schema.String.check(Schema.isPattern(/^\d+(\.\d+)?$/)).pipe(Schema.decodeTo(Schema.FiniteFromString))
const Whole = Decimal.check(Schema.isInt())
const Usd = Decimal.check(Schema.isGreaterThan(0))
const Percent = Decimal.check(Schema.isLessThan(100))
const Truth = Schema.Literals(["true", "false"])
const BootModes = Schema.Literals(["legacy-bios", "uefi", "legacy-bios uefi"])

const TypeRow = Schema.Struct({
  type: InstanceType,
  family: Schema.String,
  arch: Architecture,
  vcpu: Whole.check(Schema.isGreaterThan(0)),
  memoryMib: Whole.check(Schema.isGreaterThan(0)),
  hypervisor: Schema.Literals(["nitro", "xen"]),
  ena: Truth,
  nvme: Truth,
  bootModes: BootModes,
  instanceStoreGb: Whole
})
const OnDemandRow = Schema.Struct({
  region: Region,
  type: InstanceType,
  usdPerHour: Usd,
  source: Schema.Literals(["exact", "estimated"]),
  asOf: Schema.String
})
const AdvisorRow = Schema.Struct({
  region: Region,
  type: InstanceType,
  band: Whole.pipe(Schema.decodeTo(AdvisorBand)),
  savingsPct: Percent,
  asOf: Schema.String
})
const SpotRow = Schema.Struct({
  region: Region,
  zoneId: ZoneId,
  type: InstanceType,
  usdPerHour: Usd,
  origin: Schema.Literals(["snapshot", "estimated"])
})

/** What AWS's Spot advisor says of a type in a region. */
export interface Advised {
  /** 0 is less than 5 % interrupted in the trailing month, 4 more than 20 %. */
  readonly band: typeof AdvisorBand.Type
  /** Against on-demand, 0 to 99. */
  readonly savingsPct: number
  /** The day the advisor said so, as `2025-06-28`. */
  readonly asOf: string
}

/** Prices are per instance-hour, Linux, in millionths of a dollar; undefined where it is not sold. */
export interface Market {
  readonly types: ReadonlyMap<InstanceType, TypeSpec>
  readonly regions: ReadonlyArray<Region>
  /** The zones that sell Spot, in order of their IDs; none for a region that is not shipped. */
  readonly zones: (region: Region) => ReadonlyArray<ZoneId>
  readonly onDemandMicroUsd: (region: Region, type: InstanceType) => MicroUsd | undefined
  readonly advisor: (region: Region, type: InstanceType) => Advised | undefined
  readonly spotMicroUsd: (region: Region, zone: ZoneId, type: InstanceType) => MicroUsd | undefined
  readonly rejected: ReadonlyArray<MalformedRow>
}

interface Reading<A> {
  readonly file: string
  readonly row: Schema.ConstraintDecoder<A>
  /** What one row is about; a second row about the same is malformed. */
  readonly about: (row: A) => string
  /** What is wrong with a row that was read well, if anything. */
  readonly doubt?: (row: A) => string | undefined
}

/** Reads the four tables. A file that is not there throws; a malformed row only adds to `rejected`. */
export const loadMarket = (folder: string = shipped): Market => {
  const rejected: Array<MalformedRow> = []
  const table = <A>(reading: Reading<A>) => readRows(folder, reading, rejected)

  const types = new Map(
    table({ file: "instance-types.csv", row: TypeRow, about: (row) => row.type }).map((row) => [row.type, specOf(row)])
  )
  const doubt = ({ type }: { readonly type: InstanceType }) =>
    types.has(type) ? undefined : `${type} is not among the instance types`
  const inRegion = (row: { readonly region: Region; readonly type: InstanceType }) => `${row.region} ${row.type}`
  const onDemand = table({ file: "on-demand.csv", row: OnDemandRow, about: inRegion, doubt })
  const advisor = table({ file: "advisor.csv", row: AdvisorRow, about: inRegion, doubt })
  const inZone = (row: typeof SpotRow.Type) => `${inRegion(row)} ${row.zoneId}`
  const spot = table({ file: "spot.csv", row: SpotRow, about: inZone, doubt })

  const zones = new Map(
    [...Map.groupBy(spot, (row) => row.region)].map(([region, rows]) => [
      region,
      Object.freeze([...new Set(rows.map((row) => row.zoneId))].sort())
    ])
  )
  const onDemandPrices = new Map(onDemand.map((row) => [inRegion(row), microUsd(row.usdPerHour)]))
  const spotPrices = new Map(spot.map((row) => [inZone(row), microUsd(row.usdPerHour)]))
  const advice = new Map(advisor.map((row) => [inRegion(row), advisedOf(row)]))
  const nowhere: ReadonlyArray<ZoneId> = Object.freeze([])
  return Object.freeze({
    types: frozen(types),
    regions: Object.freeze([...new Set(onDemand.map((row) => row.region))].sort()),
    zones: (region: Region) => zones.get(region) ?? nowhere,
    onDemandMicroUsd: (region: Region, type: InstanceType) => onDemandPrices.get(`${region} ${type}`),
    advisor: (region: Region, type: InstanceType) => advice.get(`${region} ${type}`),
    spotMicroUsd: (region: Region, zone: ZoneId, type: InstanceType) => spotPrices.get(`${region} ${type} ${zone}`),
    rejected: Object.freeze(rejected)
  })
}

const readRows = <A>(folder: string, reading: Reading<A>, rejected: Array<MalformedRow>): ReadonlyArray<A> => {
  const { file, about } = reading
  const { columns, rows } = readTable(readFileSync(join(folder, file), "utf8"))
  const decode = Schema.decodeUnknownResult(reading.row)
  const seen = new Map<string, number>()
  const good: Array<A> = []
  for (const row of rows) {
    const { line } = row
    const refuse = (problem: string) => void rejected.push(new MalformedRow({ file, line, problem }))
    if (row.cells.length !== columns.length) {
      refuse(`${row.cells.length} cells under ${columns.length} columns`)
      continue
    }
    const read = decode(named(columns, row))
    if (Result.isFailure(read)) {
      refuse(read.failure.message.replaceAll("\n", "; "))
      continue
    }
    const before = seen.get(about(read.success))
    const doubt = before === undefined ? reading.doubt?.(read.success) : `repeats line ${before}`
    if (doubt !== undefined) {
      refuse(doubt)
      continue
    }
    seen.set(about(read.success), line)
    good.push(read.success)
  }
  return good
}

const specOf = (row: typeof TypeRow.Type): TypeSpec =>
  Object.freeze(
    new TypeSpec({
      instanceType: row.type,
      architecture: row.arch,
      vcpu: row.vcpu,
      memoryMib: row.memoryMib,
      hypervisor: row.hypervisor,
      enaRequired: row.ena === "true",
      nvmeRequired: row.nvme === "true",
      bootModes: bootModesOf[row.bootModes],
      bareMetal: false,
      instanceStoreGb: row.instanceStoreGb
    })
  )

const bootModesOf = Object.freeze({
  "legacy-bios": Object.freeze(["legacy-bios"] as const),
  uefi: Object.freeze(["uefi"] as const),
  "legacy-bios uefi": Object.freeze(["legacy-bios", "uefi"] as const)
})

const advisedOf = ({ band, savingsPct, asOf }: typeof AdvisorRow.Type): Advised =>
  Object.freeze({ band, savingsPct, asOf })

/** `Object.freeze` leaves a map's entries open. */
const frozen = <K, V>(map: Map<K, V>): ReadonlyMap<K, V> => {
  const refuse = () => {
    throw new TypeError("the market is read once and never changed")
  }
  return Object.freeze(Object.assign(map, { set: refuse, delete: refuse, clear: refuse }))
}
