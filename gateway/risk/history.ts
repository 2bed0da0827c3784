/** How a pool went: its newest thousand facts of price, score, gate and herd, oldest first. */
import { Effect, Schema } from "effect"
import type { getPoolHistory } from "../../schemas/api/risk.ts"
import { poolCleared, poolHeld, poolHerdMoved, poolPoisoned, poolPriced, poolScored } from "../../schemas/pool.ts"
import { asked, Count, type Store } from "../ledger-rows.ts"
import type { Refused } from "../refused.ts"
import { hourly, moment } from "../shown/phrase.ts"

type Point = (typeof getPoolHistory.reply)["Encoded"]["points"][number]

/** Only what is shown leaves the ledger: whoever lost an instance, shut the pool or cleared it stays there. */
const historySql = `SELECT seq, toUnixTimestamp64Milli(at) AS ms, name,
    JSONExtract(body, 'body', 'spotPerHour', 'Nullable(Int64)') AS spot,
    JSONExtract(body, 'body', 'onDemandPerHour', 'Nullable(Int64)') AS onDemand,
    JSONExtract(body, 'body', 'origin', 'Nullable(String)') AS origin,
    JSONExtract(body, 'body', 'until', 'Nullable(Int64)') AS until,
    JSONExtract(body, 'body', 'because', 'Nullable(String)') AS because,
    JSONExtract(body, 'state', 'score', 'Nullable(Float64)') AS score,
    JSONExtract(body, 'state', 'gate', '_tag', 'Nullable(String)') AS gate,
    JSONExtract(body, 'state', 'herd', '_tag', 'Nullable(String)') AS herd
  FROM events
  WHERE about = {key:String} AND kind = 'evt' AND seq <= {upTo:UInt64} AND name IN {names:Array(String)}
  ORDER BY seq DESC LIMIT 1000`

const nullable = <S extends Schema.Codec<any, any>>(schema: S) => Schema.NullOr(schema)
const Line = Schema.Struct({
  seq: Count,
  ms: Count,
  name: Schema.String,
  spot: nullable(Count),
  onDemand: nullable(Count),
  origin: nullable(Schema.String),
  until: nullable(Count),
  because: nullable(Schema.String),
  score: nullable(Schema.Finite),
  gate: nullable(Schema.Literals(["open", "poisoned"])),
  herd: nullable(Schema.Literals(["NORMAL", "UNCERTAIN", "RISKY"]))
})
const names = [poolPriced, poolScored, poolPoisoned, poolHerdMoved, poolHeld, poolCleared].map(({ name }) => name)

const saysOf = ({ name, spot, score, until, because, herd }: typeof Line.Type): string => {
  if (name === poolPriced.name) return `${hourly(spot ?? 0)} as Spot`
  if (name === poolScored.name) return `scores ${(score ?? 0).toFixed(3)}`
  if (name === poolPoisoned.name) return `quarantined until ${moment(until ?? 0)} after an interruption`
  if (name === poolHeld.name) return `held by a person until ${moment(until ?? 0)}: ${because ?? "no reason is known"}`
  if (name === poolCleared.name) return `cleared by a person: ${because ?? "no reason is known"}`
  return `the herd rule says ${herd ?? "NORMAL"}`
}

const pointOf = (line: typeof Line.Type): Point => ({
  seq: line.seq,
  at: line.ms,
  says: saysOf(line),
  spotPerHour: line.name === poolPriced.name ? line.spot : null,
  onDemandPerHour: line.name === poolPriced.name ? line.onDemand : null,
  safetyScore: line.score,
  gate: line.gate,
  herd: line.herd
})

export const historyOf = (store: Store, key: string, upTo: number): Effect.Effect<ReadonlyArray<Point>, Refused> =>
  Effect.map(asked(store, Line, historySql, { key, upTo, names }), (lines) => lines.map(pointOf).reverse())
