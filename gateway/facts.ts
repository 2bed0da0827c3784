/** The fact behind a row, decoded once for as long as the row stands: lists ask for the same ones again and again. */
import type { BookRow } from "../schemas/decision.ts"
import type { Road } from "../schemas/message.ts"

const known = new WeakMap<BookRow<unknown>, Map<string, unknown>>()

/** Undefined where the newest fact of the entity is of another road. */
export const factIn = <A, F>(row: BookRow<A>, road: Road<F>): F | undefined => {
  let facts = known.get(row)
  if (facts === undefined) known.set(row, (facts = new Map()))
  if (!facts.has(road.filter)) facts.set(road.filter, row.fact(road))
  return facts.get(road.filter) as F | undefined
}
