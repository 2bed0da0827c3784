/** The advisor's feed: believed where it can be read, replaced by the bundle where it cannot, and never waited for. */
import { createServer, type RequestListener } from "node:http"
import type { AddressInfo } from "node:net"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Region } from "../../schemas/ids.ts"
import { makeAdvisorFeed } from "./advisor-feed.live.ts"

const region = Region.make("us-east-1")
const served = <A>(listener: RequestListener, use: (url: string) => Promise<A>): Promise<A> =>
  new Promise((resolve, reject) => {
    const server = createServer(listener).listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo
      use(`http://127.0.0.1:${port}/spot-advisor-data.json`)
        .then(resolve, reject)
        .finally(() => {
          server.close()
          server.closeAllConnections()
        })
    })
  })
const feedOf = (linux: unknown) => JSON.stringify({ spot_advisor: { "us-east-1": { Linux: linux } } })
const ask = (feed: ReturnType<typeof makeAdvisorFeed>) => Effect.runPromise(feed(region, "linux"))

describe("the advisor's feed", () => {
  it("gives bands with its day, names the rows that cannot be read, and is asked once an hour", async () => {
    let asked = 0
    const listener: RequestListener = (_, answer) => {
      asked++
      answer.setHeader("last-modified", "Sat, 21 Nov 2026 03:00:00 GMT")
      answer.end(feedOf({ "m5.large": { s: 61, r: 1 }, "c5.large": { s: 55, r: 9 }, nonsense: 3 }))
    }
    await served(listener, async (advisorUrl) => {
      const feed = makeAdvisorFeed({ advisorUrl })
      const told = await ask(feed)
      assert.deepStrictEqual(told?.rows, [{ instanceType: "m5.large", band: 1, savingsPercent: 61 }] as never)
      assert.lengthOf(told?.refused ?? [], 2)
      assert.deepStrictEqual([told?.origin, told?.asOf], ["spot-advisor feed", "2026-11-21"])
      await ask(feed)
      assert.strictEqual(await Effect.runPromise(feed(Region.make("eu-west-1"), "linux")), null)
      assert.strictEqual(asked, 1)
    })
  })

  it("is done without where it fails, lies, or is silent for three seconds", { timeout: 20_000 }, async () => {
    const bad: ReadonlyArray<RequestListener> = [
      (_, answer) => answer.writeHead(500).end("no"),
      (_, answer) => answer.end("<html>"),
      (_, answer) => answer.end('{"spot_advisor": 3}'),
      (_, answer) => answer.writeHead(302, { location: "http://127.0.0.1:1/" }).end(),
      () => {}
    ]
    for (const listener of bad) {
      const started = performance.now()
      assert.isNull(await served(listener, (advisorUrl) => ask(makeAdvisorFeed({ advisorUrl }))))
      assert.isBelow(performance.now() - started, 4500)
    }
    assert.isNull(await ask(makeAdvisorFeed({ advisorUrl: null })))
  })
})
