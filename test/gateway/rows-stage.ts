/** Tenants with everything that the gateway's lists show, said onto a memory bus and booked, and callers who ask. */
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect, Layer, Result, Schema } from "effect"
import { bookOnce } from "../../actors/ledger/book.ts"
import { Warehouse } from "../../actors/_ports/warehouse.ts"
import { layerEmbedded } from "../../actors/_ports/warehouse.live.ts"
import { Bus } from "../../bus/bus.ts"
import { draftOf } from "../../bus/draft.ts"
import { MemoryBus } from "../../bus/memory.sim.ts"
import type { Caller } from "../../gateway/caller.ts"
import { makeEntropy } from "../../gateway/identity/entropy.sim.ts"
import { layer as vaultLayer } from "../../gateway/identity/vault.sim.ts"
import { Refused } from "../../gateway/refused.ts"
import { Answer, type Route, type Services } from "../../gateway/route.ts"
import { layer as rowsLayer } from "../../gateway/rows-layer.ts"
import { approvals } from "../../gateway/routes/approvals.ts"
import { explain } from "../../gateway/routes/explain.ts"
import { fleet } from "../../gateway/routes/fleet.ts"
import { instanceRoutes } from "../../gateway/routes/instances.ts"
import { policies } from "../../gateway/routes/policies.ts"
import { risk } from "../../gateway/routes/risk.ts"
import { type Origin, seal, unseal } from "../../schemas/envelope.ts"
import { TenantId } from "../../schemas/ids.ts"
import type { Road } from "../../schemas/message.ts"

/** Under which our processes are said to come. */
export const principal = "arn:aws:iam::999900001111:role/CloudOptim"

/** The routes whose answers are made of rows and of the ledger's history of them. */
const trusting = { entropy: makeEntropy("rows"), settings: { principal } }
export const routes: ReadonlyArray<Route> = [
  ...fleet(trusting),
  ...risk,
  ...approvals,
  ...instanceRoutes,
  ...policies,
  ...explain
]

/** A bus and a vault in memory, an embedded ledger in a folder of its own, and the rows over them. */
export const stage = () => {
  const folder = join(mkdtempSync(join(tmpdir(), "gateway-")), "ledger")
  const ledger = Layer.effectDiscard(Effect.flatMap(Warehouse, (store) => store.migrate)).pipe(
    Layer.provideMerge(layerEmbedded(folder))
  )
  return rowsLayer.pipe(Layer.provideMerge(Layer.mergeAll(MemoryBus.alone(), ledger, vaultLayer)))
}

/** Says a message as its owner does, with the state after it where it is a mind; gives its sequence. */
export const say = <A, S = never>(
  road: Road<A>,
  message: A,
  state?: { readonly schema: Schema.Codec<S, any>; readonly value: S },
  origin?: Origin
) =>
  Bus.use((bus) => bus.append([draftOf(road, message, state, origin)])).pipe(
    Effect.map(({ seq }) => seq),
    Effect.orDie
  )

export const stated = <S>(value: S, schema: Schema.Codec<S, any>) => ({ schema, value })

/** Says what may be lost. */
export const remark = <A>(road: Road<A>, message: A) =>
  Bus.use((bus) => bus.remark(road.subject(message), seal(road, message)))

/** What was said after a sequence, in order. */
export const saidAfter = (seq: number) => Effect.orDie(Bus.use((bus) => bus.scan(seq, 10_000)))

/** The sequence of what was said last; 0 before anything was. */
export const head = Effect.map(saidAfter(0), (all) => all.at(-1)?.seq ?? 0)

/** The word of a road that has this sequence; a defect where it is another road's. */
export const saidAt = <A>(road: Road<A>, seq: number) =>
  Effect.gen(function* () {
    const [stored] = yield* Bus.use((bus) => bus.scan(seq - 1, 1))
    if (stored?.seq !== seq) return yield* Effect.die(new Error(`nothing has sequence ${seq}`))
    return yield* Effect.fromResult(unseal(road, stored.data))
  }).pipe(Effect.orDie)

/** Books all that was said, and lets the views hear of it. */
export const book = Effect.gen(function* () {
  const [bus, store] = [yield* Bus, yield* Warehouse]
  while ((yield* bookOnce(bus, store)) > 0);
}).pipe(Effect.orDie)

export const callerOf = (tenant: string, over: Partial<Caller> = {}): Caller => ({
  kind: "user",
  id: "u_0000000000000001",
  tenant: TenantId.make(tenant),
  name: "eve@example.com",
  role: "owner",
  scopes: [],
  superAdmin: false,
  until: 8e15,
  ...over
})

export interface Asking {
  readonly params?: Readonly<Record<string, unknown>>
  readonly query?: Readonly<Record<string, unknown>>
  readonly body?: unknown
  readonly ifMatch?: string
  readonly now?: number
}
export interface Replied {
  // what a client reads: JSON, whatever its shape
  readonly json: any
  readonly etag: string | undefined
}

const read = (schema: Schema.Codec<any, any> | undefined, value: unknown): unknown =>
  schema === undefined ? undefined : Schema.decodeUnknownSync(schema)(value)

/**
 * Asks routes as the shell does: everything is decoded by the endpoint's own schemas, and the answer, as JSON, is
 * decoded by its reply's, which must know every field of it.
 */
export const askOf = (
  asked: ReadonlyArray<Route>,
  name: string,
  caller: Caller,
  { params, query = {}, body, ifMatch, now = 0 }: Asking = {}
): Effect.Effect<Replied, Refused, Services> =>
  Effect.gen(function* () {
    const one = asked.find(({ endpoint }) => endpoint.name === name)
    if (one === undefined) return yield* Effect.die(new Error(`no route ${name}`))
    const { endpoint } = one
    const answer: unknown = yield* one.handle({
      params: read(endpoint.params, params),
      query: read(endpoint.query, query),
      body: read(endpoint.body, body),
      caller,
      ifMatch,
      correlationId: "a-correlation",
      from: "192.0.2.1",
      cookies: {},
      now
    } as never)
    const { body: replied, etag } = answer instanceof Answer ? answer : { body: answer, etag: undefined }
    const json: unknown = JSON.parse(JSON.stringify(replied))
    if (endpoint.reply !== undefined) {
      Schema.decodeUnknownSync(endpoint.reply)(json, { onExcessProperty: "error" })
    }
    return { json, etag }
  })

/** Asks one of the routes above. */
export const ask = (name: string, caller: Caller, asking?: Asking) => askOf(routes, name, caller, asking)

/** The refusal that is given; a defect where it is answered. */
export const refusal = (asked: Effect.Effect<Replied, Refused, Services>): Effect.Effect<Refused, never, Services> =>
  Effect.flatMap(Effect.result(asked), (result) =>
    Result.isFailure(result)
      ? Effect.succeed(result.failure)
      : Effect.die(new Error(`answered: ${JSON.stringify(result.success.json).slice(0, 200)}`))
  )
