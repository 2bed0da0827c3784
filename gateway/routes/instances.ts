/** What people order about one instance: to keep it from us, or to have it looked at now. */
import { Effect, Schedule } from "effect"
import { patchInstance, postEvaluate } from "../../schemas/api/instances.ts"
import type { GroupSeen } from "../../schemas/group.ts"
import type { InstanceId } from "../../schemas/ids.ts"
import { LookAgain, lookAgain } from "../../schemas/proposal.ts"
import { edited, policyStanding } from "../approvals/edit.ts"
import type { Caller } from "../caller.ts"
import { placeOf } from "../fleet/instances.ts"
import { accountsOf, deskOf } from "../fleet/scope.ts"
import { order } from "../order.ts"
import { unprocessable } from "../refused.ts"
import { type Route, route } from "../route.ts"
import { type Moment, momentAt } from "../rows.ts"

/** The group that an instance is in, or, to let one go that is there no more, the account whose policy names it. */
const groupOrNaming = (moment: Moment, { tenant }: Caller, id: InstanceId, isExcluded: boolean) => {
  const place = Effect.map(placeOf(moment, tenant, id), ({ group }) => group)
  if (isExcluded) return place
  const naming = accountsOf(moment, tenant).find(([, { value }]) =>
    deskOf(moment, tenant, value.account)?.value.policy?.excludedInstances?.includes(id)
  )
  const named = naming === undefined ? undefined : { account: naming[1].value.account, group: undefined }
  return named === undefined ? place : Effect.orElseSucceed(place, () => named)
}

/** An edit names no version: where somebody else was first it is made again, on what he left. */
const again = Schedule.exponential("10 millis").pipe(Schedule.jittered, Schedule.upTo({ times: 8 }))

/** Asks for the group to be looked at again now. */
export const lookAgainAt = ({ tenant, account, region, group }: GroupSeen, by: string, correlationId: string) =>
  order(lookAgain, new LookAgain({ tenant, account, region, group, by }), correlationId)

export const instanceRoutes: ReadonlyArray<Route> = [
  route(patchInstance, ({ params: { id }, body, caller, correlationId }) =>
    Effect.gen(function* () {
      const moment = yield* momentAt()
      const { account, group } = yield* groupOrNaming(moment, caller, id, body.excluded)
      const standing = yield* policyStanding(moment, { caller, account })
      const { held } = standing
      if (!body.excluded && group !== undefined && held.excludedGroups.includes(group))
        return yield* unprocessable(`its whole group ${group} is excluded: take that out of the account's policy`)
      const { excludedInstances = [], ...wishes } = held
      const others = excludedInstances.filter((one) => one !== id)
      const kept = body.excluded ? [...others, id].sort() : others
      const wished = kept.length === 0 ? wishes : { ...wishes, excludedInstances: kept }
      return yield* edited(standing, wished, { caller, account, correlationId, because: body.because, isDry: false })
    }).pipe(Effect.retry({ schedule: again, while: ({ kind }) => kind === "conflict" }))
  ),
  route(postEvaluate, ({ params, caller, correlationId }) =>
    Effect.gen(function* () {
      const { group } = yield* placeOf(yield* momentAt(), caller.tenant, params.id)
      return yield* lookAgainAt(group, caller.name, correlationId)
    })
  )
]
