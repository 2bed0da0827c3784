/** Swaps as their executor would have written them: order, journal, calls and end, onto a bus. */
import { Effect } from "effect"
import { Bus, type Draft } from "../../bus/bus.ts"
import { draftOf } from "../../bus/draft.ts"
import { CallBegun, CallEnded, callBegun, callEnded } from "../../schemas/audit.ts"
import { encodeAs } from "../../schemas/envelope.ts"
import { AccountId, type Digest, GroupName, instant, microUsd, TenantId } from "../../schemas/ids.ts"
import { journalSubject, wireVersion } from "../../schemas/message.ts"
import { Entry } from "../../schemas/saga.ts"
import { type Move, productFloors } from "../../schemas/safe-plan.ts"
import { SwapOrdered, swapOrdered, SwapSettled, swapSettled } from "../../schemas/swap.ts"
import { aMove, digest, instanceId, minute, noon, region } from "../builders.ts"
import type { Whose } from "./tenants.ts"

export const moveOf = (swap: string, n: number): Move => aMove({ swap, old: instanceId(n) })

export const orderOf = (whose: Whose, swap: string, n: number, plan: Digest = digest("b")): SwapOrdered =>
  new SwapOrdered({
    tenant: TenantId.make(whose.tenant),
    account: AccountId.make(whose.account),
    region,
    group: GroupName.make("web"),
    move: moveOf(swap, n),
    plan,
    preset: "strict",
    floors: productFloors,
    canary: false,
    bakeMs: minute,
    alarms: [],
    alone: true,
    approvedBy: "policy 1: auto",
    notAfter: instant(noon + 60 * minute),
    signature: `c2lnbmF0dXJl-of-${whose.tenant}`
  })

/** Phase and step of an entry, and what else is not as in the one before. */
export type Turn = readonly [phase: Entry["phase"], step: string, over?: Partial<Entry>]

const by = (whose: Whose) => `executor-of-${whose.tenant}/1`

export const journalOf = (whose: Whose, order: SwapOrdered, turns: ReadonlyArray<Turn>): ReadonlyArray<Entry> => {
  let last: Entry | undefined
  return turns.map(([phase, step, over = {}], i) => {
    const at = instant(noon + (i + 1) * 1_000)
    const first = {
      tenant: order.tenant,
      account: order.account,
      saga: "group-swap",
      id: order.move.swap,
      way: "forward" as const,
      committed: false,
      by: by(whose),
      epoch: 1,
      made: {},
      input: encodeAs(SwapOrdered, order),
      startedAt: noon,
      code: null,
      reason: null,
      prev: null
    }
    const now = {
      n: i + 1,
      mark: "move" as const,
      phase,
      step,
      attempt: 1,
      until: instant(at + minute),
      stepAt: at,
      at
    }
    last = new Entry({ ...(last ?? first), ...now, ...over })
    return last
  })
}

/** A swap that goes well, as it is journalled. */
export const wholeJourney: ReadonlyArray<Turn> = [
  ["Planned", "", { attempt: 0 }],
  ...["max", "hold", "launch", "attach", "bake"].flatMap((step): ReadonlyArray<Turn> => {
    const made = step === "launch" ? { made: { launch: "i-0fedcba9876543210" } } : {}
    return [
      ["Intent", step],
      ["Outcome", step, made]
    ]
  }),
  ["Commit", "retire", { committed: true }],
  ["Outcome", "retire"],
  ...["restore", "gone", "kept"].flatMap(
    (step): ReadonlyArray<Turn> => [
      ["Intent", step],
      ["Outcome", step]
    ]
  ),
  ["Done", "kept"]
]

/** One that finds no capacity to launch, and turns back. */
export const turnedBack: ReadonlyArray<Turn> = [
  ...wholeJourney.slice(0, 5),
  ["Intent", "launch"],
  ["Undo", "launch", { way: "back", code: "InsufficientInstanceCapacity", reason: "none left" }],
  ["Undone", "launch"],
  ["Undo", "hold"],
  ["Undone", "hold"],
  ["Undo", "max"],
  ["Undone", "max"],
  ["RolledBack", "max"]
]

const append = (draft: Draft) => Effect.map(Effect.orDie(Bus.use((bus) => bus.append([draft]))), ({ seq }) => seq)
const bytes = new TextEncoder()

export const sayEntry = (entry: Entry) =>
  append({
    subject: journalSubject(entry.account, entry.saga, entry.id),
    data: bytes.encode(JSON.stringify({ v: wireVersion, tag: "Entry", body: encodeAs(Entry, entry) }))
  })

export const sayOrder = (order: SwapOrdered, cause?: number) =>
  append(draftOf(swapOrdered, order, undefined, cause === undefined ? {} : { cause }))

/** One call of a swap's step; unended where `outcome` is null. */
export const sayCall = (order: SwapOrdered, step: string, n: number, outcome: CallEnded["outcome"] | null) =>
  Effect.gen(function* () {
    const { tenant, account, region: where } = order
    const swap = order.move.swap
    const name = `executor-of-${tenant}/${swap}:${n}`
    const about = { tenant, account, region: where, call: name, action: "ec2:RunInstances", saga: swap, step, by: name }
    const begun = new CallBegun({ ...about, request: "r".repeat(64), at: instant(noon + n * 1_000) })
    yield* append(draftOf(callBegun, begun))
    if (outcome === null) return name
    const code = outcome === "ok" ? null : "InsufficientInstanceCapacity"
    const ended = new CallEnded({ ...about, outcome, code, at: instant(noon + n * 1_000 + 250) })
    yield* append(draftOf(callEnded, ended))
    return name
  })

export const settledOf = (
  order: SwapOrdered,
  end: SwapSettled["end"],
  over: Partial<SwapSettled> = {}
): SwapSettled => {
  const { tenant, account, region: where, group, move, plan } = order
  const isDone = end === "done"
  return new SwapSettled({
    tenant,
    account,
    region: where,
    group,
    swap: move.swap,
    plan,
    end,
    code: isDone ? null : "Halted",
    reason: isDone ? null : "the account is halted",
    move,
    replacement: isDone ? instanceId(9_000) : null,
    hourlySavings: microUsd(isDone ? 0.061 : 0),
    startedAt: noon,
    at: instant(noon + 30_000),
    ...over
  })
}
export const saySettled = (settled: SwapSettled) => append(draftOf(swapSettled, settled))
