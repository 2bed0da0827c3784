/** Refresh tokens under every order of two who have the same one, and sessions that end when they must. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Schema } from "effect"
import { admin, asked, hesitant, noon, openStage, type Stage } from "../../test/gateway/identity-stage.ts"
import { sessions } from "./records.ts"
import { carryOver, endSession, graceMs, idleMs, openSession, refresh, sessionMs, type Tokens } from "./sessions.ts"
import { sweep } from "./sweep.ts"
import { setStatus } from "./tenants.ts"
import { editUser } from "./users.ts"

const renew = ({ means, bus }: Stage, token: string, now: number) =>
  Effect.exit(Effect.provide(refresh(means, token, now), bus))
const opened = (stage: Stage) =>
  Effect.gen(function* () {
    const user = yield* admin(stage)
    return { user, tokens: yield* openSession(stage.means, user, noon) }
  })

/** How many of these tokens would be renewed now, each asked in a world of its own. */
const good = (stage: Stage, session: string, tokens: Iterable<string>, now: number) =>
  Effect.gen(function* () {
    const { vault } = stage.means
    const key = sessions.of(session)
    const before = yield* vault.get(key)
    const found: Array<string> = []
    for (const token of new Set(tokens)) {
      if (Exit.isSuccess(yield* renew(stage, token, now))) found.push(token)
      yield* vault.put(key, before?.value, (yield* vault.get(key))?.revision ?? 0)
    }
    return found
  })

/** One of two shows one of the tokens that he was given, the newest or an older one, and may not get the answer. */
const Turn = Schema.Struct({
  who: Schema.Literals(["a", "b"]),
  back: Schema.Literals([0, 0, 0, 1, 2]),
  isLost: Schema.Boolean,
  waitMs: Schema.Literals([0, 500, 5_000, graceMs, graceMs + 1, 60_000])
})

describe("two who have the same refresh token", () => {
  it.effect.prop(
    "have one good one at most between them, whatever they do in whatever order",
    { turns: Schema.Array(Turn).check(Schema.isMaxLength(12)) },
    ({ turns }) =>
      Effect.gen(function* () {
        const stage = yield* openStage()
        const { tokens } = yield* opened(stage)
        const held = { a: [tokens.refresh], b: [tokens.refresh] }
        const all = [tokens.refresh]
        let now = noon
        for (const { who, back, isLost, waitMs } of turns) {
          now += waitMs
          const own = held[who]
          const exit = yield* renew(stage, own[Math.max(0, own.length - 1 - back)] ?? "", now)
          if (Exit.isFailure(exit)) continue
          all.push(exit.value.refresh)
          if (!isLost) own.push(exit.value.refresh)
        }
        assert.isAtMost((yield* good(stage, tokens.session, all, now + graceMs + 1)).length, 1)
      }),
    { arbitrary: { runs: 150 } }
  )

  it.effect.prop(
    "are found out as soon as both have renewed and one of them does so again",
    {
      waits: Schema.Array(Schema.Literals([0, 100, 9_000, 20_000])).check(Schema.isMinLength(4), Schema.isMaxLength(4))
    },
    ({ waits: [one = 0, two = 0, three = 0, four = 0] }) =>
      Effect.gen(function* () {
        const stage = yield* openStage()
        const { tokens } = yield* opened(stage)
        const first = yield* renew(stage, tokens.refresh, noon + one)
        const second = yield* renew(stage, tokens.refresh, noon + one + two)
        const later = noon + one + two + three + four
        if (Exit.isSuccess(first)) yield* renew(stage, first.value.refresh, later - four)
        const all = [first, second].flatMap((exit) => (Exit.isSuccess(exit) ? [exit.value.refresh] : []))
        assert.isEmpty(yield* good(stage, tokens.session, [...all, tokens.refresh], later + graceMs + 1))
        const killed = stage.told.filter(({ what }) => what === "family-killed")
        assert.isAtLeast(killed.length, 1)
      })
  )

  it.effect.prop(
    "at the same moment, their steps mixed in any way, end with one good token at most",
    { delays: Schema.Array(Schema.Literals([0, 1, 2, 3])).check(Schema.isMinLength(24), Schema.isMaxLength(24)) },
    ({ delays }) =>
      Effect.gen(function* () {
        const stage = yield* openStage({ vault: hesitant(delays) })
        const { tokens } = yield* opened(stage)
        const both = [renew(stage, tokens.refresh, noon + 1), renew(stage, tokens.refresh, noon + 2)]
        const exits = yield* Effect.all(both, { concurrency: "unbounded" })
        const got = exits.flatMap((exit) => (Exit.isSuccess(exit) ? [exit.value.refresh] : []))
        // both have an answer, as two pages of one browser must
        assert.strictEqual(new Set(got).size, 2)
        assert.strictEqual((yield* good(stage, tokens.session, [tokens.refresh, ...got], noon + 60_000)).length, 1)
      })
  )
})

