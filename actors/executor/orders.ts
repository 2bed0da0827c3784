/** What the executor is told to do, once the approval desk's seal on it is checked: a swap, or to go on with one. */
import { Effect, Result } from "effect"
import type { Order } from "../../bus/order.ts"
import { Bus, type BusDown, type Stored } from "../../bus/bus.ts"
import { decodeAs, type Undecodable, unseal } from "../../schemas/envelope.ts"
import { key } from "../../schemas/key.ts"
import type { Digest } from "../../schemas/ids.ts"
import { filterAbout, journalSubject, matches } from "../../schemas/message.ts"
import { entryIn } from "../../schemas/saga.ts"
import { orderDigest, resumeDigest, resumeOrdered, SwapOrdered, swapOrdered } from "../../schemas/swap.ts"
import type { Proof } from "../_ports/seal.ts"
import { groupSwap } from "./group-swap.saga.ts"

/** What both kinds of orders are heard on. */
export const orderFilters = [swapOrdered.filter, resumeOrdered.filter]

type Read<A> = Result.Result<A, string>

/** What must carry the desk's seal, once it is read. */
const sealed = <A extends { readonly signature: string }>(
  proof: Proof["Service"],
  digestOf: (order: A) => Digest,
  read: Result.Result<A, Undecodable>
): Read<A> =>
  Result.flatMap(
    Result.mapError(read, ({ reason, details }) => `${reason}: ${details}`),
    (order) =>
      proof.verify(digestOf(order), order.signature)
        ? Result.succeed(order)
        : Result.fail("forged: the order does not carry the approval desk's signature")
  )

const sagaOf = (input: SwapOrdered): Order<SwapOrdered> => ({
  id: input.move.swap,
  tenant: input.tenant,
  account: input.account,
  input
})

/**
 * A swap's own order, under its seal: as its journal has it, which is as young as its last step, and where nobody can
 * read that, as the log has it.
 */
const firstOrder = (proof: Proof["Service"], account: string, swap: string) =>
  Effect.gen(function* () {
    const bus = yield* Bus
    const tail = yield* bus.recall(journalSubject(account, groupSwap.name, swap))
    if (tail !== undefined) {
      const input = Result.flatMap(entryIn(tail.data), (last) => decodeAs(SwapOrdered, last.input))
      const journalled = sealed(proof, orderDigest, input)
      if (Result.isSuccess(journalled)) return journalled
    }
    const given = yield* bus.recall(filterAbout(swapOrdered, key(swap)))
    if (given === undefined) return Result.fail(`unknown: the log has no order for ${swap}`)
    return sealed(proof, orderDigest, unseal(swapOrdered, given.data))
  })

/** The order in a message, or why nobody may obey it. A word to go on brings back the order that it is about. */
export const orderIn = (
  proof: Proof["Service"],
  { subject, data }: Stored
): Effect.Effect<Read<Order<SwapOrdered>>, BusDown, Bus> =>
  Effect.gen(function* () {
    if (!matches(resumeOrdered.filter, subject)) {
      return Result.map(sealed(proof, orderDigest, unseal(swapOrdered, data)), sagaOf)
    }
    const word = sealed(proof, resumeDigest, unseal(resumeOrdered, data))
    if (Result.isFailure(word)) return Result.fail(word.failure)
    const { swap, plan, account, stuckAt } = word.success
    const order = yield* firstOrder(proof, account, swap)
    if (Result.isFailure(order)) return Result.fail(order.failure)
    if (order.success.plan !== plan || order.success.account !== account || order.success.move.swap !== swap) {
      return Result.fail(`foreign: the order for ${swap} is another one`)
    }
    return Result.succeed({ ...sagaOf(order.success), resumes: stuckAt })
  })
