/** Every call that changes something in an account, with its record before and its outcome after. */
import { Effect } from "effect"
import { getAudit, listAudit } from "../../schemas/api/operations.ts"
import { type Route, route } from "../route.ts"
import { auditOf, callOf } from "../sagas/calls.ts"
import { tagged } from "../tagged.ts"

export const auditRoutes: ReadonlyArray<Route> = [
  route(listAudit, (asked) => Effect.map(auditOf(asked), tagged)),
  route(getAudit, ({ caller, params }) => callOf(caller.tenant, params.id))
]
