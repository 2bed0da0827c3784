/**
 * Hears of instances left behind and ends those that are ours to end, each as a saga of its own (orphan-sweep.saga.ts).
 * A fact that leads to no act opens no journal: the next sweep says it again, and it is looked at again.
 */
import { Clock, type Context, Effect, Result, type Scope } from "effect"
import type { LiveBook } from "../../bus/book.ts"
import { Ack, Bus, type BusDown, type Delivery, later, type Verdict } from "../../bus/bus.ts"
import { draftOf } from "../../bus/draft.ts"
import { bury, runHand } from "../../bus/hand.ts"
import type { Order, RunnerOptions, StepBy } from "../../bus/order.ts"
import { makeRunner } from "../../bus/saga-runner.ts"
import { makeTeller, type Teller } from "../../bus/teller.ts"
import type { Account } from "../../schemas/account.ts"
import { accounts, desks } from "../../schemas/catalogue.ts"
import { decodeAs, unseal } from "../../schemas/envelope.ts"
import { instant } from "../../schemas/ids.ts"
import { key } from "../../schemas/key.ts"
import { journalSubject } from "../../schemas/message.ts"
import {
  LeftBecause,
  OrphanEnded,
  orphanAfterMs,
  orphanEnded,
  OrphanLeft,
  orphanLeft,
  OrphanSeen,
  orphanSeen
} from "../../schemas/orphan.ts"
import { endings, type Entry, entryIn } from "../../schemas/saga.ts"
import { Ec2 } from "../_ports/ec2.ts"
import { Groups } from "../_ports/group.ts"
import { Health } from "../_ports/health.ts"
import { type Caller, Whose } from "../_ports/port.ts"
import { senseOf } from "../_ports/sense.ts"
import { endCallsOf } from "./audit.ts"
import { judge } from "./orphan-look.ts"
import { Confirmed, orphanSweep, type SweepNeeds } from "./orphan-sweep.saga.ts"
import { Pasts, pastsOnBus } from "./past.ts"

/** Name of the durable consumer: an orphan never waits behind a swap, nor a swap behind an orphan. */
export const sweeperName = "orphan-sweep"

/** What a sweeper has from the executor that it is a part of. */
export interface SweeperTerms extends Pick<RunnerOptions<OrphanSeen, never>, "terms" | "poll" | "within"> {
  /** The executor's holder; a sweep's is another name, so that both number their calls apart. */
  readonly holder: string
  readonly ackWaitMs: number
  readonly callerOf: (account: Account, fact: OrphanSeen, who: StepBy) => Caller
}

/** Instances looked at side by side by one process. */
const lanes = 4
/** How often ending one is tried, a quarter of an hour apart, before it is left to a person. */
const triesMax = 4

/** The saga of a try: made of the instance, so that whoever hears of it again finds what was done about it. */
export const sweepOf = (instance: string, nth: number): string =>
  nth === 1 ? `orphan-${instance}` : `orphan-${instance}-${nth}`

const isReason = (code: string | null): code is LeftBecause => LeftBecause.literals.some((one) => one === code)

const leftOf = (
  { tenant, account, region, instance, saga }: OrphanSeen,
  because: LeftBecause,
  details: string,
  at: number
) => new OrphanLeft({ tenant, account, region, instance, saga, because, details, at: instant(at) })

/** The end of a sweep: of one that met nothing to end any more there is nothing to say. */
const says = ({ input }: Order<OrphanSeen>, ending: Entry) => {
  const { code, reason, at, phase } = ending
  const confirmed = decodeAs(Confirmed, ending.made["confirm"])
  if (phase === "Done" && Result.isSuccess(confirmed)) {
    const { tenant, account, region, instance, saga } = input
    const fact = new OrphanEnded({ tenant, account, region, instance, saga, ...confirmed.success, at: instant(at) })
    return [draftOf(orphanEnded, fact)]
  }
  if (phase === "Done" || code === "gone") return []
  const because = isReason(code) ? code : code === "Halted" ? "stopped" : "refused"
  const fact = leftOf(input, because, `${code}: ${reason}`, at)
  return [draftOf(orphanLeft, fact)]
}

