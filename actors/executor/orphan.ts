/**
 * Whether an instance that carries our tag outside of every group is ours to end: a pure verdict on what the cloud, the
 * journal and the desk say now. It is ended only where every line below allows it; whatever is unclear is left.
 *
 * How its saga ended decides whose it is (launched: the journal names this very instance, or its ClientToken is the one
 * that the saga's launch had, which AWS keeps as long as the instance):
 *
 * | the saga's journal | launched | verdict |
 * | --- | --- | --- |
 * | open | either | left, `saga-open`: whoever holds the saga ends it or hands it over |
 * | RolledBack | yes | ended: its own undo should have, as where a launch stayed unseen for longer than it waited |
 * | Done, and it is the replacement | yes | left, `handed-over`: it served; who took it out of the group wants it |
 * | Done, and another one is the replacement | by token | ended: superseded, it never was anybody's |
 * | Stuck | either | left, `stuck`: a person has been told, and owns it |
 * | Refused | either | left, `unconfirmed`: such a saga launches nothing |
 * | any | no | left, `unconfirmed` |
 * | lost, but the log still says that it was undone | by token | ended, as RolledBack |
 * | lost, and the log says that it is done | either | left, `handed-over` |
 * | lost, and the log says that it is stuck, as where we lost track | either | left, `stuck` |
 * | lost without a word | either | left, `journal-lost`: the token proves who launched it, not who uses it by now |
 * | unreadable | either | left, `journal-unreadable` |
 *
 * No other swap can be at work on it: what a swap replaces is on-demand, and what it launches carries its own tag.
 */
import { orphanAfterMs, type LeftBecause, type OrphanSeen, sagaTag } from "../../schemas/orphan.ts"
import type { Phase } from "../../schemas/saga.ts"
import type { SwapEnd } from "../../schemas/swap.ts"
import { groupTag, type Instance } from "../_ports/ec2.ts"

/** What the log still knows of the saga that the tag names. Times are milliseconds since 1970. */
export type Past =
  | { readonly _tag: "Lost" }
  | { readonly _tag: "Unreadable"; readonly details: string }
  /** Its journal is lost, and the fact that said its end is not. */
  | { readonly _tag: "Settled"; readonly end: typeof SwapEnd.Type; readonly at: number; readonly tenant: string }
  | {
      readonly _tag: "Journalled"
      readonly tenant: string
      readonly phase: Phase
      /** Of its last entry. */
      readonly at: number
      /** The instance that it launched; null where no answer was heard. */
      readonly launch: string | null
      /** Token of its launch; null where it came to none. */
      readonly token: string | null
    }

/** What proves that the saga launched it. */
export type Proof = "journal" | "token"
export type Verdict =
  | { readonly _tag: "End"; readonly confirmedBy: Proof }
  | { readonly _tag: "Leave"; readonly because: LeftBecause; readonly details: string }

const leave = (because: LeftBecause, details: string): Verdict => ({ _tag: "Leave", because, details })

/** What is asked of the log and of EC2 alone: one read each. */
export interface Claim {
  readonly now: number
  readonly fact: Pick<OrphanSeen, "tenant" | "account" | "instance" | "saga">
  readonly instance: Instance
  readonly past: Past
  /** The token that a launch of the saga has where this instance stands; null where nobody says where that is. */
  readonly tokenHere: string | null
}

const steady: ReadonlySet<string> = new Set(["pending", "running", "stopped"])

