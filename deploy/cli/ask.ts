/** The API from the command line: typed by the endpoints, signed in as remembered, every problem one sentence. */
import { randomUUID } from "node:crypto"
import { Effect } from "effect"
import type { Calls } from "../../schemas/api/endpoints.ts"
import { Ended, exitOf } from "./exit.ts"
import { remember, remembered, type Remembered } from "./remembered.ts"

export interface With {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string | undefined>>
  readonly body?: unknown
  readonly ifMatch?: string
}
interface Problem {
  readonly title?: string
  readonly detail?: string
  readonly correlationId?: string
}

/** What was answered, and the version of it. */
export interface Answered<A> {
  readonly reply: A
  readonly etag: string | undefined
}

const urlOf = (base: string, path: string, { params = {}, query = {} }: With): string => {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ""))
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, value)
  return `${base}${filled}${search.size > 0 ? `?${search}` : ""}`
}

const unreachable = (url: string, cause: unknown) => {
  const why = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : String(cause)
  const says = `nobody answers at ${url} (${why}): start it with cloudoptim up, or name another with CLOUDOPTIM_URL.`
  return new Ended({ exit: "unreachable", says })
}

const fetched = (url: string, init: RequestInit) =>
  Effect.tryPromise({ try: (signal) => fetch(url, { ...init, signal }), catch: (cause) => unreachable(url, cause) })

export const bearerOf = ({ key, access }: Remembered): Record<string, string> => {
  const token = key ?? access
  return token === undefined ? {} : { authorization: `Bearer ${token}` }
}

/** One request as somebody; a session that has run out is renewed once. */
export const signed = (url: string, init: RequestInit): Effect.Effect<Response, Ended> =>
  Effect.gen(function* () {
    const who = remembered()
    const send = (as: Remembered) =>
      fetched(url, { ...init, headers: { ...(init.headers as Record<string, string>), ...bearerOf(as) } })
    const first = yield* send(who)
    if (first.status !== 401 || who.key !== undefined || who.refresh === undefined) return first
    const renewed = yield* fetched(`${who.url}/api/v1/auth/refresh`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ refreshToken: who.refresh, as: "token" })
    })
    if (!renewed.ok) return first
    const { accessToken, refreshToken } = (yield* Effect.promise(() => renewed.json())) as Record<string, string>
    const now = { url: who.url, access: accessToken ?? "", refresh: refreshToken ?? "" }
    remember(now)
    return yield* send(now)
  })

/** Calls an endpoint by its method and path. */
export const ask = <K extends keyof Calls>(
  call: K,
  more: With = {}
): Effect.Effect<Answered<Calls[K]["reply"]>, Ended> =>
  Effect.gen(function* () {
    const [method = "GET", path = "/"] = call.split(" ")
    const headers: Record<string, string> = { accept: "application/json" }
    if (more.body !== undefined) headers["content-type"] = "application/json"
    if (more.ifMatch !== undefined) headers["if-match"] = more.ifMatch
    if (method === "POST") headers["idempotency-key"] = randomUUID()
    const body = more.body === undefined ? {} : { body: JSON.stringify(more.body) }
    const answer = yield* signed(urlOf(remembered().url, path, more), { method, headers, ...body })
    const text = yield* Effect.tryPromise({
      try: () => answer.text(),
      catch: (cause) => unreachable(remembered().url, cause)
    })
    if (!answer.ok) return yield* endedOf(answer.status, text)
    const reply = yield* replyIn(remembered().url, text)
    return { reply: reply as Calls[K]["reply"], etag: answer.headers.get("etag") ?? undefined }
  })

/** Somebody else may listen where the gateway is looked for, and answer every request with a page. */
const replyIn = (url: string, text: string): Effect.Effect<unknown, Ended> =>
  Effect.try({
    try: (): unknown => (text === "" ? undefined : JSON.parse(text)),
    catch: () =>
      new Ended({ exit: "failed", says: `what answers at ${url} is no CloudOptim: CLOUDOPTIM_URL names it.` })
  })

/** Why the API did not do it, as the command line ends with it. */
export const endedOf = (status: number, text: string): Ended => {
  let problem: Problem = {}
  try {
    problem = JSON.parse(text) as Problem
  } catch {
    // somebody between us answered: what it says is no problem of ours
  }
  const { title = `answer ${status}`, detail = text.slice(0, 200), correlationId } = problem
  const id = correlationId === undefined || status < 500 ? "" : ` (${correlationId})`
  const mend = status === 401 ? " cloudoptim login, or CLOUDOPTIM_API_KEY." : ""
  return new Ended({ exit: exitOf(status), says: `${title}: ${detail}${mend}${id}` })
}

/** What a list is a list of. */
export type ItemOf<K extends keyof Calls> = Calls[K]["reply"] extends { readonly items: ReadonlyArray<infer A> }
  ? A
  : never

/** Every item of a list, page by page, at most `max`. */
export const askAll = <K extends keyof Calls>(call: K, more: With, max: number) =>
  Effect.gen(function* () {
    const items: Array<ItemOf<K>> = []
    let cursor: string | undefined
    do {
      const limit = String(Math.min(500, max - items.length))
      const { reply } = yield* ask(call, { ...more, query: { ...more.query, limit, cursor } })
      const page = reply as unknown as { items: ReadonlyArray<ItemOf<K>>; nextCursor: string | null }
      items.push(...page.items)
      cursor = page.nextCursor ?? undefined
    } while (cursor !== undefined && items.length < max)
    return items
  })
