/** The tail over a real server that is killed, frozen and made anew: nothing missing, twice or foreign. */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { Effect, Fiber } from "effect"
import type { Bus, Stored } from "../../bus/bus.ts"
import { link } from "../../bus/nats-link.live.ts"
import { asked } from "../../bus/nats-streams.live.ts"
import { logName, type StreamPlan, streamPlans } from "../../bus/streams.ts"
import { facts, fresh } from "./bus-house.ts"
import { connectBus, eventually, type Servers, startServers } from "./nats-bus.ts"
import { mayBeSkipped } from "./stand-ins.ts"

const isMissing = await mayBeSkipped("nats-server")

let servers: Servers
const serverOf = () => servers.all[0] ?? assert.fail("no server")

/** Appends until it is stored: a server that was killed may have stored what it did not answer. */
const insist = (bus: Bus["Service"], count: number) => Effect.retry(bus.append(facts(fresh("o"), count)), { times: 20 })

describe.skipIf(isMissing)("the tail of a real server", () => {
  beforeAll(async () => {
    servers = await startServers(1)
  })
  afterAll(() => servers?.end())

  it.live("misses nothing and repeats nothing while its server is killed, frozen and started again", () =>
    Effect.gen(function* () {
      const bus = yield* connectBus(servers)
      const heard: Array<Stored> = []
      const { seq: after } = yield* bus.append(facts(fresh("o"), 1))
      const fiber = yield* Effect.forkChild(bus.tail(after, (stored) => heard.push(stored)))
      const writing = yield* Effect.forkChild(
        Effect.forever(Effect.andThen(Effect.ignore(bus.append(facts(fresh("o"), 3))), Effect.sleep("10 millis")))
      )
      yield* Effect.sleep("500 millis")
      for (let round = 0; round < 2; round++) {
        yield* Effect.promise(() => serverOf().kill9())
        yield* Effect.sleep("300 millis")
        yield* Effect.promise(() => serverOf().restart())
        const count = heard.length
        yield* eventually(() => heard.length > count + 30)
      }
      serverOf().pause()
      yield* Effect.sleep("6 seconds")
      serverOf().resume()
      const count = heard.length
      yield* eventually(() => heard.length > count + 30)
      yield* Fiber.interrupt(writing)
      const { seq: last } = yield* insist(bus, 1)
      yield* eventually(() => heard.at(-1)?.seq === last)
      yield* Fiber.interrupt(fiber)
      assert.deepStrictEqual(
        heard.map(({ seq }) => seq),
        Array.from({ length: last - after }, (_, i) => after + 1 + i)
      )
    })
  )

  it.live("tells nothing of another log in the place of its own: it fails", () =>
    Effect.gen(function* () {
      const mine = yield* Effect.acquireRelease(
        Effect.promise(() => startServers(1)),
        (own) => Effect.promise(own.end)
      )
      const bus = yield* connectBus(mine)
      yield* bus.append(facts(fresh("o"), 20))
      const heard: Array<Stored> = []
      const fiber = yield* Effect.forkChild(Effect.flip(bus.tail(0, (stored) => heard.push(stored))))
      yield* eventually(() => heard.length === 20)
      const was = yield* bus.epoch
      const own = yield* link({ servers: mine.urls, name: "other" })
      yield* Effect.promise(() => own.jsm.streams.delete(logName))
      yield* Effect.promise(() => own.jsm.streams.add(asked(streamPlans(1)[0] as StreamPlan)))
      assert.notStrictEqual(yield* bus.epoch, was)
      yield* bus.append(facts(fresh("o"), 30))
      const down = yield* Fiber.join(fiber)
      assert.include(String(down.cause), "another one")
      assert.lengthOf(heard, 20)
    })
  )
})
