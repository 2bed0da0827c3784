/** Every write that reaches the cloud, as the cloud itself logs it: by whom, for what step, and what became of it. */
import type { Caller } from "../port.ts"
import { admit } from "./accounts.ts"
import type { Ground } from "./ground.ts"
import { onExecuted } from "./invariants.ts"
import { Refused } from "./refused.ts"
import type { WriteRow } from "./state.ts"

const rowOf = (w: Ground, action: string, request: unknown, caller: Caller): WriteRow => ({
  n: w.count("write"),
  at: w.at,
  action,
  request,
  tenant: caller.tenant,
  account: caller.account,
  region: caller.region,
  mode: caller.mode,
  by: caller.by,
  saga: caller.saga,
  step: caller.step,
  epoch: caller.epoch,
  until: caller.until,
  outcome: "executed",
  effect: null,
  late: false
})

interface Asked {
  readonly action: string
  readonly request: unknown
}
/** Carries a write out under its session, and puts it on record whether it is executed or refused. */
export const recorded = <A>(w: Ground, asked: Asked, caller: Caller, door: () => void, run: () => A): A => {
  const write = rowOf(w, asked.action, asked.request, caller)
  w.current = write
  try {
    door()
    admit(w, caller, write)
    const answer = run()
    onExecuted(w, write)
    return answer
  } catch (cause) {
    write.outcome = cause instanceof Refused ? cause.code : "defect"
    throw cause
  } finally {
    w.current = null
    w.rows.writes.put(String(write.n), write)
  }
}
