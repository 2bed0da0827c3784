/** Prints how fast messages are appended: by the bare client one by one and many at a time, by the bus in batches. */
import { Effect } from "effect"
import { connect } from "nats"
import type { Bus } from "../../bus/bus.ts"
import { bytes, text } from "./bus-house.ts"
import { connectBus, type Servers, startServers } from "./nats-bus.ts"

const secondsEach = 3
const body = bytes(JSON.stringify({ note: "x".repeat(190) }))
const subjectOf = (i: number) => `evt.all.rate.said.k${i % 1_000}`

/** Runs `lanes` loops for some seconds; each turn of a loop stores `perTurn` messages. */
const rate = async (lanes: number, perTurn: number, turn: (i: number) => Promise<unknown>): Promise<number> => {
  const begun = performance.now()
  const end = begun + secondsEach * 1_000
  let turns = 0
  const loop = async () => {
    while (performance.now() < end) await turn(turns++)
  }
  await Promise.all(Array.from({ length: lanes }, loop))
  return Math.round((turns * perTurn * 1_000) / (performance.now() - begun))
}

const consume = async (bus: Bus["Service"]): Promise<number> => {
  const spec = { name: "rate", filters: ["evt.*.rate.*.*"], inFlightMax: 1_000, ackWaitMs: 30_000 }
  const hear = Effect.gen(function* () {
    const inbox = yield* bus.hear(spec)
    return yield* Effect.promise(() =>
      rate(1, 1, async () => {
        const got = await Effect.runPromise(inbox.take(100))
        await Effect.runPromise(Effect.forEach(got, (one) => one.settle({ _tag: "Ack" }), { concurrency: "unbounded" }))
        settled += got.length
      })
    )
  })
  let settled = 0
  await Effect.runPromise(Effect.scoped(hear))
  return Math.round(settled / secondsEach)
}

const measure = async (servers: Servers, label: string) => {
  const nc = await connect({ servers: [...servers.urls] })
  const print = (what: string, perSecond: number) => console.log(`${label}  ${what.padEnd(52)} ${perSecond}/s`)
  const run = Effect.gen(function* () {
    const bus = yield* connectBus(servers)
    const drafts = (i: number, count: number) =>
      Array.from({ length: count }, (_, j) => ({ subject: subjectOf(i * count + j), data: body }))
    const append = (count: number) => (i: number) => Effect.runPromise(bus.append(drafts(i, count)))
    yield* Effect.promise(async () => {
      print("bare client, one at a time", await rate(1, 1, (i) => nc.request(subjectOf(i), body, { timeout: 10_000 })))
      print(
        "bare client, 512 in flight",
        await rate(512, 1, (i) => nc.request(subjectOf(i), body, { timeout: 10_000 }))
      )
      print("bus, one message, one at a time", await rate(1, 1, append(1)))
      print("bus, one message, 64 in flight", await rate(64, 1, append(1)))
      print("bus, batches of 100, one at a time", await rate(1, 100, append(100)))
      print("bus, batches of 100, 8 in flight", await rate(8, 100, append(100)))
      print("bus, batches of 1000, 4 in flight", await rate(4, 1_000, append(1_000)))
      print("bus, take 100 and settle each", await consume(bus))
      const last = await Effect.runPromise(bus.recall("evt.>"))
      let seq = 0
      const pages = await rate(1, 1_000, async () => {
        const page = await Effect.runPromise(bus.scan(seq, 1_000))
        seq = page.length < 1_000 ? 0 : (page.at(-1)?.seq ?? 0)
      })
      print(`bus, scan in pages of 1000 (${text(last?.data ?? body).length} B)`, pages)
    })
  })
  await Effect.runPromise(Effect.scoped(run))
  await nc.close()
}

for (const [replicas, syncAlways] of [
  [1, true],
  [1, false],
  [3, true]
] as const) {
  const servers = await startServers(replicas, { syncAlways })
  try {
    await measure(servers, `R${replicas} ${syncAlways ? "sync always " : "default sync"}`)
  } finally {
    await servers.end()
  }
}
