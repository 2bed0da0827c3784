/** `GET /api/v1/stream`: the way from the log to everybody who listens, opened once per process. */
import { Clock, Effect, Exit, Random, Result, type Scope, Semaphore } from "effect"
import type { Request, RequestHandler, Response } from "express"
import { Bus, type BusDown } from "../../bus/bus.ts"
import type { Endpoint, QueryOf } from "../../schemas/api/endpoint.ts"
import { getStream } from "../../schemas/api/system.ts"
import { brought } from "../body.ts"
import { barred, type Caller } from "../caller.ts"
import { sendProblem } from "../problem.ts"
import { badRequest, forbidden, Refused, unauthenticated, unavailable } from "../refused.ts"
import { forWhom, type OwnerOf } from "../shown/shown.ts"
import { Batch, chunkOf } from "./batch.ts"
import { catchUp, type Since } from "./catch-up.ts"
import type { Line, Member, Wanted } from "./channel.ts"
import type { Flow } from "./fanout.ts"
import { drained, lineOf } from "./line.ts"
import { type Following, follow } from "./following.ts"
import { gzipHead, GzipSum } from "./gzip.ts"
import type { StreamCounts } from "./stats.ts"
import { seqIn, writingOf } from "./wire-format.ts"

export interface StreamTerms {
  /** Whose account it is, as it stands now; asked for each event and tenant. */
  readonly ownerOf: OwnerOf
  /** Who calls. Default: whom the shell has put into `res.locals.caller`. */
  readonly callerOf?: (req: Request, res: Response) => Caller | undefined
  /** Streams that one user or key may hold open. Default 20. */
  readonly streamsMax?: number
}

/** What is mounted, and what keeps it going. */
export interface EventStream {
  /** As `natives` of the application wants it. */
  readonly native: { readonly endpoint: Endpoint; readonly handle: RequestHandler }
  /** For StreamStats. */
  readonly counts: () => StreamCounts
  readonly flow: () => Flow
  /**
   * Takes no more readers and says good-bye to all, a few at a time, within a second or so. To be done before whoever
   * listens stops and waits for open answers; closing the scope does it too, for who did not.
   */
  readonly farewell: Effect.Effect<void>
  /** Ends only with an error: LOG is another one than it began with. To be joined by whoever runs the house. */
  readonly ended: Effect.Effect<never, BusDown>
}

const streamsMaxDefault = 20
/** How long a reader who catches up may take for what he was sent. */
const patience = "30 seconds"
/** Readers for whom the log is read at a time. */
const readersMax = 4
const topicsMax = 20

const tooMany = (max: number) =>
  new Refused({
    status: 429,
    kind: "too-many-streams",
    title: "Too many streams are open",
    detail: `At most ${max} at a time: close one, or share one among your windows.`,
    retryAfter: 30
  })

/** A caller who may listen, or the problem. */
const admitted = (caller: Caller | undefined): Result.Result<Caller, Refused> => {
  const why = barred(getStream, caller)
  if (caller === undefined || why === "unknown") {
    return Result.fail(unauthenticated("Sign in, or send an API key as a bearer token."))
  }
  if (why !== undefined) return Result.fail(forbidden("Listening takes the role viewer, or a key with the scope read."))
  return Result.succeed(caller)
}

type Query = QueryOf<typeof getStream>
const header = (req: Request, name: string): string => {
  const value = req.headers[name]
  return typeof value === "string" ? value : ""
}

const topicsIn = ({ topics }: Query): Result.Result<ReadonlyArray<string>, Refused> => {
  const all = (topics ?? "").split(",").flatMap((one) => (one.trim() === "" ? [] : [one.trim()]))
  const isWord = all.every((one) => /^[a-z][a-z0-9-]{0,59}$/.test(one))
  if (isWord && all.length <= topicsMax) return Result.succeed(all)
  return Result.fail(badRequest(`topics takes at most ${topicsMax} names or owners, by comma, in kebab case.`))
}

/** The header wins: a reader that reconnects by itself repeats the address that it began with. */
const sinceOf = (req: Request, { after }: Query, epoch: string): Since => {
  const id = header(req, "last-event-id")
  if (id === "") return after === undefined ? { _tag: "Now" } : { _tag: "After", seq: Number(after) }
  const seq = seqIn(id, epoch)
  return seq === undefined ? { _tag: "Lost" } : { _tag: "After", seq }
}

const isSqueezed = (req: Request, { enc }: Query) =>
  enc !== "identity" && /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/.test(header(req, "accept-encoding"))

/** The head of the answer; nothing on the way may keep, change or hold back what follows. */
const sendHead = (res: Response, format: Wanted["format"], squeezed: boolean) => {
  const type = format === "sse" ? "text/event-stream" : "application/x-ndjson"
  res.status(200).setHeader("content-type", `${type}; charset=utf-8`)
  res.setHeader("cache-control", "no-cache, no-transform")
  res.setHeader("x-accel-buffering", "no")
  res.vary("Accept, Accept-Encoding")
  if (squeezed) res.setHeader("content-encoding", "gzip")
  res.flushHeaders()
}

