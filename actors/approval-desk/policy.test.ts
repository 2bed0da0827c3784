/** The desk under any sequence of messages: no order breaks a rule of the valve, and what can end ends. */
import { assert, it } from "@effect/vitest"
import { Schema } from "effect"
import { aPolicy, account, minute, tenant } from "../../test/builders.ts"
import { Action, World } from "../../test/desk-world.ts"
import type { Desk } from "../../schemas/approval.ts"
import { SetPolicy } from "../../schemas/policy.ts"
import { rules } from "./policy.ts"

const history = Schema.Array(Action).check(Schema.isMinLength(30), Schema.isMaxLength(90))
const begun = () => {
  const world = new World()
  world.turn = 1
  const policy = aPolicy({ version: 1, approval: { _tag: "auto" }, inFlightShare: 0.2, swapsPerWindow: 4 })
  world.post(new SetPolicy({ tenant, account, policy, by: "eve" }))
  world.turn = 2
  return world
}

it.prop(
  "in any sequence of messages, repeats and wakes included, no order breaks a rule of the valve",
  { history },
  ({ history }) => {
    const world = begun()
    for (const action of history) world.act(action)
    const bounded = world.desk!.releasedAt.length <= 100 && world.desk!.plans.length <= 2
    assert.isTrue(bounded, "the desk remembers no more than it needs")
    assert.deepStrictEqual(world.facts.reduce<Desk | undefined>(rules.evolve, undefined), world.desk)
  },
  { arbitrary: { runs: 400 } }
)

const Counts = Schema.Tuple([1, 2].map(() => Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 6 }))) as never)
it.prop(
  "where every swap gets through and time passes, each approved plan ends complete, each move ordered exactly once",
  { counts: Counts as Schema.Codec<readonly [number, number]>, luck: Schema.Array(Schema.Literals([0, 1, 2, 3])) },
  ({ counts, luck }) => {
    const world = begun()
    const plans = [world.approve(0, counts[0]), world.approve(1, counts[1])]
    for (let step = 0; step < 200 && world.desk!.plans.length > 0; step++) {
      world.now += minute
      const chance = luck[step % Math.max(1, luck.length)] ?? 1
      if (chance > 0 || step % 3 === 0) world.settle(step, "done")
      if (chance === 2) world.sweep(step % 2, step)
      if (chance === 3) world.deliver(world.posted[step % world.posted.length]!)
      world.wake()
    }
    const closed = world.facts.filter((fact) => fact._tag === "PlanClosed")
    assert.deepStrictEqual(
      closed.map((fact) => [fact.hash, fact.because]).sort(),
      plans.map((plan) => [plan.hash, "complete"]).sort()
    )
    const wanted = plans.flatMap(({ plan }) => plan.moves.map((move) => move.swap))
    assert.deepStrictEqual(world.orders.map(({ order }) => order.move.swap).sort(), wanted.sort())
  },
  { arbitrary: { runs: 100 } }
)
