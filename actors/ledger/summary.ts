/** What the ledger says of a run: counts that must agree, savings with their label, and what was not audited. */
import { Effect } from "effect"
import { audited, booked, sagas, savings, validated } from "../_ports/warehouse-questions.ts"
import type { Warehouse, WarehouseDown } from "../_ports/warehouse.ts"
import { savingsLabel } from "../../schemas/ledger.ts"
import { monthlySavings } from "./policy.ts"

/** Names as the machine-readable report of a run has them. */
export interface LedgerSummary {
  /** Rows booked, and the sequence of LOG up to which all is booked. */
  readonly events_in_ledger: number
  readonly ledger_position: number
  /** Rows beyond the first of their sequence, and sequences between first and last without a row: both must be 0. */
  readonly ledger_duplicates: number
  readonly ledger_missing: number
  readonly undecodable: number
  readonly swaps_done: number
  /** US dollars a month at the prices of each swap, and what kind of dollars. */
  readonly monthly_savings_usd: number
  readonly savings_label: string
  readonly mutating_calls: number
  /** Calls without a record before, or without an outcome after. */
  readonly unaudited: number
  readonly unknown_outcomes: number
  readonly safety: {
    readonly approved: number
    readonly alternatives: number
    readonly rejected: number
    readonly violations: number
  }
  /** Sagas by the phase of their newest entry, and those whose entries do not count 1, 2, 3: must be 0. */
  readonly sagas: Readonly<Record<string, number>>
  readonly journal_forks: number
}

export const summary = (store: Pick<Warehouse["Service"], "ask">): Effect.Effect<LedgerSummary, WarehouseDown> =>
  Effect.gen(function* () {
    const [rows] = yield* store.ask(booked, {})
    const [calls] = yield* store.ask(audited, {})
    const [safety] = yield* store.ask(validated, {})
    if (rows === undefined || calls === undefined || safety === undefined) {
      return yield* Effect.die(new Error("a count without a row"))
    }
    const saved = yield* store.ask(savings, {})
    const phases = yield* store.ask(sagas, {})
    return {
      events_in_ledger: rows.events,
      ledger_position: rows.last,
      ledger_duplicates: rows.events - rows.distinct,
      ledger_missing: rows.distinct === 0 ? 0 : rows.last - rows.first + 1 - rows.distinct,
      undecodable: rows.undecodable,
      swaps_done: saved.reduce((sum, row) => sum + row.swaps, 0),
      monthly_savings_usd: monthlySavings(saved.reduce((sum, row) => sum + row.hourlySavings, 0)) / 1e6,
      savings_label: saved[0]?.label ?? savingsLabel,
      mutating_calls: calls.calls,
      unaudited: calls.withoutEnd + calls.withoutBegin,
      unknown_outcomes: calls.unknown,
      safety,
      sagas: Object.fromEntries(phases.map((row) => [row.phase, row.sagas])),
      journal_forks: phases.reduce((sum, row) => sum + row.forked, 0)
    }
  })
