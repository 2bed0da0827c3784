/** A person silences a row of "Needs attention", or lets it speak: for the whole team, and on record. */
import { Effect } from "effect"
import type { deleteMute, putMute } from "../../schemas/api/money.ts"
import type { TenantId } from "../../schemas/ids.ts"
import { reachOf } from "../history/reach.ts"
import { cut, draftOfChange, tell } from "../identity/told.ts"
import { orderAll } from "../order.ts"
import { conflict, notFound, type Refused, unprocessable } from "../refused.ts"
import type { Asked } from "../route.ts"
import { count, moment } from "../shown/phrase.ts"
import { everyRowOf } from "./attention.ts"
import * as Mutes from "./mutes.ts"

/** The row as it stands now; another tenant's is none. */
const rowNamed = (tenant: TenantId, id: string, now: number) =>
  Effect.gen(function* () {
    const rows = yield* everyRowOf(yield* reachOf(tenant, {}), tenant, {}, now)
    return rows.find((row) => row.id === id)
  })
const none = (id: string) => notFound(`nothing called ${id.slice(0, 100)} needs attention: it may be over`)

/** A mute that lasts as long as the asked one and still holds: what is asked twice is done once. */
const isSame = (known: Mutes.Mute | undefined, asked: Mutes.Mute): known is Mutes.Mute =>
  known !== undefined && known.until - known.at === asked.until - asked.at

const added = (mutes: Mutes.Mutes, mute: Mutes.Mute): Effect.Effect<Mutes.Mutes, Refused> => {
  const all = Mutes.withMute(mutes, mute)
  const full = `${Mutes.mutesMax} rows are muted already: let some of them speak first`
  return all === undefined ? Effect.fail(conflict(full)) : Effect.succeed(all)
}

/** Said first and muted then: where we end in between, it stands in the log and the row still speaks. */
export const mute = Effect.fn("muteAttention")(function* (asked: Asked<typeof putMute>) {
  const { params, body, caller, now } = asked
  const { tenant, name: by } = caller
  const row = yield* rowNamed(tenant, params.id, now)
  if (row === undefined) return yield* none(params.id)
  if (!Mutes.isMutable(row))
    return yield* unprocessable("an instance that AWS takes is gone within two minutes: its row ends by itself")
  const wished = Mutes.muteOf(row, by, body.hours, now)
  const before = yield* Mutes.standingMutes(tenant)
  const known = Mutes.mutedBy(before, row, now)
  if (isSame(known, wished)) return { id: row.id, by: known.by, until: known.until }
  yield* added(before, wished)
  const details = `for ${count(body.hours, "hour")}, until ${moment(wished.until)}: ${row.title}`
  const change = { tenant, what: "attention-muted", about: row.id, by, details, at: now } as const
  yield* orderAll([draftOfChange(cut(change))], asked.correlationId)
  yield* Mutes.changeMutes(tenant, (mutes) => added(mutes, wished))
  return { id: row.id, by, until: wished.until }
})

/** It speaks first and is written down then: where we end in between, it speaks and nobody is blamed for silence. */
export const unmute = Effect.fn("unmuteAttention")(function* (asked: Asked<typeof deleteMute>) {
  const { params, caller, now } = asked
  const { tenant, name: by } = caller
  let ended: Mutes.Mute | undefined
  yield* Mutes.changeMutes(tenant, (mutes) => {
    ended = mutes.find(({ id, until }) => id === params.id && now < until)
    return Effect.succeed(ended === undefined ? undefined : Mutes.withoutMute(mutes, params.id, now))
  })
  if (ended !== undefined) {
    const details = `muted by ${ended.by} until ${moment(ended.until)}`
    yield* tell({ tenant, what: "attention-unmuted", about: params.id, by, details, at: now })
  } else if ((yield* rowNamed(tenant, params.id, now)) === undefined) return yield* none(params.id)
  return { id: params.id }
})
