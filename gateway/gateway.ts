/** The gateway: the application on its port, with everything that its handlers may use. */
import { Clock, Effect, type Scope } from "effect"
import type { Express, Request } from "express"
import type { CannotListen } from "./cannot-listen.ts"
import { type AppTerms, appOf } from "./app.ts"
import type { Caller } from "./caller.ts"
import { guessesOf, limitsOf } from "./limits.ts"
import { counting } from "./metrics.ts"
import type { Refused } from "./refused.ts"
import type { Services } from "./route.ts"
import { makeTurns } from "./turns.ts"
import { cookiesIn, type Door } from "./serve.ts"

export interface GatewayTerms extends Omit<AppTerms, "door" | "counted"> {
  /** Serves the application until the scope closes; gives the port that it got. */
  readonly listen: (app: Express, port: number, host: string) => Effect.Effect<number, CannotListen, Scope.Scope>
  /** 0 = any free one. */
  readonly port: number
  /** Address to listen on: this machine alone (`127.0.0.1`), or everywhere (`0.0.0.0`). */
  readonly host: string
  /** Multiplies the allowances of `limits.ts`. */
  readonly limitScale: number
  readonly identify: (presented: {
    readonly authorization: string | undefined
    readonly cookies: Readonly<Record<string, string>>
    readonly now: number
  }) => Effect.Effect<Caller | undefined, Refused, Services>
  readonly isSameOrigin: Door["isSameOrigin"]
}

const identifying = (terms: GatewayTerms, now: () => number) => (req: Request) => {
  const { authorization, cookie } = req.headers
  return terms.identify({ authorization, cookies: cookiesIn(cookie), now: now() })
}

/** Listens until the scope closes; gives the port. */
export const openGateway = (terms: GatewayTerms): Effect.Effect<number, CannotListen, Services | Scope.Scope> =>
  Effect.gen(function* () {
    const services = yield* Effect.context<Services>()
    const clock = yield* Clock.Clock
    const now = () => clock.currentTimeMillisUnsafe()
    const run = Effect.runPromiseExitWith(services)
    const log = Effect.runForkWith(services)
    const door: Door = {
      run: (effect, signal) => run(effect, { signal }),
      identify: identifying(terms, now),
      isSameOrigin: terms.isSameOrigin,
      limited: limitsOf(terms.limitScale),
      guesses: guessesOf(terms.limitScale),
      turns: makeTurns(),
      now,
      report: (correlationId, what, why) =>
        void log(Effect.logError(`${what} broke`).pipe(Effect.annotateLogs({ correlationId, why })))
    }
    const counted = counting(now, services)
    return yield* terms.listen(appOf({ ...terms, door, counted }), terms.port, terms.host)
  })
