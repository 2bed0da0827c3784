/** Equal things have equal digests, however their members are ordered and whichever way they have travelled. */
import { assert, it } from "@effect/vitest"
import { Schema } from "effect"
import { canonical, digestOf } from "./digest.ts"

const shuffled = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(shuffled)
  if (typeof value !== "object" || value === null) return value
  const members = Object.entries(value).map(([name, member]) => [name, shuffled(member)] as const)
  return Object.fromEntries(members.reverse())
}

it.prop("the order of members makes no difference, at any depth", { value: Schema.Json }, ({ value }) => {
  assert.strictEqual(digestOf(shuffled(value)), digestOf(value))
})

it.prop("what was read back from the wire has the digest of what was said", { value: Schema.Json }, ({ value }) => {
  assert.strictEqual(digestOf(JSON.parse(JSON.stringify(value))), digestOf(value))
  assert.deepStrictEqual(JSON.parse(canonical(value)), JSON.parse(JSON.stringify(value)))
})

it.prop("different things have different digests", { a: Schema.Json, b: Schema.Json }, ({ a, b }) => {
  const equal =
    JSON.stringify(shuffled(JSON.parse(canonical(a)))) === JSON.stringify(shuffled(JSON.parse(canonical(b))))
  assert.strictEqual(digestOf(a) === digestOf(b), equal)
})

it("an absent member, an undefined one, a date and what JSON makes of it are the same", () => {
  assert.strictEqual(digestOf({ a: 1, b: undefined }), digestOf({ a: 1 }))
  const at = new Date("2026-01-15T00:00:00Z")
  assert.strictEqual(digestOf({ at }), digestOf(JSON.parse(JSON.stringify({ at }))))
  assert.notStrictEqual(digestOf([undefined]), digestOf([]))
  assert.notStrictEqual(digestOf({ a: "1" }), digestOf({ a: 1 }))
})
