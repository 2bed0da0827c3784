/** Judges every proposal by the five layers. The rules are in policy.ts; here is only the wiring. */
import { hears, type Mind } from "../../bus/mind.ts"
import { accounts, desks, groups, pools } from "../../schemas/catalogue.ts"
import { groupToken, sweepDone } from "../../schemas/group.ts"
import { spotProposed } from "../../schemas/proposal.ts"
import { Judgement, planApproved, proposalRejected, safeAlternativeFound } from "../../schemas/safety.ts"
import { rules } from "./policy.ts"

export const safetyEnforcer: Mind<Judgement> = {
  name: "safety-enforcer",
  remembers: Judgement,
  hears: [
    hears(spotProposed, groupToken, (proposed) => [
      { bucket: groups, about: groupToken(proposed), seq: proposed.reads.group }
    ])
  ],
  says: [planApproved, safeAlternativeFound, proposalRejected],
  rules,
  consults: [groups, pools, desks, accounts],
  remarks: [sweepDone],
  wakes: null
}