/** Is it what a swap launches, is it still as that left it, and has it stood for long enough? */
const standsAsLaunched = ({ now, fact, instance }: Claim): Verdict | undefined => {
  const { tags, lifecycle, operatorManaged, state, bound, launchedAt } = instance
  if (tags[sagaTag] === undefined || tags[sagaTag] !== fact.saga) return leave("not-ours", "it has not the saga's tag")
  if (lifecycle !== "spot") return leave("not-ours", "it is not Spot, and our swaps launch nothing else")
  if (operatorManaged) return leave("not-ours", "a service of AWS manages it")
  if (tags[groupTag] !== undefined) return leave("in-a-group", `it carries the tag of group ${tags[groupTag]}`)
  if (!steady.has(state)) return leave("in-use", `it is ${state}`)
  if (bound.length > 0) return leave("in-use", `it has ${bound.join(", ")}`)
  return now - launchedAt < orphanAfterMs ? leave("young", "it was launched a moment ago") : undefined
}

const proofIn = ({ fact, instance, past, tokenHere }: Claim): Proof | undefined => {
  if (past._tag === "Journalled" && past.launch === fact.instance) return "journal"
  const token = past._tag === "Journalled" ? past.token : tokenHere
  return token !== null && instance.clientToken === token ? "token" : undefined
}

const unconfirmed = leave("unconfirmed", "neither its saga's journal nor its ClientToken says that we launched it")
const handedOver = leave("handed-over", "its swap was done, and it was handed over to its group")
const ownedByPerson = leave("stuck", "its swap is stuck, and left to a person")

const onEnding = (claim: Claim, end: typeof SwapEnd.Type, isReplacement: boolean): Verdict => {
  const confirmedBy = proofIn(claim)
  if (end === "stuck") return ownedByPerson
  if (end === "done" && isReplacement) return handedOver
  return confirmedBy === undefined || end === "refused" ? unconfirmed : { _tag: "End", confirmedBy }
}

const ends: Partial<Record<Phase, typeof SwapEnd.Type>> = {
  Done: "done",
  RolledBack: "undone",
  Refused: "refused",
  Stuck: "stuck"
}

/** Whose it is, by how its saga ended: the table above. */
export const claimOn = (claim: Claim): Verdict => {
  const { now, fact, past } = claim
  const first = standsAsLaunched(claim)
  if (first !== undefined) return first
  if (past._tag === "Lost") return leave("journal-lost", "nobody remembers its saga, or who uses it by now")
  if (past._tag === "Unreadable") return leave("journal-unreadable", past.details)
  if (past.tenant !== fact.tenant) return leave("unconfirmed", "its saga is another tenant's")
  if (past._tag === "Settled") {
    return now - past.at < orphanAfterMs ? justEnded : onEnding(claim, past.end, true)
  }
  const end = ends[past.phase]
  if (end === undefined) return leave("saga-open", `its saga is at ${past.phase}`)
  if (now - past.at < orphanAfterMs) return justEnded
  // one whose launch was never heard of cannot have handed another one over
  return onEnding(claim, end, past.launch === null || past.launch === fact.instance)
}
const justEnded = leave("young", "its saga ended a moment ago")

/** What is asked of all groups and balancers, and only of one that the claim would end. */
export interface Use {
  /** The group that it is a member of in any state, as Pending or Standby too; null = none. */
  readonly group: string | null
  /** Target groups that know it, by state. */
  readonly targets: ReadonlyArray<{ readonly targetGroup: string; readonly state: string }>
  readonly isProtected: boolean
}

/** States of a target that nobody sends anything to, and that nobody has registered anew. */
const unregistered: ReadonlySet<string> = new Set(["absent", "unused", "draining"])

/** Whether somebody uses it, or has said that it is to stay. */
export const useOf = ({ group, targets, isProtected }: Use): Verdict | undefined => {
  if (group !== null) return leave("in-a-group", `it is a member of group ${group}`)
  const target = targets.find(({ state }) => !unregistered.has(state))
  if (target !== undefined) return leave("serving", `it is ${target.state} in ${target.targetGroup}`)
  return isProtected ? leave("protected", "it has termination protection") : undefined
}

/** Both together. */
export const verdictOn = (claim: Claim, use: Use): Verdict => {
  const whose = claimOn(claim)
  return whose._tag === "Leave" ? whose : (useOf(use) ?? whose)
}
