/** The warehouse over ClickHouse's own client: to a server by its address, or to the engine inside this process. */
import { randomUUID } from "node:crypto"
import { readdir, readFile } from "node:fs/promises"
import { type ClickHouseClient, ClickHouseLogLevel, createClient } from "@clickhouse/client"
import { Effect, Layer, Schema } from "effect"
import { type Engine, openEngine } from "./warehouse-embedded.live.ts"
import { Warehouse, WarehouseDown } from "./warehouse.ts"

/** Seconds that the engine may compute on one statement: an aborted one would go on, this ends it (code 159). */
const computeSecondsMax = 20
/** Milliseconds to wait for an answer over the wire: longer than the engine may take. */
const answerMsMax = 30_000
/** Answers are held whole in memory: a longer one is refused, by the code that servers have for it. */
const answerRowsMax = 100_000
const tooManyRows = "396"

export interface Limits {
  /** Seconds that the engine may compute on one statement. */
  readonly computeSecondsMax?: number
}

/** By its shape: the embedded engine brings its own copy of the client's error class. Codes of sockets are words. */
const codeOf = (cause: unknown): string | null => {
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : ""
  return /^\d+$/.test(code) ? code : null
}
const down = (op: string) => (cause: unknown) => new WarehouseDown({ op, code: codeOf(cause), cause })

const attempt = <A>(op: string, promise: () => Promise<A>) => Effect.tryPromise({ try: promise, catch: down(op) })

const schemaFolder = new URL("../../deploy/clickhouse/", import.meta.url)

/** The statements of every `NNN_*.sql`, in order. A statement ends with a semicolon at the end of a line. */
const statements = async (): Promise<ReadonlyArray<string>> => {
  const files = (await readdir(schemaFolder)).filter((name) => /^\d{3}_.*\.sql$/.test(name)).sort()
  const texts = await Promise.all(files.map((name) => readFile(new URL(name, schemaFolder), "utf8")))
  return texts.flatMap((text) => text.split(/;\s*$/m)).filter((statement) => statement.trim() !== "")
}

/** What is pasted into SQL is ours, and of harmless letters: anything else is a defect of the caller. */
const plain = (pattern: RegExp, text: string): string => {
  if (!pattern.test(text)) throw new Error(`${JSON.stringify(text)} cannot stand in SQL`)
  return text
}

/** The head of an insert. Settings stand in the SQL: given to the client they would stay with the session. */
const insertSql = (table: string, token: string | null, seconds: number): string => {
  const settings = [
    // one nobody else has, where none is given: what switches deduplication off has another name by version
    `insert_deduplication_token = '${token === null ? `once:${randomUUID()}` : plain(/^[\w:.-]+$/, token)}'`,
    // an insert is answered when it is stored, and a row with a word that the table has not is refused
    "async_insert = 0, input_format_skip_unknown_fields = 0, input_format_null_as_default = 0",
    `max_execution_time = ${seconds}`
  ]
  return `INSERT INTO ${plain(/^[a-z_]+$/, table)} SETTINGS ${settings.join(", ")} FORMAT JSONEachRow\n`
}

/** Who sends: all writes one way, and each read so that a slow one holds up nobody. */
interface Wire {
  readonly write: ClickHouseClient
  readonly read: <A>(use: (client: ClickHouseClient) => Promise<A>) => Promise<A>
}

const over = ({ write, read }: Wire, limits: Limits) => {
  const seconds = limits.computeSecondsMax ?? computeSecondsMax
  const query = (sql: string, params: Readonly<Record<string, unknown>> = {}, op = "query") =>
    attempt(op, async () => {
      // the embedded engine knows no max_result_rows: one row too many shows that there are more
      const settings = `SETTINGS max_execution_time = ${seconds}, limit = ${answerRowsMax + 1}`
      const asked = { query: `${sql}\n${settings}`, query_params: params, format: "JSONEachRow" } as const
      const rows = await read(async (client) => (await client.query(asked)).json<Readonly<Record<string, unknown>>>())
      if (rows.length <= answerRowsMax) return rows
      throw Object.assign(new Error(`more than ${answerRowsMax} rows: ask for fewer`), { code: tooManyRows })
    })
  return Warehouse.of({
    migrate: Effect.flatMap(attempt("migrate", statements), (all) =>
      Effect.forEach(all, (sql) => attempt("migrate", () => write.command({ query: sql })), { discard: true })
    ),
    insert: (table, rows, token) => {
      if (rows.length === 0) return Effect.void
      const head = insertSql(table, token, seconds)
      const send = () => write.command({ query: head + rows.map((row) => JSON.stringify(row)).join("\n") })
      return Effect.asVoid(attempt(`insert into ${table}`, send))
    },
    ask: (question, params) =>
      Effect.flatMap(query(question.sql, params, `ask ${question.name}`), (rows) =>
        // SQL and schema of a question stand side by side: where they differ it is a defect
        Effect.orDie(Schema.decodeUnknownEffect(Schema.Array(question.gives))(rows))
      ),
    query
  })
}

/** What fails is in the error, and logged where it is decided upon: the client itself says nothing. */
const log = { level: ClickHouseLogLevel.OFF }
const close = (client: ClickHouseClient) => client.close()

/**
 * A ClickHouse server, or whoever speaks its HTTP: `http://user:password@host:8123/database`. Opens nothing by itself.
 */
export const layerHttp = (url: string, limits: Limits = {}): Layer.Layer<Warehouse> =>
  Layer.effect(
    Warehouse,
    Effect.acquireRelease(
      Effect.sync(() => createClient({ url, application: "cloudoptim", request_timeout: answerMsMax, log })),
      (client) => Effect.promise(() => close(client))
    ).pipe(Effect.map((client) => over({ write: client, read: (use) => use(client) }, limits)))
  )

/** A connection runs one statement at a time: writes have one of their own, and every read has one for itself. */
const embeddedWire = (engine: Engine): Wire => {
  const client = () => createClient({ connection: engine.connect(), log })
  return {
    write: client(),
    read: async (use) => {
      const own = client()
      return use(own).finally(() => close(own))
    }
  }
}

/**
 * The engine inside this process, over a folder that this process alone opens. Fails with one sentence where the engine
 * is not installed, or the folder is in use or cannot be read.
 */
export const layerEmbedded = (folder: string, limits: Limits = {}): Layer.Layer<Warehouse, WarehouseDown> =>
  Layer.effect(
    Warehouse,
    Effect.gen(function* () {
      const engine = yield* Effect.acquireRelease(
        attempt("open", () => openEngine(folder)).pipe(
          // member by member: an error's cause is not among what a spread copies
          Effect.mapError(({ op, code, cause }) =>
            cause instanceof Error
              ? new WarehouseDown({ op, code, cause, details: cause.message })
              : new WarehouseDown({ op, code, cause })
          )
        ),
        (engine) => Effect.promise(engine.close)
      )
      const wire = yield* Effect.acquireRelease(
        Effect.sync(() => embeddedWire(engine)),
        ({ write }) => Effect.promise(() => close(write))
      )
      return over(wire, limits)
    })
  )
