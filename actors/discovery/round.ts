/** One round over the accounts: every region of each, side by side; what one of them refuses stops no other. */
import { Effect } from "effect"
import type { Account, AccountAnswered } from "../../schemas/account.ts"
import type { Instant, Region } from "../../schemas/ids.ts"
import { LeaseLost } from "../../schemas/saga.ts"
import { Caller, Whose } from "../_ports/port.ts"
import { answerOf } from "./policy.ts"
import { type How, type Refused, type Sight, sweep, type Swept } from "./read.ts"

/** A sweep reads and nothing else: no write is declared, and there is no lease under which one could be made. */
export const readerOf = (account: Account, region: Region, by: string): Whose["Service"] => {
  const { tenant, mode, roleArn, externalId } = account
  const whose = { tenant, account: account.account, region, mode, roleArn, externalId, by }
  return {
    caller: new Caller({ ...whose, saga: null, step: null, epoch: 0, may: [], until: null }),
    lease: Effect.fail(new LeaseLost({ saga: "", by }))
  }
}

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
        Effect.provideService(Whose, readerOf(account, region, plan.by))
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
