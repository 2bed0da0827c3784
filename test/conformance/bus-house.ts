/** A bus under test: one server, the processes that join it, and the words that the contract's tests share. */
import { randomUUID } from "node:crypto"
import type { Vitest } from "@effect/vitest"
import { Context, Effect, Layer, Option, type Scope } from "effect"
import type { Bus, ConsumerSpec, Delivery, Draft, Inbox } from "../../bus/bus.ts"

export type BusShape = Context.Service.Shape<typeof Bus>

/** One server and the way to it. Other tests may use the same server at the same time. */
export class BusHouse extends Context.Service<
  BusHouse,
  {
    /** The bus of one more process, until the scope ends. */
    readonly join: Effect.Effect<BusShape, unknown, Scope.Scope>
    /** Puts something into DEAD, where a consumer's burials lie, that no bus of ours has put there. */
    readonly litter: (consumer: string, data: Uint8Array) => Effect.Effect<void, unknown>
  }
>()("test/BusHouse") {}

/** Two processes that have joined already: a joining costs a real server some time. */
export class Pair extends Context.Service<Pair, { readonly first: BusShape; readonly second: BusShape }>()(
  "test/Pair"
) {
  static readonly layer = Layer.effect(
    Pair,
    Effect.gen(function* () {
      const { join } = yield* BusHouse
      return { first: yield* join, second: yield* join }
    })
  )
}

export type It = Vitest.MethodsNonLive<BusHouse | Pair>

/** Of real servers on a busy machine; in calm a test takes its own pauses and little more. */
export const testTimeoutMs = 60_000

const run = randomUUID().slice(0, 8)
let names = 0
/** A name that no test has used, in this run or an earlier one: legal in subjects and as a consumer's name. */
export const fresh = (what: string): string => `${what}-${run}-${names++}`

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
export const text = (data: Uint8Array): string => new TextDecoder().decode(data)
export const textsOf = (messages: ReadonlyArray<{ readonly data: Uint8Array }>) => messages.map((m) => text(m.data))

export const fact = (owner: string, name: string, about: string, body: string): Draft => ({
  subject: `evt.all.${owner}.${name}.${about}`,
  data: bytes(body)
})
/** `count` facts of one owner, each about something else; their texts are their numbers. */
export const facts = (owner: string, count: number): ReadonlyArray<Draft> =>
  Array.from({ length: count }, (_, i) => fact(owner, "said", `k${i}`, String(i)))
export const expecting = (draft: Draft, seq: number, on?: string): Draft => ({
  ...draft,
  expect: on === undefined ? { seq } : { seq, on }
})

/** A consumer of everything that an owner says. */
export const hearer = (owner: string, more: Partial<ConsumerSpec> = {}): ConsumerSpec => ({
  name: fresh("c"),
  filters: [`evt.*.${owner}.*.*`],
  inFlightMax: 100,
  ackWaitMs: 30_000,
  ...more
})

/** Takes until there are `count`, or until the time is up. */
export const gather = (inbox: Inbox, count: number, withinMs = 10_000) =>
  Effect.gen(function* () {
    const all: Array<Delivery> = []
    const taking = Effect.gen(function* () {
      while (all.length < count) all.push(...(yield* inbox.take(count - all.length)))
    })
    yield* Effect.timeoutOption(taking, withinMs)
    return all
  })

/** Asks every 10 ms until there is an answer; undefined when there was none in time. */
export const eventually = <A>(ask: () => A | undefined, withinMs = 10_000): Effect.Effect<A | undefined> =>
  Effect.gen(function* () {
    for (;;) {
      const answer = ask()
      if (answer !== undefined) return answer
      yield* Effect.sleep(10)
    }
  }).pipe(Effect.timeoutOption(withinMs), Effect.map(Option.getOrUndefined))
