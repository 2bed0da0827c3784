/** What is going on and what was: events, swaps, traces and the fate of orders. */
import {
  getCommand,
  getOptimization,
  getSaga,
  getTrace,
  listEvents,
  listHistory,
  listSagas,
  postAbort,
  postRetry
} from "../../schemas/api/operations.ts"
import { Effect } from "effect"
import { eventsOf } from "../history/events.ts"
import { type Route, route } from "../route.ts"
import { sagaDetail } from "../sagas/detail.ts"
import { sagasOf } from "../sagas/list.ts"
import { abortOf, retryOf } from "../sagas/orders.ts"
import { tagged } from "../tagged.ts"
import { commandOf } from "../traces/command.ts"
import { traceOf } from "../traces/trace.ts"

export const operationsRoutes: ReadonlyArray<Route> = [
  route(listEvents, (asked) => Effect.map(eventsOf(asked), tagged)),
  route(listSagas, ({ caller, query }) => Effect.map(sagasOf(caller.tenant, query), tagged)),
  route(getSaga, ({ caller, params, query }) => Effect.map(sagaDetail(caller.tenant, params.id, query), tagged)),
  route(postAbort, ({ caller, params, body, correlationId }) =>
    abortOf(caller, params.id, { because: body.because, correlationId })
  ),
  route(postRetry, ({ caller, params, body, correlationId }) =>
    retryOf(caller, params.id, { because: body.because, correlationId })
  ),
  route(getTrace, ({ caller, params, query }) => Effect.map(traceOf(caller.tenant, params.id, query), tagged)),
  route(getCommand, ({ caller, params, now }) => commandOf(caller.tenant, params.id, now)),
  route(listHistory, ({ caller, query }) => Effect.map(sagasOf(caller.tenant, { ...query, status: "ended" }), tagged)),
  route(getOptimization, ({ caller, params, query }) => Effect.map(sagaDetail(caller.tenant, params.id, query), tagged))
]
