/** Sweeps every connected account and says what changed. What a sweep is stands in read.ts and policy.ts. */
import { Clock, Effect, type Scope } from "effect"
import { openBook } from "../../bus/book.ts"
import { type AppendRefused, Bus, type BusDown } from "../../bus/bus.ts"
import { makeTeller, type Teller } from "../../bus/teller.ts"
import { type Account, accountAnswered } from "../../schemas/account.ts"
import { accounts, groups } from "../../schemas/catalogue.ts"
import type { Book } from "../../schemas/decision.ts"
import { seal } from "../../schemas/envelope.ts"
import { groupGone, groupSeen, sweepDone } from "../../schemas/group.ts"
import { type AccountId, type Instant, instant, type Region } from "../../schemas/ids.ts"
import { orphanSeen } from "../../schemas/orphan.ts"
import { spotInterrupted } from "../../schemas/pool.ts"
import type { Ec2 } from "../_ports/ec2.ts"
import type { Groups } from "../_ports/group.ts"
import type { Sts } from "../_ports/sts.ts"
import { type Budget, backgroundShare, budget } from "./budget.ts"
import { isAnswerNews, isNews, isOrphanNews } from "./policy.ts"
import { runPorter } from "./porter.ts"
import { type Sight, sightOf, type Swept } from "./read.ts"
import { type Round, round, type Unread } from "./round.ts"

export interface DiscoveryTerms {
  /** Process name and incarnation. */
  readonly by: string
  /** Pause between two rounds, and between two full ones, in milliseconds. */
  readonly everyMs: number
  readonly fullEveryMs: number
  /** How much faster than real the cloud's buckets refill: 1 but for the simulated one. */
  readonly speed: number
  /** The endpoint is a stand-in for AWS that lacks some reads. */
  readonly isStandIn: boolean
}

const name = "discovery"
/** Accounts read side by side: each has buckets of its own. */
const concurrency = 4
const placeOf = (account: Account, region: Region) => `${account.account}/${region}`

class Discoverer {
  private readonly sights = new Map<string, Sight>()
  private readonly budgets = new Map<string, Budget>()
  private readonly fullAt = new Map<string, number>()
  /** When the connection was asked for under which each account was last read. */
  private readonly connectedAt = new Map<AccountId, Instant>()
  /** Accounts that this round asked for everything: what they answer is said again even if it is no news. */
  private readonly full = new Set<string>()
  private readonly bus: Bus["Service"]
  private readonly teller: Teller
  private readonly terms: DiscoveryTerms
  constructor(bus: Bus["Service"], teller: Teller, terms: DiscoveryTerms) {
    this.bus = bus
    this.teller = teller
    this.terms = terms
  }

  look(book: Book): Effect.Effect<void, BusDown | AppendRefused, Ec2 | Groups | Sts> {
    return Effect.gen({ self: this }, function* () {
      const at = instant(yield* Clock.currentTimeMillis)
      const all = book.all(accounts).map(([, { value }]) => value)
      const known = all.filter(({ status }) => status !== "disconnected")
      for (const account of all) this.keepUp(account)
      const rounds = yield* round(known, {
        by: this.terms.by,
        concurrency,
        at,
        hasRead: (account, region) => this.sights.has(placeOf(account, region)),
        sightOf: (account, region) => this.sightFor(book, account, region),
        howFor: (account, region) => this.howFor(account, region, at)
      })
      for (const one of rounds) yield* this.tell(one)
    })
  }

  /**
   * One that was disconnected is read as after a restart, as a first sight, even where it is connected again before a
   * round saw it so: its owner's mark is gone, and what it answers is said again.
   */
  private keepUp(account: Account) {
    const connectedAt = account.connectedAt ?? account.since
    const isSame = this.connectedAt.get(account.account) === connectedAt
    if (account.status !== "disconnected") this.connectedAt.set(account.account, connectedAt)
    if (isSame && account.status !== "disconnected") return
    for (const region of account.regions) {
      const place = placeOf(account, region)
      this.sights.delete(place)
      this.fullAt.delete(place)
    }
  }

  /** After a restart, what the bucket still holds: nothing unchanged is said again, nothing gone is forgotten. */
  private sightFor(book: Book, account: Account, region: Region): Sight {
    const here = ({ account: whose, region: where }: { account: string; region: string }) =>
      whose === account.account && where === region
    const seen = () => book.all(groups).flatMap(([, { value }]) => (here(value) ? [value] : []))
    return this.sights.get(placeOf(account, region)) ?? sightOf(seen())
  }

  private howFor(account: Account, region: Region, at: number) {
    return Effect.gen({ self: this }, function* () {
      const place = placeOf(account, region)
      const { speed, isStandIn, fullEveryMs } = this.terms
      const own =
        this.budgets.get(place) ??
        (yield* budget({ capacity: backgroundShare.capacity, perSecond: backgroundShare.perSecond * speed }))
      this.budgets.set(place, own)
      const isFull = at - (this.fullAt.get(place) ?? Number.NEGATIVE_INFINITY) >= fullEveryMs
      if (isFull) this.fullAt.set(place, at)
      if (isFull) this.full.add(account.account)
      return { isFull, isStandIn, budget: own }
    })
  }

  /** Losses before groups: a crash in between then repeats a loss and loses none. */
  private tell({ account, sweeps, answered }: Round) {
    return Effect.gen({ self: this }, function* () {
      for (const one of sweeps) if (one._tag === "Swept") yield* this.tellSweep(account, one)
      const isFull = this.full.delete(account.account)
      yield* this.teller.tell(accountAnswered, answered, (last, now) => isAnswerNews(last, now, isFull))
      for (const one of sweeps) if (one._tag === "Refused") yield* this.logRefusal(account, one)
    })
  }

  private tellSweep(account: Account, swept: Swept) {
    return Effect.gen({ self: this }, function* () {
      for (const lost of swept.interrupted) yield* this.teller.tell(spotInterrupted, lost, () => false)
      yield* Effect.forEach(swept.groups, (group) => this.teller.tell(groupSeen, group, isNews), { concurrency: 8 })
      for (const orphan of swept.orphans) yield* this.teller.tell(orphanSeen, orphan, isOrphanNews)
      for (const gone of swept.gone) yield* this.teller.tell(groupGone, gone, () => false)
      this.sights.set(placeOf(account, swept.region), swept.sight)
      // last: whoever reads it may rely on everything of the sweep having been said
      yield* this.bus.remark(sweepDone.subject(swept.done), seal(sweepDone, swept.done))
    })
  }

  private logRefusal(account: Account, { region, refusal }: Unread) {
    return Effect.logWarning(`${account.account} in ${region} cannot be read: ${refusal.message}`)
  }
}

export const runDiscovery = (
  terms: DiscoveryTerms
): Effect.Effect<never, BusDown | AppendRefused, Bus | Ec2 | Groups | Sts | Scope.Scope> =>
  Effect.gen(function* () {
    const bus = yield* Bus
    const book = yield* openBook([accounts, groups], [])
    const discoverer = new Discoverer(bus, yield* makeTeller(name), terms)
    const rounds = Effect.forever(Effect.andThen(discoverer.look(book), Effect.sleep(terms.everyMs)))
    return yield* Effect.raceFirst(rounds, runPorter(terms.by, book))
  })
