/** When a group may be spoken of: what was last seen of it, and what to wait for. */
import { Duration } from "effect"
import type { PlanClosed } from "../../schemas/approval.ts"
import { accounts, desks, groups, pools } from "../../schemas/catalogue.ts"
import { inventoryAgeMsMax, lastReadOf } from "../../schemas/composition.ts"
import type { Heard } from "../../schemas/decision.ts"
import { type GroupSeen, groupToken, sweepDone } from "../../schemas/group.ts"
import { key } from "../../schemas/key.ts"
import { marketRead, type Pool } from "../../schemas/pool.ts"
import type { LookAgain, Outlook } from "../../schemas/proposal.ts"
import type { ProposalRejected } from "../../schemas/safety.ts"
import type { Alone } from "./left-alone.ts"

/** How long a group rests whose plan failed at once without a pool to blame: what failed would fail again. */
export const restMs = Duration.toMillis("10 minutes")

/** The group as it was last seen: by this message or by the book, whichever is newer. */
export interface Seen {
  readonly group: GroupSeen
  readonly seq: number
}
export type Message = GroupSeen | PlanClosed | ProposalRejected | LookAgain
export const seenIn = (token: string, message: Message | undefined, heard: Heard): Seen | undefined => {
  const row = heard.book.get(groups, token)
  const isFact = message?._tag === "GroupSeen" && heard.seq >= (row?.seq ?? 0)
  if (isFact) return { group: message, seq: heard.seq }
  return row === undefined ? undefined : { group: row.value, seq: row.seq }
}

/** Is every price of the group's market on the book? Whoever plans on less plans on what happened to come first. */
const isMarketWhole = ({ region, product, members }: GroupSeen, { book }: Heard): boolean => {
  const market = book.remark(marketRead, key(region, product))?.value
  if (market === undefined || members.some(({ instanceType }) => !market.types.includes(instanceType))) return false
  const isHere = ({ pool }: { readonly pool: Pool }) => pool.region === region && pool.product === product
  // a row that cannot be read has been said all the same: waiting for it would hold up every group of the region
  const unreadable = book.unreadable?.(pools) ?? 0
  return book.all(pools).filter(([, { value }]) => isHere(value)).length + unreadable >= market.pools
}

/** What to wait for before a group is planned; undefined where nothing stands before it. */
export const notYet = (state: Outlook | undefined, { group }: Seen, heard: Heard): string | undefined => {
  if (state?.alone === "backing-off" && heard.at - state.at < restMs) return "its last plan failed"
  const token = groupToken(group)
  const desk = heard.book.get(desks, key(group.account))?.value
  if (desk?.plans.some((plan) => groupToken(plan.ref) === token) ?? false) return "a plan of it is on the desk"
  if (desk !== undefined && desk.stop !== "run") return `its account is stopped (${desk.stop})`
  if (!isMarketWhole(group, heard)) return "the prices of its region are still being read"
  const sweep = heard.book.remark(sweepDone, key(group.account, group.region))?.value
  const readAt = lastReadOf(group, sweep)
  if (readAt <= (desk?.closedAt[token] ?? -1)) return "its last plan closed after it was last read"
  if ((state?.alone === "awaiting-sweep" || state?.alone === "backing-off") && readAt <= state.at)
    return "it was last read before it was last decided upon"
  return heard.at - readAt > inventoryAgeMsMax ? "it was last read too long ago" : undefined
}

/** The account's row may only lower what the group's fact says. */
export const accountSays = ({ group }: Seen, heard: Heard): Alone | undefined => {
  const account = heard.book.get(accounts, key(group.account))?.value
  if (account !== undefined && account.status !== "connected")
    return { because: "observed-only", details: `its account is ${account.status}: ${account.reason}` }
  return account?.mode === "observe"
    ? { because: "observed-only", details: "its account only observes; in mode recommend it is planned" }
    : undefined
}
