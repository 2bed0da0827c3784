/** What is asked of the ledger's tables: each question as SQL and, beside it, over arrays. */
import { Schema } from "effect"
import type { LedgerRow } from "../../schemas/ledger.ts"
import type { Question } from "./warehouse.ts"

/** A 64-bit number: servers send it as a number or, by their settings, as text. */
const Count = Schema.Union([Schema.Int, Schema.FiniteFromString])
type None = Record<string, never>

const question = <S extends Schema.Codec<any, any>>(
  name: string,
  gives: S,
  sql: string,
  over: Question<None, S["Type"]>["over"]
): Question<None, S["Type"]> => ({ name, gives, sql, over })

/** A row's message as parsed JSON; undecodable ones have no fact. */
const factOf = (row: LedgerRow): Readonly<Record<string, unknown>> => {
  const message: unknown = JSON.parse(row.body)
  const fact = typeof message === "object" && message !== null && "body" in message ? message.body : undefined
  return typeof fact === "object" && fact !== null ? (fact as Readonly<Record<string, unknown>>) : {}
}
const grouped = <A>(items: ReadonlyArray<A>, name: (item: A) => string): ReadonlyArray<ReadonlyArray<A>> =>
  [...Map.groupBy(items, name)].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, members]) => members)

/**
 * How far the ledger is: the sequence of LOG up to which all is booked, 0 before the first; and inserts that may still
 * land.
 */
export const position = question(
  "position",
  Schema.Struct({ seq: Count, underWay: Count }),
  `SELECT max(seq) AS seq,
     (SELECT count() FROM system.processes
      WHERE query_kind = 'Insert' AND startsWith(query, 'INSERT INTO events')) AS underWay
   FROM events`,
  ({ events, underWay }) => [{ seq: events.reduce((max, row) => Math.max(max, row.seq), 0), underWay }]
)

/** What is booked, without looking at the rows: fewer than from first to last means that some are missing. */
export const extent = question(
  "extent",
  Schema.Struct({ events: Count, first: Count, last: Count }),
  "SELECT count() AS events, min(seq) AS first, max(seq) AS last FROM events",
  ({ events }) => {
    const seqs = events.length === 0 ? [0] : events.map((row) => row.seq)
    return [
      {
        events: events.length,
        first: seqs.reduce((a, b) => Math.min(a, b)),
        last: seqs.reduce((a, b) => Math.max(a, b))
      }
    ]
  }
)

/**
 * What is booked: `events` rows with `distinct` sequences from `first` to `last`. LOG has no gaps, so neither have
 * these.
 */
export const booked = question(
  "booked",
  Schema.Struct({ events: Count, distinct: Count, first: Count, last: Count, undecodable: Count }),
  `SELECT count() AS events, uniqExact(seq) AS distinct, min(seq) AS first, max(seq) AS last,
     countIf(startsWith(body, '{"undecodable":')) AS undecodable FROM events`,
  ({ events }) => {
    const seqs = new Set(events.map((row) => row.seq))
    const ends = events.length === 0 ? [0] : [...seqs]
    return [
      {
        events: events.length,
        distinct: seqs.size,
        first: ends.reduce((a, b) => Math.min(a, b)),
        last: ends.reduce((a, b) => Math.max(a, b)),
        undecodable: events.filter((row) => row.body.startsWith('{"undecodable":')).length
      }
    ]
  }
)

/** Sequences that should be booked and are not, as ranges from oldest to newest, at most 1,000 of them. */
export const gaps = question(
  "gaps",
  Schema.Struct({ first: Count, last: Count }),
  `SELECT seq + 1 AS first, next - 1 AS last
   FROM (SELECT seq, leadInFrame(seq, 1, seq + 1) OVER (ORDER BY seq ROWS BETWEEN CURRENT ROW AND 1 FOLLOWING) AS next
         FROM events)
   WHERE next > seq + 1 ORDER BY first LIMIT 1000`,
  ({ events }) => {
    const seqs = events.map((row) => row.seq).sort((a, b) => a - b)
    return seqs.flatMap((seq, i) => {
      const next = seqs[i + 1] ?? seq + 1
      return next > seq + 1 ? [{ first: seq + 1, last: next - 1 }] : []
    })
  }
)

