/** The shipped market: readable, believable, wide enough to move every usual machine, and closed to changes. */
import { execFileSync } from "node:child_process"
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { gzipSync } from "node:zlib"
import { assert, describe, it } from "@effect/vitest"
import { familyOf, InstanceType, microUsd, Region, ZoneId } from "../../schemas/ids.ts"
import { loadMarket, MalformedRow } from "../../actors/_ports/market.live.ts"

const here = import.meta.dirname
const tables = ["instance-types.csv", "on-demand.csv", "advisor.csv", "spot.csv"]
const market = loadMarket()
const virginia = Region.make("us-east-1")

/** A folder of its own for one test, gone afterwards. */
const inFolder = <A>(use: (folder: string) => A): A => {
  const folder = mkdtempSync(join(tmpdir(), "market-"))
  try {
    return use(folder)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe("the shipped tables", () => {
  it("are read without one refusal and stay below 1.5 MB", () => {
    assert.deepStrictEqual(market.rejected, [])
    const bytes = tables.reduce((sum, file) => sum + statSync(join(here, file)).size, 0)
    assert.isBelow(bytes, 1_500_000)
    assert.deepStrictEqual(
      market.regions,
      ["eu-west-1", "us-east-1", "us-west-2"].map((region) => Region.make(region))
    )
  })

  it("never sell Spot dearer than on-demand, nor a pool without a price and a band to judge it by", () => {
    let pools = 0
    for (const region of market.regions) {
      assert.isAtLeast(market.zones(region).length, 3)
      for (const type of market.types.keys()) {
        for (const zone of market.zones(region)) {
          const spot = market.spotMicroUsd(region, zone, type)
          if (spot === undefined) continue
          pools++
          const onDemand = market.onDemandMicroUsd(region, type)
          assert.isTrue(onDemand !== undefined && spot > 0 && spot <= onDemand, `${zone} ${type}`)
          assert.isDefined(market.advisor(region, type), `${zone} ${type}`)
        }
      }
    }
    assert.isAbove(pools, 4_000)
  })

  it("hold what AWS publishes of a well known type", () => {
    const large = InstanceType.make("m5.large")
    const spec = market.types.get(large)
    assert.strictEqual(market.onDemandMicroUsd(virginia, large), microUsd(0.096))
    assert.deepStrictEqual([spec?.architecture, spec?.vcpu, spec?.memoryMib], ["x86_64", 2, 8192])
    assert.deepStrictEqual([spec?.bootModes, spec?.enaRequired], [["legacy-bios", "uefi"], true])
    assert.deepStrictEqual(market.types.get(InstanceType.make("m6g.large"))?.bootModes, ["uefi"])
    assert.strictEqual(market.types.get(InstanceType.make("m5d.large"))?.instanceStoreGb, 75)
    assert.isUndefined(market.types.get(InstanceType.make("m5.metal")))
    assert.isUndefined(market.spotMicroUsd(virginia, ZoneId.make("euw1-az1"), large))
  })

  /** Who could take over from a machine: band 0, as many vCPUs, its architecture, no less memory, sold as Spot. */
  const successors = (type: InstanceType) => {
    const own = market.types.get(type)
    assert.isDefined(own, type)
    const fits = [...market.types.values()].filter(
      (other) =>
        other.vcpu === own.vcpu &&
        other.architecture === own.architecture &&
        other.memoryMib >= own.memoryMib &&
        market.advisor(virginia, other.instanceType)?.band === 0
    )
    return fits.flatMap((other) =>
      market
        .zones(virginia)
        .filter((zone) => market.spotMicroUsd(virginia, zone, other.instanceType) !== undefined)
        .map((zone) => ({ zone, family: familyOf(other.instanceType) }))
    )
  }
  const usual = (...sizes: ReadonlyArray<string>) =>
    sizes.flatMap((size) => ["m5", "m6i", "c5", "r5"].map((family) => InstanceType.make(`${family}.${size}`)))
  const families = (type: InstanceType) => new Set(successors(type).map(({ family }) => family)).size

  it("spread a usual machine of us-east-1, up to 2xlarge, over five pools of its size and of band 0", () => {
    for (const type of usual("large", "xlarge", "2xlarge")) assert.isAtLeast(successors(type).length, 5, type)
    for (const type of usual("large")) assert.isAtLeast(families(type), 5, type)
    const all = usual("large", "xlarge", "2xlarge", "4xlarge").map((type) => `${type} ${families(type)}`)
    console.info(`us-east-1, families of band 0, equal vCPU and architecture, no less memory: ${all.join(", ")}`)
  })

  it("know no such pool for a 4xlarge in us-east-1: a planner has to decline it", () => {
    for (const type of usual("4xlarge")) assert.strictEqual(families(type), 0, type)
  })

  it("cannot be changed by who reads them", () => {
    const [type, spec] = [...market.types][0]!
    for (const change of [
      () => (market.types as Map<InstanceType, unknown>).delete(type),
      () => (market.types as Map<InstanceType, unknown>).set(type, spec),
      () => Object.assign(spec, { vcpu: 1 }),
      () => Object.assign(market.zones(virginia), { 0: "use1-az9" })
    ])
      assert.throws(change, TypeError)
  })
})

describe("a malformed row", () => {
  const cases: ReadonlyArray<readonly [string, string, RegExp]> = [
    ["instance-types.csv", "m99.large,m99,sparc,2,8192,nitro,true,true,uefi,0", /arch/],
    ["instance-types.csv", "m99.large,m99,arm64,,8192,nitro,true,true,uefi,0", /vcpu/],
    ["instance-types.csv", "m99.large,m99,arm64,2.5,8192,nitro,true,true,uefi,0", /vcpu/],
    ["on-demand.csv", "us-east-1,m5.large,,exact,2025-01-14", /usdPerHour/],
    ["on-demand.csv", "us-east-1,m5.large,0,exact,2025-01-14", /usdPerHour/],
    ["on-demand.csv", "us-east-1,m5.large,0.096,exact,2025-01-14", /repeats line \d+/],
    ["on-demand.csv", "us-east-1,nosuch.large,0.1,exact,2025-01-14", /not among the instance types/],
    ["advisor.csv", "us-east-1,t3.nano,5,60,2025-06-28", /band/],
    ["advisor.csv", "us-east-1,t3.nano,0,100,2025-06-28", /savingsPct/],
    ["spot.csv", "us-east-1,us-east-1a,m5.large,0.03,snapshot", /zoneId/],
    ["spot.csv", "us-east-1,use1-az1,m5.large", /3 cells under 5 columns/],
    ["spot.csv", '"us-east-1,use1-az1",m5.large,0.03', /4 cells|5 columns|region/]
  ]

  it("is named by file and line, left out, and spoils no other", () => {
    for (const [file, row, problem] of cases)
      inFolder((folder) => {
        for (const table of tables) cpSync(join(here, table), join(folder, table))
        const line = readFileSync(join(folder, file), "utf8").split("\n").length
        appendFileSync(join(folder, file), `${row}\n`)
        const read = loadMarket(folder)
        assert.strictEqual(read.rejected.length, 1, row)
        const [refused] = read.rejected
        assert.instanceOf(refused, MalformedRow)
        assert.deepStrictEqual([refused.file, refused.line], [file, line])
        assert.match(refused.message, problem)
        assert.strictEqual(read.types.size, market.types.size)
      })
  })

  it("of a type takes its prices with it, each named, and nothing else", () =>
    inFolder((folder) => {
      for (const table of tables) cpSync(join(here, table), join(folder, table))
      const path = join(folder, "instance-types.csv")
      writeFileSync(path, readFileSync(path, "utf8").replace(/^m5\.large,m5,x86_64/m, "m5.large,m5,vax"))
      const read = loadMarket(folder)
      const orphans = read.rejected.filter(({ file }) => file !== "instance-types.csv")
      assert.isAbove(orphans.length, 3)
      for (const { problem } of orphans) assert.match(problem, /^m5\.large is not among/)
      assert.isUndefined(read.onDemandMicroUsd(virginia, InstanceType.make("m5.large")))
      const other = InstanceType.make("m5.xlarge")
      assert.strictEqual(read.onDemandMicroUsd(virginia, other), market.onDemandMicroUsd(virginia, other))
    }))

  it("differs from a table that is missing: that throws", () =>
    inFolder((folder) => assert.throws(() => loadMarket(folder), /instance-types\.csv/)))
})

describe("the derivation", () => {
  const spec = (type: string, generation: number, options = "", metal = false) => {
    const [family = "", size = ""] = type.split(".")
    return `${type},${family},${size},${family[0]},${generation},${options},amd64,2,4096,nitro,${metal}`
  }
  const sources: Record<string, string> = {
    "catalog/instance_types.csv": [
      "type,family,size,class,generation,options,arch,vcpu,memory_mib,hypervisor,bare_metal",
      spec("c5.large", 5),
      spec("c7i.large", 7, "i"),
      spec("c4.large", 4),
      spec("c5.metal", 5, "", true),
      spec("m5d.large", 5, "d")
    ].join("\n"),
    "catalog/ondemand_by_region.csv": [
      "as_of,region,os,type,ondemand_usd_per_h",
      "2026-07-20,us-east-1,Linux,c5.large,0.08",
      "2025-01-14,us-east-1,Linux,c5.large,0.09",
      "2026-07-20,ap-south-1,Linux,c5.large,0.07",
      "2026-07-20,us-east-1,Linux,c4.large,0.1"
    ].join("\n"),
    "catalog/ondemand_estimated.csv": [
      "as_of,region,os,type,estimate_usd_per_h",
      "2026-07-20,us-east-1,Linux,c5.large,0.5",
      "2026-07-20,us-east-1,Linux,c7i.large,0.1"
    ].join("\n"),
    "advisor/advisor_2025-06-28.csv": [
      "region,os,type,band,savings_pct",
      "us-east-1,Linux,c5.large,1,40",
      "us-east-1,Linux,c7i.large,0,65",
      "us-east-1,Windows,c7i.large,4,10",
      "us-east-1,Linux,m5d.large,0,50"
    ].join("\n"),
    "prices/spot_snapshot_2022-07-12_by_az.csv.gz": [
      "region,az_id,type,spot_usd_per_h,savings_pct,sps,band",
      "us-east-1,use1-az1,c5.large,0.05,75,3,0",
      "us-east-1,use1-az2,c5.large,0.05,50,3,0",
      "us-east-1,use1-az3,c4.large,0.05,50,3,0"
    ].join("\n")
  }

  it("takes the newest exact price, the snapshot's saving where it knows the pool, the advisor's where not", () =>
    inFolder((folder) => {
      for (const [file, text] of Object.entries(sources)) {
        mkdirSync(dirname(join(folder, file)), { recursive: true })
        writeFileSync(join(folder, file), file.endsWith(".gz") ? gzipSync(text) : text)
      }
      execFileSync(process.execPath, [join(here, "derive.ts"), folder, folder])
      const read = loadMarket(folder)
      const [c5, c7i] = ["c5.large", "c7i.large"].map((type) => InstanceType.make(type)) as [InstanceType, InstanceType]
      const zones = ["use1-az1", "use1-az2"].map((zone) => ZoneId.make(zone))
      assert.deepStrictEqual(read.rejected, [])
      assert.deepStrictEqual([...read.types.keys()], [c5, c7i])
      assert.deepStrictEqual([...read.zones(virginia)], zones)
      assert.deepStrictEqual(
        [c5, c7i].map((type) => read.onDemandMicroUsd(virginia, type)),
        [microUsd(0.08), microUsd(0.1)]
      )
      const spot = (type: InstanceType) => zones.map((zone) => read.spotMicroUsd(virginia, zone, type))
      assert.deepStrictEqual(spot(c5), [microUsd(0.02), microUsd(0.04)])
      assert.deepStrictEqual(spot(c7i), [microUsd(0.035), microUsd(0.035)])
      assert.deepStrictEqual(read.advisor(virginia, c7i), { band: 0, savingsPct: 65, asOf: "2025-06-28" })
    }))
})
