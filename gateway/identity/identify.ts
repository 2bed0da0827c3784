/** Who asks: what a request presents, judged on each request by how things stand now. */
import { Effect } from "effect"
import type { Caller } from "../caller.ts"
import type { Refused } from "../refused.ts"
import { cookieNames } from "./cookies.ts"
import type { Means } from "./identity.ts"
import { callerOfKey, keyPrefix } from "./keys.ts"
import { callerOfToken } from "./sessions.ts"
import { refusedToken } from "./why.ts"

export interface Presented {
  /** The header, as it came. */
  readonly authorization: string | undefined
  readonly cookies: Readonly<Record<string, string>>
  /** Milliseconds since 1970. */
  readonly now: number
}

const bearer = /^bearer +([\w.~+/=-]{1,4000}) *$/i

/**
 * Undefined only where nothing was presented; what is presented and not good is refused (401: `expired`, `revoked`,
 * `invalid-token`), so that nobody reads as a stranger what he asked for as himself. A header goes before a cookie.
 * 503 where the store must be asked and does not answer.
 */
export const identify =
  (means: Means) =>
  ({ authorization, cookies, now }: Presented): Effect.Effect<Caller | undefined, Refused> => {
    if (authorization === undefined) {
      const cookie = cookies[cookieNames.access]
      return cookie === undefined || cookie === "" ? Effect.succeed(undefined) : callerOfToken(means, cookie, now)
    }
    const token = bearer.exec(authorization)?.[1]
    if (token === undefined) return Effect.fail(refusedToken("invalid-token"))
    return token.startsWith(keyPrefix) ? callerOfKey(means, token, now) : callerOfToken(means, token, now)
  }
