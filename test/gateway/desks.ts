/** What an account's desk was told, and how a plan and a swap of it ended. */
import { Effect } from "effect"
import {
  ApprovalRequested,
  approvalRequested,
  Desk,
  type OpenPlan,
  PlanClosed,
  planClosed,
  PolicySet,
  policySet,
  StopSet,
  stopSet
} from "../../schemas/approval.ts"
import { sweepDone } from "../../schemas/group.ts"
import { instant, microUsd } from "../../schemas/ids.ts"
import { planHash } from "../../schemas/safe-plan.ts"
import { SwapSettled, swapSettled } from "../../schemas/swap.ts"
import { aPolicy, aSweep, day, hour, instanceId, later, noon } from "../builders.ts"
import { remark, say, stated } from "./rows-stage.ts"
import { deskOf, moveOf, of, planOf, refOf, sayApproved, type Whose } from "./tenants.ts"

/** A policy, a stop, a plan that ended with a swap of it done, and a sweep. */
export const sayDesk = (whose: Whose, plans: ReadonlyArray<OpenPlan> = []) =>
  Effect.gen(function* () {
    const plan = planOf(whose, "old", 1)
    const [hash, about] = [planHash(plan), refOf(whose, "old")]
    yield* sayApproved(plan, 0)
    const desk = deskOf(whose, plans, { stop: "pause", stopAt: noon })
    const requested = { ...about, hash, moves: 3, monthlySavings: microUsd(50), expiresAt: later(noon, day), at: noon }
    yield* say(approvalRequested, new ApprovalRequested(requested), stated(desk, Desk))
    const closed = {
      ...about,
      hash,
      because: "expired" as const,
      done: 1,
      undone: 0,
      refusedPools: [],
      at: later(noon, hour)
    }
    yield* say(planClosed, new PlanClosed(closed), stated(desk, Desk))
    const policy = aPolicy({ version: 3 })
    yield* say(
      policySet,
      new PolicySet({ ...of(whose), policy, by: `owner of ${whose.tenant}`, at: noon }),
      stated(desk, Desk)
    )
    const stop = {
      ...of(whose),
      stop: "pause" as const,
      by: `operator of ${whose.tenant}`,
      because: "a release goes out",
      at: noon
    }
    yield* say(stopSet, new StopSet(stop), stated(desk, Desk))
    const move = moveOf(whose, 0)
    const end = {
      swap: move.swap,
      plan: hash,
      end: "done" as const,
      code: null,
      reason: null,
      move,
      replacement: instanceId(whose.n * 100 + 90)
    }
    yield* say(
      swapSettled,
      new SwapSettled({ ...about, ...end, hourlySavings: microUsd(0.061), startedAt: noon, at: instant(noon + 60_000) })
    )
    yield* remark(sweepDone, aSweep(of(whose)))
    return { hash, swap: move.swap }
  })
