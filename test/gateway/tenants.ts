/** Tenants with accounts, groups, plans and their ends, as the actors would have said them. */
import { Effect } from "effect"
import { Account, AccountConnected, accountConnected } from "../../schemas/account.ts"
import { ApprovalRequested, approvalRequested, Desk, type OpenPlan } from "../../schemas/approval.ts"
import { GroupRef, type GroupSeen, groupSeen } from "../../schemas/group.ts"
import { AccountId, GroupName, microUsd, type Mode, TenantId } from "../../schemas/ids.ts"
import {
  Candidate,
  GroupLeftAlone,
  groupLeftAlone,
  Outlook,
  SpotProposed,
  spotProposed
} from "../../schemas/proposal.ts"
import { Part, planHash, productFloors, SafePlan, Violation } from "../../schemas/safe-plan.ts"
import { Judgement, PlanApproved, planApproved, ProposalRejected, proposalRejected } from "../../schemas/safety.ts"
import {
  aDesk,
  aGroup,
  aMember,
  aMove,
  anAccount,
  anOpenPlan,
  aPolicy,
  aPool,
  instanceId,
  noon,
  region,
  score,
  type,
  zone
} from "../builders.ts"
import { say, stated } from "./rows-stage.ts"

export interface Whose {
  readonly tenant: string
  readonly account: string
  /** Sets its machines apart from those of others. */
  readonly n: number
}

export const of = ({ tenant, account }: Whose) => ({ tenant: TenantId.make(tenant), account: AccountId.make(account) })

export const refOf = (whose: Whose, group: string): GroupRef =>
  new GroupRef({ ...of(whose), region, group: GroupName.make(group) })

const spotType = type("m6i.large")

export const moveOf = (whose: Whose, i: number) =>
  aMove({
    swap: `swap${whose.n}x${i}`,
    old: instanceId(whose.n * 100 + i),
    pool: aPool({ zone: zone((i % 3) + 1), instanceType: spotType })
  })

/** One move in each zone of twelve members. */
export const planOf = (whose: Whose, group: string, groupSeq: number): SafePlan => {
  const part = (n: number, lifecycle: "spot" | "on-demand", count: number) =>
    new Part({
      zone: zone(n),
      instanceType: lifecycle === "spot" ? spotType : type("m5.large"),
      lifecycle,
      vcpu: 2,
      count,
      score: lifecycle === "spot" ? score(0.95) : null
    })
  const target = [1, 2, 3].flatMap((n) => [part(n, "spot", 1), part(n, "on-demand", 3)])
  const moves = [0, 1, 2].map((i) => moveOf(whose, i))
  return new SafePlan({ ref: refOf(whose, group), preset: "strict", floors: productFloors, target, moves, groupSeq })
}

export const connect = (whose: Whose, mode: Mode = "act") =>
  Effect.gen(function* () {
    const account = anAccount({
      ...of(whose),
      mode,
      name: `${whose.tenant} ${whose.n}`,
      externalId: `ext-${whose.tenant}`
    })
    const { status: _s, reason: _r, since: _t, ...wish } = account
    yield* say(accountConnected, new AccountConnected({ ...wish, at: noon }), stated(account, Account))
  })

export const groupIn = (whose: Whose, group: string, over: Partial<GroupSeen> = {}): GroupSeen =>
  aGroup({
    ...of(whose),
    group: GroupName.make(group),
    members: Array.from({ length: 12 }, (_, i) =>
      aMember(whose.n * 100 + i, i < 2 ? { lifecycle: "spot", instanceType: spotType } : {})
    ),
    ...over
  })

/** The enforcer's word that a plan, proposed with this sequence, is inside the layers. */
export const sayApproved = (plan: SafePlan, seq: number) => {
  const { ref } = plan
  const [hash, monthlySavings] = [planHash(plan), microUsd(133.59)]
  const ages = { inventoryMs: 1_000, scoresMs: 2_000 }
  const approved = new PlanApproved({ ...ref, proposal: hash, seq, ages, at: noon, plan, hash, monthlySavings })
  const counts = { approved: 1, alternatives: 0, rejected: 0, violations: 0 }
  const judged = new Judgement({ ref, proposal: hash, seq, verdict: "approved", details: "", counts, at: noon })
  return say(planApproved, approved, stated(judged, Judgement))
}

