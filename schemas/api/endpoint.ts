/** An endpoint is data: the gateway serves it, the OpenAPI document tells of it, dashboard and command line call it. */
import type { Schema } from "effect"
import type { Role, Scope } from "../identity.ts"

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE"

/**
 * Who may call. `public`: anybody. `signed-in`: whoever is somebody. A role: that role or a higher one in the caller's
 * tenant. `super-admin`: whoever runs this installation. There is no default: what names nobody does not compile.
 */
export type Access = "public" | "signed-in" | Role | "super-admin"

/** Which allowance a call uses up: reading, changing something, proving who one is, or holding a stream open. */
export type RateBucket = "read" | "command" | "login" | "stream"

type Any = Schema.Codec<any, any>

export interface Endpoint {
  /** operationId: camelCase, unique. */
  readonly name: string
  readonly method: Method
  /** With parameters in braces, as in `/api/v1/sagas/{id}`. */
  readonly path: string
  readonly tag: string
  /** One sentence for whoever reads the document. */
  readonly summary: string
  readonly access: Access
  /** What an API key must have been given to call it; null = no key may, only a person. */
  readonly scope: Scope | null
  readonly rate: RateBucket
  /** Each a struct of strings as they stand in the URL; parameters that the path names are required. */
  readonly params?: Any
  readonly query?: Any
  readonly body?: Any
  /** What is answered; absent = nothing (204). */
  readonly reply?: Any
  /** Default: 200, or 204 where nothing is answered. */
  readonly status?: 200 | 201 | 202 | 204 | 302
  /** Statuses of problems beyond those that every endpoint may answer (400, 401, 403, 404, 415, 429, 500, 503). */
  readonly refusals?: ReadonlyArray<number>
  /** An edit says which version it was made on, in If-Match: without it 428, with an old one 412. */
  readonly ifMatch?: true
  /** The key that makes a repeat harmless is asked for, not only honoured. */
  readonly idempotencyKey?: "required"
  /** Its answer is told once and kept nowhere, as a key is. */
  readonly isSecret?: true
  /** Not JSON in and out: it has a handler of its own, yet the same identity, limits and place in the document. */
  readonly native?: "stream" | "redirect" | "text"
  /** The endpoint of which it is another path. */
  readonly aliasOf?: string
}

/** Declares an endpoint; its literals stay literal, so that a caller's types follow from path and method. */
export const endpoint = <const E extends Endpoint>(one: E): E => one

/** What its JSON looks like, for callers that do not decode. */
export type ReplyOf<E extends Endpoint> = E extends { readonly reply: Any } ? E["reply"]["Encoded"] : undefined
export type BodyOf<E extends Endpoint> = E extends { readonly body: Any } ? E["body"]["Encoded"] : undefined
export type QueryOf<E extends Endpoint> = E extends { readonly query: Any } ? E["query"]["Encoded"] : undefined
export type ParamsOf<E extends Endpoint> = E extends { readonly params: Any } ? E["params"]["Encoded"] : undefined

export const statusOf = (one: Endpoint): number => one.status ?? (one.reply === undefined ? 204 : 200)

/** Parameters that a path names, in order. */
export const paramsIn = (path: string): ReadonlyArray<string> =>
  [...path.matchAll(/\{(\w+)\}/g)].map((found) => found[1] ?? "")

/** The prefix of everything that is versioned; within it only additions are made. */
export const apiPrefix = "/api/v1"
