/** Owns the accounts: who is connected, and whether it answers. The rules are in policy.ts; here is only the wiring. */
import { hears, type Mind } from "../../bus/mind.ts"
import {
  Account,
  accountAnswered,
  accountConnected,
  accountDisconnected,
  accountMarked,
  connectAccount,
  disconnectAccount
} from "../../schemas/account.ts"
import { rules } from "./policy.ts"

export const onboarder: Mind<Account> = {
  name: "onboarder",
  remembers: Account,
  hears: [
    hears(connectAccount, (order) => connectAccount.about(order)),
    hears(disconnectAccount, (order) => disconnectAccount.about(order)),
    hears(accountAnswered, ({ account }) => account)
  ],
  says: [accountConnected, accountDisconnected, accountMarked],
  rules,
  consults: [],
  remarks: [],
  wakes: null
}
