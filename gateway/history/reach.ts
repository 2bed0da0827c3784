/** How far an answer about what happened reaches: what the ledger has booked, and the end of the log behind it. */
import { Effect, Schema } from "effect"
import { Warehouse } from "../../actors/_ports/warehouse.ts"
import { Bus, type Stored } from "../../bus/bus.ts"
import { accounts } from "../../schemas/catalogue.ts"
import { key } from "../../schemas/key.ts"
import { asked, Count, type Store } from "../ledger-rows.ts"
import { type Refused, unavailable } from "../refused.ts"
import { type Moment, momentAt, type Rows } from "../rows.ts"
import type { OwnerOf } from "../shown/shown.ts"

/** Most messages that are read behind the ledger's position: it books several times a second. */
const tailMax = 2_000

export interface Reach {
  readonly store: Store
  readonly moment: Moment
  /** The ledger is asked for sequences up to here. */
  readonly booked: number
  /** What stands behind it, in order; empty where an earlier moment is asked for. */
  readonly tail: ReadonlyArray<Stored>
  /** Everything up to here is reflected. */
  readonly asOf: number
  /** Nothing stood in the log behind `asOf` when it was read. */
  readonly isToHead: boolean
  readonly ownerOf: OwnerOf
  /** The tenant's accounts, or the one of them that is asked for; none where it is not his. */
  readonly accounts: ReadonlyArray<string>
}

interface Wanted {
  readonly account?: string
  readonly at?: string
}

const Position = Schema.Struct({ seq: Count })

/** The sequence up to which all is booked. */
export const bookedIn = (store: Store): Effect.Effect<number, Refused> =>
  Effect.map(asked(store, Position, "SELECT toInt64(max(seq)) AS seq FROM events"), ([row]) => row?.seq ?? 0)

export const silentLog = () => unavailable("the log does not answer: try again in a moment")

const ownedBy = (moment: Moment, tenant: string, account: string | undefined) =>
  moment.all(accounts).flatMap(([, { value }]) => {
    const isOwn = value.tenant === tenant && (account === undefined || value.account === account)
    return isOwn ? [value.account] : []
  })

/**
 * For one question of one tenant. `at` absent: up to the newest message of the log, or, for figures that the ledger
 * alone can give, up to what it has booked.
 */
export const reachOf = (
  tenant: string,
  wanted: Wanted,
  until: "head" | "booked" = "head"
): Effect.Effect<Reach, Refused, Bus | Warehouse | Rows> =>
  Effect.gen(function* () {
    const store = yield* Warehouse
    const moment = yield* momentAt(wanted.at)
    const standing = yield* bookedIn(store)
    const booked = moment.isLive ? standing : Math.min(standing, moment.asOf)
    const isToHead = moment.isLive && until === "head"
    const tail = isToHead ? yield* Bus.use((bus) => bus.scan(standing, tailMax)).pipe(Effect.mapError(silentLog)) : []
    return {
      store,
      moment,
      booked,
      tail,
      asOf: tail.at(-1)?.seq ?? booked,
      isToHead: isToHead && tail.length < tailMax,
      ownerOf: (account) => moment.get(accounts, key(account))?.value.tenant,
      accounts: ownedBy(moment, tenant, wanted.account)
    }
  })
