/** One endpoint behind its door: who asks, how often, what he brings, the handler, and the answer or the problem. */
import { Cause, Effect, Exit } from "effect"
import type { Request, RequestHandler, Response, Router } from "express"
import { type Endpoint, statusOf } from "../schemas/api/endpoint.ts"
import { brought } from "./body.ts"
import { barred, type Caller } from "./caller.ts"
import type { Guesses } from "./limits.ts"
import { metaOf, broken, sendProblem } from "./problem.ts"
import { once, type Replied } from "./receipts.ts"
import { badRequest, forbidden, preconditionRequired, Refused, unauthenticated } from "./refused.ts"
import type { Turns } from "./turns.ts"
import { Answer, type Asked, type Route, type Services } from "./route.ts"

/** What every route is served with. */
export interface Door {
  /** Runs what a handler gives; `aborted` when the client has gone. */
  readonly run: <A>(effect: Effect.Effect<A, Refused, Services>, aborted: AbortSignal) => Promise<Exit.Exit<A, Refused>>
  /** Undefined where nothing was presented; a refusal where what was presented is no longer good. */
  readonly identify: (req: Request) => Effect.Effect<Caller | undefined, Refused, Services>
  /** A page of another site cannot make a browser do something here with its cookie. */
  readonly isSameOrigin: (req: Request) => boolean
  readonly limited: (rate: Endpoint["rate"]) => RequestHandler
  readonly guesses: Guesses
  readonly turns: Turns
  readonly now: () => number
  /** What is not the sender's fault is written down, under its id. */
  readonly report: (correlationId: string, what: string, why: string) => void
}

const isUnsafe = (method: string) => method !== "GET" && method !== "HEAD"
const header = (req: Request, name: string): string | undefined => {
  const value = req.headers[name]
  return typeof value === "string" ? value : undefined
}

/** `W/"81204"` and `"81204"` name the same version. `*` names whatever stands, which is no version. */
export const versionIn = (ifMatch: string | undefined): string | undefined =>
  /^\s*(?:W\/)?"([\x21\x23-\x7e]{1,400})"\s*$/.exec(ifMatch ?? "")?.[1]

export const cookiesIn = (line: string | undefined): Readonly<Record<string, string>> => {
  const pairs = (line ?? "").split(";").map((pair) => {
    const at = pair.indexOf("=")
    return [pair.slice(0, at).trim(), pair.slice(at + 1).trim()] as const
  })
  return Object.fromEntries(pairs.filter(([name]) => name !== "" && name !== "__proto__"))
}

/** Who asks. Whoever may call a public endpoint may do so with a stale cookie, too: to sign in anew, for one. */
const callerOf = (door: Door, one: Endpoint, req: Request): Effect.Effect<Caller | undefined, Refused, Services> =>
  one.access === "public" ? Effect.orElseSucceed(door.identify(req), () => undefined) : door.identify(req)

const admitted = (door: Door, one: Endpoint, req: Request, caller: Caller | undefined): Refused | undefined => {
  const why = barred(one, caller)
  if (why === "unknown") return unauthenticated("Sign in, or send an API key as a bearer token.")
  if (why === "scope")
    return forbidden(`An API key may not do this${one.scope === null ? "" : ` without ${one.scope}`}.`)
  if (why === "role") return forbidden(`This takes the role ${one.access}; ask an owner of your tenant.`)
  const isByCookie = header(req, "authorization") === undefined && header(req, "cookie") !== undefined
  if (isUnsafe(one.method) && isByCookie && !door.isSameOrigin(req)) {
    return forbidden("Another site's page cannot ask for this with your cookie.")
  }
  if (one.ifMatch && header(req, "if-match") === undefined) {
    return preconditionRequired("Send If-Match with the ETag of what you read.")
  }
  if (one.ifMatch && versionIn(header(req, "if-match")) === undefined) {
    return badRequest('If-Match takes one quoted ETag, as "12".')
  }
  return undefined
}

const asReplied = (one: Endpoint, answer: unknown): Replied => {
  if (!(answer instanceof Answer)) return { status: statusOf(one), body: answer, headers: {} }
  const { "set-cookie": cookies, ...headers } = answer.headers
  const plain = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
  return {
    status: statusOf(one),
    body: answer.body,
    headers: plain,
    ...(answer.etag === undefined ? {} : { etag: answer.etag, isVersion: answer.isVersion }),
    ...(cookies === undefined ? {} : { cookies: [cookies].flat() })
  }
}

