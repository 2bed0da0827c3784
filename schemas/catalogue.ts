/** Every word that travels, in one list: streams, buckets, permissions, README tables and tests read it. */
import {
  Account,
  accountAnswered,
  accountConnected,
  accountDisconnected,
  accountMarked,
  AccountVerified,
  accountVerified,
  connectAccount,
  disconnectAccount,
  verifyAccount
} from "./account.ts"
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
} from "./approval.ts"
import { callBegun, callEnded } from "./audit.ts"
import { GroupSeen, groupGone, groupSeen, sweepDone } from "./group.ts"
import { identityChanged } from "./identity.ts"
import type { Road } from "./message.ts"
import { orphanEnded, orphanLeft, orphanSeen } from "./orphan.ts"
import { setPolicy, setStop } from "./policy.ts"
import {
  clearPool,
  marketRead,
  marketRowRefused,
  PoolPriced,
  poolCleared,
  poolHeld,
  poolHerdMoved,
  poolPoisoned,
  poolPriced,
  PoolRisk,
  poolScored,
  quarantinePool,
  spotInterrupted
} from "./pool.ts"
import { groupLeftAlone, lookAgain, Outlook, spotProposed } from "./proposal.ts"
import { Judgement, planApproved, proposalRejected, safeAlternativeFound } from "./safety.ts"
import { resumeOrdered, swapOrdered, swapSettled } from "./swap.ts"

export const roads: ReadonlyArray<Road> = [
  connectAccount,
  accountConnected,
  accountMarked,
  disconnectAccount,
  accountDisconnected,
  accountAnswered,
  verifyAccount,
  accountVerified,
  groupSeen,
  groupGone,
  sweepDone,
  spotInterrupted,
  orphanSeen,
  orphanLeft,
  orphanEnded,
  poolPriced,
  marketRead,
  marketRowRefused,
  poolScored,
  poolPoisoned,
  poolHerdMoved,
  quarantinePool,
  clearPool,
  poolHeld,
  poolCleared,
  spotProposed,
  groupLeftAlone,
  lookAgain,
  planApproved,
  safeAlternativeFound,
  proposalRejected,
  setPolicy,
  setStop,
  grantApproval,
  refuseApproval,
  abortSwap,
  retrySwap,
  policySet,
  stopSet,
  approvalRequested,
  planOpened,
  swapsReleased,
  swapAborted,
  swapNoted,
  swapRetried,
  planClosed,
  swapOrdered,
  resumeOrdered,
  swapSettled,
  callBegun,
  callEnded,
  identityChanged
]

/**
 * A bucket: one row per entity of one owner, sourced by the server from LOG; nobody writes it. The row is the newest
 * fact's envelope; `row` decodes its state (minds) or the fact itself (senses).
 */
export interface Bucket<A = unknown> {
  /** `<owner>_<noun-plural>`. */
  readonly name: string
  readonly owner: string
  /** Only facts of these roads feed it. */
  readonly roads: ReadonlyArray<Road>
  readonly row: import("effect").Schema.Codec<A, any>
}
const bucket = <A>(owner: string, noun: string, row: Bucket<A>["row"], from: ReadonlyArray<Road>): Bucket<A> => ({
  name: `${owner}_${noun}`,
  owner,
  row,
  roads: from
})

export const accounts = bucket("onboarder", "accounts", Account, [accountConnected, accountDisconnected, accountMarked])
export const verifications = bucket("discovery", "verifications", AccountVerified, [accountVerified])
export const groups = bucket("discovery", "groups", GroupSeen, [groupSeen])
export const prices = bucket("price-watcher", "prices", PoolPriced, [poolPriced])
export const pools = bucket("risk-manager", "pools", PoolRisk, [
  poolScored,
  poolPoisoned,
  poolHerdMoved,
  poolHeld,
  poolCleared
])
export const outlooks = bucket("spot-optimizer", "outlooks", Outlook, [spotProposed, groupLeftAlone])
export const judgements = bucket("safety-enforcer", "judgements", Judgement, [
  planApproved,
  safeAlternativeFound,
  proposalRejected
])
export const desks = bucket("approval-desk", "desks", Desk, [
  policySet,
  stopSet,
  approvalRequested,
  planOpened,
  swapsReleased,
  swapAborted,
  swapNoted,
  swapRetried,
  planClosed
])
export const buckets: ReadonlyArray<Bucket<any>> = [
  accounts,
  verifications,
  groups,
  prices,
  pools,
  outlooks,
  judgements,
  desks
]
