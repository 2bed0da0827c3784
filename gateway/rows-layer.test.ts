/** Rows of now come from the bus, rows of then from the ledger, and both tell the same of the same sequence. */
import { assert, layer } from "@effect/vitest"
import { Effect, Fiber, Result } from "effect"
import { TestClock } from "effect/testing"
import { aSweep, hour, later, noon } from "../test/builders.ts"
import { book, remark, say, stage } from "../test/gateway/rows-stage.ts"
import { connect, groupIn, sayAlone, sayPending, type Whose } from "../test/gateway/tenants.ts"
import { sayDesk } from "../test/gateway/desks.ts"
import { sayMarket } from "../test/gateway/small-market.ts"
import { accounts, buckets, groups } from "../schemas/catalogue.ts"
import { GroupGone, groupGone, groupSeen, groupToken, sweepDone } from "../schemas/group.ts"
import { key } from "../schemas/key.ts"
import type { Refused } from "./refused.ts"
import { type Moment, Rows } from "./rows.ts"

const whose: Whose = { tenant: "acme", account: "111122223333", n: 1 }
const momentAt = (at?: string) => Effect.flatMap(Rows, (rows) => rows.moment(at))
const refusedAt = (at: string) => Effect.map(Effect.flip(momentAt(at)), ({ status, detail }) => ({ status, detail }))
const told = (moment: Moment) =>
  buckets.map((bucket) => [
    bucket.name,
    moment
      .all(bucket)
      .map(([about, { seq, at, value }]) => [about, seq, at, value])
      .sort(([a], [b]) => (String(a) < String(b) ? -1 : 1))
  ])

layer(stage())("rows", (it) => {
  it.effect("what was asked before anything is booked is refused with the reason", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* refusedAt("1"), {
        status: 400,
        detail: "nothing is in the ledger yet: leave at out"
      })
    })
  )

  it.effect("the newest moment of the ledger holds the very rows that are live", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(noon)
      yield* sayMarket("another-tenant")
      yield* connect(whose)
      yield* sayPending(whose)
      yield* sayAlone(whose)
      yield* sayDesk(whose)
      yield* book
      const live = yield* momentAt()
      const past = yield* momentAt(String(live.asOf))
      assert.deepStrictEqual(told(past), told(live))
      assert.isAbove(live.all(groups).length, 1)
      assert.deepStrictEqual([past.isLive, past.asOf, past.at], [false, live.asOf, Number(noon)])
    })
  )

  it.effect("an earlier moment knows nothing of what came later, by sequence and by time", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(later(noon, hour))
      const about = groupToken(groupIn(whose, "web"))
      const before = (yield* momentAt()).get(groups, about)
      const seq = yield* say(groupSeen, groupIn(whose, "web", { desired: 13 }))
      yield* book
      assert.strictEqual((yield* momentAt()).get(groups, about)?.value.desired, 13)
      const then = yield* momentAt(String(seq - 1))
      assert.deepStrictEqual(then.get(groups, about)?.value, before?.value)
      const byTime = yield* momentAt(new Date(later(noon, hour) - 1).toISOString())
      assert.deepStrictEqual([byTime.asOf, byTime.at], [seq - 1, later(noon, hour) - 1])
      assert.strictEqual((yield* momentAt("1")).get(accounts, key(whose.account)), undefined)
    })
  )

  it.effect("a group that is gone is no longer told of, and was before", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(later(noon, 2 * hour))
      const group = groupIn(whose, "brief")
      const about = groupToken(group)
      const seq = yield* say(groupSeen, group)
      yield* book
      assert.isDefined((yield* momentAt()).get(groups, about))
      const { tenant, account, region } = group
      yield* say(groupGone, new GroupGone({ tenant, account, region, group: group.group, readAt: noon }))
      yield* book
      // asking the ledger takes a real moment
      const isThere = Effect.map(momentAt(), (moment) => moment.get(groups, about) !== undefined)
      yield* TestClock.adjust("6 seconds")
      for (let look = 0; (yield* isThere) && look < 200; look++) yield* TestClock.withLive(Effect.sleep("10 millis"))
      assert.isFalse(yield* isThere)
      assert.isUndefined((yield* momentAt()).all(groups).find(([token]) => token === about))
      assert.isUndefined((yield* momentAt(String(seq + 1))).get(groups, about))
      assert.isDefined((yield* momentAt(String(seq))).get(groups, about))
    })
  )

  it.effect("what was only just said is waited for until it is booked, and not for ever", () =>
    Effect.gen(function* () {
      const seq = yield* say(groupSeen, groupIn(whose, "fresh"))
      yield* Effect.yieldNow
      /** The ledger is asked in real time, and asked again by the test's clock. */
      const answerTo = (fiber: Fiber.Fiber<Moment, Refused>) =>
        Effect.gen(function* () {
          for (let tick = 0; tick < 60 && fiber.pollUnsafe() === undefined; tick++) {
            yield* TestClock.adjust("100 millis")
            yield* TestClock.withLive(Effect.sleep("15 millis"))
          }
          return yield* Effect.result(Fiber.join(fiber))
        })
      const early = yield* answerTo(yield* Effect.forkChild(momentAt(String(seq))))
      assert.strictEqual(Result.isFailure(early) ? early.failure.status : 200, 503)
      const waiting = yield* Effect.forkChild(momentAt(String(seq)))
      yield* TestClock.withLive(Effect.sleep("30 millis"))
      yield* book
      const then = yield* answerTo(waiting)
      const about = groupToken(groupIn(whose, "fresh"))
      assert.isDefined(Result.isSuccess(then) ? then.success.get(groups, about) : undefined)
    })
  )

  it.effect("no moment before the first, after the last, or in the future is made up", () =>
    Effect.gen(function* () {
      yield* TestClock.setTime(later(noon, 3 * hour))
      const last = (yield* momentAt()).asOf
      for (const at of [
        "0",
        String(last + 50),
        "2020-01-01T00:00:00Z",
        "2030-01-01T00:00:00Z",
        "2026-02-31T99:00:00Z"
      ]) {
        const { status, detail } = yield* refusedAt(at)
        assert.strictEqual(status, 400, at)
        assert.isAbove(detail.length, 20)
      }
    })
  )

  it.effect("sweeps are of the present: the log does not hold them", () =>
    Effect.gen(function* () {
      const sweep = aSweep({ tenant: groupIn(whose, "web").tenant })
      yield* remark(sweepDone, sweep)
      const about = key(sweep.account, sweep.region)
      yield* Effect.yieldNow
      assert.strictEqual((yield* momentAt()).remark(sweepDone, about)?.value.instances, 12)
      const past = yield* momentAt("3")
      assert.isUndefined(past.remark(sweepDone, about))
    })
  )
})
