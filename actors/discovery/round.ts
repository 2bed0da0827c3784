/** One round over the accounts: every region of each, side by side; what one of them refuses stops no other. */
import { Effect } from "effect"
import type { Account, AccountAnswered } from "../../schemas/account.ts"
import type { Instant, Region } from "../../schemas/ids.ts"
import { Whose } from "../_ports/port.ts"
import { senseOf } from "../_ports/sense.ts"
import { answerOf } from "./policy.ts"
import { type How, type Refused, type Sight, sweep, type Swept } from "./read.ts"

export interface Round {
  readonly account: Account
  readonly sweeps: ReadonlyArray<Swept | Refused>
  readonly answered: AccountAnswered
}

export interface Plan {
  /** The process, by name and incarnation. */
  readonly by: string
  /** Accounts read at once; the regions of one account go one by one. */
  readonly concurrency: number
  readonly at: Instant
  readonly sightOf: (account: Account, region: Region) => Sight
  readonly howFor: (account: Account, region: Region) => Effect.Effect<How>
}

const regionsOf = (account: Account, plan: Plan) =>
  Effect.forEach(account.regions, (region) =>
    Effect.flatMap(plan.howFor(account, region), (how) =>
      sweep(account, region, plan.sightOf(account, region), how).pipe(
        Effect.provideService(Whose, senseOf(plan.by, account, region))
      )
    )
  )

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
