/** The door of one account tried on purpose, check by check: what each proves, and who mends it. */
import { Clock, Effect } from "effect"
import { type Account, type AccountCheck, AccountVerified } from "../../schemas/account.ts"
import { instant, type Region } from "../../schemas/ids.ts"
import { type CloudRefusal, refusal } from "../_ports/cloud-refusal.ts"
import { Ec2 } from "../_ports/ec2.ts"
import { Groups } from "../_ports/group.ts"
import { Whose } from "../_ports/port.ts"
import { senseOf } from "../_ports/sense.ts"
import { Sts } from "../_ports/sts.ts"
import type { LeaseLost } from "../../schemas/saga.ts"
import { mendOf } from "./mend.ts"

/** No tenant's: ours are made at random, and none of them reads so. */
export const wrongExternalId = "cloudoptim-verify-and-this-one-must-be-refused"

/** Regions tried side by side. */
const concurrency = 4

type Refusing<A, R> = Effect.Effect<A, CloudRefusal | LeaseLost, R>

const passed = (check: string, details: string): AccountCheck => ({ check, ok: true, details, mend: null })
const untried = (check: string, details: string): AccountCheck => ({ check, ok: null, details, mend: null })
const failed = (check: string, details: string, mend: string): AccountCheck => ({ check, ok: false, details, mend })

/** What was found, or AWS's own no with its mend: a check never fails, it has failed. */
const tried = <R>(check: string, call: Refusing<AccountCheck, R>): Effect.Effect<AccountCheck, never, R> =>
  call.pipe(
    // reading holds no lease that could be lost
    Effect.catchTag("LeaseLost", (lost) => Effect.die(lost)),
    Effect.catch((no: CloudRefusal) => Effect.succeed(failed(check, `${no.code}: ${no.details}`, mendOf(no.code))))
  )

const role = (account: Account) =>
  tried(
    "role",
    Effect.gen(function* () {
      const who = yield* (yield* Sts).identity({})
      if (who.account === account.account) return passed("role", `we are ${who.arn}`)
      const code = "CloudOptim.WrongAccount"
      return yield* refusal("sts:GetCallerIdentity", code, `it leads into account ${who.account}`)
    })
  )

/** Where the role is closed to us altogether, a refusal of a wrong id would prove nothing. */
const stranger = (account: Account, isOpen: boolean) => {
  const check = "external-id"
  if (account.roleArn === null) return Effect.succeed(untried(check, "no role is assumed: the credentials are our own"))
  if (!isOpen) return Effect.succeed(untried(check, "the role does not let us in at all: mend that first"))
  return tried(
    check,
    Effect.map(
      Sts.use((sts) => sts.admits({ externalId: wrongExternalId })),
      (isIn) =>
        isIn
          ? failed(
              check,
              "the role lets us in under an external id that is not yours, so others could have us use it",
              "let its trust policy ask for your external id by StringEquals on sts:ExternalId"
            )
          : passed(check, "under a wrong external id the role refuses us")
    )
  )
}

const firstPages = (region: Region) =>
  Effect.all([
    tried(
      `groups in ${region}`,
      Effect.map(
        Groups.use((port) => port.groups({ names: [], page: null })),
        ({ groups, next }) => passed(`groups in ${region}`, `${groups.length}${next === null ? "" : " and more"}`)
      )
    ),
    tried(
      `instances in ${region}`,
      Effect.map(
        Ec2.use((port) => port.instances({ ids: [], saga: null, page: null })),
        ({ instances, next }) =>
          passed(`instances in ${region}`, `${instances.length}${next === null ? "" : " and more"}`)
      )
    )
  ])

/** Tries everything once, in the account's first region what concerns no region. Never fails. */
export const verify = (account: Account, terms: { readonly process: string; readonly asker: string }) =>
  Effect.gen(function* () {
    const within = <A, R>(region: Region, check: Effect.Effect<A, never, R>) =>
      Effect.provideService(check, Whose, senseOf(terms.process, account, region))
    const [home] = account.regions
    const door =
      home === undefined ? untried("role", "the account names no region") : yield* within(home, role(account))
    const other = home === undefined ? [] : [yield* within(home, stranger(account, door.ok === true))]
    const pages = yield* Effect.forEach(account.regions, (region) => within(region, firstPages(region)), {
      concurrency
    })
    return new AccountVerified({
      tenant: account.tenant,
      account: account.account,
      checks: [door, ...other, ...pages.flat()],
      by: terms.asker,
      at: instant(yield* Clock.currentTimeMillis)
    })
  })
