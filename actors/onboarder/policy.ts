/** The accounts that tenants connected: what may be done in each, and whether it answers. */
import {
  Account,
  type AccountAnswered,
  AccountConnected,
  AccountMarked,
  type ConnectAccount
} from "../../schemas/account.ts"
import type { Rules } from "../../schemas/decision.ts"
import type { Instant } from "../../schemas/ids.ts"

type AccountFact = AccountConnected | AccountMarked

/** What a person may say about an account, in an order that regions do not disturb. */
const wishOf = ({ name, regions, environment, mode, roleArn, externalId }: Account | ConnectAccount) =>
  JSON.stringify([name, [...new Set(regions)].sort(), environment, mode, roleArn, externalId])

/** A wish of another tenant, one that changes nothing, or one older than the last that counted, says nothing. */
const onConnect = (known: Account | undefined, { _tag: _, ...wish }: ConnectAccount, at: Instant) => {
  if (known !== undefined) {
    const isNews = known.tenant === wish.tenant && at >= known.since
    if (!isNews || wishOf(known) === wishOf({ ...wish } as ConnectAccount)) return []
  }
  return [new AccountConnected({ ...wish, regions: [...new Set(wish.regions)].sort(), at })]
}

/** Marks with the code that it answered and the mend, or clears; once for each change. */
const onAnswer = (known: Account | undefined, answered: AccountAnswered) => {
  if (known === undefined || known.tenant !== answered.tenant || answered.at < (known.answeredAt ?? 0)) return []
  const reason = answered.code === null ? null : `${answered.code}: ${answered.message}`
  const { tenant, account, at } = answered
  return reason === known.reason ? [] : [new AccountMarked({ tenant, account, reason, at })]
}

const evolve = (known: Account | undefined, fact: AccountFact): Account => {
  if (fact._tag === "AccountMarked") {
    // nobody is marked who was not connected: the fact stands behind an AccountConnected of the same entity
    const status = fact.reason === null ? "connected" : "refused"
    return new Account({ ...(known as Account), status, reason: fact.reason, answeredAt: fact.at })
  }
  const { _tag: _, at, ...wish } = fact
  // a new wish proves nothing about the door: the mark stays until the account answers
  const door = known ?? { status: "connected" as const, reason: null }
  const answeredAt = known?.answeredAt === undefined ? {} : { answeredAt: known.answeredAt }
  return new Account({ ...wish, status: door.status, reason: door.reason, since: at, ...answeredAt })
}

export const rules: Rules<Account, ConnectAccount | AccountAnswered, AccountFact> = {
  decide: (known, message, { at }) =>
    message._tag === "ConnectAccount" ? onConnect(known, message, at) : onAnswer(known, message),
  evolve
}
