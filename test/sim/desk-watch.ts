/** The valve as the log shows it: what was ordered was approved, sealed, and allowed in that moment (20, 22, 24). */
import { keysOf, proofWith } from "../../actors/_ports/ed25519.ts"
import type { Stored } from "../../bus/bus.ts"
import { accountConnected } from "../../schemas/account.ts"
import { retrySwap } from "../../schemas/approval.ts"
import { matches, ownerFilter } from "../../schemas/message.ts"
import { type Policy, productPolicy } from "../../schemas/policy.ts"
import { orderDigest, SwapOrdered, swapOrdered } from "../../schemas/swap.ts"
import { decodeAs } from "../../schemas/envelope.ts"
import { Result } from "effect"
import { fleet } from "./fleet.ts"
import { sealSeed } from "./house.ts"
import type { Judge } from "./judge.ts"

const text = new TextDecoder()
const proof = proofWith(keysOf(sealSeed).publicKey)
const filter = ownerFilter("approval-desk")

interface Plan {
  readonly moves: number
  readonly approvedBy: string
  readonly expiresAt: number
  readonly open: Set<string>
  readonly ordered: Set<string>
  /** Swaps that are stuck, and those that may have no company. */
  readonly stuck: Set<string>
  readonly lone: Set<string>
  alone: boolean
  canaryPassed: boolean
}
interface Account {
  policy: Policy
  stop: "run" | "pause" | "halt"
  stopAt: number
  readonly plans: Map<string, Plan>
  releasedAt: Array<number>
}
/** What the desk's facts have in common, as they travel. */
interface Said {
  readonly account: string
  readonly region: string
  readonly group: string
  readonly hash: string
  readonly at: number
  readonly [other: string]: unknown
}

export class DeskWatch {
  private readonly accounts = new Map<string, Account>()
  /** Sets of moves that a person said yes to, by account, group and hash. */
  private readonly granted = new Map<string, string>()
  /** Swaps that the desk let go; forged orders are not among them. */
  readonly released = new Set<string>()
  /** Stuck swaps that a person wants to go on, as the log has it, and that have not gone on since. */
  readonly retried = new Set<string>()
  /** Swaps that somebody wants to go on, whether they are stuck or not. */
  private readonly wished = new Set<string>()
  /** Swaps that are to turn back, and since when. */
  readonly abortedAt = new Map<string, number>()
  /** Accounts that a person has taken out of mode `act`, and since when the log has it. */
  readonly loweredAt = new Map<string, number>()
  orders = 0
  private readonly judge: Judge

  constructor(judge: Judge) {
    this.judge = judge
  }

  stopOf(account: string): { readonly stop: string; readonly since: number } {
    const { stop, stopAt } = this.of(account)
    return { stop, since: stopAt }
  }

  hear(stored: Stored): void {
    if (matches(accountConnected.filter, stored.subject)) return this.connected(stored)
    const isFact = matches(filter, stored.subject)
    const isOrder = matches(swapOrdered.filter, stored.subject)
    const isGrant = stored.subject.includes(".grant-approval.")
    const isRetry = matches(retrySwap.filter, stored.subject)
    if (!isFact && !isOrder && !isGrant && !isRetry) return
    const { body, tag } = JSON.parse(text.decode(stored.data)) as { readonly body: Said; readonly tag: string }
    if (isGrant) this.granted.set(keyOf(body), String(body["by"]))
    else if (isRetry) this.wished.add(String(body["swap"]))
    else if (isOrder) this.ordered(body, stored)
    else this.said(tag, body)
  }

  private connected({ data, at }: Stored): void {
    const { body } = JSON.parse(text.decode(data)) as { readonly body: { account: string; mode: string } }
    if (body.mode === "act") this.loweredAt.delete(body.account)
    else if (!this.loweredAt.has(body.account)) this.loweredAt.set(body.account, at)
  }

  private of(account: string): Account {
    const known = this.accounts.get(account)
    if (known !== undefined) return known
    const made: Account = { policy: productPolicy, stop: "run", stopAt: 0, plans: new Map(), releasedAt: [] }
    this.accounts.set(account, made)
    return made
  }

  private said(tag: string, body: Said): void {
    const account = this.of(body.account)
    const key = keyOf(body)
    const plan = account.plans.get(key)
    if (tag === "PolicySet") account.policy = body["policy"] as Policy
    if (tag === "SwapAborted") this.abortedAt.set(String(body["swap"]), body.at)
    if (tag === "SwapRetried") this.letGoOn(account, key, body)
    if (tag === "StopSet") Object.assign(account, { stop: body["stop"], stopAt: body.at })
    if (tag === "PlanClosed" && body["because"] !== "stuck") account.plans.delete(key)
    if (tag === "PlanOpened") this.opened(account, key, body)
    if (tag === "SwapsReleased") this.let(account, key, body)
    if (tag !== "SwapNoted" || plan === undefined) return
    plan.open.delete(String(body["swap"]))
    if (body["end"] === "stuck") plan.stuck.add(String(body["swap"]))
    if (plan.open.size === 0) plan.alone = false
    if (body["end"] === "done") plan.canaryPassed = true
  }

