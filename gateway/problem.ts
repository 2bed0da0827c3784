/** A refusal as its sender reads it: RFC 9457, `application/problem+json`, always with the id to ask about. */
import type { Response } from "express"
import { Refused } from "./refused.ts"

export const problemType = "application/problem+json"
const types = "https://cloudoptim.dev/problems"

/** The body of a problem. */
export const problemOf = (refused: Refused, instance: string, correlationId: string) => ({
  type: `${types}/${refused.kind}`,
  title: refused.title,
  status: refused.status,
  detail: refused.detail,
  instance,
  correlationId,
  ...(refused.errors === undefined ? {} : { errors: refused.errors }),
  ...(refused.currentVersion === undefined ? {} : { currentVersion: refused.currentVersion }),
  ...(refused.current === undefined ? {} : { current: refused.current })
})

/** What is known of a request beside its answer. */
export interface Meta {
  readonly correlationId: string
}
export const metaOf = (res: Response): Meta => ({ correlationId: String(res.locals["correlationId"] ?? "") })

export const sendProblem = (res: Response, refused: Refused): void => {
  if (res.headersSent) return void res.destroy()
  if (refused.retryAfter !== undefined) res.setHeader("retry-after", String(refused.retryAfter))
  if (refused.status === 401) res.setHeader("www-authenticate", "Bearer")
  res.setHeader("cache-control", "no-store")
  // never what the caller sent as a query: it may hold what should not be written down
  const instance = res.req.path.slice(0, 200)
  res
    .status(refused.status)
    .type(problemType)
    .send(JSON.stringify(problemOf(refused, instance, metaOf(res).correlationId)))
}

/** Something of ours broke. What, is in the log under the id; it is not the sender's to read. */
export const broken = (correlationId: string): Refused =>
  new Refused({
    status: 500,
    kind: "internal",
    title: "Something of ours broke",
    detail: `It was written down under ${correlationId}: try again, and tell whoever runs this service if it stays.`
  })
