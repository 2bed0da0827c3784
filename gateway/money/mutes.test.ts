/** A mute is short, is of one row, and hides nothing that has got worse; what cannot be read hides nothing at all. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Ref, Schema } from "effect"
import { TestClock } from "effect/testing"
import { hour, noon, tenant } from "../../test/builders.ts"
import { Attention } from "../../schemas/api/money.ts"
import { TenantId } from "../../schemas/ids.ts"
import { makeVault } from "../identity/vault.sim.ts"
import { Vault, VaultDown, VaultMoved } from "../identity/vault.ts"
import {
  changeMutes,
  type Mute,
  mutedBy,
  muteOf,
  mutesIn,
  mutesMax,
  mutesOf,
  ranks,
  standingMutes,
  withMute,
  withoutMute
} from "./mutes.ts"

const Hours = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 10_000 }))
const Later = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 60 * hour }))
const graver = (a: keyof typeof ranks, than: keyof typeof ranks) => ranks[a] < ranks[than]
const row = { id: "stopped:1", kind: "stopped", severity: "warning", since: noon - hour } as const

describe("a mute", () => {
  it.prop("lasts as long as was asked for and never over a day, whoever asks", { hours: Hours, ms: Later }, (all) => {
    const mute = muteOf(row, "eve", all.hours, noon)
    const isSilent = mutedBy([mute], row, noon + all.ms) !== undefined
    assert.strictEqual(isSilent, all.ms < Math.min(all.hours, 24) * hour)
  })

  it.prop(
    "is of one row, and hides none that is graver, came later, or is over in minutes",
    {
      then: Attention,
      now: Attention,
      isSameId: Schema.Boolean,
      ms: Later
    },
    ({ then, now, isSameId, ms }) => {
      const seen = { ...now, id: isSameId ? then.id : now.id }
      const mute = mutedBy([muteOf(then, "eve", 24, noon)], seen, noon + ms)
      if (mute === undefined) return
      assert.strictEqual(mute.id, seen.id)
      assert.isFalse(graver(seen.severity, then.severity))
      assert.isAtMost(seen.since ?? 0, noon)
      assert.isBelow(ms, 24 * hour)
      assert.notStrictEqual(seen.kind, "interruption")
    }
  )

  it("holds while its row is what it was, or less grave", () => {
    const mutes = [muteOf(row, "eve", 8, noon)]
    assert.strictEqual(mutedBy(mutes, row, noon + hour)?.by, "eve")
    assert.isDefined(mutedBy(mutes, { ...row, severity: "info" }, noon + hour))
    assert.isDefined(mutedBy(mutes, { ...row, since: null }, noon + hour))
    assert.isUndefined(mutedBy(mutes, { ...row, severity: "critical" }, noon + hour))
    assert.isUndefined(mutedBy(mutes, { ...row, since: noon + 1 }, noon + hour))
    assert.isUndefined(mutedBy(mutes, { ...row, id: "stopped:2" }, noon + hour))
    assert.isUndefined(mutedBy(mutes, { ...row, kind: "interruption" }, noon + hour))
  })

  it.prop(
    "is kept once per row, with no more than so many beside it, and none that has ended",
    { asked: Schema.Array(Schema.Struct({ row: Schema.Int, hours: Hours, ms: Later })) },
    ({ asked }) => {
      let [now, mutes] = [noon as number, [] as ReadonlyArray<Mute>]
      for (const { row: n, hours, ms } of asked) {
        now += ms
        const mute = muteOf({ ...row, id: `stopped:${n}` }, "eve", hours, now)
        mutes = withMute(mutes, mute) ?? assert.fail("so few fit")
        assert.strictEqual(new Set(mutes.map(({ id }) => id)).size, mutes.length)
        assert.isTrue(mutes.every(({ until }) => until > now))
        assert.deepInclude(mutes, mute)
      }
    }
  )

  it("is refused where 200 are kept, unless it replaces one or one of them has ended", () => {
    const all = Array.from({ length: mutesMax }, (_, i) => muteOf({ ...row, id: `stopped:${i}` }, "eve", 8, noon))
    assert.isUndefined(withMute(all, muteOf({ ...row, id: "stuck:1" }, "eve", 1, noon + hour)))
    assert.lengthOf(withMute(all, muteOf({ ...row, id: "stopped:7" }, "eve", 1, noon + hour)) ?? [], mutesMax)
    assert.lengthOf(withMute(all, muteOf({ ...row, id: "stuck:1" }, "eve", 1, noon + 8 * hour)) ?? [], 1)
    assert.lengthOf(withoutMute(all, "stopped:7", noon + hour), mutesMax - 1)
  })
})

describe("what the vault holds of mutes", () => {
  const mute = muteOf(row, "eve", 8, noon)
  it("silences nothing where it cannot be read, or would be silent for over a day", () => {
    assert.deepStrictEqual(mutesIn({ mutes: [mute] }), [mute])
    const bad = [undefined, null, "x", { mutes: 7 }, { mutes: [{ ...mute, severity: "loud" }] }]
    for (const value of [...bad, { mutes: [{ ...mute, until: noon + 25 * hour }] }])
      assert.deepStrictEqual(mutesIn(value), [])
  })

  it.effect("is one tenant's, and is changed again on what others left", () =>
    Effect.gen(function* () {
      const store = makeVault()
      const turns = yield* Ref.make(3)
      // somebody else is first, three times
      const crowded: typeof store = {
        ...store,
        put: (key, value, revision) =>
          Effect.flatMap(
            Ref.getAndUpdate(turns, (n) => n - 1),
            (left) => (left > 0 ? Effect.fail(new VaultMoved({ key })) : store.put(key, value, revision))
          )
      }
      yield* changeMutes(tenant, (mutes) => Effect.succeed(withMute(mutes, mute))).pipe(
        Effect.provideService(Vault, crowded)
      )
      assert.deepStrictEqual(yield* Effect.provideService(mutesOf(tenant), Vault, store), [mute])
      assert.deepStrictEqual(yield* Effect.provideService(mutesOf(TenantId.make("globex")), Vault, store), [])
      yield* Ref.set(turns, 99)
      const no = yield* Effect.flip(
        Effect.provideService(
          changeMutes(tenant, () => Effect.succeed([])),
          Vault,
          crowded
        )
      )
      assert.strictEqual(no.status, 409)
    })
  )

  it.effect("silences nothing where the vault fails or takes its time, and is not changed then", () =>
    Effect.gen(function* () {
      const store = makeVault()
      const down = { ...store, get: () => Effect.fail(new VaultDown({ op: "get", cause: "gone" })) }
      assert.deepStrictEqual(yield* Effect.provideService(mutesOf(tenant), Vault, down), [])
      assert.strictEqual((yield* Effect.flip(Effect.provideService(standingMutes(tenant), Vault, down))).status, 503)
      const slow = { ...store, get: () => Effect.never }
      const waiting = yield* Effect.forkChild(Effect.provideService(mutesOf(tenant), Vault, slow))
      yield* TestClock.adjust("2 seconds")
      assert.deepStrictEqual(yield* Fiber.join(waiting), [])
    })
  )
})
