/** The warehouse in memory: the same promises of an insert, our own questions over arrays, and faults on request. */
import { Effect, Layer, Result, Schema } from "effect"
import type { LedgerRow, SavingsRow } from "../../schemas/ledger.ts"
import { type TableName, tables, Warehouse, WarehouseDown } from "./warehouse.ts"

/** As many tokens as ClickHouse remembers by `non_replicated_deduplication_window`. */
const tokensMax = 10_000

/**
 * What befalls an insert. `lost`: never stored. `unanswered`: stored, but its sender never hears of it. `late`: its
 * sender hears nothing and it is stored two questions later. `forgotten`: the token is remembered and the rows are not,
 * as when the engine is killed between the two; its sender hears nothing.
 */
export type Fault = "lost" | "unanswered" | "late" | "forgotten"

/** What the warehouse keeps: it outlives the processes that use it. */
export interface Memory {
  readonly events: Array<LedgerRow>
  readonly savings: Array<SavingsRow>
  readonly tokens: Set<string>
  /** Faults of the next inserts, first in first out; null = none. */
  readonly faults: Array<Fault | null>
  /** Inserts that land after so many more questions. */
  readonly late: Array<{ questions: number; readonly table: TableName; readonly land: () => void }>
  /** Nothing is answered while true. */
  isDown: boolean
}
export const memory = (): Memory => ({
  events: [],
  savings: [],
  tokens: new Set(),
  faults: [],
  late: [],
  isDown: false
})

const isTable = (name: string): name is TableName => Object.hasOwn(tables, name)

/** ClickHouse's codes for what the rows of an insert can be wrong in. */
const refused = (op: string, code: string | null, cause: string) =>
  Effect.fail(new WarehouseDown({ op, code, cause: new Error(cause) }))

type Rows = ReadonlyArray<LedgerRow> | ReadonlyArray<SavingsRow>
const decoders: Readonly<Record<TableName, (rows: unknown) => Result.Result<Rows, Schema.SchemaError>>> = {
  events: Schema.decodeUnknownResult(Schema.Array(tables.events), { onExcessProperty: "error" }),
  savings: Schema.decodeUnknownResult(Schema.Array(tables.savings), { onExcessProperty: "error" })
}

const store = (memory: Memory, table: TableName, rows: Rows, token: string | null) => {
  const memo = token === null ? null : `${table} ${token}`
  if (memo !== null && memory.tokens.has(memo)) return
  if (memo !== null) memory.tokens.add(memo)
  for (const oldest of memory.tokens) {
    if (memory.tokens.size <= tokensMax) break
    memory.tokens.delete(oldest)
  }
  const kept: Array<unknown> = memory[table]
  for (const row of rows) kept.push(row)
}

const insert = (memory: Memory, table: string, rows: unknown, token: string | null) => {
  const op = `insert into ${table}`
  if (memory.isDown) return refused(op, null, "down")
  if (!isTable(table)) return refused(op, "60", "no such table")
  const decoded = decoders[table](rows)
  // 27 is a value that cannot be parsed, and also what an unknown column comes to
  if (Result.isFailure(decoded)) return refused(op, "27", decoded.failure.message)
  const fault = memory.faults.shift() ?? null
  const land = () => store(memory, table, decoded.success, token)
  if (fault === null || fault === "unanswered") land()
  if (fault === "late") memory.late.push({ questions: 2, table, land })
  if (fault === "forgotten") store(memory, table, [], token)
  return fault === null ? Effect.void : refused(op, null, "no answer")
}

/** Lets time pass for what is late: a question is answered without it, the one after sees it. */
const settle = (memory: Memory) => {
  for (const one of memory.late) one.questions--
  const due = memory.late.filter((one) => one.questions < 0)
  for (const one of due) {
    memory.late.splice(memory.late.indexOf(one), 1)
    one.land()
  }
}

/** A warehouse over what `memory` keeps. Give two processes the same memory and they share it. */
export const simulated = (memory: Memory): Warehouse["Service"] =>
  Warehouse.of({
    migrate: Effect.suspend(() => (memory.isDown ? refused("migrate", null, "down") : Effect.void)),
    insert: (table, rows, token) =>
      Effect.suspend(() => (rows.length === 0 ? Effect.void : insert(memory, table, rows, token))),
    ask: (question, params) =>
      Effect.suspend(() => {
        if (memory.isDown) return refused(`ask ${question.name}`, null, "down")
        settle(memory)
        const { events, savings, late } = memory
        return Effect.succeed(
          question.over({ events, savings, underWay: late.filter(({ table }) => table === "events").length }, params)
        )
      }),
    query: () => refused("query", "48", "the simulated warehouse has no SQL: make it a question")
  })

export const layer = (kept: Memory = memory()): Layer.Layer<Warehouse> => Layer.succeed(Warehouse, simulated(kept))
