/** The buckets as a real server feeds them from the log: after a kill, and after the disk went back in time. */
import { assert, describe, it } from "@effect/vitest"
import { jetstreamManager } from "@nats-io/jetstream"
import { Effect } from "effect"
import { connect } from "nats"
import { cp, readdir, rm } from "node:fs/promises"
import { dirname, join } from "node:path"
import { originOf } from "../../bus/nats-view.live.ts"
import { logName, streamOf } from "../../bus/streams.ts"
import { pools } from "../../schemas/catalogue.ts"
import { bytes } from "./bus-house.ts"
import { connectBus, eventuallyTrue, type Servers, startServers } from "./nats-bus.ts"
import { mayBeSkipped } from "./stand-ins.ts"

const isMissing = await mayBeSkipped("nats-server")

const stream = streamOf(pools)
const keys = Array.from({ length: 50 }, (_, i) => `k${i}`)
const subjectOf = (about: string) => `evt.all.risk-manager.pool-scored.${about}`
/** One more fact about each. */
const round = (n: number) => keys.map((about) => ({ subject: subjectOf(about), data: bytes(`${about} ${n}`) }))

/** A server whose writes reach the disk before they are answered, for as long as the scope lives. */
const mine = Effect.acquireRelease(
  Effect.promise(() => startServers(1, { syncAlways: true })),
  (own) => Effect.promise(own.end)
)
const serverOf = ({ all }: Servers) => all[0] ?? assert.fail("no server")

/** Is each row the newest fact of the log about its entity, by sequence and by bytes? */
const isFed = ({ urls }: Servers) =>
  Effect.promise(async () => {
    const nc = await connect({ servers: [...urls] })
    try {
      const jsm = await jetstreamManager(nc)
      const same = keys.map(async (about) => {
        const said = await jsm.streams.getMessage(logName, { last_by_subj: subjectOf(about) })
        const row = await jsm.streams.getMessage(stream, { last_by_subj: `$KV.${pools.name}.${about}` })
        const origin = originOf(row?.header.get("Nats-Stream-Source") ?? "")
        return said !== null && origin?.seq === said.seq && row?.string() === said.string()
      })
      return (await Promise.all(same)).every((is) => is)
    } finally {
      await nc.close()
    }
  })

/** Where the server keeps a stream: below its data, by account. */
const folderOf = async (own: Servers): Promise<string> => {
  const root = join(dirname(serverOf(own).logPath), "jetstream")
  const accounts = await readdir(root)
  return join(root, accounts.find((name) => name.startsWith("$G")) ?? "$G", "streams", stream)
}

describe.skipIf(isMissing)("a bucket of a real server", () => {
  it.live("is as new as the log again when the server was killed while it was fed", () =>
    Effect.gen(function* () {
      const own = yield* mine
      const bus = yield* connectBus(own)
      for (let kill = 0; kill < 3; kill++) {
        // answered by the log and killed in the same moment: most of it is not copied yet
        for (let n = 0; n < 20; n++) yield* bus.append(round(100 * kill + n))
        yield* Effect.promise(() => serverOf(own).kill9())
        yield* Effect.promise(() => serverOf(own).restart())
        yield* eventuallyTrue(isFed(own))
      }
    })
  )

  it.live("is fed again what it lost when its files went back in time and the log's did not", () =>
    Effect.gen(function* () {
      const own = yield* mine
      const folder = yield* Effect.promise(() => folderOf(own))
      const older = join(dirname(serverOf(own).logPath), "older")
      yield* Effect.scoped(Effect.flatMap(connectBus(own), (bus) => bus.append(round(1))))
      yield* eventuallyTrue(isFed(own))
      yield* Effect.promise(() => serverOf(own).stop())
      yield* Effect.promise(() => cp(folder, older, { recursive: true }))
      yield* Effect.promise(() => serverOf(own).restart())
      yield* Effect.scoped(Effect.flatMap(connectBus(own), (bus) => bus.append(round(2))))
      yield* eventuallyTrue(isFed(own))
      yield* Effect.promise(() => serverOf(own).stop())
      yield* Effect.promise(() => rm(folder, { recursive: true }))
      yield* Effect.promise(() => cp(older, folder, { recursive: true }))
      yield* Effect.promise(() => serverOf(own).restart())
      yield* eventuallyTrue(isFed(own))
      // and goes on from there
      yield* Effect.scoped(Effect.flatMap(connectBus(own), (bus) => bus.append(round(3))))
      yield* eventuallyTrue(isFed(own))
    })
  )
})
