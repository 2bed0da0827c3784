/** What the ledger books: every message of the log as a row, and every swap's savings with its label. */
import { Schema } from "effect"
import { AccountId, InstanceId, Instant, MicroUsd, TenantId } from "./ids.ts"

/** One message of LOG as ClickHouse holds it. `seq` is the stream's: no two rows share one. */
export class LedgerRow extends Schema.Class<LedgerRow>("LedgerRow")({
  seq: Schema.Int,
  at: Instant,
  kind: Schema.String,
  account: Schema.String,
  owner: Schema.String,
  name: Schema.String,
  about: Schema.String,
  subject: Schema.String,
  body: Schema.String
}) {}

/** Until a payer account is connected nobody can say whether a commitment is stranded. */
export const savingsLabel = "gross, commitments unknown"

export class SavingsRow extends Schema.Class<SavingsRow>("SavingsRow")({
  seq: Schema.Int,
  at: Instant,
  tenant: TenantId,
  account: AccountId,
  swap: Schema.String,
  replacement: Schema.NullOr(InstanceId),
  onDemandPerHour: MicroUsd,
  spotPerHour: MicroUsd,
  hourlySavings: MicroUsd,
  label: Schema.String
}) {}