/** Swaps done and what they save, per tenant and label; micro-dollars an hour at the prices of the swap. */
export const savings = question(
  "savings",
  Schema.Struct({ tenant: Schema.String, label: Schema.String, swaps: Count, hourlySavings: Count }),
  `SELECT tenant, label, count() AS swaps, sum(hourlySavings) AS hourlySavings
   FROM savings FINAL GROUP BY tenant, label ORDER BY tenant, label`,
  ({ savings }) => {
    const newest = [...new Map(savings.map((row) => [row.seq, row])).values()]
    return grouped(newest, (row) => `${row.tenant} ${row.label}`).map((rows) => ({
      tenant: rows[0]?.tenant ?? "",
      label: rows[0]?.label ?? "",
      swaps: rows.length,
      hourlySavings: rows.reduce((sum, row) => sum + row.hourlySavings, 0)
    }))
  }
)

/**
 * Calls that change something: how many, without an outcome, without a record before, and with an outcome nobody knows.
 */
export const audited = question(
  "audited",
  Schema.Struct({ calls: Count, withoutEnd: Count, withoutBegin: Count, unknown: Count }),
  `SELECT count() AS calls, countIf(ended = 0) AS withoutEnd, countIf(begun = 0) AS withoutBegin,
     countIf(outcome = 'unknown') AS unknown FROM calls`,
  ({ events }) => {
    const records = events.filter((row) => row.kind === "evt" && /^call-(begun|ended)$/.test(row.name))
    const calls = grouped(records, (row) => String(factOf(row).call))
    const without = (name: string) => calls.filter((rows) => rows.every((row) => row.name !== name)).length
    return [
      {
        calls: calls.length,
        withoutEnd: without("call-ended"),
        withoutBegin: without("call-begun"),
        unknown: calls.filter((rows) => rows.some((row) => factOf(row).outcome === "unknown")).length
      }
    ]
  }
)

/** The enforcer's verdicts and the violations they name. */
export const validated = question(
  "validated",
  Schema.Struct({ approved: Count, alternatives: Count, rejected: Count, violations: Count }),
  `SELECT countIf(action = 'approved') AS approved, countIf(action = 'safe-alternative') AS alternatives,
     countIf(action = 'rejected') AS rejected, sum(violations) AS violations FROM validations`,
  ({ events }) => {
    const named = (name: string) => events.filter((row) => row.owner === "safety-enforcer" && row.name === name)
    const [approved, alternatives, rejected] = [
      named("plan-approved"),
      named("safe-alternative-found"),
      named("proposal-rejected")
    ]
    const violations = [...approved, ...alternatives, ...rejected].map((row) => factOf(row).violations)
    return [
      {
        approved: approved.length,
        alternatives: alternatives.length,
        rejected: rejected.length,
        violations: violations.reduce<number>((sum, list) => sum + (Array.isArray(list) ? list.length : 0), 0)
      }
    ]
  }
)

/**
 * Sagas by the phase of their newest entry. `forked`: entries do not count from 1 without gaps, which must never be.
 */
export const sagas = question(
  "sagas",
  Schema.Struct({ phase: Schema.String, sagas: Count, forked: Count }),
  `SELECT phase, count() AS sagas, countIf(entries != last OR distinct != last) AS forked
   FROM (SELECT subject, argMax(phase, n) AS phase, count() AS entries, uniqExact(n) AS distinct, max(n) AS last
         FROM journal GROUP BY subject)
   GROUP BY phase ORDER BY phase`,
  ({ events }) => {
    const entries = events.filter((row) => row.kind === "jrn").map((row) => ({ row, entry: factOf(row) }))
    const ended = grouped(entries, ({ row }) => row.subject).map((rows) => {
      const ns = rows.map(({ entry }) => Number(entry.n))
      const last = ns.reduce((a, b) => Math.max(a, b))
      const newest = rows[ns.indexOf(last)]
      return { phase: String(newest?.entry.phase), forked: ns.length !== last || new Set(ns).size !== last }
    })
    return grouped(ended, ({ phase }) => phase).map((rows) => ({
      phase: rows[0]?.phase ?? "",
      sagas: rows.length,
      forked: rows.filter(({ forked }) => forked).length
    }))
  }
)

/** All of them, for whoever must see that both forms agree. */
export const questions = [position, extent, booked, gaps, savings, audited, validated, sagas] as const
