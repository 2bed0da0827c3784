/** Commands about Spot pools: the list of them, and a person's word about one's gate. */
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import { ask, askAll, type ItemOf } from "./ask.ts"
import { Ended } from "./exit.ts"
import { at, because, dryRun, limit, named, output } from "./flags.ts"
import { type Column, printAll, printOne, taken, usdPerHour, when } from "./print.ts"

type Pool = ItemOf<"GET /api/v1/pools">

const gateOf = ({ gate, isOpen, held }: Pool): string => {
  if (isOpen || gate._tag === "open") return "open"
  return held === null ? "poisoned" : `held: ${held.because}`
}
const columns: ReadonlyArray<Column<Pool>> = [
  { name: "POOL", of: (row) => row.key },
  { name: "SAFETY", of: (row) => row.safetyScore?.toFixed(3) ?? null, isFigure: true },
  { name: "GATE", of: gateOf },
  { name: "UNTIL", of: ({ gate, isOpen }) => when(isOpen || gate._tag === "open" ? null : gate.until) },
  { name: "HERD", of: (row) => row.herd._tag },
  { name: "SPOT/H", of: ({ spotPerHour: spot }) => (spot === null ? null : usdPerHour(spot)), isFigure: true },
  { name: "LOST", of: (row) => row.interruptionCount, isFigure: true },
  { name: "OURS", of: (row) => row.ours, isFigure: true }
]

const list = {
  output,
  limit,
  at,
  mine: Flag.Boolean("mine").pipe(
    Flag.withDescription("only those in which something of yours runs or could be moved to"),
    Flag.withDefault(false)
  ),
  state: Flag.Literals("state", ["open", "poisoned", "uncertain", "risky"]).pipe(
    Flag.withDescription("only those that are so"),
    Flag.optional
  )
}

const unitMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

/** `30m`, `12h`, `7d`, `2w` from `now` on, or an RFC 3339 time, in milliseconds since 1970; undefined = neither. */
export const momentOf = (text: string, now: number): number | undefined => {
  const [, count, unit = ""] = /^(\d{1,6})([mhdw])$/.exec(text) ?? []
  if (count !== undefined) return now + Number(count) * (unitMs[unit] ?? 0)
  const isTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.test(text)
  const at = isTime ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? undefined : Math.round(at)
}

const word = {
  pool: named("key", "as pools lists it: use1-az1_m5_large_linux"),
  because,
  output,
  dryRun
}
const quarantine = Command.make(
  "quarantine",
  {
    ...word,
    until: Flag.String("until").pipe(
      Flag.withDescription("30m, 12h, 7d, 2w or an RFC 3339 time; at most 90 days ahead")
    )
  },
  Effect.fn(function* ({ pool: key, because, until: text, output: as, dryRun }) {
    const until = momentOf(text, Date.now())
    if (until === undefined) {
      return yield* new Ended({ exit: "usage", says: `--until takes 12h, 7d or 2030-01-31T08:00:00Z, not ${text}` })
    }
    const params = { key }
    const what = `quarantine of ${key} until ${when(until)} UTC`
    if (dryRun) {
      const { reply } = yield* ask("GET /api/v1/pools/{key}", { params })
      return yield* printOne(as, reply, [`would ask for the ${what}: now it is ${gateOf(reply)}`])
    }
    const { reply } = yield* ask("POST /api/v1/pools/{key}/quarantine", { params, body: { until, because } })
    yield* printOne(as, reply, taken(what, reply.command))
  })
).pipe(Command.withDescription("Shut a pool to every tenant for a while (super admin)"))

const clear = Command.make(
  "clear",
  word,
  Effect.fn(function* ({ pool: key, because, output: as, dryRun }) {
    const params = { key }
    if (dryRun) {
      const { reply } = yield* ask("GET /api/v1/pools/{key}", { params })
      return yield* printOne(as, reply, [`would clear ${key}: now it is ${gateOf(reply)}`])
    }
    const { reply } = yield* ask("POST /api/v1/pools/{key}/clear", { params, body: { because } })
    yield* printOne(as, reply, taken(`clearing of ${key}`, reply.command))
  })
).pipe(Command.withDescription("Open a quarantined pool before its time (super admin)"))

export const pools = Command.make(
  "pools",
  list,
  Effect.fn(function* ({ output: as, limit, at: asOf, mine, state }) {
    const query = {
      at: Option.getOrUndefined(asOf),
      state: Option.getOrUndefined(state),
      mine: mine ? "true" : undefined
    }
    const rows = yield* askAll("GET /api/v1/pools", { query }, limit)
    yield* printAll(as, columns, rows, "no such pool is known: prices are read first, and --mine waits for a sweep")
  })
).pipe(
  Command.withDescription("List Spot pools with gate and score; quarantine or clear one"),
  Command.withSubcommands([quarantine, clear])
)
