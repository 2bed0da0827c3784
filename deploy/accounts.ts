/** Which accounts a run is about: the demonstration's, or those of a file, each checked before anything starts. */
import { readFile } from "node:fs/promises"
import { Effect, Schema, SchemaIssue } from "effect"
import { ConnectAccount } from "../schemas/account.ts"
import { AccountId, Environment, Mode, Region, TenantId } from "../schemas/ids.ts"
import { SetPolicy } from "../schemas/policy.ts"
import { demoFleet } from "../actors/_ports/world/scenario.ts"
import { loadMarket } from "../actors/_ports/market.live.ts"
import type { Options } from "./options.ts"
import { demonstrationPolicy } from "./terms.ts"

export interface Plan {
  readonly connects: ReadonlyArray<ConnectAccount>
  /** What a demonstration starts with; real accounts start with the product's: nothing without a person's yes. */
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
const Accounts = Schema.Array(Row).check(Schema.isMinLength(1))

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

const unreadable = (file: string, why: string) => new AccountsUnreadable({ file, why })
const words = (thrown: unknown) => (thrown instanceof Error ? thrown.message : String(thrown)).split("\n")[0]
const formatted = SchemaIssue.makeFormatterStandardSchemaV1()

/** Where it is wrong and what belongs there, as in `[0].account_id: expected …`. */
const wrongMember = ({ issue }: Schema.SchemaError) => {
  const [first] = formatted(issue).issues
  const path = (first?.path ?? []).map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`)).join("")
  return `${path === "" ? "it" : path} is not as it must be: ${first?.message.replace(/^E/, "e") ?? ""}`
}

/** The members of the file, each account once. */
const rowsOf = (file: string) =>
  Effect.gen(function* () {
    const text = yield* Effect.tryPromise({
      try: () => readFile(file, "utf8"),
      catch: (cause) => unreadable(file, `it cannot be read, name a file that is there (${words(cause)}).`)
    })
    const json = yield* Effect.try({
      try: (): unknown => JSON.parse(text),
      catch: (cause) => unreadable(file, `it must be a JSON array of accounts, as in --help (${words(cause)}).`)
    })
    const rows = yield* Effect.mapError(Schema.decodeUnknownEffect(Accounts)(json), (cause) =>
      unreadable(file, `${wrongMember(cause)}; correct it, --help tells the members.`)
    )
    const ids = rows.map(({ account_id }) => account_id)
    const twice = ids.find((id, i) => ids.indexOf(id) !== i)
    if (twice !== undefined)
      return yield* unreadable(file, `account ${twice} stands in it twice, leave one of them out.`)
    return rows
  })

const fromFile = (file: string, options: Options) =>
  Effect.gen(function* () {
    const rows = yield* rowsOf(file)
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
