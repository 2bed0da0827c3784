/** One round over the accounts, side by side, every region of each: what one region refuses stops no other. */
import { Effect } from "effect"
import type { Account, AccountAnswered } from "../../schemas/account.ts"
import type { Instant, Region } from "../../schemas/ids.ts"
import { Whose } from "../_ports/port.ts"
import { senseOf } from "../_ports/sense.ts"
import { answerOf } from "./policy.ts"
import { type How, type Refused, type Sight, sweep, type Swept } from "./read.ts"

/** A region that refused us, or that was not asked after another had told that the role does. */
export type Unread = Omit<Refused, "sight">

export interface Round {
  readonly account: Account
  readonly sweeps: ReadonlyArray<Swept | Unread>
  readonly answered: AccountAnswered
}

export interface Plan {
  /** The process, by name and incarnation. */
  readonly by: string
  /** Accounts read at once; the regions of one account go one by one. */
  readonly concurrency: number
  readonly at: Instant
  /** Was it read since we began? */
  readonly hasRead: (account: Account, region: Region) => boolean
  readonly sightOf: (account: Account, region: Region) => Sight
  readonly howFor: (account: Account, region: Region) => Effect.Effect<How>
}

const regionOf = (account: Account, region: Region, plan: Plan) =>
  Effect.flatMap(plan.howFor(account, region), (how) =>
    sweep(account, region, plan.sightOf(account, region), how).pipe(
      Effect.provideService(Whose, senseOf(plan.by, account, region))
    )
  )

/**
 * Is it the role that refuses us, and not the region? Codes of our own credentials and of endpoints that are closed are
 * left out: those may differ by region. Source: STS API reference, AssumeRole, "Errors".
 */
const isDoorShut = ({ refusal: { call, code } }: Refused) =>
  code === "CloudOptim.WrongAccount" ||
  (call === "sts:AssumeRole" && (code === "AccessDenied" || code === "ValidationError"))

/**
 * A role belongs to all regions: refused before any has let us in, it is not asked for again, and the others have the
 * same answer. Anybody can name fifty regions and a role that refuses us, and would have every tenant wait for them.
 * Those that we could read come first: they tell whether the role is still open.
 */
const regionsOf = (account: Account, plan: Plan) =>
  Effect.gen(function* () {
    const rank = (region: Region) => (plan.hasRead(account, region) ? 0 : 1)
    const results = new Map<Region, Swept | Unread>()
    let shut: Refused | undefined
    let isOpen = false
    for (const region of account.regions.toSorted((a, b) => rank(a) - rank(b))) {
      if (shut !== undefined) {
        results.set(region, { ...shut, region, calls: 0 })
        continue
      }
      const result = yield* regionOf(account, region, plan)
      results.set(region, result)
      isOpen ||= result._tag === "Swept"
      if (!isOpen && result._tag === "Refused" && isDoorShut(result)) shut = result
    }
    return account.regions.flatMap((region) => results.get(region) ?? [])
  })

/** Sweeps all accounts. It never fails; what an account answered is in its part of the result. */
export const round = (accounts: ReadonlyArray<Account>, plan: Plan) =>
  Effect.forEach(
    accounts,
    (account) =>
      Effect.map(regionsOf(account, plan), (sweeps): Round => {
        const answers = sweeps.map((one) => ({
          region: one.region,
          refused: one._tag === "Refused" ? one.refusal : null
        }))
        return { account, sweeps, answered: answerOf(account, answers, plan.at) }
      }),
    { concurrency: plan.concurrency }
  )
