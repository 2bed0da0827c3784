/** What the executor is told to do, once the approval desk's seal on it is checked: a swap, or to go on with one. */
import { Effect, Result } from "effect"
import type { Order } from "../../bus/order.ts"
import { Bus, type BusDown, type Stored } from "../../bus/bus.ts"
import { unseal } from "../../schemas/envelope.ts"
import { key } from "../../schemas/key.ts"
import type { Digest } from "../../schemas/ids.ts"
import { filterAbout, matches, type Road } from "../../schemas/message.ts"
import { orderDigest, resumeDigest, resumeOrdered, type SwapOrdered, swapOrdered } from "../../schemas/swap.ts"
import type { Proof } from "../_ports/seal.ts"

/** What both kinds of orders are heard on. */
export const orderFilters = [swapOrdered.filter, resumeOrdered.filter]

type Read<A> = Result.Result<A, string>
const forged = "forged: the order does not carry the approval desk's signature"

/** Reads what must carry the desk's seal. */
const sealedIn =
  <A extends { readonly signature: string }>(road: Road<A>, digestOf: (order: A) => Digest) =>
  (proof: Proof["Service"], { data }: Stored): Read<A> =>
    Result.flatMap(
      Result.mapError(unseal(road, data), ({ reason, details }) => `${reason}: ${details}`),
      (order) => (proof.verify(digestOf(order), order.signature) ? Result.succeed(order) : Result.fail(forged))
    )
const swapIn = sealedIn(swapOrdered, orderDigest)
const resumeIn = sealedIn(resumeOrdered, resumeDigest)

const sagaOf = (input: SwapOrdered): Order<SwapOrdered> => ({
  id: input.move.swap,
  tenant: input.tenant,
  account: input.account,
  input
})

/**
 * The order in a message, or why nobody may obey it. A word to go on brings back the order that it is about, as the log
 * has it: that one is signed as well, so a journal that somebody wrote tells nobody what to do.
 */
export const orderIn = (
  proof: Proof["Service"],
  stored: Stored
): Effect.Effect<Read<Order<SwapOrdered>>, BusDown, Bus> =>
  Effect.gen(function* () {
    if (!matches(resumeOrdered.filter, stored.subject)) return Result.map(swapIn(proof, stored), sagaOf)
    const word = resumeIn(proof, stored)
    if (Result.isFailure(word)) return Result.fail(word.failure)
    const { swap, plan, account, stuckAt } = word.success
    const first = yield* Bus.use((bus) => bus.recall(filterAbout(swapOrdered, key(swap))))
    if (first === undefined) return Result.fail(`unknown: the log has no order for ${swap}`)
    const order = swapIn(proof, first)
    if (Result.isFailure(order)) return Result.fail(`the order for ${swap}: ${order.failure}`)
    if (order.success.plan !== plan || order.success.account !== account) {
      return Result.fail(`foreign: the order for ${swap} is of another plan`)
    }
    return Result.succeed({ ...sagaOf(order.success), resumes: stuckAt })
  })
