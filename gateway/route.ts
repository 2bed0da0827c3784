/** A route is an endpoint with what answers it; everything that all of them share is in serve.ts. */
import type { Effect } from "effect"
import type { Bus } from "../bus/bus.ts"
import type { Warehouse } from "../actors/_ports/warehouse.ts"
import type { Endpoint } from "../schemas/api/endpoint.ts"
import type { Caller } from "./caller.ts"
import type { Vault } from "./identity/vault.ts"
import type { Refused } from "./refused.ts"
import type { Rows } from "./rows.ts"

type Decoded<E extends Endpoint, K extends "params" | "query" | "body"> = E extends { readonly [P in K]: infer S }
  ? S extends { readonly Type: infer A }
    ? A
    : undefined
  : undefined
type Encoded<E extends Endpoint> = E extends { readonly reply: infer S }
  ? S extends { readonly Encoded: infer A }
    ? A
    : undefined
  : undefined

/** What a handler is given: everything decoded, and who asks. */
export interface Asked<E extends Endpoint> {
  readonly params: Decoded<E, "params">
  readonly query: Decoded<E, "query">
  readonly body: Decoded<E, "body">
  /** Known wherever the endpoint is not public. */
  readonly caller: E["access"] extends "public" ? Caller | undefined : Caller
  /** The version that an edit was made on, without quotes and weakness mark; undefined where none was named. */
  readonly ifMatch: string | undefined
  readonly correlationId: string
  /** Address of the client, for throttling. */
  readonly from: string
  readonly cookies: Readonly<Record<string, string>>
  readonly now: number
}

/** An answer with more than a body. */
export class Answer<A> {
  readonly body: A
  readonly etag: string | undefined
  /** The tag is the version that an edit must name; the body may change without it, so it spares nobody a body. */
  readonly isVersion: boolean
  readonly headers: Readonly<Record<string, string | ReadonlyArray<string>>>
  constructor(
    body: A,
    more: {
      readonly etag?: string
      readonly isVersion?: boolean
      readonly headers?: Readonly<Record<string, string | ReadonlyArray<string>>>
    } = {}
  ) {
    this.body = body
    this.etag = more.etag
    this.isVersion = more.isVersion ?? false
    this.headers = more.headers ?? {}
  }
}

/** What handlers may use. No cloud is among it, on purpose. */
export type Services = Bus | Warehouse | Rows | Vault

export interface Route<E extends Endpoint = Endpoint> {
  readonly endpoint: E
  readonly handle: (asked: Asked<E>) => Effect.Effect<Encoded<E> | Answer<Encoded<E>>, Refused, Services>
}

/** Pairs an endpoint with its handler, which gives the reply as JSON has it. */
export const route = <const E extends Endpoint>(endpoint: E, handle: Route<E>["handle"]): Route => ({
  endpoint,
  handle: handle as unknown as Route["handle"]
})
