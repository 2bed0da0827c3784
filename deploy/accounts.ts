/** Which accounts a run is about: the demonstration's, or those of a file, each checked before anything starts. */
import { readFile } from "node:fs/promises"
import { Effect, Schema } from "effect"
import { ConnectAccount } from "../schemas/account.ts"
import { AccountId, Environment, Mode, Region, TenantId } from "../schemas/ids.ts"
import { SetPolicy } from "../schemas/policy.ts"
import { demoFleet } from "../actors/_ports/world/scenario.ts"
import { loadMarket } from "./market/market.ts"
import type { Options } from "./options.ts"
import { demonstrationPolicy } from "./terms.ts"

export interface Plan {
  readonly connects: ReadonlyArray<ConnectAccount>
  /** Policies that a demonstration starts with; real accounts start with the product's: nothing without a person's yes. */
  readonly policies: ReadonlyArray<SetPolicy>
}

const Row = Schema.Struct({
  tenant: TenantId,
  account_id: AccountId,
  name: Schema.optionalKey(Schema.String),
  role_arn: Schema.optionalKey(Schema.String),
  external_id: Schema.optionalKey(Schema.String),
  regions: Schema.Array(Region).check(Schema.isMinLength(1)),
  environment: Environment,
  mode: Mode,
  /** Who says yes to plans: `auto` asks nobody. Default: a person. */
  approval: Schema.optionalKey(Schema.Literals(["manual", "auto"]))
})
const File = Schema.fromJsonString(Schema.Array(Row).check(Schema.isMinLength(1)))

/** The file is not what it must be: which member, and what was expected there. */
export class AccountsUnreadable extends Schema.TaggedError<AccountsUnreadable>()("AccountsUnreadable", {
  file: Schema.String,
  why: Schema.String
}) {
  override get message() {
    return `--accounts ${this.file}: ${this.why}`
  }
}

const lower = (mode: Mode, options: Options): Mode => (options.dryRun && mode === "act" ? "recommend" : mode)

const fromFile = (file: string, options: Options) =>
  Effect.gen(function* () {
    const unreadable = (cause: unknown) =>
      new AccountsUnreadable({ file, why: cause instanceof Error ? cause.message : String(cause) })
    const text = yield* Effect.tryPromise({ try: () => readFile(file, "utf8"), catch: unreadable })
    const rows = yield* Effect.mapError(Schema.decodeUnknownEffect(File)(text), unreadable)
    const connects = rows.map(
      (row) =>
        new ConnectAccount({
          tenant: row.tenant,
          account: row.account_id,
          name: row.name ?? row.account_id,
          regions: row.regions,
          environment: row.environment,
          mode: lower(row.mode, options),
          roleArn: row.role_arn ?? null,
          externalId: row.external_id ?? null
        })
    )
    const automatic = rows.filter(({ approval }) => approval === "auto")
    const policies = automatic.map(({ tenant, account_id }) => policyFor(tenant, account_id, options.speed))
    return { connects, policies }
  })

const policyFor = (tenant: TenantId, account: AccountId, speed: number) =>
  new SetPolicy({ tenant, account, policy: demonstrationPolicy(speed), by: "npm start" })

/** The accounts of the run. */
export const planOf = (options: Options): Effect.Effect<Plan, AccountsUnreadable> => {
  if (options.accounts !== undefined) return fromFile(options.accounts, options)
  return Effect.sync(() => {
    const fleet = demoFleet(loadMarket(), options.seed)
    const connects = fleet.accounts.map(
      (account) => new ConnectAccount({ ...account, mode: lower(account.mode, options) })
    )
    return { connects, policies: connects.map(({ tenant, account }) => policyFor(tenant, account, options.speed)) }
  })
}
