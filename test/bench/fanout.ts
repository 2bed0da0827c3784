/** The event stream against a bare server that writes as much in the same run, and what becomes of readers. */
import { setTimeout as sleep } from "node:timers/promises"
import { Effect } from "effect"
import { numbered } from "./fanout-events.ts"
import { type BenchServer, type FanoutStage, openFanoutStage } from "./fanout-stage.ts"
import { compare, type Effort, measured, median } from "./measure.ts"
import { exactly, type Row } from "./report.ts"

export interface FanoutExtent {
  readonly readers: number
  /** Facts every 100 ms. */
  readonly perTick: number
  readonly windowMs: number
  readonly effort: Effort
  /** How long readers are cut off, and how many of them every 200 ms. */
  readonly troubleMs: number
  readonly cuts: number
}

export const wholeFanout: FanoutExtent = {
  readers: 1_000,
  perTick: 10,
  windowMs: 3_000,
  effort: { pairs: 7, withinMs: 60_000 },
  troubleMs: 8_000,
  cuts: 40
}
export const quickFanout: FanoutExtent = {
  readers: 300,
  perTick: 10,
  windowMs: 1_500,
  effort: { pairs: 3, withinMs: 15_000 },
  troubleMs: 3_000,
  cuts: 20
}

/** Before a window: the first batches of a pause are told as one. */
const settleMs = 400

/** Where readers of the bare server are that late, it is they who are slow, and every figure is theirs. */
const starvedMs = 1_000

interface Window {
  /** Frames that readers got, per second of the server's processor. */
  readonly rate: number
  readonly p50: number
  readonly p99: number
  readonly framesPerSecond: number
  /** Of one core. */
  readonly cpuShare: number
  readonly bytesPerFrame: number
  readonly lagMs: number
}

/** What a crowd gets, and what that costs its server, while something is written. */
const windowOf = async (stage: FanoutStage, server: BenchServer, group: string, ms: number): Promise<Window> => {
  await sleep(settleMs)
  await stage.readers.tell({ do: "forget", group })
  const [before, begun] = [await server.look(), performance.now()]
  await sleep(ms)
  const [after, count] = [await server.look(), await stage.readers.count(group)]
  const seconds = (performance.now() - begun) / 1_000
  const cpuSeconds = (after.cpuMs - before.cpuMs) / 1_000
  return {
    rate: count.frames / cpuSeconds,
    p50: count.p50,
    p99: count.p99,
    framesPerSecond: count.frames / seconds,
    cpuShare: cpuSeconds / seconds,
    bytesPerFrame: count.bytes / Math.max(1, count.frames),
    lagMs: after.lagMs
  }
}

interface Servers {
  readonly bare: BenchServer
  readonly ours: BenchServer
}

const bench = "fanout"
const told = { bench, kind: "clock", goal: null, control: null } as const
const rounded = (value: number) => String(Math.round(value))
const shares = (all: ReadonlyArray<Window>, of: keyof Window) => median(all.map((one) => one[of]))

const rateRows = async (stage: FanoutStage, { bare, ours }: Servers, extent: FanoutExtent) => {
  const windows: Record<keyof Servers, Array<Window>> = { bare: [], ours: [] }
  const take = async (which: keyof Servers, server: BenchServer) => {
    const window = await windowOf(stage, server, which, extent.windowMs)
    windows[which].push(window)
    return { rate: window.rate, p99: window.p99 }
  }
  const compared = await compare(
    {
      bare: async () => {
        await bare.write(extent.perTick)
        const window = await take("bare", bare)
        await bare.write(0)
        await sleep(settleMs)
        return window
      },
      ours: async () => {
        const stop = stage.write(extent.perTick)
        const window = await take("ours", ours)
        await stop()
        await sleep(settleMs)
        return window
      }
    },
    extent.effort
  )
  const line = (all: ReadonlyArray<Window>) =>
    `${rounded(shares(all, "framesPerSecond"))}/s at ${rounded(100 * shares(all, "cpuShare"))} % of a core`
  const size = rounded(shares(windows.ours, "bytesPerFrame"))
  const p99s = windows.ours.slice(1).map(({ p99 }) => p99)
  const rows: ReadonlyArray<Row> = [
    {
      bench,
      name: `deliveries per CPU-second over a bare server's writes, ${extent.readers} readers`,
      kind: "clock",
      goal: { bound: "at least", value: 0.95 },
      unit: "",
      measured: compared.ratio.rate,
      control: compared.control.rate,
      note: `${line(windows.ours)} against ${line(windows.bare)}; ${size} B each`
    },
    {
      ...told,
      name: "from the log's clock until it is read, p99",
      goal: { bound: "at most", value: 500 },
      unit: "ms",
      measured: measured(p99s),
      note: [
        `p50 ${rounded(shares(windows.ours, "p50"))} ms, ${rounded(shares(windows.ours, "lagMs"))} ms of it until sent`,
        `bare p50 ${rounded(shares(windows.bare, "p50"))} ms, p99 ${rounded(shares(windows.bare, "p99"))} ms`,
        ...(shares(windows.bare, "p99") > starvedMs
          ? ["the readers had no processor: nothing here is the servers'"]
          : [])
      ].join("; ")
    }
  ]
  return rows
}

