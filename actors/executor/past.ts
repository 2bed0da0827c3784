/** What the log says of a swap that has ended, or should have: by its leader, never from a copy. */
import { Context, Effect, Layer, Result } from "effect"
import { Bus } from "../../bus/bus.ts"
import { notYet, type TurnBack } from "../../bus/saga.ts"
import { decodeAs, unseal } from "../../schemas/envelope.ts"
import { key } from "../../schemas/key.ts"
import { entityFilter, journalSubject, matches } from "../../schemas/message.ts"
import { entryIn } from "../../schemas/saga.ts"
import { SwapOrdered, swapSettled } from "../../schemas/swap.ts"
import { groupSwap, tokenOf } from "./group-swap.saga.ts"
import { Frozen } from "./look.ts"
import type { Past } from "./orphan.ts"

/** The past, and where the swap's users are to be looked for. */
export interface Remembered {
  readonly past: Past
  readonly group: string | null
  readonly targetGroups: ReadonlyArray<string>
}

export class Pasts extends Context.Service<
  Pasts,
  {
    /** Fails with advice `later` while the log does not answer. */
    readonly read: (account: string, saga: string) => Effect.Effect<Remembered, TurnBack>
  }
>()("cloudoptim/Pasts") {}

const nowhere = { group: null, targetGroups: [] }
const unreadable = (details: string): Remembered => ({ past: { _tag: "Unreadable", details }, ...nowhere })

const journalled = (account: string, saga: string, data: Uint8Array): Remembered => {
  const read = entryIn(data)
  if (Result.isFailure(read)) return unreadable(read.failure.details)
  const entry = read.success
  const order = decodeAs(SwapOrdered, entry.input)
  if (entry.id !== saga || entry.saga !== groupSwap.name || entry.account !== account || Result.isFailure(order)) {
    return unreadable(`its last entry is of ${entry.saga} ${entry.id}`)
  }
  const { tenant, phase, at, made } = entry
  const look = decodeAs(Frozen, made["look"])
  const seen = Result.isSuccess(look) ? look.success : undefined
  const launch = typeof made["launch"] === "string" ? made["launch"] : null
  const token = seen === undefined ? null : tokenOf(saga, seen)
  const past = { _tag: "Journalled", tenant, phase, at, launch, token } as const
  return { past, group: order.success.group, targetGroups: seen?.targetGroups ?? [] }
}

/** The fact that was said in the batch of the journal's last entry may outlive it. */
const settled = (account: string, data: Uint8Array): Remembered => {
  const read = unseal(swapSettled, data)
  if (Result.isFailure(read)) return unreadable(read.failure.details)
  const { end, at, tenant, group } = read.success
  if (read.success.account !== account) return unreadable("its end was said of another account")
  return { past: { _tag: "Settled", end, at, tenant }, ...nowhere, group }
}

export const pastsOnBus = Layer.effect(
  Pasts,
  Effect.map(Bus, (bus) => {
    const recall = (subject: string) =>
      Effect.mapError(bus.recall(subject), (down) => notYet("JournalDown", down.message))
    return Pasts.of({
      read: (account, saga) =>
        Effect.gen(function* () {
          const journal = yield* recall(journalSubject(account, groupSwap.name, saga))
          if (journal !== undefined) return journalled(account, saga, journal.data)
          const said = yield* recall(entityFilter("executor", key(saga)))
          if (said !== undefined && matches(swapSettled.filter, said.subject)) return settled(account, said.data)
          return { past: { _tag: "Lost" }, ...nowhere }
        })
    })
  })
)
