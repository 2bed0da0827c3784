/** How often one may ask: a bucket each for reading, changing, signing in and opening streams. */
import type { Request, RequestHandler, Response } from "express"
import { ipKeyGenerator, MemoryStore, type Options, rateLimit } from "express-rate-limit"
import type { RateBucket } from "../schemas/api/endpoint.ts"
import type { Caller } from "./caller.ts"
import { sendProblem } from "./problem.ts"
import { Refused } from "./refused.ts"

/**
 * Requests a minute. Changes: 100 per person or key. Reading is cheap here and a live page reads whenever something
 * happens; signing in is counted by address, as nobody is known yet.
 */
export const perMinute: Readonly<Record<RateBucket, number>> = { read: 1_200, command: 100, login: 30, stream: 60 }

const callerOf = (res: Response) => res.locals["caller"] as Caller | undefined

/** Whoever is not known is counted by address; of IPv6 by its /56, as one customer has at least that. */
const keyOf =
  (rate: RateBucket) =>
  (req: Request, res: Response): string => {
    const caller = rate === "login" ? undefined : callerOf(res)
    return caller === undefined ? ipKeyGenerator(req.ip ?? "") : caller.id
  }

const refuse = (req: Request, res: Response) => {
  const { resetTime } = (req as Request & { rateLimit?: { resetTime?: Date } }).rateLimit ?? {}
  const date = Number(res.locals["now"] ?? 0)
  const seconds = resetTime === undefined ? 60 : Math.max(1, Math.ceil((resetTime.getTime() - date) / 1_000))
  const detail = `Wait ${seconds} s; the header RateLimit tells how much is left.`
  sendProblem(
    res,
    new Refused({ status: 429, kind: "too-many-requests", title: "Too many requests", detail, retryAfter: seconds })
  )
}

/** Refusals as nobody's that one address may collect in a minute; a page that was left open collects a few. */
const guessesMax = 120

/**
 * An address that presents what is no good too often is not believed any key for a while, right or wrong: an unknown
 * one costs a question to the store. Sessions prove themselves without one, so people behind the same address go on.
 */
export interface Guesses {
  /** Sends the problem and says true where this address has guessed too often. */
  readonly isShut: (req: Request, res: Response) => Promise<boolean>
  readonly wasWrong: (req: Request) => Promise<void>
}
export const guessesOf = (scale = 1): Guesses => {
  const store = new MemoryStore()
  store.init({ windowMs: 60_000 } as Options)
  const address = (req: Request) => ipKeyGenerator(req.ip ?? "")
  return {
    isShut: async (req, res) => {
      const so = await store.get(address(req))
      const isKey = /^bearer +sk_/i.test(req.headers.authorization ?? "")
      const isOver = isKey && so !== undefined && so.totalHits >= guessesMax * scale
      if (isOver) refuse(req, res)
      return isOver
    },
    wasWrong: async (req) => void (await store.increment(address(req)))
  }
}

/** The buckets of this process. `scale` multiplies them all: a load test is not a person. */
export const limitsOf = (scale = 1): ((rate: RateBucket) => RequestHandler) => {
  const limit = (rate: RateBucket) =>
    rateLimit({
      windowMs: 60_000,
      limit: Math.ceil(perMinute[rate] * scale),
      standardHeaders: "draft-8",
      legacyHeaders: false,
      identifier: rate,
      keyGenerator: keyOf(rate),
      handler: refuse
    })
  const made: Record<RateBucket, RequestHandler> = {
    read: limit("read"),
    command: limit("command"),
    login: limit("login"),
    stream: limit("stream")
  }
  return (rate) => made[rate]
}