/** Why nothing is done in the account now; fails closed, as a word that we cannot read may have been to stop. */
const standstill = (book: LiveBook, { account }: OrphanSeen): readonly [LeftBecause, string] | undefined => {
  const known = book.get(accounts, key(account))?.value
  if (known?.status !== "connected") return ["not-acting", `the account is ${known?.status ?? "not connected"}`]
  if (known.mode !== "act") return ["not-acting", `the account is in mode ${known.mode}`]
  const desk = book.get(desks, key(account))?.value
  if (desk === undefined && book.newest(desks, key(account)) > 0) return ["stopped", "the desk's word is unreadable"]
  return desk === undefined || desk.stop === "run" ? undefined : ["stopped", `the account is at ${desk.stop}`]
}

/** Which saga a fact is about: one to go on with, a new one, or none now. */
type Try =
  | { readonly _tag: "Open"; readonly id: string; readonly input: OrphanSeen }
  | { readonly _tag: "New"; readonly id: string }
  | { readonly _tag: "Closed" }
  | { readonly _tag: "GivenUp" }
  | { readonly _tag: "Unreadable"; readonly details: string }

const tryOf = (bus: Bus["Service"], { account, instance }: OrphanSeen, seq: number, now: number) =>
  Effect.gen(function* () {
    for (let nth = 1; nth <= triesMax; nth++) {
      const id = sweepOf(instance, nth)
      const stored = yield* bus.recall(journalSubject(account, orphanSweep.name, id))
      if (stored === undefined) return { _tag: "New", id } as Try
      const read = entryIn(stored.data)
      if (Result.isFailure(read)) return { _tag: "Unreadable", details: read.failure.details } as Try
      const entry = read.success
      if (!endings.includes(entry.phase)) {
        // as it was begun: another fact about the instance may be anybody's
        const input = decodeAs(OrphanSeen, entry.input)
        if (Result.isFailure(input)) return { _tag: "Unreadable", details: input.failure.details } as Try
        return { _tag: "Open", id, input: input.success } as Try
      }
      // by this very fact or after it, or a moment ago
      if (stored.seq > seq || now - entry.at < orphanAfterMs) return { _tag: "Closed" } as Try
    }
    return { _tag: "GivenUp" } as Try
  })

/** A no of the cloud or of the log that patience may mend is waited for; any other is said. */
const isFinal = (advice: string) => advice === "person" || advice === "elsewhere"
const lookAgainMs = 5_000

class Sweeper {
  private readonly run: (order: Order<OrphanSeen>) => Effect.Effect<Verdict, BusDown, Bus>
  private readonly bus: Bus["Service"]
  private readonly book: LiveBook
  private readonly teller: Teller
  private readonly terms: SweeperTerms
  private readonly services: Services

  constructor(bus: Bus["Service"], book: LiveBook, teller: Teller, services: Services, terms: SweeperTerms) {
    this.bus = bus
    this.book = book
    this.teller = teller
    this.services = services
    this.terms = terms
    const options: RunnerOptions<OrphanSeen, SweepNeeds> = {
      ...terms,
      holder: `${terms.holder}/orphans`,
      around: ({ input }, who, effect) =>
        Effect.suspend(() => {
          const account = this.accountOf(input)
          if (account === undefined) return Effect.die(new Error(`account ${input.account} vanished from the book`))
          const whose = { caller: terms.callerOf(account, input, who), lease: who.lease }
          return effect.pipe(Effect.provideService(Whose, whose), Effect.provideContext(services))
        }),
      inherits: (_, from) => endCallsOf(bus, from),
      halted: ({ input }) => standstill(book, input)?.[1],
      says,
      unreadable: ({ input }, no) => this.leave(input, "journal-unreadable", no.message)
    }
    this.run = makeRunner(orphanSweep, options)
  }

