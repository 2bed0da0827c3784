/** The valve: approvals, the brake, every order for a swap. Rules are in policy.ts; here are wiring and seal. */
import { hears, type Mind } from "../../bus/mind.ts"
import {
  abortSwap,
  approvalRequested,
  Desk,
  grantApproval,
  planClosed,
  planOpened,
  policySet,
  refuseApproval,
  retrySwap,
  stopSet,
  swapAborted,
  swapNoted,
  swapRetried,
  swapsReleased
} from "../../schemas/approval.ts"
import { accounts, desks, groups, judgements } from "../../schemas/catalogue.ts"
import { groupToken, sweepDone } from "../../schemas/group.ts"
import { key } from "../../schemas/key.ts"
import { setPolicy, setStop } from "../../schemas/policy.ts"
import { planApproved, safeAlternativeFound } from "../../schemas/safety.ts"
import {
  orderDigest,
  resumeDigest,
  ResumeOrdered,
  resumeOrdered,
  SwapOrdered,
  swapOrdered,
  swapSettled
} from "../../schemas/swap.ts"
import type { Seal } from "../_ports/seal.ts"
import { rules } from "./policy.ts"

const ofAccount = ({ account }: { readonly account: string }) => key(account)

/** Only orders to the executor are sealed: what it must be able to prove came from here. */
const sealed =
  (seal: Seal["Service"]) =>
  <A>(message: A): A => {
    if (message instanceof SwapOrdered) {
      return new SwapOrdered({ ...message, signature: seal.sign(orderDigest(message)) }) as A & SwapOrdered
    }
    if (message instanceof ResumeOrdered) {
      return new ResumeOrdered({ ...message, signature: seal.sign(resumeDigest(message)) }) as A & ResumeOrdered
    }
    return message
  }

/** `everyMs`: how often the valve looks whether the brake's window has moved on. */
export const approvalDesk = (seal: Seal["Service"], everyMs: number): Mind<Desk> => ({
  name: "approval-desk",
  remembers: Desk,
  hears: [
    hears(planApproved, ofAccount, (plan, seq) => [{ bucket: judgements, about: groupToken(plan), seq }]),
    hears(safeAlternativeFound, ofAccount, (plan, seq) => [{ bucket: judgements, about: groupToken(plan), seq }]),
    hears(swapSettled, ofAccount),
    hears(grantApproval, ofAccount),
    hears(refuseApproval, ofAccount),
    hears(setPolicy, ofAccount),
    hears(setStop, ofAccount),
    hears(abortSwap, ofAccount),
    hears(retrySwap, ofAccount)
  ],
  says: [
    approvalRequested,
    planOpened,
    swapsReleased,
    swapAborted,
    swapNoted,
    swapRetried,
    planClosed,
    policySet,
    stopSet,
    swapOrdered,
    resumeOrdered
  ],
  rules,
  consults: [accounts, groups, judgements],
  remarks: [sweepDone],
  wakes: { bucket: desks, everyMs },
  seal: sealed(seal)
})
