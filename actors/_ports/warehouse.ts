/** ClickHouse, for asking and never for deciding: an embedded engine or a server, one SQL. */
import { Context, type Effect, Schema } from "effect"
import { LedgerRow, SavingsRow } from "../../schemas/ledger.ts"

export class WarehouseDown extends Schema.TaggedError<WarehouseDown>()("WarehouseDown", {
  op: Schema.String,
  /** ClickHouse's own error code where it answered, as 159 for a time limit; null where it did not. */
  code: Schema.NullOr(Schema.String),
  /** One sentence for a person, with the mend; where it is absent, the message is made of `op` and `code`. */
  details: Schema.optionalKey(Schema.String),
  cause: Schema.Defect()
}) {
  override get message() {
    return (
      this.details ?? `the warehouse does not answer (${this.op}${this.code === null ? "" : `, code ${this.code}`})`
    )
  }
}

/** The tables that are written, by name, with what a row of each is. `deploy/clickhouse` has the same columns. */
export const tables = { events: LedgerRow, savings: SavingsRow } as const
export type TableName = keyof typeof tables

/** The tables as arrays, in the order of insertion: what a question is put to where there is no SQL. */
export type Arrays = { readonly [T in TableName]: ReadonlyArray<(typeof tables)[T]["Type"]> } & {
  /** Inserts whose outcome their sender does not know and that may still land. */
  readonly underWay: number
}

/**
 * A question of ours, written twice side by side: as SQL and over arrays. The contract suite puts each to ClickHouse
 * and to the arrays over the same rows and compares the answers.
 */
export interface Question<P extends Readonly<Record<string, unknown>>, R> {
  readonly name: string
  /** One SELECT without FORMAT and SETTINGS; parameters as `{since:UInt64}`. */
  readonly sql: string
  readonly gives: Schema.Codec<R, any>
  readonly over: (arrays: Arrays, params: P) => ReadonlyArray<R>
}

export class Warehouse extends Context.Service<
  Warehouse,
  {
    /** Brings the schema up to date from `deploy/clickhouse/NNN_*.sql`; idempotent. */
    readonly migrate: Effect.Effect<void, WarehouseDown>
    /**
     * All rows or none. The same token twice stores them once: it must name the exact rows, as `LOG:101-200` does.
     * The token travels inside the SQL: as a setting of the session it would stay and swallow later inserts.
     * Without a token (null) every insert is stored, repeated or not.
     */
    readonly insert: (
      table: string,
      rows: ReadonlyArray<Readonly<Record<string, unknown>>>,
      token: string | null
    ) => Effect.Effect<void, WarehouseDown>
    /** One of our own questions. */
    readonly ask: <P extends Readonly<Record<string, unknown>>, R>(
      question: Question<P, R>,
      params: P
    ) => Effect.Effect<ReadonlyArray<R>, WarehouseDown>
    /** One SELECT without FORMAT and SETTINGS. The simulated warehouse has no SQL and answers code 48. */
    readonly query: (
      sql: string,
      params?: Readonly<Record<string, unknown>>
    ) => Effect.Effect<ReadonlyArray<Readonly<Record<string, unknown>>>, WarehouseDown>
  }
>()("cloudoptim/Warehouse") {}
