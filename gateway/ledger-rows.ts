/** Questions of the gateway to the ledger: parameters only, every row decoded, its silence a refusal that says so. */
import { Effect, Schema } from "effect"
import type { Warehouse } from "../actors/_ports/warehouse.ts"
import type { Moment } from "./rows.ts"
import { type Refused, unavailable } from "./refused.ts"

/** A 64-bit number: servers send it as a number or, by their settings, as text. */
export const Count = Schema.Union([Schema.Int, Schema.FiniteFromString])

export type Store = Pick<Warehouse["Service"], "query">

/**
 * Asks with one SELECT and decodes what is answered. SQL and schema stand side by side: where they differ it is a
 * defect.
 */
export const asked = <S extends Schema.Codec<any, any>>(
  store: Store,
  row: S,
  sql: string,
  params: Readonly<Record<string, unknown>> = {}
): Effect.Effect<ReadonlyArray<S["Type"]>, Refused> =>
  store.query(sql, params).pipe(
    Effect.mapError((down) =>
      unavailable(
        down.code === "159"
          ? "the question took the ledger too long: ask for less, as one account or fewer items"
          : "the ledger does not answer: what needs no history is still served, so try again in a moment"
      )
    ),
    Effect.flatMap((rows) => Effect.orDie(Schema.decodeUnknownEffect(Schema.Array(row))(rows)))
  )

/** Up to which sequence the ledger is asked: of the present all that is booked, even if the rows show less. */
export const upToOf = ({ isLive, asOf }: Pick<Moment, "isLive" | "asOf">): number => (isLive ? 2 ** 52 : asOf)
