/** What every journal must be, looked at in the moment of each entry's being stored: invariants 6, 7, 10 and 11. */
import { groupSwap } from "../../actors/executor/group-swap.saga.ts"
import { orphanSweep } from "../../actors/executor/orphan-sweep.saga.ts"
import { productTerms } from "../../bus/lease.ts"
import type { Stored } from "../../bus/bus.ts"
import { digestOf } from "../../schemas/digest.ts"
import { journalFilter, matches } from "../../schemas/message.ts"
import { endings, type Entry } from "../../schemas/saga.ts"
import type { OrphanSeen } from "../../schemas/orphan.ts"
import type { SwapOrdered } from "../../schemas/swap.ts"
import { breaches, type Wrong } from "./journal-rules.ts"
import type { Judge } from "./judge.ts"

/** An entry as it travels: of a swap, or of the end of what a swap left behind. */
export type Told<I = SwapOrdered> = Omit<Entry, "input" | "made"> & {
  readonly input: I
  readonly made: Readonly<Record<string, unknown>> & { readonly look?: Looked; readonly launch?: string }
}
interface Looked {
  readonly revision: number
  readonly maxSize: { readonly was: number; readonly raised: number } | null
  readonly holdRebalance: boolean
  readonly members: ReadonlyArray<string>
}
export interface Trace<I = SwapOrdered> {
  last: Told<I>
  digest: string
  seq: number
  /** When the server stored it. */
  at: number
  /** Steps whose outcome is on record. */
  readonly proven: Set<string>
}

const text = new TextDecoder()
const steps: Readonly<Record<string, ReadonlyArray<string>>> = {
  [groupSwap.name]: groupSwap.steps.map(({ name }) => name),
  [orphanSweep.name]: orphanSweep.steps.map(({ name }) => name)
}
const acting = new Set(["Intent", "Commit", "Undo"])

export class JournalWatch {
  /** Of swaps, by saga. */
  readonly traces = new Map<string, Trace>()
  /** Of sweeps, by saga. */
  readonly sweeps = new Map<string, Trace<OrphanSeen>>()
  /** Told of each entry of a swap, with the one before it. */
  onEntry: (entry: Told, before: Told | undefined) => void = () => {}
  /** Told of each entry of a sweep. */
  onSweep: (entry: Told<OrphanSeen>) => void = () => {}
  private readonly judge: Judge

  constructor(judge: Judge) {
    this.judge = judge
  }

  get open(): ReadonlyArray<Trace<unknown>> {
    const all: ReadonlyArray<Trace<unknown>> = [...this.traces.values(), ...this.sweeps.values()]
    return all.filter(({ last }) => !endings.includes(last.phase))
  }

  /** The newest entry of a saga, whatever its kind. */
  lastOf(saga: string | null): Told<unknown> | undefined {
    return (this.traces.get(saga ?? "") ?? this.sweeps.get(saga ?? ""))?.last
  }

  /** The log was lost. */
  forget(): void {
    this.traces.clear()
    this.sweeps.clear()
  }

  hear(stored: Stored): void {
    if (!matches(journalFilter, stored.subject)) return
    const { body } = JSON.parse(text.decode(stored.data)) as { readonly body: Told<never> }
    if (body.saga === orphanSweep.name) {
      this.follow<OrphanSeen>(this.sweeps, body, stored)
      this.onSweep(body)
    } else {
      const before = this.traces.get(body.id)?.last
      this.follow<SwapOrdered>(this.traces, body, stored)
      this.onEntry(body, before)
    }
  }

  private follow<I>(traces: Map<string, Trace<I>>, body: Told<I>, stored: Stored): void {
    const trace = traces.get(body.id)
    const wrong = trace === undefined ? beginning(body) : follows(trace, body, stored.at)
    for (const [invariant, details] of wrong) this.judge.wrong(invariant, `${body.id} ${details}`, body.id)
    const proven = trace?.proven ?? new Set<string>()
    if (body.phase === "Planned") proven.add("look")
    if (body.phase === "Outcome") proven.add(body.step)
    traces.set(body.id, { last: body, digest: digestOf(body), seq: stored.seq, at: stored.at, proven })
  }
}

const beginning = (entry: Told<unknown>): ReadonlyArray<Wrong> => {
  const wrong: Array<Wrong> = []
  if (entry.n !== 1 || entry.prev !== null) wrong.push([10, `begins with entry ${entry.n} after ${entry.prev}`])
  if (entry.phase !== "Planned" && entry.phase !== "Refused") wrong.push([11, `begins with ${entry.phase}`])
  return wrong
}

const follows = (trace: Trace<unknown>, entry: Told<unknown>, storedAt: number): ReadonlyArray<Wrong> => {
  const { last, digest } = trace
  const wrong = [...breaches(last, entry, { digest, storedAt, terms: productTerms })]
  if (entry.mark !== "move" && entry.mark !== "resumed" && (entry.phase !== last.phase || entry.step !== last.step)) {
    wrong.push([11, `a ${entry.mark} moves the saga from ${last.phase} ${last.step} to ${entry.phase} ${entry.step}`])
  }
  if (entry.mark === "move" && !mayFollow(last, entry)) {
    wrong.push([11, `${entry.phase} ${entry.step} after ${last.phase} ${last.step}`])
  }
  return [...wrong, ...unproven(entry, trace.proven)]
}

/** Which entry may come after which: each intent gets one outcome, and steps go one by one, there and back. */
const mayFollow = (last: Told<unknown>, { phase, step, saga }: Told<unknown>): boolean => {
  const isSame = step === last.step
  const all = steps[saga] ?? []
  const before = all.indexOf(last.step)
  const here = all.indexOf(step)
  switch (phase) {
    case "Intent":
    case "Commit":
      if (last.phase === phase) return isSame // a note
      return last.phase === "Planned" ? here === 0 : last.phase === "Outcome" && here === before + 1
    case "Outcome":
      return isSame && (last.phase === "Intent" || last.phase === "Commit" || last.phase === "Outcome")
    case "Undo":
      if (last.phase === "Undone") return here === before - 1
      return isSame && (last.phase === "Intent" || last.phase === "Outcome" || last.phase === "Undo")
    case "Undone":
      if (last.phase === "Undo") return isSame
      return last.phase === "Planned" ? here === 0 : last.phase === "Outcome" && here === before + 1
    case "Done":
      return last.phase === "Outcome" && before === all.length - 1
    case "RolledBack":
      return last.phase === "Undone" && before === 0
    case "Stuck":
      return acting.has(last.phase) || last.phase === "Outcome"
    default:
      return false
  }
}

/** 6: there is no commit before the replacement is launched, attached and baked, and all that is on record. */
const unproven = (entry: Told<unknown>, proven: ReadonlySet<string>): ReadonlyArray<Wrong> => {
  if (entry.phase !== "Commit") return []
  const missing = ["look", "launch", "attach", "bake"].filter((step) => !proven.has(step))
  return missing.length === 0 ? [] : [[6, `committed without ${missing.join()}`]]
}
