/** Whether what is shown can be trusted: how far each reader is behind, what nobody could read, what all stands on. */
import { Effect } from "effect"
import {
  getHealth,
  getHealthDetailed,
  getHealthz,
  getReadyz,
  getSystem,
  getVersion,
  listDead,
  postRedrive
} from "../../schemas/api/system.ts"
import { inventoryAgeMsMax } from "../../schemas/composition.ts"
import { sweepDone } from "../../schemas/group.ts"
import { key } from "../../schemas/key.ts"
import { readAccountsOf } from "../fleet/scope.ts"
import { reachOf } from "../history/reach.ts"
import { unavailable } from "../refused.ts"
import { type Asked, type Route, route } from "../route.ts"
import { type Moment, momentAt } from "../rows.ts"
import { StreamStats } from "../stream/stats.ts"
import { consumers, deadLately, deadOf, redriveOf } from "../system/dead.ts"
import { dependencies, statusOf } from "../system/dependencies.ts"
import { processAt, Version } from "../system/process.ts"
import { lagOf, projectionsOf } from "../system/projections.ts"
import { tagged } from "../tagged.ts"

/** Each region of the tenant's accounts that are read; one that was never swept is as old as its connection. */
const sweepsOf = (moment: Moment, tenant: Asked<typeof getSystem>["caller"]["tenant"], now: number) =>
  readAccountsOf(moment, tenant).flatMap(([, { value }]) =>
    value.regions.map((region) => {
      const swept = moment.remark(sweepDone, key(value.account, region))?.value.startedAt
      const ageMs = Math.max(0, now - (swept ?? value.since))
      return { account: value.account, region, ageMs, isStale: ageMs > inventoryAgeMsMax }
    })
  )

/** While servers choose a leader half a page says more than none: what the bus does not say soon is not known. */
const ifSaid = <A, E, R>(asked: Effect.Effect<A, E, R>) =>
  asked.pipe(
    Effect.timeout("2 seconds"),
    Effect.orElseSucceed((): A | null => null)
  )

const systemOf = Effect.fn("getSystem")(function* ({ caller, now }: Asked<typeof getSystem>) {
  const reach = yield* reachOf(caller.tenant, {})
  const [copies, hearers, dead, answers] = yield* Effect.all(
    [
      projectionsOf(reach, caller.tenant, now),
      ifSaid(consumers),
      ifSaid(deadLately(caller, reach.moment, now)),
      dependencies
    ],
    { concurrency: "unbounded" }
  )
  return {
    head: reach.asOf,
    ...copies,
    sweeps: sweepsOf(reach.moment, caller.tenant, now),
    stream: (yield* StreamStats)(),
    consumers: hearers,
    dead,
    dependencies: answers,
    process: processAt(yield* Version, now)
  }
})

/** What health says of everything; refused where the log itself is away. */
const healthOf = Effect.gen(function* () {
  const all = yield* dependencies
  const status = statusOf(all)
  if (status === "down") return yield* unavailable("the log does not answer: nothing that is shown would be true")
  return { status, version: yield* Version, dependencies: all }
})

/** Copies that lag by more than this are not shown to anybody, in milliseconds. */
const lagMsMax = 10_000

const readyOf = Effect.fn("readyz")(function* ({ now }: Asked<typeof getReadyz>) {
  const moment = yield* momentAt()
  const lag = yield* lagOf(moment, now)
  if (lag > lagMsMax) {
    return yield* unavailable(`the rows are ${Math.round(lag / 1_000)} s behind the log: send requests elsewhere`)
  }
  return { status: "ok" as const }
})

export const systemRoutes: ReadonlyArray<Route> = [
  route(getSystem, systemOf),
  route(listDead, (asked) => Effect.map(deadOf(asked), tagged)),
  route(postRedrive, redriveOf),
  route(getHealth, () => Effect.map(healthOf, ({ status, version }) => ({ status, version }))),
  route(getHealthDetailed, () => healthOf),
  route(getHealthz, () => Effect.succeed({ status: "ok" as const })),
  route(getReadyz, readyOf),
  route(getVersion, () => Effect.map(Version, (version) => ({ version, node: process.version })))
]
