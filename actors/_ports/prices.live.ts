/** Prices over the AWS SDK: Spot history and types from EC2, list prices as bundled, bands fetched or bundled. */
import {
  DescribeInstanceTypesCommand,
  DescribeSpotPriceHistoryCommand,
  type InstanceTypeInfo
} from "@aws-sdk/client-ec2"
import { Effect, Result, Schema } from "effect"
import type { InstanceType, MicroUsd, Region } from "../../schemas/ids.ts"
import { microUsd } from "../../schemas/ids.ts"
import { type AdvisorBand, type Product, TypeSpec } from "../../schemas/pool.ts"
import { makeAdvisorFeed, type AdvisorFeedOptions } from "./advisor-feed.live.ts"
import { makeZoning, type Zoning } from "./aws-zones.live.ts"
import type { Aws } from "./aws.live.ts"
import { productOf } from "./ec2-instance.live.ts"
import type { Caller, Inner } from "./port.ts"
import { type pricesCalls, type RefusedRow, SpotPrice } from "./prices.ts"

type Service = Aws["Service"]
type Refused = typeof RefusedRow.Type

/** What is known without asking anybody, as it came with the program. Prices are per instance-hour, Linux. */
export interface MarketData {
  readonly types: ReadonlyMap<InstanceType, TypeSpec>
  readonly onDemandMicroUsd: (region: Region, type: InstanceType) => MicroUsd | undefined
  readonly advisor: (region: Region, type: InstanceType) => Advised | undefined
  /** The day of a region's list prices, where it is known apart from the advisor's. */
  readonly onDemandAsOf?: (region: Region) => string
  /** Lines of the bundle that were left out when it was read. */
  readonly rejected?: ReadonlyArray<{ readonly file: string; readonly line: number; readonly problem: string }>
}
interface Advised {
  readonly band: typeof AdvisorBand.Type
  readonly savingsPct: number
  /** A day, as `2025-06-28`. */
  readonly asOf: string
}

export interface PricesOptions extends AdvisorFeedOptions {
  readonly market: MarketData
}

/** Both names of one product: accounts from before 2013 also get `(Amazon VPC)`. */
const described: Readonly<Record<typeof Product.Type, string>> = {
  linux: "Linux/UNIX",
  windows: "Windows",
  rhel: "Red Hat Enterprise Linux",
  suse: "SUSE Linux"
}
const historyMax = 1000
const typesMax = 100
/** AWS has some 1,400 types, a hundred a page; more pages than these are a loop. */
const typePagesMax = 60

const decodePrice = Schema.decodeUnknownResult(SpotPrice)

const history = (aws: Service, zoning: Zoning, input: typeof pricesCalls.spotHistory.asks.Type, caller: Caller) => {
  const { types, product, since, page } = input
  const request = {
    ProductDescriptions: [described[product], `${described[product]} (Amazon VPC)`],
    StartTime: new Date(since),
    MaxResults: historyMax,
    ...(types.length === 0
      ? {}
      : { InstanceTypes: [...types] as Array<NonNullable<InstanceTypeInfo["InstanceType"]>> }),
    ...(page === null ? {} : { NextToken: page })
  }
  return Effect.gen(function* () {
    const { SpotPriceHistory = [], NextToken } = yield* aws.read(
      "ec2",
      caller,
      "ec2:DescribeSpotPriceHistory",
      (ec2, options) => ec2.send(new DescribeSpotPriceHistoryCommand(request), options)
    )
    const zoneOf = yield* zoning.zoneOf(caller, SpotPriceHistory)
    const prices: Array<typeof SpotPrice.Type> = []
    let refused = 0
    for (const each of SpotPriceHistory) {
      const row = decodePrice({
        zone: zoneOf(each),
        instanceType: each.InstanceType,
        product: productOf(each.ProductDescription),
        perHour: /^\d+(\.\d+)?$/.test(each.SpotPrice ?? "") ? microUsd(Number(each.SpotPrice)) : null,
        at: each.Timestamp?.getTime()
      })
      if (Result.isSuccess(row)) prices.push(row.success)
      else refused++
    }
    // a pool without a price is not offered, which is the safe side: the rows are counted, the page stays good
    if (refused > 0) yield* Effect.logWarning("Spot prices that cannot be read", { refused, region: caller.region })
    return { prices, next: NextToken || null }
  })
}