/** The group `web`, with a proposal that the enforcer approved and that waits for a person. */
export const sayPending = (whose: Whose, group = "web") =>
  Effect.gen(function* () {
    const groupSeq = yield* say(groupSeen, groupIn(whose, group))
    const plan = planOf(whose, group, groupSeq)
    const about = refOf(whose, group)
    const [hash, monthlySavings] = [planHash(plan), microUsd(133.59)]
    const candidates = [1, 2, 3].map(
      (n) =>
        new Candidate({
          zone: zone(n),
          instanceType: spotType,
          score: score(0.95),
          spotPerHour: microUsd(0.035),
          taken: 1,
          reason: "chosen"
        })
    )
    const reads = { group: groupSeq, pools: {} }
    const proposed = new SpotProposed({ ...about, plan, hash, monthlySavings, candidates, reads, at: noon })
    const outlook = new Outlook({
      ref: about,
      groupSeq,
      proposed: hash,
      alone: null,
      details: "",
      monthlySavings,
      refused: {},
      at: noon
    })
    const seq = yield* say(spotProposed, proposed, stated(outlook, Outlook))
    yield* sayApproved(plan, seq)
    const open = openOf(plan)
    const asked = new ApprovalRequested({
      ...about,
      hash,
      moves: 3,
      monthlySavings,
      expiresAt: open.expiresAt,
      at: noon
    })
    yield* say(approvalRequested, asked, stated(deskOf(whose, [open]), Desk))
    return { hash, seq, plan, proposed }
  })

export const openOf = (plan: SafePlan, over: Partial<OpenPlan> = {}): OpenPlan =>
  anOpenPlan({
    ref: plan.ref,
    hash: planHash(plan),
    status: "pending",
    moves: plan.moves.length,
    monthlySavings: microUsd(133.59),
    ...over
  })

export const deskOf = (whose: Whose, plans: ReadonlyArray<OpenPlan>, over: Partial<Desk> = {}): Desk =>
  aDesk({ ...of(whose), policy: aPolicy({ version: 3 }), plans, ...over })

/** The group `tiny`, which is left alone, and one whose proposal was refused. */
export const sayAlone = (whose: Whose) =>
  Effect.gen(function* () {
    const about = refOf(whose, "tiny")
    const group = yield* say(groupSeen, groupIn(whose, "tiny", { members: [aMember(whose.n * 100 + 50)] }))
    const details = "its smallest movable member is 100 % of 2 vCPU; with 10 vCPU in all one could move"
    const fact = new GroupLeftAlone({
      ...about,
      because: "too-small",
      details,
      candidates: [],
      reads: { group, pools: {} },
      at: noon
    })
    const state = { ref: about, groupSeq: group, proposed: null, monthlySavings: microUsd(0), refused: {}, at: noon }
    yield* say(groupLeftAlone, fact, stated(new Outlook({ ...state, alone: "too-small", details }), Outlook))
    const violations = [
      new Violation({
        type: "az_distribution",
        severity: "critical",
        details: "2 zones with at least 5.0 % each, needs 3"
      })
    ]
    const refused = refOf(whose, "stale")
    const proposal = planHash(planOf(whose, "stale", 1))
    const no = new ProposalRejected({
      ...refused,
      proposal,
      ages: { inventoryMs: 1, scoresMs: 1 },
      at: noon,
      violations,
      because: "unsafe",
      details: "2 zones"
    })
    const counts = { approved: 0, alternatives: 0, rejected: 1, violations: 1 }
    const judged = new Judgement({
      ref: refused,
      proposal,
      seq: 0,
      verdict: "rejected",
      details: "2 zones",
      counts,
      at: noon
    })
    yield* say(proposalRejected, no, stated(judged, Judgement))
  })
