/** Who takes our rights away for a while, and who mends what swaps got stuck on and tells them to go on. */
import { Result } from "effect"
import type { Stored } from "../../bus/bus.ts"
import { RetrySwap, retrySwap } from "../../schemas/approval.ts"
import { unseal } from "../../schemas/envelope.ts"
import type { AccountId, Instant } from "../../schemas/ids.ts"
import { matches } from "../../schemas/message.ts"
import { ResumeOrdered, resumeOrdered } from "../../schemas/swap.ts"
import type { House } from "./house.ts"
import type { Told } from "./journal-watch.ts"

type Swap = Told["input"]
/** A swap, and when it got stuck by its journal. */
interface Stuck {
  readonly input: Swap
  readonly at: Instant
}

export class Menders {
  private readonly house: House
  /** Somebody stops the swap's account for a while. */
  private readonly stopFor: (swap: Swap, how: "pause" | "halt") => void
  /** By swap. */
  private readonly stuck = new Map<string, Stuck>()
  /** The last sealed word to go on, by swap. */
  private readonly words = new Map<string, ResumeOrdered>()
  /** Accounts in which our role has no rights. */
  private readonly barred = new Set<AccountId>()
  constructor(house: House, stopFor: (swap: Swap, how: "pause" | "halt") => void) {
    this.house = house
    this.stopFor = stopFor
  }

  private get sim() {
    return this.house.sim
  }

  heal(): void {
    for (const account of this.barred) this.unbar(account)
    // once the desk has heard that the account runs again
    for (const one of this.stuck.values()) this.sim.after(60_000, () => this.retry(one))
  }

  hear({ subject, data }: Stored): void {
    if (!matches(resumeOrdered.filter, subject)) return
    const word = unseal(resumeOrdered, data)
    if (Result.isSuccess(word) && word.success.by !== "mallory") this.words.set(word.success.swap, word.success)
  }

  /** Rights are taken away just before or just after there is a way back. */
  onEntry({ phase, step, input, mark, at }: Told): void {
    const isActing = mark === "move" && (phase === "Intent" || phase === "Commit")
    if (isActing && step !== "max" && !this.house.isCalm && this.sim.chance(0.01)) this.bar(input)
    if (phase === "Stuck") this.mend({ input, at })
    else this.stuck.delete(input.move.swap)
  }

  /** The account lets us do nothing for a while. */
  private bar({ account }: Swap): void {
    this.barred.add(account)
    this.house.world.setAccount(account, { refuses: "AccessDenied" })
    this.sim.after(this.sim.between(20_000, 200_000), () => this.unbar(account))
  }
  private unbar(account: AccountId): void {
    if (this.barred.delete(account)) this.house.world.setAccount(account, { refuses: null })
  }

  /** Whatever it got stuck on is mended after a while, and it is told to go on; now and then too soon. */
  private mend(one: Stuck): void {
    const { sim } = this
    this.stuck.set(one.input.move.swap, one)
    if (!this.house.isCalm && sim.chance(0.3)) this.sayAgain(one)
    sim.after(sim.between(1_000, 600_000), () => this.retry(one))
  }
  private retry(one: Stuck): void {
    const { tenant, account, region, group, move, plan } = one.input
    if (this.stuck.get(move.swap) !== one) return
    // somebody else has just stopped the account, and whoever is mending does not know of it
    if (!this.house.isCalm && this.sim.chance(0.2)) {
      this.stopFor(one.input, this.sim.chance(0.5) ? "pause" : "halt")
      this.sim.after(600_000, () => this.retry(one))
    }
    const about = { tenant, account, region, group, hash: plan, swap: move.swap, stuckAt: one.at }
    this.house.say(retrySwap, new RetrySwap({ ...about, by: "ada", because: "the role is mended" }))
  }

  /** Somebody who has no key says that it is to go on: the last word that he heard, or one of his own making. */
  private sayAgain({ input: { tenant, account, region, group, move, plan }, at }: Stuck): void {
    const heard = this.words.get(move.swap)
    const about = { tenant, account, region, group, swap: move.swap, plan, by: "mallory", stuckAt: at }
    this.house.say(resumeOrdered, heard ?? new ResumeOrdered({ ...about, signature: "bm8=" }))
  }
}