describe("a session", () => {
  const ended = (stage: Stage, tokens: Tokens, now = noon) =>
    Effect.gen(function* () {
      assert.deepInclude(yield* Effect.flip(asked(stage, tokens.access, now)), { status: 401, kind: "revoked" })
      assert.isTrue(Exit.isFailure(yield* renew(stage, tokens.refresh, now)))
    })
  const someone = { kind: "user", id: "u", name: "n", role: "owner", scopes: [], superAdmin: true, until: 0 } as const

  it.effect("outlives an answer that got lost on the way", () =>
    Effect.gen(function* () {
      const stage = yield* openStage()
      const { tokens } = yield* opened(stage)
      yield* renew(stage, tokens.refresh, noon + 1_000)
      const again = yield* renew(stage, tokens.refresh, noon + 1_000 + graceMs)
      assert.isTrue(Exit.isSuccess(again))
      if (Exit.isSuccess(again)) assert.isTrue(Exit.isSuccess(yield* renew(stage, again.value.refresh, noon + 60_000)))
    })
  )

  it.effect(
    "ends at once when its user is disabled, given another role or another password, or its tenant suspended",
    () =>
      Effect.gen(function* () {
        const edits = [{ status: "disabled" as const }, { role: "viewer" as const }, { password: "other" }]
        for (const edit of edits) {
          const stage = yield* openStage()
          const { user, tokens } = yield* opened(stage)
          assert.isDefined(yield* asked(stage, tokens.access))
          yield* editUser(stage.means, user.id, (before) => Effect.succeed({ ...before, ...edit }), true)
          yield* ended(stage, tokens)
        }
        const stage = yield* openStage()
        const { user, tokens } = yield* opened(stage)
        const other = { ...someone, tenant: "other" as typeof user.tenant }
        yield* setStatus(stage.means, other, user.tenant, "suspended")
        yield* ended(stage, tokens)
      })
  )

  it.effect("ends when it is signed out of, and no other one of its user with it", () =>
    Effect.gen(function* () {
      const stage = yield* openStage()
      const { user, tokens } = yield* opened(stage)
      const other = yield* openSession(stage.means, user, noon)
      yield* endSession(stage.means, tokens.session)
      yield* ended(stage, tokens)
      assert.isDefined(yield* asked(stage, other.access))
    })
  )

  it.effect("goes on after its own change of password, which ends the others", () =>
    Effect.gen(function* () {
      const stage = yield* openStage()
      const { user, tokens } = yield* opened(stage)
      const other = yield* openSession(stage.means, user, noon)
      const after = yield* editUser(stage.means, user.id, (before) => Effect.succeed({ ...before, password: "new" }))
      yield* carryOver(stage.means, tokens.session, after.epoch)
      assert.isDefined(yield* asked(stage, tokens.access))
      yield* ended(stage, other)
    })
  )

  it.effect("ends a week after it was last renewed, and a month after it was opened, and is then swept away", () =>
    Effect.gen(function* () {
      const stage = yield* openStage()
      const { user, tokens } = yield* opened(stage)
      const idle = yield* openSession(stage.means, user, noon)
      assert.isTrue(Exit.isFailure(yield* renew(stage, idle.refresh, noon + idleMs)))
      let { refresh: token } = tokens
      let now = noon
      for (; now + idleMs - 1 < noon + sessionMs; ) {
        now += idleMs - 1
        const exit = yield* renew(stage, token, now)
        assert.isTrue(Exit.isSuccess(exit))
        if (Exit.isSuccess(exit)) token = exit.value.refresh
      }
      assert.isTrue(Exit.isFailure(yield* renew(stage, token, noon + sessionMs)))
      assert.strictEqual(yield* sweep(stage.means.vault, noon + idleMs), 0)
      assert.strictEqual(yield* sweep(stage.means.vault, noon + sessionMs + idleMs + 1), 2)
      assert.isEmpty(yield* stage.means.vault.list("session"))
    })
  )

  it.effect("is not ended by whoever knows its name and makes up a token", () =>
    Effect.gen(function* () {
      const stage = yield* openStage()
      const { tokens } = yield* opened(stage)
      const made = `rt_${tokens.session}_${"x".repeat(65)}`
      for (const token of [made, tokens.refresh.slice(0, -1), `${tokens.refresh}x`, tokens.access, ""]) {
        assert.isTrue(Exit.isFailure(yield* renew(stage, token, noon)))
      }
      assert.isTrue(Exit.isSuccess(yield* renew(stage, tokens.refresh, noon)))
    })
  )
})
