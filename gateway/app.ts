/** The HTTP application: what every request passes, whatever it asks for, and what is served beside the API. */
import compression from "compression"
import cors from "cors"
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from "express"
import helmet from "helmet"
import { bodyBytesMax } from "./body.ts"
import { correlationOf } from "./correlation.ts"
import { docsPage, docsStyle } from "./docs.ts"
import { openApi } from "./openapi.ts"
import { broken, metaOf, sendProblem } from "./problem.ts"
import { notFound, Refused } from "./refused.ts"
import type { Route } from "./route.ts"
import { type Door, expressPath, knowing, serve } from "./serve.ts"
import type { Endpoint } from "../schemas/api/endpoint.ts"

/** What serves an endpoint that is not JSON in and out. Its caller is in `res.locals.caller`, and may be there. */
export interface Native {
  readonly endpoint: Endpoint
  readonly handle: RequestHandler
}

export interface AppTerms {
  readonly door: Door
  /** Passed by every request first. */
  readonly counted: RequestHandler
  readonly routes: ReadonlyArray<Route>
  readonly natives: ReadonlyArray<Native>
  readonly version: string
  /** Origins that may call from another site; nobody is among them unless named. */
  readonly corsOrigins: ReadonlyArray<string>
  /** Folder of the built dashboard; undefined = there is none. */
  readonly dashboard: string | undefined
  readonly fresh: (digits: number) => string
  /** How many proxies in front of us are ours: the client's address is read behind them. */
  readonly proxies: number
}

/** Nothing but our own files: no inline script or style, no frame, no plug-in. */
const policy = {
  directives: {
    defaultSrc: ["'self'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'", "data:"],
    fontSrc: ["'self'"],
    connectSrc: ["'self'"],
    objectSrc: ["'none'"],
    baseUri: ["'none'"],
    formAction: ["'self'"],
    frameAncestors: ["'none'"]
  },
  useDefaults: false
}

const named =
  ({ fresh, door }: AppTerms): RequestHandler =>
  (req, res, next) => {
    const one = (value: string | ReadonlyArray<string> | undefined) => (typeof value === "string" ? value : undefined)
    const { id, traceparent } = correlationOf(one(req.headers["traceparent"]), one(req.headers["x-request-id"]), fresh)
    res.locals["correlationId"] = id
    res.locals["now"] = door.now()
    res.setHeader("x-request-id", id)
    res.setHeader("traceparent", traceparent)
    next()
  }

const kinds: Readonly<Record<number, string>> = { 400: "bad-request", 413: "too-large", 415: "unsupported-media-type" }

/** What express and its parsers refuse, as a problem; anything else is ours. */
const onError =
  (door: Door): ErrorRequestHandler =>
  (error: unknown, req, res, _next) => {
    const status = typeof error === "object" && error !== null && "status" in error ? Number(error.status) : 500
    if (status >= 400 && status < 500) {
      const detail =
        status === 413 ? `At most ${bodyBytesMax / 1024} KiB are read.` : "Mend the request and send it again."
      const title = status === 413 ? "The body is too large" : "The request cannot be read"
      return sendProblem(res, new Refused({ status, kind: kinds[status] ?? "bad-request", title, detail }))
    }
    const { correlationId } = metaOf(res)
    door.report(
      correlationId,
      `${req.method} ${req.path}`,
      error instanceof Error ? (error.stack ?? "") : String(error)
    )
    sendProblem(res, broken(correlationId))
  }

/** A path that is there, asked for in a way that is not: which ways there are. */
const otherMethods = (all: ReadonlyArray<Endpoint>): RequestHandler => {
  const shapes = [...Map.groupBy(all, ({ path }) => path)].map(([path, ones]) => ({
    shape: new RegExp(`^${path.replace(/[.]/g, "\\.").replace(/\{\w+\}/g, "[^/]+")}/?$`),
    methods: ones.map(({ method }) => method)
  }))
  return (req, res, next) => {
    const methods = shapes.filter(({ shape }) => shape.test(req.path)).flatMap((one) => one.methods)
    if (methods.length === 0) return next()
    const allowed = [...new Set([...methods, ...(methods.includes("GET") ? ["HEAD"] : []), "OPTIONS"])].join(", ")
    res.setHeader("allow", allowed)
    if (req.method === "OPTIONS") return void res.status(204).end()
    const detail = `Here it is ${allowed}.`
    sendProblem(res, new Refused({ status: 405, kind: "method-not-allowed", title: "Not with this method", detail }))
  }
}

const day = 86_400
/** The built dashboard: files with a hash in their name for ever, the page itself never. */
const windowOf = (folder: string): ReadonlyArray<RequestHandler> => [
  express.static(folder, {
    index: false,
    dotfiles: "ignore",
    redirect: false,
    setHeaders: (res, path) => {
      const isHashed = /[\\/]assets[\\/]/.test(path)
      res.setHeader("cache-control", isHashed ? `public, max-age=${365 * day}, immutable` : "no-cache")
    }
  }),
  (req, res, next) => {
    const isPage = (req.method === "GET" || req.method === "HEAD") && req.accepts("html") !== false
    if (!isPage || /^\/(api|docs|health|metrics|assets)(\/|$)/.test(req.path)) return next()
    res.setHeader("cache-control", "no-cache")
    res.sendFile("index.html", { root: folder, dotfiles: "ignore" })
  }
]

export const appOf = (terms: AppTerms): Express => {
  const { door, routes, natives, version, corsOrigins } = terms
  const app = express()
  app.disable("x-powered-by")
  app.set("etag", false)
  app.set("query parser", "simple")
  app.set("trust proxy", terms.proxies)
  app.use(terms.counted)
  app.use(named(terms))
  app.use(helmet({ contentSecurityPolicy: policy, strictTransportSecurity: { maxAge: 365 * day } }))
  if (corsOrigins.length > 0) app.use("/api", cors({ origin: [...corsOrigins], credentials: false, maxAge: 600 }))
  app.use(compression({ threshold: 2_048 }))
  for (const { endpoint, handle } of natives) {
    const method = endpoint.method === "POST" ? "post" : "get"
    app[method](expressPath(endpoint.path), knowing(door, endpoint), door.limited(endpoint.rate), handle)
  }
  app.use(express.raw({ type: () => true, limit: bodyBytesMax, inflate: false }))
  serve(app, door, routes)
  const document = openApi(version)
  const page = docsPage(document)
  app.get("/openapi.json", (_, res) => void res.json(document))
  app.get("/docs", (_, res) => void res.type("html").send(page))
  app.get("/docs.css", (_, res) => void res.type("css").send(docsStyle))
  app.use(otherMethods([...routes, ...natives].map(({ endpoint }) => endpoint)))
  if (terms.dashboard !== undefined) for (const handle of windowOf(terms.dashboard)) app.use(handle)
  app.use((_, res) => sendProblem(res, notFound("Nothing is served here; /docs lists what is.")))
  app.use(onError(door))
  return app
}
