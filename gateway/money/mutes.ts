/** Rows of "Needs attention" that a team has silenced for a while: by whom, until when, and what speaks anyway. */
import { Effect, Result, Schema } from "effect"
import { Severity } from "../../schemas/api/operations.ts"
import { decodeAs } from "../../schemas/envelope.ts"
import type { TenantId } from "../../schemas/ids.ts"
import { Vault } from "../identity/vault.ts"
import { conflict, type Refused, unavailable } from "../refused.ts"
import type { Item, Row } from "./attention.ts"

/** Nothing is silent for longer than a day, in milliseconds. */
const silenceMsMax = 24 * 3_600_000
/** Whoever has silenced so many rows reads none of them any more: he is asked to let some speak. */
export const mutesMax = 200

const Mute = Schema.Struct({
  /** Of the row. */
  id: Schema.String,
  by: Schema.String,
  /** How grave the row was when it was muted: it speaks where it is graver now. */
  severity: Severity,
  /** Milliseconds since 1970. */
  at: Schema.Int,
  until: Schema.Int
}).check(Schema.makeFilter(({ at, until }) => (until - at <= silenceMsMax ? undefined : "is silent for over a day")))
export type Mute = typeof Mute.Type
export type Mutes = ReadonlyArray<Mute>

/** One for the whole tenant: the team sees the same. */
const Entry = Schema.Struct({ mutes: Schema.Array(Mute) })

/** What an entry of the vault silences; one that cannot be read silences nothing. */
export const mutesIn = (value: unknown): Mutes => {
  const decoded = decodeAs(Entry, value)
  return Result.isSuccess(decoded) ? decoded.success.mutes : []
}

/** The gravest first. */
export const ranks: Readonly<Record<Row["severity"], number>> = { critical: 0, warning: 1, info: 2, good: 3 }

type About = Pick<Row, "id" | "kind" | "severity" | "since">

/** An instance that is being taken is gone before anybody could let its row speak again. */
export const isMutable = ({ kind }: Pick<Row, "kind">): boolean => kind !== "interruption"

/** The mute that keeps a row silent now; undefined where it speaks: it has got graver, or went away and came back. */
export const mutedBy = (mutes: Mutes, row: About, now: number): Mute | undefined =>
  isMutable(row)
    ? mutes.find(
        ({ id, severity, at, until }) =>
          id === row.id && now < until && ranks[row.severity] >= ranks[severity] && (row.since ?? at) <= at
      )
    : undefined

/** From now on, for at most a day. */
export const muteOf = ({ id, severity }: About, by: string, hours: number, now: number): Mute => {
  const until = now + Math.min(hours * 3_600_000, silenceMsMax)
  return { id, by, severity, at: now, until }
}

/** Without what was said of this row, and without what has ended. */
export const withoutMute = (mutes: Mutes, id: string, now: number): Mutes =>
  mutes.filter((one) => one.id !== id && now < one.until)

/** In place of what was said of the row before; undefined where there are too many. */
export const withMute = (mutes: Mutes, mute: Mute): Mutes | undefined => {
  const others = withoutMute(mutes, mute.id, mute.at)
  return others.length < mutesMax ? [...others, mute] : undefined
}

/** As a reader of the list is told of it. */
export const toldOf = (mute: Mute | undefined): Item["muted"] =>
  mute === undefined ? null : { by: mute.by, until: mute.until }

const entryOf = (tenant: TenantId) => `mutes.${tenant}`
const down = () => unavailable("nobody can say what is muted: the store of identities does not answer, try again")

/** How long a list waits for it, in milliseconds: it is read to see what is urgent. */
const patienceMs = 1_000

/** For a list: where the vault does not answer everything speaks. */
export const mutesOf = (tenant: TenantId): Effect.Effect<Mutes, never, Vault> =>
  Effect.gen(function* () {
    const vault = yield* Vault
    return mutesIn((yield* vault.get(entryOf(tenant)))?.value)
  }).pipe(
    Effect.timeout(patienceMs),
    Effect.catchCause((cause) => Effect.as(Effect.logWarning("everything speaks: mutes cannot be read", cause), []))
  )

/** As they stand, for whoever is about to change them. */
export const standingMutes = (tenant: TenantId): Effect.Effect<Mutes, Refused, Vault> =>
  Effect.map(
    Effect.mapError(
      Effect.flatMap(Vault, (vault) => vault.get(entryOf(tenant))),
      down
    ),
    (kept) => mutesIn(kept?.value)
  )

/** How often somebody else may be first. */
const triesMax = 5

/** Changes them by a rule that is judged anew whenever somebody else was first; undefined = leave them as they are. */
export const changeMutes = (
  tenant: TenantId,
  rule: (mutes: Mutes) => Effect.Effect<Mutes | undefined, Refused>
): Effect.Effect<void, Refused, Vault> =>
  Effect.gen(function* () {
    const vault = yield* Vault
    const kept = yield* vault.get(entryOf(tenant))
    const mutes = yield* rule(mutesIn(kept?.value))
    if (mutes !== undefined) yield* vault.put(entryOf(tenant), { mutes }, kept?.revision ?? 0)
  }).pipe(
    Effect.retry({ times: triesMax, while: ({ _tag }) => _tag === "VaultMoved" }),
    Effect.catchTags({
      VaultDown: () => Effect.fail(down()),
      VaultMoved: () => Effect.fail(conflict("others mute and unmute at this moment: try again"))
    })
  )
