/** Watches what pools cost and how restless they are, of the types that could replace something that runs. */
import { Clock, Effect, Result, type Scope } from "effect"
import { openBook } from "../../bus/book.ts"
import { type AppendRefused, Bus, type BusDown } from "../../bus/bus.ts"
import { makeTeller, type Teller } from "../../bus/teller.ts"
import type { Account } from "../../schemas/account.ts"
import { accounts, groups } from "../../schemas/catalogue.ts"
import type { Book } from "../../schemas/decision.ts"
import { seal } from "../../schemas/envelope.ts"
import type { InstanceType, Region } from "../../schemas/ids.ts"
import {
  MarketRead,
  marketRead,
  marketRowRefused,
  poolPriced,
  poolToken,
  type PoolPriced,
  type Product,
  type TypeSpec
} from "../../schemas/pool.ts"
import { Whose } from "../_ports/port.ts"
import type { Prices } from "../_ports/prices.ts"
import { senseOf } from "../_ports/sense.ts"
import { changed, newlyRefused, pricedPools } from "./policy.ts"
import { readMarket } from "./read.ts"

/** How often prices are read anew, and how often it is asked whether something new runs, in milliseconds. */
export interface PriceTerms {
  readonly everyMs: number
  readonly lookMs: number
}

const name = "price-watcher"

interface Wish {
  readonly region: Region
  readonly product: Product
  readonly through: Account
  /** Types that run in groups there: what could replace them has as many vCPU. */
  readonly types: ReadonlySet<InstanceType>
}

/** Which markets matter: those where a group runs, seen through the first account that answers there. */
const wishes = (book: Book): ReadonlyArray<Wish> => {
  const found = new Map<string, Wish & { readonly types: Set<InstanceType> }>()
  const connected = new Map(book.all(accounts).map(([, { value }]) => [value.account, value] as const))
  for (const [, { value: group }] of book.all(groups)) {
    const through = connected.get(group.account)
    if (through?.status !== "connected") continue
    const at = `${group.region} ${group.product}`
    const wish = found.get(at) ?? { region: group.region, product: group.product, through, types: new Set() }
    for (const member of group.members) wish.types.add(member.instanceType)
    found.set(at, wish)
  }
  return [...found.values()]
}

/**
 * Types of one architecture and vCPU count are each other's candidates; the type itself is wanted too, to know how
 * large it is.
 */
const wantedBy = (wish: Wish) => (specs: ReadonlyArray<TypeSpec>) => {
  const sizeOf = ({ architecture, vcpu }: TypeSpec) => `${architecture} ${vcpu}`
  const sizes = new Set(specs.filter(({ instanceType }) => wish.types.has(instanceType)).map(sizeOf))
  return (spec: TypeSpec) => wish.types.has(spec.instanceType) || (!spec.bareMetal && sizes.has(sizeOf(spec)))
}

const isNews = (last: PoolPriced, now: PoolPriced) => changed(new Map([[poolToken(last.pool), last]]), [now]).length > 0

class Watcher {
  private readonly said = new Map<string, PoolPriced>()
  private readonly refusedSaid = new Set<string>()
  private readonly readAt = new Map<string, number>()
  private readonly bus: Bus["Service"]
  private readonly teller: Teller
  private readonly terms: PriceTerms
  constructor(bus: Bus["Service"], teller: Teller, terms: PriceTerms) {
    this.bus = bus
    this.teller = teller
    this.terms = terms
  }

  /** A market is read when its time has come, or when a type runs that was not there before. */
  private isDue(wish: Wish, now: number) {
    const at = `${wish.region} ${wish.product} ${[...wish.types].sort().join()}`
    if (now - (this.readAt.get(at) ?? Number.NEGATIVE_INFINITY) < this.terms.everyMs) return false
    this.readAt.set(at, now)
    return true
  }

  look(book: Book): Effect.Effect<void, BusDown | AppendRefused, Prices> {
    return Effect.gen({ self: this }, function* () {
      const now = yield* Clock.currentTimeMillis
      for (const wish of wishes(book).filter((one) => this.isDue(one, now))) yield* this.read(wish)
    })
  }

  private read(wish: Wish) {
    return Effect.gen({ self: this }, function* () {
      const whose = senseOf(name, wish.through, wish.region)
      const market = yield* readMarket(wish.region, wish.product, wantedBy(wish)).pipe(
        Effect.provideService(Whose, whose),
        Effect.result
      )
      if (Result.isFailure(market))
        return yield* Effect.logWarning(`prices of ${wish.region} cannot be read`, market.failure)
      const { reading, refused } = market.success
      const pools = pricedPools(reading)
      const fresh = changed(this.said, pools)
      yield* this.teller.tellAll(poolPriced, fresh, isNews)
      for (const priced of fresh) this.said.set(poolToken(priced.pool), priced)
      for (const [word, fact] of newlyRefused(this.refusedSaid, refused, { region: wish.region, at: reading.readAt })) {
        this.refusedSaid.add(word)
        yield* this.teller.tell(marketRowRefused, fact, (last, row) => last.reason !== row.reason)
      }
      // last: whoever reads it may rely on every pool of the market having been said
      const { region, product } = wish
      const whole = new MarketRead({
        region,
        product,
        types: [...wish.types],
        pools: pools.length,
        readAt: reading.readAt
      })
      yield* this.bus.remark(marketRead.subject(whole), seal(marketRead, whole))
    })
  }
}

export const runPriceWatcher = (
  terms: PriceTerms
): Effect.Effect<never, BusDown | AppendRefused, Bus | Prices | Scope.Scope> =>
  Effect.gen(function* () {
    const book = yield* openBook([accounts, groups], [])
    const watcher = new Watcher(yield* Bus, yield* makeTeller(name), terms)
    return yield* Effect.forever(Effect.andThen(watcher.look(book), Effect.sleep(terms.lookMs)))
  })
