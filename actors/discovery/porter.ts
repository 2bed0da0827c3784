/** Discovery's one hand, beside the rounds: whoever asks has an account's door tried at once, and the log is told. */
import { Clock, Effect, Result, type Scope } from "effect"
import type { LiveBook } from "../../bus/book.ts"
import { Ack, Bus, type BusDown, type Delivery, later } from "../../bus/bus.ts"
import { draftOf } from "../../bus/draft.ts"
import { bury, runHand } from "../../bus/hand.ts"
import { accountVerified, verifyAccount } from "../../schemas/account.ts"
import { accounts } from "../../schemas/catalogue.ts"
import { unseal } from "../../schemas/envelope.ts"
import { key } from "../../schemas/key.ts"
import type { Ec2 } from "../_ports/ec2.ts"
import type { Groups } from "../_ports/group.ts"
import type { Sts } from "../_ports/sts.ts"
import { verify } from "./verify.ts"

const name = "discovery"
const lanes = 4
const ackWaitMs = 30_000
/** An order that nobody could answer for so long is answered by nobody any more, in milliseconds. */
const patienceMs = 600_000

/** Hears `VerifyAccount` for ever and says `AccountVerified`, with the order as its cause. */
export const runPorter = (
  process: string,
  book: LiveBook
): Effect.Effect<never, BusDown, Bus | Ec2 | Groups | Sts | Scope.Scope> =>
  Effect.gen(function* () {
    const services = yield* Effect.context<Ec2 | Groups | Sts>()
    const handle = (delivery: Delivery) =>
      Effect.gen(function* () {
        const read = unseal(verifyAccount, delivery.data)
        if (Result.isFailure(read)) {
          return yield* bury(delivery, name, `${read.failure.reason}: ${read.failure.details}`)
        }
        const order = read.success
        if ((yield* Clock.currentTimeMillis) - delivery.at > patienceMs) return Ack
        const account = book.get(accounts, key(order.account))?.value
        if (account === undefined) return later(1_000) // the book has not heard of it yet
        if (account.tenant !== order.tenant) {
          return yield* bury(delivery, name, "foreign: the account belongs to another tenant than the order")
        }
        // nobody goes to the door of an account whose tenant has left it
        if (account.status === "disconnected") return Ack
        const fact = yield* Effect.provideContext(verify(account, { process, asker: order.by }), services)
        const draft = draftOf(accountVerified, fact, undefined, { cause: delivery.seq })
        const told = yield* Effect.result(Bus.use((bus) => bus.append([draft])))
        return Result.isSuccess(told) ? Ack : later(1_000)
      })
    return yield* runHand({ name, filters: [verifyAccount.filter], lanes, ackWaitMs, handle })
  })