/** All of a request but its sending. */
const answered = (door: Door, { endpoint, handle }: Route, req: Request, res: Response) =>
  Effect.gen(function* () {
    const caller = res.locals["caller"] as Caller | undefined
    const no = admitted(door, endpoint, req, caller)
    if (no !== undefined) return yield* no
    const { params, query, body } = yield* brought(endpoint, req)
    const { correlationId } = metaOf(res)
    const asked = {
      params,
      query,
      body,
      caller,
      ifMatch: versionIn(header(req, "if-match")),
      correlationId,
      from: req.ip ?? "",
      cookies: cookiesIn(header(req, "cookie")),
      now: door.now()
    } as Asked<Endpoint>
    const handled = handle(asked)
    // orders are few and cheap; questions are neither
    const inTurn = caller === undefined || isUnsafe(endpoint.method) ? handled : door.turns.take(caller.tenant, handled)
    const work = Effect.map(inTurn, (answer) => asReplied(endpoint, answer))
    const key = header(req, "idempotency-key")
    if (endpoint.idempotencyKey === "required" && key === undefined) {
      return yield* badRequest("Send an Idempotency-Key: repeated by mistake, this would be done twice.")
    }
    // a receipt would keep what was told once: passwords, tokens and keys are not for keeping
    if (key === undefined || endpoint.method !== "POST" || endpoint.isSecret || endpoint.rate === "login") {
      return { ...(yield* work), isRepeat: false }
    }
    const of = [endpoint.method, req.path, query, body]
    return yield* once({ key, caller: caller?.id ?? asked.from, of, now: asked.now }, work)
  })

const send = (one: Endpoint, req: Request, res: Response, replied: Replied & { isRepeat: boolean }) => {
  const { status, body, headers, cookies, etag, isVersion, isRepeat } = replied
  res.setHeader("cache-control", one.rate === "login" || one.isSecret ? "no-store" : "private, no-cache")
  for (const [name, value] of Object.entries(headers)) res.setHeader(name, value)
  if (cookies !== undefined) res.setHeader("set-cookie", cookies)
  if (isRepeat) res.setHeader("idempotency-replayed", "true")
  if (etag !== undefined) {
    res.setHeader("etag", `W/"${etag}"`)
    const known = header(req, "if-none-match")
    const isKnown = isVersion !== true && known !== undefined && versionIn(known) === etag
    if (req.method === "GET" && isKnown) return void res.status(304).end()
  }
  if (status === 204) return void res.status(204).end()
  res.status(status).type("application/json").send(JSON.stringify(body))
}

/** Runs an effect for a request; a problem is sent, a success is given back. */
export const runFor = async <A>(
  door: Door,
  req: Request,
  res: Response,
  effect: Effect.Effect<A, Refused, Services>
): Promise<{ readonly value: A } | undefined> => {
  const gone = new AbortController()
  res.once("close", () => gone.abort())
  const exit = await door.run(effect, gone.signal)
  if (Exit.isSuccess(exit)) return { value: exit.value }
  if (Cause.hasInterruptsOnly(exit.cause)) return void res.destroy()
  const refused = Cause.findErrorOption(exit.cause)
  if (refused._tag === "Some" && refused.value instanceof Refused) return void sendProblem(res, refused.value)
  const { correlationId } = metaOf(res)
  door.report(correlationId, `${req.method} ${req.path}`, Cause.pretty(exit.cause))
  return void sendProblem(res, broken(correlationId))
}

/** Who asks, once for everything that follows. */
export const knowing =
  (door: Door, one: Endpoint): RequestHandler =>
  async (req, res, next) => {
    if (await door.guesses.isShut(req, res)) return
    const known = await runFor(door, req, res, callerOf(door, one, req))
    if (known === undefined) return void (res.statusCode === 401 && (await door.guesses.wasWrong(req)))
    res.locals["caller"] = known.value
    next()
  }

/** The path as express writes it. */
export const expressPath = (path: string): string => path.replace(/\{(\w+)\}/g, ":$1")

/** Serves routes, in their order: a literal path stands before one with a parameter in its place. */
export const serve = (router: Router, door: Door, routes: ReadonlyArray<Route>): void => {
  for (const one of routes) {
    const { endpoint } = one
    const method = endpoint.method.toLowerCase() as "get" | "post" | "put" | "patch" | "delete"
    router[method](
      expressPath(endpoint.path),
      knowing(door, endpoint),
      door.limited(endpoint.rate),
      async (req: Request, res: Response) => {
        const done = await runFor(door, req, res, answered(door, one, req, res))
        if (done !== undefined) send(endpoint, req, res, done.value)
      }
    )
  }
}
