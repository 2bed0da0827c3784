/** The bus against a bare client in the same run: throughput and two hops under both ways to write, and growth. */
import { bareLatency, houseLatency, type Latency, type Pace } from "./hops.ts"
import { readings, saidBytes, type Sealed } from "./events.ts"
import { type Compared, compare, type Effort, growth, median, type Turns } from "./measure.ts"
import { bareTurn, busTurn, houseTurn, type Pass } from "./pipeline.ts"
import { exactly, type Goal, type Row } from "./report.ts"
import { type Ledger, openLedger, openStand, type Stand } from "./stand.ts"

export interface Extent {
  /** Readings of one turn, and of how many pools. */
  readonly readings: number
  readonly pools: number
  readonly rates: Effort
  readonly hops: Effort
  readonly pace: Pace
  /** Events of each step of growth, each about a pool of its own. */
  readonly steps: ReadonlyArray<number>
}

export const whole: Extent = {
  readings: 5_000,
  pools: 1_000,
  rates: { pairs: 11, withinMs: 35_000 },
  hops: { pairs: 7, withinMs: 25_000 },
  pace: { perSecond: 100, seconds: 2 },
  steps: [1_000, 10_000, 100_000]
}

export const quick: Extent = {
  readings: 1_000,
  pools: 250,
  rates: { pairs: 2, withinMs: 4_000 },
  hops: { pairs: 2, withinMs: 4_000 },
  pace: { perSecond: 100, seconds: 1 },
  steps: [500, 1_000]
}

type Say = (line: string) => void
const atLeast = (value: number): Goal => ({ bound: "at least", value })
const atMost = (value: number): Goal => ({ bound: "at most", value })

const rounded = (value: number) => String(Math.round(value))
const tenths = (value: number) => value.toFixed(1)

const middle = <K extends string>(turns: Compared<K>["ours"], name: K) => median(turns.map((turn) => turn[name]))

/** Two absolute figures, for a person: the ratio is what is measured. */
const versus = <K extends string>(compared: Compared<K>, name: K, unit: string, shown: (value: number) => string) =>
  `${shown(middle(compared.ours, name))} against ${shown(middle(compared.bare, name))} ${unit}`

/** The same turns twice: by the clock, and by the processor, of which neighbours on the machine take less away. */
const rateRows = async (
  name: string,
  goal: Goal | null,
  effort: Effort,
  turns: Turns<keyof Pass>,
  note: string
): Promise<ReadonlyArray<Row>> => {
  const compared = await compare<keyof Pass>(turns, effort)
  const { ratio, control } = compared
  const told = { bench: "bus", kind: "clock", unit: "" } as const
  const rates = `${versus(compared, "rate", "events/s", rounded)}${note}`
  const server = versus(compared, "server", "us in the server", rounded)
  const client = versus(compared, "client", "us in this process", rounded)
  return [
    { ...told, name, goal, measured: ratio.rate, control: control.rate, note: rates },
    {
      ...told,
      name: `${name}: processor time per event`,
      goal: null,
      measured: ratio.both,
      control: control.both,
      note: `${server}, ${client}`
    }
  ]
}

const throughputRows = async (stand: Stand, ledger: Ledger, extent: Extent, sync: string, goal: Goal) => {
  const messages = readings(extent.readings, extent.pools)
  const turn = async (pass: Promise<Pass>) => ({ ...(await pass) })
  const bare = () => turn(bareTurn(stand, messages))
  const sizes = `; ${messages[0]?.data.length} B in, ${saidBytes()} B out`
  const house = { bare, ours: () => turn(houseTurn(stand, ledger, messages)) }
  const alone = { bare, ours: () => turn(busTurn(stand, messages)) }
  const part = { pairs: extent.rates.pairs, withinMs: extent.rates.withinMs / 3 }
  const spared = "; one filter, no bucket, schema, rule or ledger"
  return [
    ...(await rateRows(`ingest, decide, ledger over consume and publish, ${sync}`, goal, extent.rates, house, sizes)),
    ...(await rateRows(`the bus alone over consume and publish, ${sync}`, null, part, alone, spared))
  ]
}

const hopRows = async (stand: Stand, extent: Extent, sync: string): Promise<ReadonlyArray<Row>> => {
  const { pace } = extent
  const turn = async (latency: Promise<Latency>) => ({ ...(await latency) })
  const compared = await compare<"p50" | "p99">(
    { bare: () => turn(bareLatency(stand, pace)), ours: () => turn(houseLatency(stand, pace)) },
    extent.hops
  )
  return (["p50", "p99"] as const).map((name) => ({
    bench: "bus",
    name: `two hops over the bare two hops, ${name}, ${sync}`,
    kind: "clock",
    goal: atMost(3),
    unit: "",
    measured: compared.ratio[name],
    control: compared.control[name],
    note: `${versus(compared, name, "ms", tenths)}; ${pace.perSecond}/s`
  }))
}

/** Beyond this exponent a tenfold log makes an event visibly dearer. */
const growthMax = 0.1

/** Every event about a pool that nobody has heard of: nothing that is remembered helps. */
const growthRows = async (stand: Stand, ledger: Ledger, extent: Extent): Promise<ReadonlyArray<Row>> => {
  const points: Array<{ readonly n: number; readonly time: number }> = []
  for (const n of extent.steps) {
    const messages: ReadonlyArray<Sealed> = readings(n, n)
    points.push({ n, time: 1e6 / (await houseTurn(stand, ledger, messages)).rate })
  }
  const told = { bench: "bus", kind: "clock", goal: null, control: null } as const
  const power = growth(points)
  const steps = points.map(({ n, time }): Row => {
    const name = `time per event, ${n} events about ${n} pools`
    return { ...told, name, unit: "us", measured: exactly(time), note: "" }
  })
  const note = power > growthMax ? "an event gets dearer as they grow more" : "an event does not get dearer"
  return [
    ...steps,
    { ...told, name: "growth of the time per event, its power", unit: "", measured: exactly(power), note }
  ]
}

const underSync = async (
  ledger: Ledger,
  extent: Extent,
  { isAlways, goal }: { readonly isAlways: boolean; readonly goal: Goal },
  say: Say
): Promise<ReadonlyArray<Row>> => {
  const sync = isAlways ? "sync always" : "default sync"
  const stand = await openStand(isAlways)
  try {
    say(`bus, ${sync}: throughput`)
    const rates = await throughputRows(stand, ledger, extent, sync, goal)
    say(`bus, ${sync}: two hops`)
    const hops = await hopRows(stand, extent, sync)
    if (isAlways) return [...rates, ...hops]
    say(`bus, ${sync}: growth`)
    return [...rates, ...hops, ...(await growthRows(stand, ledger, extent))]
  } finally {
    await stand.end()
  }
}

export const benchBus = async (extent: Extent, say: Say): Promise<ReadonlyArray<Row>> => {
  const ledger = await openLedger()
  try {
    const rows = await underSync(ledger, extent, { isAlways: false, goal: atLeast(0.7) }, say)
    return [...rows, ...(await underSync(ledger, extent, { isAlways: true, goal: atLeast(1) }, say))]
  } finally {
    await ledger.end()
  }
}
