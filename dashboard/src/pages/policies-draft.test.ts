/** A policy survives its form: what nobody touched is sent back as it was. */
import { expect, it } from "vitest"
import { draftOf, policyOf } from "./policies-draft.ts"
import type { Policy } from "./policies.tsx"

const policy: Policy = {
  version: 3,
  approval: { _tag: "auto-below", monthlyUsd: 99.5 },
  floors: { scoreMin: 0.8, zonesMin: 3, zoneShareMin: 0.05, poolShareMax: 0.175, onDemandShareMin: 0.29 },
  presets: ["strict"],
  swapsPerWindow: 10,
  windowMs: 600_000,
  inFlightShare: 0.07,
  bakeMs: 90_000,
  excludedGroups: ["payments", "web blue"]
}
const { version: _version, ...wishes } = policy

it("gives back what it was given, without the version", () => {
  expect(policyOf(draftOf(policy), policy)).toEqual(wishes)
})

it("shows shares in percent and spans in seconds", () => {
  const draft = draftOf(policy)
  expect([draft.poolSharePercent, draft.onDemandSharePercent, draft.bakeSeconds]).toEqual(["17.5", "29", "90"])
})

it("changes only what was typed", () => {
  const next = policyOf({ ...draftOf(policy), onDemandSharePercent: "30", approval: "manual" }, policy)
  expect(next).toEqual({ ...wishes, approval: { _tag: "manual" }, floors: { ...policy.floors, onDemandShareMin: 0.3 } })
})

it("takes lines as names and blank ones as nothing", () => {
  const named = policyOf({ ...draftOf(policy), excludedInstances: "i-0aaaaaaaaaaaaaaaa\n" }, policy)
  expect(named.excludedInstances).toEqual(["i-0aaaaaaaaaaaaaaaa"])
  expect(policyOf(draftOf({ ...named, version: 2 }), { ...named, version: 2 })).toEqual(named)
  expect(policyOf({ ...draftOf(policy), excludedGroups: " a \n\n b" }, policy).excludedGroups).toEqual(["a", "b"])
})

it("keeps presets that the form does not know", () => {
  expect(policyOf({ ...draftOf(policy), smallGroup: true }, policy).presets).toEqual(["strict", "small-group"])
})
