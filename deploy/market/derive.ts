/** Makes the tables beside this file from the source data: `node deploy/market/derive.ts SOURCE`. See ORIGIN.md. */
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { gunzipSync } from "node:zlib"
import { named, readTable, writeTable } from "../../actors/_ports/csv.live.ts"

type Line = Readonly<Record<string, string>>

const advisorDate = "2025-06-28"
const regions = ["us-east-1", "us-west-2", "eu-west-1"]
const classes = new Set(["c", "m", "r", "t"])
/** 8xlarge has 32; the 9xlarge of c5 is that family's size in between. */
const largestVcpu = 36

const read = (source: string, file: string): Array<Line> => {
  const bytes = readFileSync(join(source, file))
  const { columns, rows } = readTable((file.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString("utf8"))
  return rows.map((row) => named(columns, row))
}

/** A cell that must be there: the sources mark a missing value by an empty cell, which would count as zero. */
const cell = (line: Line, column: string): string => {
  const value = line[column]
  if (value === undefined || value === "") throw new Error(`no ${column} in ${JSON.stringify(line)}`)
  return value
}
const number = (line: Line, column: string): number => {
  const value = Number(cell(line, column))
  if (!Number.isFinite(value)) throw new Error(`${column} is not a number in ${JSON.stringify(line)}`)
  return value
}

/** Fixed notation, at most millionths of a dollar: the prices' own grain. */
const usd = (value: number): string => value.toFixed(6).replace(/\.?0+$/, "")

/** c, m, r of generation 5 on, t of generation 3 on (the current ones), no bare metal. */
const isUsual = (line: Line): boolean =>
  classes.has(line["class"] ?? "") &&
  Number(line["generation"]) >= (line["class"] === "t" ? 3 : 5) &&
  line["bare_metal"] === "false" &&
  Number(line["vcpu"]) > 0 &&
  Number(line["vcpu"]) <= largestVcpu

/** GB of local disk of a machine of generation 6 on, by its vCPUs: AWS's table of instance store volumes. */
const localGb = new Map([1, 2, 4, 8, 16, 32].map((vcpu, i) => [vcpu, [59, 118, 237, 474, 950, 1900][i]]))

/** Generation 5 grows evenly with the vCPUs. A family has local disks when its options name a `d`. */
const instanceStoreGb = (line: Line): number => {
  if (!line["options"]?.includes("d")) return 0
  const vcpu = number(line, "vcpu")
  if (Number(line["generation"]) < 6) return Math.floor((line["family"] === "c5d" ? 25 : 37.5) * vcpu)
  const gb = localGb.get(vcpu)
  if (gb === undefined) throw new Error(`no local disk size for ${vcpu} vCPUs`)
  return gb
}

const typeTable = (types: ReadonlyArray<Line>): string =>
  writeTable(
    "type,family,arch,vcpu,memoryMib,hypervisor,ena,nvme,bootModes,instanceStoreGb".split(","),
    types.map((line) => {
      const isArm = cell(line, "arch") === "arm64"
      const nitro = cell(line, "hypervisor") === "nitro"
      return [
        cell(line, "type"),
        cell(line, "family"),
        isArm ? "arm64" : "x86_64",
        number(line, "vcpu"),
        number(line, "memory_mib"),
        cell(line, "hypervisor"),
        nitro,
        nitro,
        isArm ? "uefi" : nitro ? "legacy-bios uefi" : "legacy-bios",
        instanceStoreGb(line)
      ]
    })
  )

interface Price {
  readonly usdPerHour: number
  readonly source: "exact" | "estimated"
  readonly asOf: string
}
const pool = (line: Line) => `${cell(line, "region")},${cell(line, "type")}`

/** The newest exact price, else the estimate. */
const onDemandPrices = (source: string, isWanted: (line: Line) => boolean): Map<string, Price> => {
  const prices = new Map<string, Price>()
  for (const line of read(source, "catalog/ondemand_estimated.csv").filter(isWanted)) {
    const usdPerHour = number(line, "estimate_usd_per_h")
    prices.set(pool(line), { usdPerHour, source: "estimated", asOf: cell(line, "as_of") })
  }
  for (const line of read(source, "catalog/ondemand_by_region.csv").filter(isWanted)) {
    const asOf = cell(line, "as_of")
    const known = prices.get(pool(line))
    if (known?.source === "exact" && known.asOf > asOf) continue
    prices.set(pool(line), { usdPerHour: number(line, "ondemand_usd_per_h"), source: "exact", asOf })
  }
  return prices
}

/** Each pool of the snapshot at the snapshot's saving; a type it does not know at the advisor's, in each zone. */
const spotRows = (
  snapshot: ReadonlyArray<Line>,
  advisor: ReadonlyArray<Line>,
  prices: ReadonlyMap<string, Price>
): Array<Array<string>> => {
  const rows: Array<Array<string>> = []
  const add = (line: Line, zone: string, origin: string) => {
    const price = prices.get(pool(line))
    if (price === undefined) return
    const saved = 1 - number(line, "savings_pct") / 100
    rows.push([cell(line, "region"), zone, cell(line, "type"), usd(price.usdPerHour * saved), origin])
  }
  const known = new Set(snapshot.map(pool))
  const isOffered = new Set(advisor.map(pool))
  for (const line of snapshot) if (isOffered.has(pool(line))) add(line, cell(line, "az_id"), "snapshot")
  for (const region of regions) {
    const zones = new Set(snapshot.filter((line) => line["region"] === region).map((line) => cell(line, "az_id")))
    const news = advisor.filter((line) => line["region"] === region && !known.has(pool(line)))
    for (const line of news) for (const zone of [...zones].sort()) add(line, zone, "estimated")
  }
  return rows.sort((a, b) => (a.join() < b.join() ? -1 : 1))
}

const derive = (source: string, into: string) => {
  const all = read(source, "catalog/instance_types.csv").filter(isUsual)
  const usual = new Set(all.map((line) => cell(line, "type")))
  const isWanted = (line: Line) =>
    usual.has(line["type"] ?? "") && regions.includes(line["region"] ?? "") && (line["os"] ?? "Linux") === "Linux"
  const prices = onDemandPrices(source, isWanted)
  const advisor = read(source, `advisor/advisor_${advisorDate}.csv`).filter(isWanted)
  const snapshot = read(source, "prices/spot_snapshot_2022-07-12_by_az.csv.gz").filter(isWanted)
  const priced = new Set([...prices.keys()].map((key) => key.split(",")[1]))
  const advised = advisor.filter((line) => prices.has(pool(line)))

  const files = {
    "instance-types.csv": typeTable(all.filter((line) => priced.has(cell(line, "type")))),
    "on-demand.csv": writeTable(
      ["region", "type", "usdPerHour", "source", "asOf"],
      [...prices].sort().map(([key, price]) => [key, usd(price.usdPerHour), price.source, price.asOf])
    ),
    "advisor.csv": writeTable(
      ["region", "type", "band", "savingsPct", "asOf"],
      advised.map((line) => [pool(line), number(line, "band"), number(line, "savings_pct"), advisorDate])
    ),
    "spot.csv": writeTable(["region", "zoneId", "type", "usdPerHour", "origin"], spotRows(snapshot, advised, prices))
  }
  for (const [file, text] of Object.entries(files)) writeFileSync(join(into, file), text)
}

const [source, into = import.meta.dirname] = process.argv.slice(2)
if (source === undefined) throw new Error("usage: node deploy/market/derive.ts SOURCE [INTO]")
derive(source, into)