/** Everybody compressed: the same blocks for all of them. */
const gzipRow = async (stage: FanoutStage, { ours }: Servers, extent: FanoutExtent, plain: Window): Promise<Row> => {
  const group = "squeezed"
  const count = Math.min(200, extent.readers)
  await stage.readers.tell({ do: "connect", group, port: ours.port, count, gzip: true })
  const stop = stage.write(extent.perTick)
  const window = await windowOf(stage, ours, group, extent.windowMs)
  await stop()
  const ratio = plain.bytesPerFrame / window.bytesPerFrame
  const note = `${rounded(window.bytesPerFrame)} B against ${rounded(plain.bytesPerFrame)} B each; p99 ${window.p99} ms`
  return {
    ...told,
    name: `smaller by sharing one gzip among ${count} readers`,
    unit: "x",
    measured: exactly(ratio),
    note
  }
}

/** One who stands still is given more than any buffer holds; the others are timed meanwhile. */
const stuckRows = async (
  stage: FanoutStage,
  { ours }: Servers,
  extent: FanoutExtent,
  plain: Window
): Promise<ReadonlyArray<Row>> => {
  await stage.readers.tell({ do: "stick", port: ours.port })
  const stop = stage.write(extent.perTick)
  const filling = (async () => {
    for (let n = 0; n < 150 && (await ours.look()).evicted === 0; n++) {
      await Effect.runPromise(stage.bus.append([numbered(n, "stuck", 150_000)]))
      await sleep(50)
    }
  })()
  const window = await windowOf(stage, ours, "ours", extent.windowMs)
  await filling
  await stop()
  const { evicted } = await ours.look()
  return [
    {
      ...told,
      name: "p99 of all others while one reads nothing",
      goal: { bound: "at most", value: 500 },
      unit: "ms",
      measured: exactly(window.p99),
      note: `${plain.p99} ms just before, without him; he is sent 150 kB every 50 ms`
    },
    {
      ...told,
      kind: "count",
      name: "readers cut off as they read nothing",
      goal: { bound: "at least", value: 1 },
      unit: "",
      measured: exactly(evicted),
      note: "512 kB behind is the limit"
    }
  ]
}

/** Waits until every reader has come to the last number, for so long at most. */
const caughtUp = async (stage: FanoutStage, group: string, last: number) => {
  const begun = performance.now()
  while (performance.now() - begun < 60_000 && (await stage.readers.count(group)).slowest < last) await sleep(100)
  return (performance.now() - begun) / 1_000
}

/** Connections are cut all the time; then the server dies, and another takes its place. */
const troubleRows = async (
  stage: FanoutStage,
  { ours }: Servers,
  extent: FanoutExtent,
  groups: ReadonlyArray<string>
) => {
  const stop = stage.write(extent.perTick)
  const begun = performance.now()
  while (performance.now() - begun < extent.troubleMs) {
    await stage.readers.tell({ do: "cut", group: "ours", count: extent.cuts })
    await sleep(200)
  }
  await ours.end("kill -9")
  await sleep(500)
  const second = await stage.serve("ours", ours.port)
  await sleep(3_000)
  await second.end("in order")
  const third = await stage.serve("ours", ours.port)
  await sleep(1_500)
  const last = await stop()
  const seconds = await caughtUp(stage, "ours", last)
  const counts = await Promise.all(groups.map((group) => stage.readers.count(group)))
  const sum = (of: "gaps" | "duplicates" | "resets" | "opened") => counts.reduce((all, one) => all + one[of], 0)
  const slowest = Math.min(...counts.map((one) => one.slowest))
  const none = { bench, kind: "count", goal: { bound: "at most", value: 0 }, unit: "", control: null } as const
  const note = `${sum("opened")} connections, one kill -9, one restart; all had caught up ${seconds.toFixed(1)} s later`
  const rows: ReadonlyArray<Row> = [
    { ...none, name: "numbers missing at any reader", measured: exactly(sum("gaps")), note },
    { ...none, name: "numbers told twice", measured: exactly(sum("duplicates")), note: `${last} numbers` },
    { ...none, name: "readers told to read everything anew", measured: exactly(sum("resets")), note: "" },
    { ...none, name: "numbers that the last reader is behind at the end", measured: exactly(last - slowest), note: "" }
  ]
  await third.end("in order")
  return rows
}

export const benchFanout = async (extent: FanoutExtent, say: (line: string) => void): Promise<ReadonlyArray<Row>> => {
  const stage = await openFanoutStage()
  try {
    const servers: Servers = { bare: await stage.serve("bare"), ours: await stage.serve("ours") }
    const { ours, bare } = servers
    const { readers: count } = extent
    const empty = (await ours.look()).rssKb
    for (const [group, { port }] of Object.entries(servers)) {
      await stage.readers.tell({ do: "connect", group, port, count, gzip: false })
    }
    say(`fanout: ${count} readers at each of two servers`)
    const rows = [...(await rateRows(stage, servers, extent))]
    const held = (await ours.look()).rssKb
    const rss = { ...told, name: "memory of a reader at the server", unit: "KB" }
    rows.push({ ...rss, measured: exactly((held - empty) / count), note: "resident, with the ring's events" })
    say("fanout: compressed, and one who reads nothing")
    const stop = stage.write(extent.perTick)
    const plain = await windowOf(stage, ours, "ours", extent.windowMs)
    await stop()
    rows.push(await gzipRow(stage, servers, extent, plain), ...(await stuckRows(stage, servers, extent, plain)))
    say("fanout: cut off, killed and started again")
    rows.push(...(await troubleRows(stage, servers, extent, ["ours", "squeezed"])))
    await bare.end("in order")
    return rows
  } finally {
    await stage.end()
  }
}
