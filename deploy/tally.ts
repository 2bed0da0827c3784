/** Counts what passes through the log, read in order from where it began: the run's own figures. */
import { Effect, Result } from "effect"
import type { Bus, BusDown, Stored } from "../bus/bus.ts"
import { type CallBegun, callBegun } from "../schemas/audit.ts"
import { unseal } from "../schemas/envelope.ts"
import { type Road, tokensOf } from "../schemas/message.ts"
import { groupLeftAlone, spotProposed } from "../schemas/proposal.ts"
import { planApproved, proposalRejected, safeAlternativeFound } from "../schemas/safety.ts"
import { type SwapSettled, swapSettled } from "../schemas/swap.ts"

export class Tally {
  /** Sequence of the last message counted, and how many there were. */
  seq = 0
  events = 0
  readonly byName = new Map<string, number>()
  readonly ends = { done: 0, undone: 0, refused: 0, stuck: 0 }
  readonly endReasons = new Map<string, number>()
  monthlySavingsUsd = 0
  /** How sagas ended, by id: one that was stuck may end again. */
  readonly closed = new Map<string, SwapSettled["end"]>()
  /** Calls announced, per saga and action. */
  readonly begun = new Map<string, number>()
  /** When something happened that is a decision or a deed, not merely an observation. */
  lastDeedAt = 0

  of(road: Road): number {
    return this.byName.get(road.name) ?? 0
  }
  get proposals() {
    return this.of(spotProposed)
  }
  get verdicts() {
    return {
      approved: this.of(planApproved),
      alternatives: this.of(safeAlternativeFound),
      rejected: this.of(proposalRejected)
    }
  }

  /** Reads on to the end of the log. */
  readOn(bus: Bus["Service"]): Effect.Effect<void, BusDown> {
    return Effect.gen({ self: this }, function* () {
      for (;;) {
        const batch = yield* bus.scan(this.seq, 1_000)
        if (batch.length === 0) return
        for (const stored of batch) this.count(stored)
      }
    })
  }

  private count(stored: Stored) {
    this.seq = stored.seq
    this.events++
    const tokens = tokensOf(stored.subject)
    if (tokens === undefined) return
    const name = tokens.kind === "jrn" ? "journal" : tokens.name
    this.byName.set(name, (this.byName.get(name) ?? 0) + 1)
    if (deeds.has(name) || tokens.kind !== "evt") this.lastDeedAt = stored.at
    if (name === swapSettled.name) this.settle(stored)
    if (name === callBegun.name) this.announce(stored)
  }

  private settle(stored: Stored) {
    const read: Result.Result<SwapSettled, unknown> = unseal(swapSettled, stored.data)
    if (Result.isFailure(read)) return
    const { end, code, hourlySavings, swap } = read.success
    const was = this.closed.get(swap)
    if (was !== undefined) this.ends[was]--
    this.ends[end]++
    this.closed.set(swap, end)
    if (code !== null) this.endReasons.set(code, (this.endReasons.get(code) ?? 0) + 1)
    this.monthlySavingsUsd += (hourlySavings * 730) / 1e6
  }

  private announce(stored: Stored) {
    const read: Result.Result<CallBegun, unknown> = unseal(callBegun, stored.data)
    if (Result.isFailure(read)) return
    const { saga, action } = read.success
    const name = `${saga} ${action}`
    this.begun.set(name, (this.begun.get(name) ?? 0) + 1)
  }
}

/** Facts after which there may still be something to do. */
const deeds = new Set([
  spotProposed.name,
  groupLeftAlone.name,
  planApproved.name,
  safeAlternativeFound.name,
  proposalRejected.name,
  swapSettled.name,
  "plan-opened",
  "plan-closed",
  "swaps-released"
])
