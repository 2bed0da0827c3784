/** Is this server one to trust production with? What cannot be proven is refused, with the sentence that mends it. */
import { Effect, Option, Schema } from "effect"
import type { Link } from "./nats-link.live.ts"
import type { Replicas } from "./streams.ts"

/** The server may lose what it acknowledged. `mend` says what a person has to do. */
export class UnsafeServer extends Schema.TaggedError<UnsafeServer>()("UnsafeServer", {
  why: Schema.String,
  mend: Schema.String
}) {
  override get message() {
    return `${this.why}: ${this.mend}`
  }
}

/** What a monitoring endpoint says about its server (`/varz`), as far as we judge it. */
export const Varz = Schema.Struct({
  server_id: Schema.String,
  server_name: Schema.String,
  version: Schema.String,
  jetstream: Schema.optionalKey(
    Schema.Struct({
      config: Schema.optionalKey(Schema.NullOr(Schema.Struct({ sync_always: Schema.optionalKey(Schema.Boolean) })))
    })
  )
})
export type Varz = typeof Varz.Type
const decodeVarz = Schema.decodeUnknownEffect(Varz)

const syncMend =
  "set `jetstream { sync_interval: always }` and `http: 127.0.0.1:8222` on every server " +
  "and name each server's monitoring address"

/** Oldest patch of each line without the lost writes that Jepsen found in 2.12.1. Newer lines are taken as they are. */
const isPatched = (version: string): boolean => {
  const [major = 0, minor = 0, patch = 0] = version.split(".").map((part) => Number.parseInt(part, 10))
  if (major !== 2) return major > 2
  if (minor < 12 || minor === 13) return false
  if (minor === 12) return patch >= 15
  return minor > 14 || patch >= 5
}

/**
 * What is wrong with these servers, if anything. `reports` is what each one's monitoring said; a server that did not
 * report counts as unproven.
 */
export const judge = (
  replicas: Replicas,
  connectedTo: string,
  reports: ReadonlyArray<Varz>
): UnsafeServer | undefined => {
  const no = (why: string, mend: string) => new UnsafeServer({ why, mend })
  const old = [connectedTo, ...reports.map(({ version }) => version)].find((version) => !isPatched(version))
  if (old !== undefined) {
    return no(
      `nats-server ${old} may lose acknowledged messages`,
      "run 2.12.15 or newer, in the 2.14 line 2.14.5 or newer"
    )
  }
  if (replicas < 3)
    return no(`${replicas} replica does not outlive its server`, "run three servers and set replicas to 3")
  const servers = new Set(reports.map((report) => report.server_id))
  if (servers.size < replicas) {
    return no(
      `that messages reach the disk before they are acknowledged is proven of ${servers.size} servers only`,
      syncMend
    )
  }
  const lazy = reports.find((report) => report.jetstream?.config?.sync_always !== true)
  return lazy && no(`server ${lazy.server_name} acknowledges before the disk has it`, syncMend)
}

const reportOf = (monitor: string) =>
  Effect.tryPromise(async (signal) => (await fetch(new URL("/varz", monitor), { signal })).json()).pipe(
    Effect.flatMap(decodeVarz),
    Effect.timeout("5 seconds"),
    Effect.option
  )

/** Refuses servers that may lose what they acknowledged. `monitors` are their monitoring addresses, one per server. */
export const assertSafeServer = (
  link: Link,
  replicas: Replicas,
  monitors: ReadonlyArray<string>
): Effect.Effect<void, UnsafeServer> =>
  Effect.forEach(monitors, reportOf, { concurrency: 4 }).pipe(
    Effect.map((reports) => reports.flatMap(Option.toArray)),
    Effect.flatMap((reports) => judge(replicas, link.nc.info?.version ?? "0.0.0", reports) ?? Effect.void)
  )
