/**
 * Carries out swaps as sagas (group-swap.saga.ts), and ends what they left behind (sweeper.ts); here is who may order a
 * swap, and under whose name all of it runs.
 */
import { Clock, Effect, Result, type Scope } from "effect"
import { type LiveBook, openBook } from "../../bus/book.ts"
import { Ack, Bus, type BusDown, type Delivery, type Draft, later } from "../../bus/bus.ts"
import { draftOf } from "../../bus/draft.ts"
import { bury, runHand } from "../../bus/hand.ts"
import type { LeaseTerms } from "../../bus/lease.ts"
import type { Order, RunnerOptions, StepBy } from "../../bus/order.ts"
import { makeRunner } from "../../bus/saga-runner.ts"
import type { Account } from "../../schemas/account.ts"
import { accounts, desks } from "../../schemas/catalogue.ts"
import { instant, type Mode } from "../../schemas/ids.ts"
import { key } from "../../schemas/key.ts"
import type { Entry, JournalUnreadable } from "../../schemas/saga.ts"
import { type SwapOrdered, swapSettled } from "../../schemas/swap.ts"
import { Ec2 } from "../_ports/ec2.ts"
import { Groups } from "../_ports/group.ts"
import { Health } from "../_ports/health.ts"
import { Caller, Whose } from "../_ports/port.ts"
import { Proof } from "../_ports/seal.ts"
import { endCallsOf } from "./audit.ts"
import { whileActing } from "./acting.ts"
import { gateOnBus } from "./gate.ts"
import { Gatekeeper } from "./gatekeeper.ts"
import { groupSwap } from "./group-swap.saga.ts"
import { orderFilters, orderIn } from "./orders.ts"
import { lostTrack, settled } from "./settle.ts"
import { runSweeper } from "./sweeper.ts"

/** Wiring of an executor. */
export interface ExecutorTerms {
  /** Process name and incarnation, never used twice. */
  readonly holder: string
  readonly lease: LeaseTerms
  readonly poll: { readonly firstMs: number; readonly maxMs: number }
  /** How much faster than real the cloud's delays pass; default 1, more only for the simulated one. */
  readonly speed?: number
  /** Swaps at once in this process. */
  readonly lanes: number
  readonly ackWaitMs: number
}

const name = "executor"
/** However fast the cloud, a step outlasts a killed holder's lease and a new leader's election. */
const hurryMsMin = 45_000

type Where = Pick<SwapOrdered, "tenant" | "account" | "region">
const callerOf = (account: Account, order: Where, who: StepBy, mode = account.mode): Caller =>
  new Caller({
    tenant: order.tenant,
    account: order.account,
    region: order.region,
    mode,
    roleArn: account.roleArn,
    externalId: account.externalId,
    by: who.by,
    saga: who.saga,
    step: who.step,
    epoch: who.epoch,
    may: who.needs,
    until: null
  })

/**
 * A swap's steps go on as they were begun, in mode `act`: a mode that is lowered under one turns it back while it can
 * turn, which takes calls, and lets it end where it cannot. Only its look has the mode of now.
 */
const begunIn = ({ mode }: Account, { step }: StepBy): Mode =>
  groupSwap.steps.some(({ name }) => name === step) ? "act" : mode

/** The stop switch and the mode. It fails closed: a word that we cannot read may have been to halt. */
const wordToHalt = (book: LiveBook, { account, move }: SwapOrdered): string | undefined => {
  const mode = book.get(accounts, key(account))?.value.mode ?? "act"
  if (mode !== "act") return `the account is in mode ${mode}`
  const desk = book.get(desks, key(account))?.value
  if (desk?.stop === "halt") return "the account is halted"
  const flying = desk?.plans.flatMap((plan) => plan.inFlight).find((one) => one.swap === move.swap)
  if (flying?.abortedBy !== undefined) return `${flying.abortedBy} wants it turned back`
  if (desk !== undefined) return undefined
  return book.newest(desks, key(account)) > 0 ? "the desk's word on the account is unreadable" : undefined
}

const says = (order: Order<SwapOrdered>, ending: Entry): ReadonlyArray<Draft> => {
  return [draftOf(swapSettled, settled(order, ending))]
}

/**
 * Said once: where the journal was lost after its end, how it ended stands already. Who wants it to go on is answered
 * anew.
 */
const sayLostTrack = ({ input, resumes }: Order<SwapOrdered>, no: JournalUnreadable) =>
  Effect.gen(function* () {
    const fact = lostTrack(input, no, instant(yield* Clock.currentTimeMillis))
    const draft = draftOf(swapSettled, fact)
    const once = resumes === undefined ? { ...draft, expect: { seq: 0 } } : draft
    const told = yield* Effect.result(Bus.use((bus) => bus.append([once])))
    if (Result.isFailure(told) && told.failure.reason !== "conflict") return later(1_000)
    yield* Effect.logError(no.message)
    return Ack
  })

export const runExecutor = (
  terms: ExecutorTerms
): Effect.Effect<never, BusDown, Bus | Proof | Ec2 | Groups | Health | Scope.Scope> =>
  Effect.gen(function* () {
    const proof = yield* Proof
    const bus = yield* Bus
    const book = yield* openBook([accounts, desks], [])
    const services = yield* Effect.context<Ec2 | Groups | Health | Gatekeeper>()
    const accountOf = (order: SwapOrdered) => book.get(accounts, key(order.account))?.value
    const options: RunnerOptions<SwapOrdered, Ec2 | Groups | Health | Gatekeeper | Whose> = {
      ...terms,
      terms: terms.lease,
      within: (ms) => Math.min(ms, Math.max(hurryMsMin, ms / (terms.speed ?? 1))),
      around: (order, who, effect) =>
        Effect.suspend(() => {
          const account = accountOf(order.input)
          if (account === undefined) return Effect.die(new Error(`account ${order.account} vanished from the book`))
          const caller = callerOf(account, order.input, who, begunIn(account, who))
          const whose = { caller, lease: who.lease }
          return effect.pipe(Effect.provideService(Whose, whose), Effect.provideContext(services))
        }),
      inherits: (_, from) => endCallsOf(bus, from),
      halted: ({ input }) => wordToHalt(book, input),
      says,
      unreadable: sayLostTrack
    }
    const run = makeRunner(whileActing(groupSwap, accountOf), options)
    const handle = (delivery: Delivery) =>
      Effect.gen(function* () {
        const read = yield* orderIn(proof, delivery)
        if (Result.isFailure(read)) return yield* bury(delivery, name, read.failure)
        const { input } = read.success
        const account = accountOf(input)
        if (account === undefined) return later(1_000) // the book has not heard of it yet
        if (account.tenant !== input.tenant) {
          return yield* bury(delivery, name, "foreign: the account belongs to another tenant than the order")
        }
        return yield* run(read.success)
      })
    const { lanes, ackWaitMs } = terms
    const swaps = runHand({ name, filters: orderFilters, lanes, ackWaitMs, handle })
    return yield* Effect.raceFirst(swaps, runSweeper({ ...options, ackWaitMs, callerOf }, book))
  }).pipe(Effect.provide(gateOnBus))
