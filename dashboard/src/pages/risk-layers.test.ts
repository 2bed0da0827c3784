/** What the risk map says of a pool: colour, figure, sign and words must agree, and old scores show as old. */
import { expect, it } from "vitest"
import { axesOf, cellOf, isExposed, type Pool } from "./risk-layers.tsx"
import { alternativesOf } from "./pool-details.tsx"

const now = 1_800_000_000_000
const pool = (instanceType: string, zone: string, more: Partial<Pool> = {}): Pool => ({
  key: `${zone}_${instanceType}`,
  region: "us-east-1",
  zone,
  instanceType,
  family: instanceType.slice(0, instanceType.indexOf(".")),
  product: "linux",
  gate: { _tag: "open" },
  held: null,
  herd: { _tag: "NORMAL" },
  isOpen: true,
  safetyScore: 0.82,
  terms: null,
  scoredAt: now - 60_000,
  vcpu: 2,
  memoryMib: 8_192,
  spotPerHour: 40_000,
  onDemandPerHour: 100_000,
  band: 1,
  volatility: 0.2,
  priceReadAt: now,
  origin: null,
  interruptionCount: 0,
  lastInterruptionAt: null,
  distinctWitnesses: 0,
  ours: 0,
  revision: 1,
  ...more
})

it("shows the score without its zero, and never rounds a bad one up to the gate", () => {
  expect(cellOf(pool("m5.large", "a"), "safety", now).text).toBe(".82")
  expect(cellOf(pool("m5.large", "a", { safetyScore: 0.749 }), "safety", now).text).toBe(".74")
  expect(cellOf(pool("m5.large", "a", { safetyScore: 0.29 }), "safety", now).text).toBe(".29")
  expect(cellOf(pool("m5.large", "a", { safetyScore: null }), "safety", now)).toMatchObject({ value: null, text: "–" })
})

it("says poisoned with the days that are left", () => {
  const shut = pool("m5.large", "a", { gate: { _tag: "poisoned", until: now + 8.2 * 86_400_000 }, isOpen: false })
  expect(cellOf(shut, "safety", now).says).toContain("poisoned, 9 days left")
})

it("says of a pool that a person keeps shut that it is held", () => {
  const until = now + 2.5 * 86_400_000
  const held = { until, because: "the zone was flooded" }
  const shut = pool("m5.large", "a", { gate: { _tag: "poisoned", until }, held, isOpen: false })
  expect(cellOf(shut, "safety", now).says).toContain("held by a person, 3 days left")
})

it("takes a quarantine and a herd that have run out for over", () => {
  const over = pool("m5.large", "a", {
    gate: { _tag: "poisoned", until: now - 1 },
    herd: { _tag: "RISKY", until: now - 1 }
  })
  expect(cellOf(over, "safety", now).says).toContain(", ok")
})

it("hatches a score over an hour old", () => {
  expect(cellOf(pool("m5.large", "a", { scoredAt: now - 3_600_001 }), "safety", now).isStale).toBe(true)
  expect(cellOf(pool("m5.large", "a", { scoredAt: now - 3_599_999 }), "safety", now).isStale).toBe(false)
})

it("marks a pool only where something of ours runs in what nobody would launch in", () => {
  const risky = { safetyScore: 0.74 }
  expect(isExposed(pool("m5.large", "a", { ...risky, ours: 1 }), now)).toBe(true)
  expect(isExposed(pool("m5.large", "a", risky), now)).toBe(false)
  expect(isExposed(pool("m5.large", "a", { ours: 1 }), now)).toBe(false)
})

it("puts the families with most of ours first, and small types before large ones", () => {
  const axes = axesOf([pool("c5.xlarge", "b", { vcpu: 4 }), pool("c5.large", "a"), pool("m5.large", "a", { ours: 3 })])
  expect(axes.rows.map(({ title }) => title)).toEqual(["m5.large", "c5.large", "c5.xlarge"])
  expect(axes.columns.map(({ id }) => id)).toEqual(["a", "b"])
})

it("offers as alternatives only what is open, over the gate, known in price and not smaller; cheapest first", () => {
  const among = [
    pool("m5.large", "a"),
    pool("m6i.large", "b", { spotPerHour: 30_000 }),
    pool("c5.large", "b", { memoryMib: 4_096, spotPerHour: 10_000 }),
    pool("r5.large", "b", { safetyScore: 0.7 }),
    pool("t3.large", "b", { isOpen: false }),
    pool("m5a.large", "b", { spotPerHour: null }),
    pool("m5.large", "c", { spotPerHour: 20_000 })
  ]
  const [of] = among
  if (of === undefined) throw new Error("there is a first")
  expect(alternativesOf(of, among).map(({ key }) => key)).toEqual(["c_m5.large", "b_m6i.large"])
})
