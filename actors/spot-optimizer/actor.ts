/** Plans the groups' way to Spot. The rules are in policy.ts; here is only the wiring. */
import { hears, type Mind } from "../../bus/mind.ts"
import { planClosed } from "../../schemas/approval.ts"
import { accounts, desks, groups, outlooks, pools } from "../../schemas/catalogue.ts"
import { groupSeen, groupToken, sweepDone } from "../../schemas/group.ts"
import { key } from "../../schemas/key.ts"
import { marketRead } from "../../schemas/pool.ts"
import { groupLeftAlone, lookAgain, Outlook, spotProposed } from "../../schemas/proposal.ts"
import { proposalRejected } from "../../schemas/safety.ts"
import { rules } from "./policy.ts"

/** `everyMs`: how often a group is looked at again without anything having been said about it. */
export const spotOptimizer = (everyMs: number): Mind<Outlook> => ({
  name: "spot-optimizer",
  remembers: Outlook,
  hears: [
    hears(groupSeen, groupToken, (seen, seq) => [{ bucket: groups, about: groupToken(seen), seq }]),
    hears(planClosed, groupToken, ({ account }, seq) => [{ bucket: desks, about: key(account), seq }]),
    hears(proposalRejected, groupToken),
    hears(lookAgain, groupToken)
  ],
  says: [spotProposed, groupLeftAlone],
  rules,
  consults: [groups, pools, desks, accounts],
  remarks: [sweepDone, marketRead],
  wakes: { bucket: outlooks, everyMs }
})