  private opened(account: Account, key: string, body: Said): void {
    const approvedBy = String(body["approvedBy"])
    const isAuto = account.policy.approval._tag === "auto" && approvedBy.startsWith("policy ")
    if (!isAuto && this.granted.get(key) !== approvedBy) {
      this.judge.wrong(20, `plan ${key} opened by ${approvedBy}, who did not approve it`)
    }
    const same = [...account.plans.keys()].find((one) => one.startsWith(`${groupOf(body)} `))
    if (same !== undefined) this.judge.wrong(20, `plan ${key} opened beside ${same}`)
    const { moves, expiresAt } = body as unknown as Pick<Plan, "moves" | "expiresAt">
    const none = () => new Set<string>()
    const fresh = { open: none(), ordered: none(), stuck: none(), lone: none(), alone: false, canaryPassed: false }
    account.plans.set(key, { moves, expiresAt, approvedBy, ...fresh })
  }

  private let(account: Account, key: string, body: Said): void {
    const plan = account.plans.get(key)
    const swaps = (body["swaps"] as ReadonlyArray<{ readonly swap: string }>).map(({ swap }) => swap)
    const wrong = (invariant: number, why: string) => this.judge.wrong(invariant, `release of ${key}: ${why}`)
    if (plan === undefined) return wrong(20, "no open plan")
    if (account.stop !== "run") wrong(22, `the account is at ${account.stop}`)
    if (account.policy.excludedGroups.includes(body.group)) wrong(22, "the group is excluded")
    const mode = fleet.accounts.find((one) => one.account === body.account)?.mode
    if (mode !== "act") wrong(22, `the account is in mode ${mode}`)
    if (body.at >= plan.expiresAt) wrong(20, "the approval has expired")
    if (plan.alone || (body["alone"] === true && plan.open.size > 0)) wrong(20, "somebody is not alone")
    if (!plan.canaryPassed && (swaps.length > 1 || plan.open.size > 0)) wrong(20, "more than the canary flies")
    if (plan.ordered.size + swaps.length > plan.moves) wrong(20, "more swaps than were approved")
    const { swapsPerWindow, windowMs } = account.policy
    account.releasedAt = [...account.releasedAt.filter((at) => at > body.at - windowMs), ...swaps.map(() => body.at)]
    if (account.releasedAt.length > swapsPerWindow) wrong(20, `${account.releasedAt.length} swaps within a window`)
    for (const swap of swaps) {
      if (this.released.has(swap)) wrong(20, `${swap} a second time`)
      this.released.add(swap)
      plan.open.add(swap)
      plan.ordered.add(swap)
      if (body["alone"] === true) plan.lone.add(swap)
    }
    plan.alone = body["alone"] === true
  }

  /** What is stuck goes on when a person said so, and where something may be begun. */
  private letGoOn(account: Account, key: string, body: Said): void {
    const plan = account.plans.get(key)
    const swap = String(body["swap"])
    const wrong = (invariant: number, why: string) => this.judge.wrong(invariant, `retry of ${swap}: ${why}`, swap)
    if (plan === undefined) return wrong(20, "no open plan")
    if (!this.wished.delete(swap)) wrong(20, "nobody asked for it")
    if (!plan.stuck.delete(swap)) wrong(20, "it is not stuck")
    if (account.stop !== "run") wrong(22, `the account is at ${account.stop}`)
    if (plan.alone || (plan.lone.has(swap) && plan.open.size > 0)) wrong(20, "somebody is not alone")
    plan.open.add(swap)
    plan.alone = plan.lone.has(swap)
    this.retried.add(swap)
  }

  private ordered(body: Said, stored: Stored): void {
    const order = decodeAs(SwapOrdered, body)
    if (Result.isFailure(order)) return this.judge.wrong(20, `an order that nobody can read: ${stored.subject}`)
    const { move, plan, account, tenant, signature, approvedBy } = order.success
    // a forged one is the nemesis's; that nobody obeys it is seen at the journal
    if (!proof.verify(orderDigest(order.success), signature)) return
    this.orders++
    const wrong = (invariant: number, why: string) =>
      this.judge.wrong(invariant, `order ${move.swap}: ${why}`, move.swap)
    const open = this.of(account).plans.get(`${groupOf(body)} ${plan}`)
    if (!this.released.has(move.swap)) wrong(20, "the desk did not release it")
    if (open === undefined || !open.open.has(move.swap)) wrong(20, "its plan is not open")
    if (this.of(account).policy.excludedInstances?.includes(move.old)) wrong(22, `${move.old} is excluded`)
    if (open !== undefined && (approvedBy === "" || approvedBy !== open.approvedBy)) {
      wrong(20, `approved by ${approvedBy || "nobody"}`)
    }
    if (fleet.accounts.find((one) => one.account === account)?.tenant !== tenant) wrong(24, `ordered for ${tenant}`)
  }
}

const groupOf = ({ account, region, group }: Said): string => `${account}/${region}/${group}`
const keyOf = (said: Said): string => `${groupOf(said)} ${said.hash}`
