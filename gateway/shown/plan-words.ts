/** How proposals, verdicts and what people decide on them are told. */
import {
  abortSwap,
  approvalRequested,
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
import { setPolicy, setStop } from "../../schemas/policy.ts"
import { groupLeftAlone, lookAgain, spotProposed } from "../../schemas/proposal.ts"
import { planApproved, proposalRejected, safeAlternativeFound } from "../../schemas/safety.ts"
import { count, moment, money, short } from "./phrase.ts"
import { told } from "./words.ts"

const byHash = (e: { readonly hash: string }) => e.hash
const stops = { run: "goes on", pause: "releases no new swaps", halt: "turns its swaps back" } as const
const ended = { done: "is done", undone: "was turned back", refused: "was refused", stuck: "is stuck" } as const
const closed = {
  complete: "it is complete",
  "a-swap-failed": "a swap failed",
  refused: "a person said no",
  expired: "nobody answered in time",
  superseded: "a newer plan took its place",
  stopped: "the account was stopped",
  stuck: "a swap is stuck, and a person must look"
} as const
const rejected = {
  stale: "what is known is missing or too old",
  unsafe: "it leaves the five layers",
  "account-not-ready": "the account is not ready"
} as const

export const plannerWords = [
  told(spotProposed, {
    says: (e) =>
      `${count(e.plan.moves.length, "move")} to Spot proposed for ${e.group}, ` +
      `saving ${money(e.monthlySavings)} a month.`,
    correlation: byHash
  }),
  told(groupLeftAlone, { says: (e) => `Group ${e.group} is left alone (${e.because}): ${e.details}.` }),
  told(lookAgain, { says: (c) => `${c.by} wants ${c.group} looked at again.` }),
  told(planApproved, {
    says: (e) => `The plan for ${e.group} is inside the five layers: ${count(e.plan.moves.length, "move")}.`,
    severity: () => "good",
    severities: ["good"],
    correlation: byHash
  }),
  told(safeAlternativeFound, {
    says: (e) =>
      `A safer plan for ${e.group} was found: ${count(e.plan.moves.length, "move")}, ` +
      `${count(e.violations.length, "violation")} mended.`,
    severity: () => "good",
    severities: ["good"],
    correlation: byHash
  }),
  told(proposalRejected, {
    says: (e) => `The proposal for ${e.group} was rejected, as ${rejected[e.because]}: ${e.details}.`,
    severity: () => "warning",
    severities: ["warning"],
    correlation: (e) => e.proposal
  })
]

export const deskWords = [
  told(approvalRequested, {
    says: (e) =>
      `${count(e.moves, "swap")} in ${e.group} wait for a yes until ${moment(e.expiresAt)}, ` +
      `worth ${money(e.monthlySavings)} a month.`,
    severity: () => "warning",
    severities: ["warning"],
    correlation: byHash
  }),
  told(grantApproval, {
    says: (c) => `${c.by} says yes to plan ${short(c.hash)} for ${c.group}: ${c.because}.`,
    correlation: byHash
  }),
  told(refuseApproval, {
    says: (c) => `${c.by} says no to plan ${short(c.hash)} for ${c.group}: ${c.because}.`,
    correlation: byHash
  }),
  told(planOpened, {
    says: (e) =>
      `${count(e.moves, "swap")} in ${e.group} may begin, approved by ${e.approvedBy}, ` +
      `worth ${money(e.monthlySavings)} a month.`,
    severity: () => "good",
    severities: ["good"],
    correlation: byHash
  }),
  told(swapsReleased, {
    says: (e) =>
      `${count(e.swaps.length, "swap")} in ${e.group} released${e.canary ? ", the first of its plan on trial" : ""}.`,
    correlation: byHash
  }),
  told(swapNoted, {
    says: (e) => `Swap ${e.swap} in ${e.group} ${ended[e.end]}${e.code === null ? "" : ` (${e.code})`}.`,
    severity: (e) => (e.end === "done" ? "good" : e.end === "stuck" ? "critical" : "warning"),
    severities: ["good", "critical", "warning"],
    correlation: byHash
  }),
  told(planClosed, {
    says: (e) => `The plan for ${e.group} is closed, as ${closed[e.because]}: ${e.done} done, ${e.undone} turned back.`,
    severity: (e) => (e.because === "complete" ? "good" : e.because === "stuck" ? "critical" : "warning"),
    severities: ["good", "critical", "warning"],
    correlation: byHash
  }),
  told(abortSwap, {
    says: (c) => `${c.by} wants swap ${c.swap} of ${c.group} turned back: ${c.because}.`,
    severity: () => "warning",
    severities: ["warning"],
    correlation: (c) => c.swap
  }),
  told(swapAborted, {
    says: (e) => `Swap ${e.swap} of ${e.group} is to turn back, by ${e.by}: ${e.because}.`,
    severity: () => "warning",
    severities: ["warning"],
    correlation: (e) => e.swap
  }),
  told(retrySwap, {
    says: (c) => `${c.by} wants stuck swap ${c.swap} of ${c.group} to go on: ${c.because}.`,
    severity: () => "warning",
    severities: ["warning"],
    correlation: (c) => c.swap
  }),
  told(swapRetried, {
    says: (e) => `Swap ${e.swap} of ${e.group} was stuck and is to go on, by ${e.by}: ${e.because}.`,
    severity: () => "warning",
    severities: ["warning"],
    correlation: (e) => e.swap
  }),
  told(setPolicy, { says: (c) => `${c.by} wishes policy ${c.policy.version} for account ${c.account}.` }),
  told(policySet, {
    says: (e) =>
      `Policy ${e.policy.version} holds for account ${e.account}, set by ${e.by}` +
      `${e.because === undefined ? "" : `: ${e.because}`}.`
  }),
  told(setStop, {
    says: (c) => `${c.by} wishes that account ${c.account} ${stops[c.stop]}: ${c.because}.`,
    severity: (c) => (c.stop === "run" ? "info" : "warning"),
    severities: ["info", "warning"]
  }),
  told(stopSet, {
    says: (e) => `Account ${e.account} ${stops[e.stop]}, by ${e.by}: ${e.because}.`,
    severity: (e) => (e.stop === "run" ? "good" : e.stop === "halt" ? "critical" : "warning"),
    severities: ["good", "critical", "warning"]
  })
]
