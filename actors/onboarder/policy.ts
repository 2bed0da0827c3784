/** The accounts that tenants connected: what may be done in each, and whether it answers. */
import {
  Account,
  type AccountAnswered,
  AccountConnected,
  AccountDisconnected,
  AccountMarked,
  type ConnectAccount,
  type DisconnectAccount
} from "../../schemas/account.ts"
import type { Rules } from "../../schemas/decision.ts"
import type { Instant } from "../../schemas/ids.ts"

type AccountMessage = ConnectAccount | DisconnectAccount | AccountAnswered
type AccountFact = AccountConnected | AccountDisconnected | AccountMarked

/** What a person may say about an account, in an order that regions do not disturb. */
const wishOf = ({ name, regions, environment, mode, roleArn, externalId }: Account | ConnectAccount) =>
  JSON.stringify([name, [...new Set(regions)].sort(), environment, mode, roleArn, externalId])

/**
 * A wish of another tenant, one that changes nothing, or one older than the last that counted says nothing, and neither
 * does one that was copied from what stands no more. What is disconnected is connected again by who asks for just that,
 * and of the same instant the disconnection holds. Asked for again as it stands, a connection is as new as the asking.
 */
const onConnect = (known: Account | undefined, message: ConnectAccount, at: Instant) => {
  const { _tag: _, on, ...wish } = message
  if (on !== undefined && on !== known?.since) return []
  if (known !== undefined) {
    const isOff = known.status === "disconnected"
    const isLater = wish.reconnects === true && at > (known.connectedAt ?? known.since)
    const isNews =
      known.tenant === wish.tenant && (isOff ? wish.reconnects === true && at > known.since : at >= known.since)
    if (!isNews || (!isOff && !isLater && wishOf(known) === wishOf(message))) return []
  }
  return [new AccountConnected({ ...wish, regions: [...new Set(wish.regions)].sort(), at })]
}

/** Its own tenant's word counts, unless a connection was asked for since; a later word is said again, as the newest. */
const onDisconnect = (known: Account | undefined, message: DisconnectAccount, at: Instant) => {
  if (known === undefined || known.tenant !== message.tenant) return []
  const isNews = known.status === "disconnected" ? at > known.since : at >= (known.connectedAt ?? known.since)
  if (!isNews) return []
  const { tenant, account, because, by } = message
  return [new AccountDisconnected({ tenant, account, because, by, at })]
}

/** Marks with the code that it answered and the mend, or clears; once for each change, and when it first lets us in. */
const onAnswer = (known: Account | undefined, answered: AccountAnswered) => {
  if (known === undefined || known.tenant !== answered.tenant || answered.at < (known.answeredAt ?? 0)) return []
  // whose tenant left it is neither fine nor refused, whatever it answered meanwhile
  if (known.status === "disconnected") return []
  const reason = answered.code === null ? null : `${answered.code}: ${answered.message}`
  const { tenant, account, at } = answered
  const isFirst = reason === null && known.admittedAt === undefined
  return reason === known.reason && !isFirst ? [] : [new AccountMarked({ tenant, account, reason, at })]
}

/** Another role has yet to let us in, and so has one that was left in between. */
const admittedOf = (known: Account | undefined, { roleArn, externalId }: Pick<Account, "roleArn" | "externalId">) => {
  const isSameDoor = known?.roleArn === roleArn && known.externalId === externalId && known.status !== "disconnected"
  return isSameDoor && known.admittedAt !== undefined ? { admittedAt: known.admittedAt } : {}
}

const evolve = (known: Account | undefined, fact: AccountFact): Account => {
  if (fact._tag === "AccountMarked") {
    // nobody is marked who was not connected: the fact stands behind an AccountConnected of the same entity
    const status = fact.reason === null ? "connected" : "refused"
    const was = known as Account
    const admittedAt = fact.reason === null ? { admittedAt: was.admittedAt ?? fact.at } : {}
    return new Account({ ...was, status, reason: fact.reason, answeredAt: fact.at, ...admittedAt })
  }
  if (fact._tag === "AccountDisconnected") {
    // mode, role and all stay: by them ends what is under way. What it answered before does not count any more
    const { because: reason, at } = fact
    const was = known as Account
    const since = at > was.since ? at : was.since
    return new Account({ ...was, status: "disconnected", reason, since, answeredAt: since })
  }
  const { _tag: _, at, reconnects, ...wish } = fact
  // a new wish proves nothing about the door: the mark stays until the account answers
  const open = { status: "connected" as const, reason: null }
  const door = known === undefined || known.status === "disconnected" ? open : known
  const answeredAt = known?.answeredAt === undefined ? {} : { answeredAt: known.answeredAt }
  const connectedAt = known === undefined || reconnects === true ? at : (known.connectedAt ?? known.since)
  const proven = { connectedAt, ...answeredAt, ...admittedOf(known, wish) }
  return new Account({ ...wish, status: door.status, reason: door.reason, since: at, ...proven })
}

const decide = (known: Account | undefined, message: AccountMessage, at: Instant): ReadonlyArray<AccountFact> => {
  switch (message._tag) {
    case "ConnectAccount":
      return onConnect(known, message, at)
    case "DisconnectAccount":
      return onDisconnect(known, message, at)
    case "AccountAnswered":
      return onAnswer(known, message)
  }
}

export const rules: Rules<Account, AccountMessage, AccountFact> = {
  decide: (known, message, { at }) => decide(known, message, at),
  evolve
}