/** The day of the newest thing that the bundle says of a region. */
const bundledAsOf = (market: MarketData, region: Region): string => {
  let newest = "unknown"
  for (const type of market.types.keys()) {
    const asOf = market.advisor(region, type)?.asOf
    if (asOf !== undefined && (newest === "unknown" || asOf > newest)) newest = asOf
  }
  return newest
}

const onDemand = (market: MarketData, product: typeof Product.Type, region: Region) => {
  const rows = []
  // the bundle prices Linux alone: of another product nothing is said, rather than something wrong
  for (const instanceType of product === "linux" ? market.types.keys() : []) {
    const perHour = market.onDemandMicroUsd(region, instanceType)
    if (perHour !== undefined) rows.push({ instanceType, perHour })
  }
  const asOf = market.onDemandAsOf?.(region) ?? bundledAsOf(market, region)
  const refused = (market.rejected ?? []).map(({ file, line, problem }) => ({ source: file, line, reason: problem }))
  return { rows, refused, origin: "bundled", asOf }
}

const bundledAdvisor = (market: MarketData, product: typeof Product.Type, region: Region) => {
  const rows = []
  for (const instanceType of product === "linux" ? market.types.keys() : []) {
    const said = market.advisor(region, instanceType)
    if (said !== undefined) rows.push({ instanceType, band: said.band, savingsPercent: said.savingsPct })
  }
  return { rows, refused: [], origin: "bundled", asOf: bundledAsOf(market, region) }
}

const decodeSpec = Schema.decodeUnknownResult(TypeSpec)

const specOf = (raw: InstanceTypeInfo) => {
  const architectures = raw.ProcessorInfo?.SupportedArchitectures ?? []
  return decodeSpec({
    instanceType: raw.InstanceType,
    architecture: architectures.includes("x86_64") ? "x86_64" : (architectures[0] ?? null),
    vcpu: raw.VCpuInfo?.DefaultVCpus,
    memoryMib: raw.MemoryInfo?.SizeInMiB,
    // bare metal has none; its disks are named as Nitro's
    hypervisor: raw.BareMetal === true ? (raw.Hypervisor ?? "nitro") : raw.Hypervisor,
    enaRequired: raw.NetworkInfo?.EnaSupport === "required",
    nvmeRequired: raw.EbsInfo?.NvmeSupport === "required",
    bootModes: raw.SupportedBootModes ?? ["legacy-bios"],
    bareMetal: raw.BareMetal ?? false,
    instanceStoreGb: raw.InstanceStorageInfo?.TotalSizeInGB ?? 0
  })
}

const types = (aws: Service, caller: Caller) => {
  const action = "ec2:DescribeInstanceTypes"
  return Effect.gen(function* () {
    const rows: Array<TypeSpec> = []
    const refused: Array<Refused> = []
    let line = 0
    let next: string | undefined
    for (let n = 0; n < typePagesMax; n++) {
      const request = { MaxResults: typesMax, ...(next === undefined ? {} : { NextToken: next }) }
      const { InstanceTypes = [], NextToken } = yield* aws.read("ec2", caller, action, (ec2, options) =>
        ec2.send(new DescribeInstanceTypesCommand(request), options)
      )
      for (const each of InstanceTypes) {
        line++
        const spec = specOf(each)
        if (Result.isSuccess(spec)) rows.push(spec.success)
        else {
          const reason = `${each.InstanceType ?? "without a name"}: ${spec.failure.message.replace(/\s+/g, " ")}`
          refused.push({ source: action, line, reason })
        }
      }
      next = NextToken || undefined
      if (next === undefined) break
    }
    return { rows, refused, origin: "aws", asOf: new Date().toISOString().slice(0, 10) }
  })
}

export const inner = (aws: Service, options: PricesOptions): Inner<typeof pricesCalls> => {
  const zoning = makeZoning(aws)
  const feed = makeAdvisorFeed(options)
  return {
    spotHistory: (input, caller) => history(aws, zoning, input, caller),
    onDemand: ({ product }, { region }) => Effect.sync(() => onDemand(options.market, product, region)),
    advisor: ({ product }, { region }) =>
      Effect.map(feed(region, product), (told) => told ?? bundledAdvisor(options.market, product, region)),
    types: (_, caller) => types(aws, caller)
  }
}
