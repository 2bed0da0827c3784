/** Whatever bytes arrive, they are a message of ours or have a named reason; nothing is thrown, nothing guessed. */
import { assert, describe, it } from "@effect/vitest"
import { Arbitrary, Effect, Result, Schema } from "effect"
import { aPriced } from "../test/builders.ts"
import { roads } from "./catalogue.ts"
import { depthMax, depthOf, messageBytesMax, open, seal, type Undecodable, unseal } from "./envelope.ts"
import { wireVersion } from "./message.ts"
import { PoolPriced, poolPriced } from "./pool.ts"

const bytesOf = (text: string) => new TextEncoder().encode(text)
const wire = (envelope: unknown) => bytesOf(JSON.stringify(envelope))
const reasonOf = (bytes: Uint8Array): Undecodable["reason"] | "none" => {
  const message = unseal(poolPriced, bytes)
  return Result.isFailure(message) ? message.failure.reason : "none"
}

describe("a message of ours", () => {
  it.prop(
    "comes back from the wire as it was sent, and so does the state beside it",
    { priced: PoolPriced },
    (given) => {
      const priced = given.priced
      const bytes = seal(poolPriced, priced, { schema: PoolPriced, value: priced })
      // as bytes: JSON has no minus zero
      assert.deepStrictEqual(seal(poolPriced, Result.getOrThrow(unseal(poolPriced, bytes))), seal(poolPriced, priced))
      const { body, state, tag, v } = Result.getOrThrow(open(bytes))
      assert.deepStrictEqual(state, body)
      assert.deepStrictEqual({ tag, v }, { tag: "PoolPriced", v: wireVersion })
    }
  )

  it.effect("of every road of the house survives the wire and is refused on every other road", () =>
    Effect.gen(function* () {
      for (const road of roads) {
        for (const message of yield* Arbitrary.sampleEffect(Arbitrary.schema(road.schema), { count: 5, seed: 1 })) {
          const bytes = seal(road, message)
          assert.deepStrictEqual(seal(road, Result.getOrThrow(unseal(road, bytes))), bytes, road.tag)
          const elsewhere = unseal(road === poolPriced ? roads[0]! : poolPriced, bytes)
          assert.strictEqual(Result.isFailure(elsewhere) && elsewhere.failure.reason, "unknown-type")
        }
      }
    })
  )

  it.prop("without a state has none, whatever the body holds", { priced: PoolPriced }, ({ priced }) => {
    assert.isFalse("state" in Result.getOrThrow(open(seal(poolPriced, priced))))
  })
})

describe("bytes that are none", () => {
  it("have the reason that a person would give", () => {
    const body = { pool: 1 }
    const cases: ReadonlyArray<readonly [Undecodable["reason"], Uint8Array]> = [
      ["too-large", new Uint8Array(messageBytesMax + 1)],
      ["too-deep", bytesOf("[".repeat(100_000))],
      ["too-deep", bytesOf(`{"v":1,"tag":"PoolPriced","body":${"[".repeat(100_000)}${"]".repeat(100_000)}}`)],
      ["too-deep", bytesOf(`${'{"a":'.repeat(30_000)}1${"}".repeat(30_000)}`)],
      ["not-json", bytesOf("")],
      ["not-json", bytesOf("not JSON")],
      ["not-json", bytesOf('{"v":1')],
      ["not-json", bytesOf("]]]]")],
      ["not-json", Uint8Array.of(0x22, 0xff, 0xfe, 0x22)],
      ["not-json", Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22)],
      ["wrong-version", wire(null)],
      ["wrong-version", wire(1)],
      ["wrong-version", wire([])],
      ["wrong-version", wire({ tag: "PoolPriced", body })],
      ["wrong-version", wire({ v: 2, tag: "PoolPriced", body })],
      ["wrong-version", wire({ v: "1", tag: "PoolPriced", body })],
      ["wrong-version", wire({ v: { toString: null, valueOf: null }, tag: "PoolPriced", body })],
      ["unknown-type", wire({ v: 1, body })],
      ["unknown-type", wire({ v: 1, tag: 7, body })],
      ["unknown-type", wire({ v: 1, tag: "PoolPriced" })],
      ["unknown-type", wire({ v: 1, tag: "PoolSold".repeat(1_000), body })],
      ["wrong-shape", wire({ v: 1, tag: "PoolPriced", body })],
      ["wrong-shape", wire({ v: 1, tag: "PoolPriced", body: null })]
    ]
    for (const [n, [reason, bytes]] of cases.entries()) assert.strictEqual(reasonOf(bytes), reason, `case ${n}`)
  })

  it.prop(
    "never throw, whatever they are",
    { bytes: Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 }))) },
    ({ bytes }) => {
      assert.notStrictEqual(reasonOf(Uint8Array.from(bytes)), "none")
    }
  )

  it.prop(
    "of any JSON are refused by every road without throwing, in a short sentence",
    { body: Schema.Json, v: Schema.Json },
    ({ body, v }) => {
      for (const road of roads) {
        for (const envelope of [
          { v: 1, tag: road.tag, body },
          { v, tag: road.tag, body },
          { v: 1, tag: body, body }
        ]) {
          const message = unseal(road, wire(envelope))
          if (Result.isFailure(message)) assert.isAtMost(message.failure.details.length, 500)
        }
      }
    }
  )

  it("name the member that is wrong, and never show what it held", () => {
    const priced = JSON.parse(new TextDecoder().decode(seal(poolPriced, aPriced())))
    const no = unseal(poolPriced, wire({ ...priced, body: { ...priced.body, band: "hunter2".repeat(100) } }))
    assert.isTrue(Result.isFailure(no))
    if (Result.isSuccess(no)) return
    assert.match(no.failure.details, /^band: /)
    assert.notInclude(no.failure.details, "hunter2")
  })
})

describe("depth", () => {
  const nested = (depth: number) => bytesOf(`${"[".repeat(depth)}${"]".repeat(depth)}`)
  it("is counted off the bytes, and brackets within strings do not count", () => {
    for (const depth of [0, 1, depthMax, depthMax + 1, 100_000]) assert.strictEqual(depthOf(nested(depth)), depth)
    assert.strictEqual(depthOf(bytesOf(JSON.stringify({ a: '[[[\\"[[{{', b: "\\" }))), 1)
    assert.strictEqual(depthOf(bytesOf("[][][]{}")), 1)
  })

  it.prop("is never under that of what it is parsed to", { value: Schema.Json }, ({ value }) => {
    const depth = (json: unknown): number =>
      typeof json === "object" && json !== null ? 1 + Math.max(0, ...Object.values(json).map(depth)) : 0
    assert.strictEqual(depthOf(wire(value)), depth(value))
  })

  it("of a message that we may send is far below the limit", () => {
    assert.isBelow(depthOf(seal(poolPriced, aPriced())), depthMax / 2)
  })
})
