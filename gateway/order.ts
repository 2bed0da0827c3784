/** Orders from people and programs onto the bus, and the receipt by which their fate is asked for. */
import { Effect } from "effect"
import { apiPrefix } from "../schemas/api/endpoint.ts"
import type { Receipt } from "../schemas/api/page.ts"
import { Bus, type AppendRefused, type Draft } from "../bus/bus.ts"
import { draftOf } from "../bus/draft.ts"
import type { Road } from "../schemas/message.ts"
import { conflict, type Refused, unavailable, unprocessable } from "./refused.ts"

type ReceiptOf = (typeof Receipt)["Type"]

const refusalOf = (no: AppendRefused): Refused => {
  if (no.reason === "too-large") return unprocessable("it is larger than one message may be: leave something out")
  return no.reason === "conflict"
    ? conflict("somebody else changed the same a moment ago: look at what stands, and apply your change to that")
    : unavailable("the log did not say whether it took the order: look at what stands before you send it again")
}

/** The receipt of the order with this sequence. */
export const receiptOf = (seq: number, correlationId: string): ReceiptOf => ({
  command: String(seq),
  seq,
  location: `${apiPrefix}/commands/${seq}`,
  correlationId
})

/** Stores all of them or none, in order; a receipt for each. At most 1,000. */
export const orderAll = (
  said: ReadonlyArray<Draft>,
  correlationId: string
): Effect.Effect<ReadonlyArray<ReceiptOf>, Refused, Bus> => {
  if (said.length === 0) return Effect.succeed([])
  return Bus.use((bus) => bus.append(said)).pipe(
    Effect.mapError(refusalOf),
    // the sequences of a batch are consecutive, and its last one is given
    Effect.map(({ seq }) => said.map((_, i) => receiptOf(seq - said.length + 1 + i, correlationId)))
  )
}

/** Stores one order; with `after` only if the last one of its subject has that sequence (0 = there is none). */
export const order = <A>(
  road: Road<A>,
  message: A,
  correlationId: string,
  after?: number
): Effect.Effect<ReceiptOf, Refused, Bus> => {
  const said = { ...draftOf(road, message), ...(after === undefined ? {} : { expect: { seq: after } }) }
  return Effect.map(orderAll([said], correlationId), ([receipt]) => receipt as ReceiptOf)
}
