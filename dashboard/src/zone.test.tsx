/** Times say whose they are: UTC for everybody unless the link says otherwise, and the name stands beside them. */
import { cleanup, screen } from "@solidjs/testing-library"
import { afterEach, beforeEach, expect, it, vi } from "vitest"

const at = Date.UTC(2026, 10, 21, 23, 3, 22)

/** The formats of a zone are made once, when they are loaded: in a browser nobody moves. */
const load = async () => ({
  words: await import("./words.ts"),
  zone: await import("./zone.ts"),
  moment: await import("./shell/moment.tsx"),
  bed: await import("./parts/router.test-bed.tsx")
})
beforeEach(() => {
  vi.stubEnv("TZ", "Asia/Tokyo")
  vi.resetModules()
})
afterEach(() => {
  cleanup()
  vi.unstubAllEnvs()
})

it("writes UTC unless the link says local", async () => {
  const { zone } = await load()
  expect([zone.zoneOf(undefined), zone.zoneOf("utc"), zone.zoneOf("Mars"), zone.zoneOf("local")]).toEqual([
    "utc",
    "utc",
    "utc",
    "local"
  ])
})

it("names the zone beside the time, and tells the other one on the exact moment", async () => {
  const { words, zone } = await load()
  expect(`${words.clock(at)} ${words.zoneName(at)}`).toBe("23:03:22 UTC")
  expect(words.exactly(at)).toBe("21 Nov 2026, 23:03:22 UTC (08:03:22 GMT+9)")
  expect(words.stamp(at)).toBe("2026-11-21 23:03")
  zone.setZone("local")
  expect(`${words.clock(at)} ${words.zoneName(at)}`).toBe("08:03:22 GMT+9")
  expect(words.exactly(at)).toBe("22 Nov 2026, 08:03:22 GMT+9 (23:03:22 UTC)")
  expect(words.stamp(at)).toBe("2026-11-22 08:03")
})

it("changes what is already on the screen, and leaves to machines what is theirs", async () => {
  const { zone, moment, bed } = await load()
  bed.renderAt("/", () => <moment.Clock at={at} />)
  const time = screen.getByText(/23:03:22/)
  expect(time.textContent).toBe("23:03:22 UTC")
  zone.setZone("local")
  expect(time.textContent).toBe("08:03:22 GMT+9")
  expect(time.getAttribute("datetime")).toBe("2026-11-21T23:03:22.000Z")
})