/** What a request asks for. */
interface Question {
  readonly caller: Caller
  readonly wanted: Wanted
  readonly since: Since
  readonly squeezed: boolean
}

const questionOf = (req: Request, caller: Caller | undefined, epoch: string): Effect.Effect<Question, Refused> =>
  Effect.gen(function* () {
    const who = yield* Effect.fromResult(admitted(caller))
    const { query } = (yield* brought(getStream, req)) as { readonly query: Query }
    const topics = yield* Effect.fromResult(topicsIn(query))
    const isLines = req.accepts(["text/event-stream", "application/x-ndjson"]) === "application/x-ndjson"
    const format = isLines ? ("ndjson" as const) : ("sse" as const)
    const wanted = { tenant: who.tenant, account: query.account, topics, format }
    return { caller: who, wanted, since: sinceOf(req, query, epoch), squeezed: isSqueezed(req, query) }
  })

/** Waits for a reader; false where he takes too long. */
const patiently = (res: Response, line: Line) =>
  drained(res, line).pipe(
    Effect.as(true),
    Effect.timeoutOrElse({ duration: patience, orElse: () => Effect.succeed(false) })
  )

/** One reader, from his question until he goes. */
const serving = (following: Following, bus: Bus["Service"], turns: Semaphore.Semaphore) =>
  Effect.fnUntraced(function* (res: Response, { caller, wanted, since, squeezed }: Question) {
    const { fanout, open } = following
    sendHead(res, wanted.format, squeezed)
    const line = lineOf(res)
    const member: Member = {
      line,
      gzip: squeezed ? new GzipSum() : undefined,
      caller: caller.id,
      until: caller.until,
      isWaiting: false,
      seen: 0
    }
    open.set(member, wanted)
    res.once("close", () => {
      open.delete(member)
      fanout.leave(member)
    })
    if (squeezed) line.send(chunkOf(gzipHead))
    const retry = writingOf(wanted.format, fanout.epoch).retry(yield* Random.nextIntBetween(1_000, 5_000))
    if (retry !== "") fanout.sendTo(member, new Batch(retry))
    const way = { fanout, wanted, member, since, turns, scan: bus.scan, drained: patiently(res, line) }
    yield* catchUp({ ...way, isGone: () => res.destroyed || !open.has(member) })
  })

/**
 * Opens the stream: reads the log from now on, for as long as the scope lives. Closing says good-bye to all readers, a
 * few at a time. Fails with `BusDown` when the log cannot be read to begin with.
 */
export const openStream = (terms: StreamTerms): Effect.Effect<EventStream, BusDown, Bus | Scope.Scope> =>
  Effect.gen(function* () {
    const bus = yield* Bus
    const clock = yield* Clock.Clock
    const run = Effect.runForkWith(yield* Effect.context<never>())
    const following = yield* follow(bus, { tell: forWhom, ownerOf: terms.ownerOf })
    const { fanout, open } = following
    const serve = serving(following, bus, yield* Semaphore.make(readersMax))
    const callerOf = terms.callerOf ?? ((_: Request, res: Response) => res.locals["caller"] as Caller | undefined)
    const max = terms.streamsMax ?? streamsMaxDefault
    const heldBy = (id: string) => [...open.keys()].reduce((sum, { caller }) => sum + (caller === id ? 1 : 0), 0)
    const answer = Effect.fnUntraced(function* (req: Request, res: Response) {
      const question = yield* questionOf(req, callerOf(req, res), fanout.epoch)
      const { caller, squeezed, wanted } = question
      if (following.isClosing()) return yield* unavailable("This process is about to end: come back in a moment.")
      if (caller.until <= clock.currentTimeMillisUnsafe()) return yield* unauthenticated("Your session has ended.")
      if (heldBy(caller.id) >= max) return yield* tooMany(max)
      if (req.method === "HEAD") {
        sendHead(res, wanted.format, squeezed)
        return void res.end()
      }
      return yield* serve(res, question)
    })
    const handle: RequestHandler = (req, res) => {
      const fiber = run(answer(req, res))
      res.once("close", () => fiber.interruptUnsafe())
      fiber.addObserver((exit) => {
        if (Exit.isSuccess(exit) || res.destroyed) return
        const refused = Exit.findErrorOption(exit)
        if (refused._tag === "Some" && refused.value instanceof Refused) return sendProblem(res, refused.value)
        // the log did not answer, or something of ours broke: he comes back by his last id
        run(Effect.logWarning("a reader of the stream was cut off", exit.cause))
        res.destroy()
      })
    }
    return {
      native: { endpoint: getStream, handle },
      counts: () => fanout.counts,
      flow: () => fanout.flow,
      farewell: following.farewell,
      ended: following.ended
    }
  })
