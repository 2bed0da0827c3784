/** The two stations of a sign-in at the identity provider: a browser is sent away, and comes back. */
import { Cause, Effect, Exit, Result } from "effect"
import type { Request, Response } from "express"
import type { Bus } from "../../bus/bus.ts"
import { getOidcCallback, getOidcStart } from "../../schemas/api/auth.ts"
import { decodeAs } from "../../schemas/envelope.ts"
import type { Native } from "../app.ts"
import { broken, metaOf, sendProblem } from "../problem.ts"
import { badRequest, type Refused } from "../refused.ts"
import { cookiesIn } from "../serve.ts"
import { noFlowCookie } from "./cookies.ts"
import type { Means } from "./identity.ts"
import { finishOidc, type Redirect, startOidc } from "./oidc-sign-in.ts"

const go = (res: Response, { location, cookies }: Redirect) => {
  res.setHeader("cache-control", "no-store")
  res.setHeader("set-cookie", [...cookies])
  // the code that stands in the address must not travel on
  res.setHeader("referrer-policy", "no-referrer")
  res.redirect(302, location)
}

/** Of a path such as `/api?x=y` what begins with the question mark. */
const searchOf = ({ url }: Request) => (url.includes("?") ? url.slice(url.indexOf("?")) : "")

/**
 * A person reads this in a browser: he is taken to the dashboard, which knows the kinds of problems. Its words are not
 * in the address, or anybody could put his own there.
 */
const problemPage = ({ kind }: Refused): Redirect => ({
  location: `/?signInProblem=${encodeURIComponent(kind)}`,
  cookies: [noFlowCookie]
})

export const oidcNatives = (means: Means): Effect.Effect<ReadonlyArray<Native>, never, Bus> =>
  Effect.gen(function* () {
    const context = yield* Effect.context<Bus>()
    const run = Effect.runPromiseExitWith(context)
    const log = Effect.runForkWith(context)
    const answer = async (res: Response, effect: Effect.Effect<Redirect, Refused, Bus>) => {
      const exit = await run(Effect.match(effect, { onFailure: problemPage, onSuccess: (to) => to }))
      if (Exit.isSuccess(exit)) return go(res, exit.value)
      const { correlationId } = metaOf(res)
      log(Effect.logError("a sign-in broke", Cause.pretty(exit.cause)).pipe(Effect.annotateLogs({ correlationId })))
      sendProblem(res, broken(correlationId))
    }
    const nowOf = (res: Response) => Number(res.locals["now"])
    return [
      {
        endpoint: getOidcStart,
        handle: (req, res) => {
          const query = decodeAs(getOidcStart.query, { ...req.query })
          if (Result.isFailure(query)) return void sendProblem(res, badRequest("`next` is a path of the dashboard."))
          void answer(res, startOidc(means, query.success.next ?? "/", nowOf(res)))
        }
      },
      {
        endpoint: getOidcCallback,
        handle: (req, res) => {
          const cookies = cookiesIn(req.headers.cookie)
          void answer(res, finishOidc(means, { search: searchOf(req), cookies, from: req.ip ?? "" }, nowOf(res)))
        }
      }
    ]
  })
