/** Nothing begins in an account that its tenant has left; what was begun before ends by its own rules. */
import { Effect } from "effect"
import { type Saga, turnBack } from "../../bus/saga.ts"

const left = turnBack("Disconnected", "the account was disconnected before the swap began")

/** The saga, whose first look refuses where the order's account was left: only a saga without a journal looks. */
export const whileConnected = <I, R>(
  { name, input, looks, steps }: Saga<I, R>,
  isLeft: (order: I) => boolean
): Saga<I, R> => {
  const [first, ...rest] = looks
  if (first === undefined) throw new Error(`saga ${name} begins without a look`)
  const asked: typeof first = { ...first, do: (ctx) => (isLeft(ctx.input) ? Effect.fail(left) : first.do(ctx)) }
  return { name, input, looks: [asked, ...rest], steps }
}
