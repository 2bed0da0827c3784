/** Which port a run's dashboard and API get: the one that was named, or the first free one. */
import { Effect } from "effect"
import { cannot, type CannotStart } from "./cannot-start.ts"
import { isTaken } from "./free-port.ts"
import type { Options } from "./options.ts"

/** Where the gateway of a run is to be, and the dashboard's folder, which may still be under way. */
export interface Door {
  readonly port: number
  readonly dashboard: Promise<string | undefined>
}

/** The first port that is tried where none was named, and how many after it. */
const portDefault = 8_000
const portsTried = 100

/** Which port the run gets; undefined where nobody will look: it ends by itself and none was named. */
export const portOf = (options: Options): Effect.Effect<number | undefined, CannotStart> =>
  Effect.promise(async () => {
    const { port, untilIdle } = options
    if (port === undefined && untilIdle) return { port: undefined }
    if (port !== undefined) return { port, isRefused: port !== 0 && (await isTaken(port)) }
    for (let tried = portDefault; tried < portDefault + portsTried; tried++) {
      if (!(await isTaken(tried))) return { port: tried }
    }
    return { port: 0 }
  }).pipe(
    Effect.flatMap(({ port, isRefused }: { port: number | undefined; isRefused?: boolean }) =>
      isRefused === true
        ? Effect.fail(cannot(`port ${port} of this machine is taken: end what has it, or name another with --port.`))
        : Effect.succeed(port)
    )
  )