  readonly handle = (delivery: Delivery): Effect.Effect<Verdict, BusDown, Bus> =>
    Effect.gen({ self: this }, function* () {
      const read = unseal(orphanSeen, delivery.data)
      if (Result.isFailure(read)) {
        return yield* bury(delivery, sweeperName, `${read.failure.reason}: ${read.failure.details}`)
      }
      const fact = read.success
      const account = this.accountOf(fact)
      // its account is not known yet: the next sweep says it again
      if (account === undefined) return Ack
      if (account.tenant !== fact.tenant) {
        return yield* bury(delivery, sweeperName, "foreign: the account belongs to another tenant than the fact")
      }
      const now = yield* Clock.currentTimeMillis
      const attempt = yield* tryOf(this.bus, fact, delivery.seq, now)
      if (attempt._tag === "Open") return yield* this.run(orderOf(attempt.id, attempt.input))
      // old news: whatever stands is said again
      if (attempt._tag === "Closed" || now - delivery.at >= orphanAfterMs) return Ack
      if (attempt._tag === "Unreadable") return yield* this.leave(fact, "journal-unreadable", attempt.details)
      if (attempt._tag === "GivenUp") {
        return yield* this.leave(fact, "given-up", `ending it failed ${triesMax} times`)
      }
      return yield* this.lookAt(fact, account, attempt.id)
    })

  /** Reads only, in nobody's saga: what is left opens no journal. */
  private lookAt(fact: OrphanSeen, account: Account, id: string) {
    return Effect.gen({ self: this }, function* () {
      const still = standstill(this.book, fact)
      if (still !== undefined) return yield* this.leave(fact, ...still)
      const seen = yield* judge(fact).pipe(
        Effect.provideService(Whose, senseOf(this.terms.holder, account, fact.region)),
        Effect.provideContext(this.services),
        Effect.result
      )
      if (Result.isFailure(seen)) {
        const no = seen.failure
        if (no._tag === "LeaseLost" || !isFinal(no.advice)) return later(lookAgainMs)
        return yield* this.leave(fact, "refused", `${no.code}: ${no.message}`)
      }
      if (seen.success === undefined) return Ack
      const { verdict } = seen.success
      if (verdict._tag === "Leave") return yield* this.leave(fact, verdict.because, verdict.details)
      yield* Effect.logInfo(`${fact.instance} of ${fact.saga} was left behind: it is to be ended`)
      return yield* this.run(orderOf(id, fact))
    })
  }

  private accountOf({ account }: OrphanSeen): Account | undefined {
    return this.book.get(accounts, key(account))?.value
  }

  private leave(fact: OrphanSeen, because: LeftBecause, details: string): Effect.Effect<Verdict, BusDown> {
    return Effect.gen({ self: this }, function* () {
      const left = leftOf(fact, because, details, yield* Clock.currentTimeMillis)
      const isNews = (was: OrphanLeft, now: OrphanLeft) => was.because !== now.because || was.saga !== now.saga
      const told = yield* Effect.result(this.teller.tell(orphanLeft, left, isNews))
      if (Result.isSuccess(told)) return Ack
      return told.failure._tag === "BusDown" ? yield* told.failure : later(lookAgainMs)
    })
  }
}
type Services = Context.Context<Ec2 | Groups | Health | Pasts>

const orderOf = (id: string, input: OrphanSeen): Order<OrphanSeen> => ({
  id,
  tenant: input.tenant,
  account: input.account,
  input
})

/** Runs for ever, beside the swaps of the same process. */
export const runSweeper = (
  terms: SweeperTerms,
  book: LiveBook
): Effect.Effect<never, BusDown, Bus | Ec2 | Groups | Health | Scope.Scope> =>
  Effect.gen(function* () {
    const services = yield* Effect.context<Ec2 | Groups | Health | Pasts>()
    const { handle } = new Sweeper(yield* Bus, book, yield* makeTeller("executor"), services, terms)
    return yield* runHand({
      name: sweeperName,
      filters: [orphanSeen.filter],
      lanes,
      ackWaitMs: terms.ackWaitMs,
      handle
    })
  }).pipe(Effect.provide(pastsOnBus))
