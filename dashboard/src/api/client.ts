/** A call to the API, typed by the endpoints themselves: nothing of theirs is here at run time but the path. */
import type { Calls } from "../../../schemas/api/endpoints.ts"

export type CallName = keyof Calls
export type Reply<K extends CallName> = Calls[K]["reply"]

/** What a list's items are. */
export type ItemOf<K extends CallName> = Reply<K> extends { readonly items: ReadonlyArray<infer Item> } ? Item : never

type Part<Name extends string, T> = [T] extends [undefined]
  ? { readonly [P in Name]?: undefined }
  : {} extends T
    ? { readonly [P in Name]?: T | undefined }
    : { readonly [P in Name]: T }

/** What a call takes: whatever its endpoint asks for, and headers such as If-Match. */
export type Given<K extends CallName> = Part<"params", Calls[K]["params"]> &
  Part<"query", Calls[K]["query"]> &
  Part<"body", Calls[K]["body"]> & {
    readonly headers?: Readonly<Record<string, string>> | undefined
    readonly signal?: AbortSignal | undefined
  }
type Arguments<K extends CallName> = {} extends Given<K> ? [what: K, given?: Given<K>] : [what: K, given: Given<K>]

/** What a reply says beside its body. */
export interface Answered<K extends CallName> {
  readonly body: Reply<K>
  readonly etag: string | undefined
}

/** Why a call was not done: the API's problem document (RFC 9457), or the network's silence as status 0. */
export class ApiProblem extends Error {
  readonly status: number
  readonly type: string
  readonly title: string
  readonly detail: string
  readonly correlationId: string
  readonly errors: ReadonlyArray<{ readonly path: string; readonly message: string }>
  readonly currentVersion: string | undefined
  readonly current: unknown
  constructor(status: number, said: Readonly<Record<string, unknown>>) {
    const word = (name: string, otherwise: string) => (typeof said[name] === "string" ? said[name] : otherwise)
    const title = word("title", status === 0 ? "The service does not answer" : `The service answered ${status}`)
    super(title)
    this.name = "ApiProblem"
    this.status = status
    this.type = word("type", "about:blank")
    this.title = title
    this.detail = word("detail", "")
    this.correlationId = word("correlationId", "")
    this.errors = Array.isArray(said["errors"]) ? said["errors"] : []
    this.currentVersion = typeof said["currentVersion"] === "string" ? said["currentVersion"] : undefined
    this.current = said["current"]
  }
}

/** Whatever was thrown, as what can be shown. */
export const problemOf = (cause: unknown): ApiProblem => (cause instanceof ApiProblem ? cause : new ApiProblem(0, {}))

const unanswered = { detail: "Check the network; what is shown was true when it was read." }

const pathOf = (template: string, params: unknown): string =>
  template.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(String((params as Record<string, unknown> | undefined)?.[name] ?? ""))
  )
const searchOf = (query: unknown): string => {
  const pairs = Object.entries((query ?? {}) as Record<string, unknown>)
  const set = pairs.filter(([, value]) => value !== undefined && value !== null && value !== "")
  return set.length === 0 ? "" : `?${new URLSearchParams(set.map(([name, value]) => [name, String(value)]))}`
}

/** Path and query of a call, as for a link or for `copy as curl`. */
export const urlOf = (what: CallName, given: { readonly params?: unknown; readonly query?: unknown } = {}): string =>
  pathOf(what.slice(what.indexOf(" ") + 1), given.params) + searchOf(given.query)

const problemIn = async (response: Response): Promise<ApiProblem> => {
  const text = await response.text().catch(() => "")
  try {
    return new ApiProblem(response.status, JSON.parse(text) as Record<string, unknown>)
  } catch {
    return new ApiProblem(response.status, { correlationId: response.headers.get("x-request-id") ?? "" })
  }
}

/** Set by the session: tries to renew it; false = somebody has to sign in. */
let renew: () => Promise<boolean> = () => Promise.resolve(false)
export const renewWith = (how: () => Promise<boolean>): void => {
  renew = how
}
/** One renewal serves all calls that found the session spent. */
let renewing: Promise<boolean> | undefined
const renewed = (): Promise<boolean> => (renewing ??= renew().finally(() => (renewing = undefined)))

const send = (what: CallName, given: Given<CallName>, key: string): Promise<Response> => {
  const method = what.slice(0, what.indexOf(" "))
  const headers: Record<string, string> = { accept: "application/json", ...given.headers }
  if (given.body !== undefined) headers["content-type"] = "application/json"
  if (method === "POST") headers["idempotency-key"] ??= key
  return fetch(urlOf(what, given), {
    method,
    headers,
    credentials: "same-origin",
    signal: given.signal ?? null,
    ...(given.body === undefined ? {} : { body: JSON.stringify(given.body) })
  })
}

/** As `call`, with the reply's ETag: the version that a later edit names in If-Match. */
export const callWithVersion = async <K extends CallName>(...asking: Arguments<K>): Promise<Answered<K>> => {
  const [what, given] = asking
  const asked = (given ?? {}) as Given<CallName>
  // A repeat after renewing the session is the same order: it keeps its key.
  const key = crypto.randomUUID()
  const attempt = () =>
    send(what, asked, key).catch((cause: unknown) => {
      if (cause instanceof DOMException && cause.name === "AbortError") throw cause
      throw new ApiProblem(0, unanswered)
    })
  let response = await attempt()
  if (response.status === 401 && !what.includes("/auth/") && (await renewed())) response = await attempt()
  if (!response.ok) throw await problemIn(response)
  const body = response.status === 204 ? undefined : ((await response.json()) as Reply<K>)
  return { body: body as Reply<K>, etag: response.headers.get("etag") ?? undefined }
}

/** Calls an endpoint by `METHOD path` and gives its reply. Rejects with an `ApiProblem`, or an AbortError. */
export const call = async <K extends CallName>(...asked: Arguments<K>): Promise<Reply<K>> =>
  (await callWithVersion<K>(...asked)).body
