/** Nothing begins in an account that was left, or where we may not act any more; what was begun ends by its rules. */
import { Effect } from "effect"
import { type Saga, turnBack } from "../../bus/saga.ts"
import type { Account } from "../../schemas/account.ts"

/** Why no swap may begin in the account now; undefined where one may. */
const forbids = ({ status, mode }: Pick<Account, "status" | "mode">) => {
  if (status === "disconnected") {
    return turnBack("Disconnected", "the account was disconnected before the swap began")
  }
  return mode === "act" ? undefined : turnBack("NotActing", `the account was in mode ${mode} before the swap began`)
}

/** The saga, whose first look refuses where nothing may begin: only a saga without a journal looks. */
export const whileActing = <I, R>(
  { name, input, looks, steps }: Saga<I, R>,
  accountOf: (order: I) => Pick<Account, "status" | "mode"> | undefined
): Saga<I, R> => {
  const [first, ...rest] = looks
  if (first === undefined) throw new Error(`saga ${name} begins without a look`)
  const asked: typeof first = {
    ...first,
    do: (ctx) => {
      const account = accountOf(ctx.input)
      const no = account === undefined ? undefined : forbids(account)
      return no === undefined ? first.do(ctx) : Effect.fail(no)
    }
  }
  return { name, input, looks: [asked, ...rest], steps }
}
