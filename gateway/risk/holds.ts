/** What is wrong with a person's wish about a pool's gate, each with its place and its mend; empty = nothing. */
import { holdMsMax } from "../../schemas/pool.ts"
import { moment, span } from "../shown/phrase.ts"

type Faults = ReadonlyArray<{ readonly path: string; readonly message: string }>

/** `until` and `now` in milliseconds since 1970. */
export const faultsOfUntil = (until: number, now: number): Faults => {
  if (until <= now) return [{ path: "until", message: `${moment(Math.max(0, until))} has passed: name a later one` }]
  if (until <= now + holdMsMax) return []
  return [{ path: "until", message: `is more than ${span(holdMsMax)} ahead: at most ${moment(now + holdMsMax)}` }]
}
