/** What is booked: every message of the log as a row, the savings of every swap done, and in which batches. */
import { Result } from "effect"
import { openText, type Undecodable, unseal } from "../../schemas/envelope.ts"
import { type MicroUsd, microUsd } from "../../schemas/ids.ts"
import { LedgerRow, SavingsRow, savingsLabel } from "../../schemas/ledger.ts"
import { matches, tokensOf } from "../../schemas/message.ts"
import { type SwapSettled, swapSettled } from "../../schemas/swap.ts"

/** A message as the log holds it; `at` is the log's own clock, in milliseconds since 1970. */
export interface Logged {
  readonly seq: number
  readonly subject: string
  readonly data: Uint8Array
  readonly at: LedgerRow["at"]
}

/** Hours in a month as AWS counts them: 365 x 24 / 12. Source: AWS Pricing Calculator, "assumptions". */
export const hoursPerMonth = 730

/** Micro-dollars a month, of micro-dollars an hour. */
export const monthlySavings = (hourly: number): MicroUsd => microUsd((hourly * hoursPerMonth) / 1e6)

/** How much of an undecodable message is kept, in bytes. */
export const undecodableBytesMax = 64 * 1024

const text = new TextDecoder("utf-8")

/** It is booked too, so that counts agree. The mark stands first: the warehouse looks for it by how a body starts. */
const marked = (data: Uint8Array, why: Undecodable): string =>
  JSON.stringify({
    undecodable: why.reason,
    details: why.details,
    bytes: data.length,
    text: text.decode(data.subarray(0, undecodableBytesMax))
  })

/** One row for one message, whatever it holds: as it travelled where it is an envelope, marked where it is not. */
export const ledgerRowOf = ({ seq, subject, data, at }: Logged): LedgerRow => {
  const opened = openText(data)
  const [kind = ""] = subject.split(".")
  const tokens = tokensOf(subject) ?? { kind, account: "", owner: "", name: "", about: "" }
  return new LedgerRow({
    ...tokens,
    seq,
    at,
    subject,
    body: Result.isSuccess(opened) ? opened.success.json : marked(data, opened.failure)
  })
}

/** What a swap saves: nothing unless it was done. Dated by the log's clock, as the rest of its batch is. */
export const savingsRowOf = (seq: number, at: LedgerRow["at"], settled: SwapSettled): SavingsRow | undefined =>
  settled.end === "done"
    ? new SavingsRow({
        seq,
        at,
        tenant: settled.tenant,
        account: settled.account,
        swap: settled.swap,
        replacement: settled.replacement,
        onDemandPerHour: settled.move.onDemandPerHour,
        spotPerHour: settled.move.spotPerHour,
        hourlySavings: settled.hourlySavings,
        label: savingsLabel
      })
    : undefined

/** What a message of the log adds to the savings; a settlement that cannot be read adds nothing, its row shows it. */
export const savingsIn = ({ seq, subject, data, at }: Logged): SavingsRow | undefined => {
  if (!matches(swapSettled.filter, subject)) return undefined
  const settled = unseal(swapSettled, data)
  return Result.isSuccess(settled) ? savingsRowOf(seq, at, settled.success) : undefined
}

/** Bytes of messages in one insert: held as text several times over on both sides, and one part on disk. */
export const batchBytesMax = 8 * 1024 * 1024

/** First and last instant of the calendar month in UTC that an instant is in, as the tables are partitioned. */
const monthOf = (at: number): { readonly from: number; readonly to: number } => {
  const day = new Date(at)
  const [year, month] = [day.getUTCFullYear(), day.getUTCMonth()]
  return { from: Date.UTC(year, month), to: Date.UTC(year, month + 1) - 1 }
}

/**
 * Cuts messages into runs that are each stored whole or not at all: ClickHouse makes one part per month of an insert,
 * and a kill between two parts would leave the newer one alone, with a position that hides what is missing.
 */
export const batchesOf = <M extends Logged>(messages: ReadonlyArray<M>): ReadonlyArray<ReadonlyArray<M>> => {
  const batches: Array<Array<M>> = []
  let bytes = 0
  let month = monthOf(0)
  for (const message of messages) {
    const batch = batches.at(-1)
    const isSameMonth = month.from <= message.at && message.at <= month.to
    const joins = batch !== undefined && isSameMonth && bytes + message.data.length <= batchBytesMax
    bytes = message.data.length + (joins ? bytes : 0)
    if (!isSameMonth) month = monthOf(message.at)
    if (joins) batch.push(message)
    else batches.push([message])
  }
  return batches
}

/** Names the exact messages of a batch: repeated, it stores them once. */
export const tokenOf = (batch: ReadonlyArray<Logged>, attempt = 1): string =>
  `LOG:${batch[0]?.seq}-${batch.at(-1)?.seq}${attempt === 1 ? "" : `:${attempt}`}`
