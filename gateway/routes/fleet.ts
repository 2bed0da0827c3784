/** What runs: accounts, groups and instances of the caller's tenant, now or as they were. */
import { Effect } from "effect"
import { getAccount, getGroup, getInstance, listAccounts, listGroups, listInstances } from "../../schemas/api/fleet.ts"
import { accountView, byAccount } from "../fleet/accounts.ts"
import { groupDetail, groupView } from "../fleet/groups.ts"
import { instanceView, placeOf, placesIn } from "../fleet/instances.ts"
import { pricesAt } from "../fleet/prices.ts"
import type { GroupSeen } from "../../schemas/group.ts"
import { accountsOf, groupsOf, isWanted, ownAccount, ownGroup } from "../fleet/scope.ts"
import { groupTokenOf } from "../fleet/tokens.ts"
import { containing, paged, wordsAsked } from "../paging.ts"
import { type Route, route } from "../route.ts"
import { momentAt } from "../rows.ts"
import { tagged } from "../tagged.ts"
import { ordering } from "./accounts.ts"
import { connecting, type Trusting } from "./connecting.ts"

const accountRoutes: ReadonlyArray<Route> = [
  route(listAccounts, ({ query, caller: { tenant } }) =>
    Effect.gen(function* () {
      const moment = yield* momentAt(query.at)
      const groups = byAccount(groupsOf(moment, tenant))
      const views = accountsOf(moment, tenant)
        .filter(([, { value }]) => isWanted(query, { account: value.account }))
        .filter(([, { value }]) => query.region === undefined || value.regions.includes(query.region))
        .map(([, { value }]) => accountView(moment, value, groups))
      return tagged(yield* paged(containing(views, query.q), ({ account }) => account, query, moment.asOf))
    })
  ),
  route(getAccount, ({ params, query, caller: { tenant } }) =>
    Effect.gen(function* () {
      const moment = yield* momentAt(query.at)
      const { value } = yield* ownAccount(moment, tenant, params.account)
      return tagged(accountView(moment, value, byAccount(groupsOf(moment, tenant))))
    })
  )
]

const groupRoutes: ReadonlyArray<Route> = [
  route(listGroups, ({ query, caller: { tenant } }) =>
    Effect.gen(function* () {
      const moment = yield* momentAt(query.at)
      const prices = pricesAt(moment)
      const wanted = groupsOf(moment, tenant).filter(([, { value }]) => isWanted(query, value))
      const keyOf = ([, { value }]: (typeof wanted)[number]) => [value.account, value.region, value.group]
      const found =
        query.q === undefined ? wanted : wanted.filter(([, row]) => isSaying(groupView(moment, prices, row), query.q))
      const page = yield* paged(found, keyOf, query, moment.asOf)
      return tagged({ ...page, items: page.items.map(([, row]) => groupView(moment, prices, row)) })
    })
  ),
  route(getGroup, ({ params, query, caller: { tenant } }) =>
    Effect.gen(function* () {
      const moment = yield* momentAt(query.at)
      return tagged(groupDetail(moment, pricesAt(moment), yield* ownGroup(moment, tenant, params.id)))
    })
  )
]

const isSaying = (view: object, q: string | undefined) => containing([view], q).length > 0

const instanceRoutes: ReadonlyArray<Route> = [
  route(listInstances, ({ query, caller: { tenant } }) =>
    Effect.gen(function* () {
      const moment = yield* momentAt(query.at)
      const prices = pricesAt(moment)
      const isNamed = query.group === undefined ? () => true : groupNamed(query.group)
      const groups = groupsOf(moment, tenant).map(([, { value }]) => value)
      const found = placesIn(groups, wordsAsked(query.q)).filter(
        ({ group, member }) =>
          isWanted(query, group) &&
          (query.lifecycle === undefined || member.lifecycle === query.lifecycle) &&
          isNamed(group)
      )
      const keyOf = ({ group, member }: (typeof found)[number]) => [
        group.account,
        group.region,
        group.group,
        member.instance
      ]
      const page = yield* paged(found, keyOf, query, moment.asOf)
      return tagged({ ...page, items: page.items.map((one) => instanceView(moment, prices, one)) })
    })
  ),
  route(getInstance, ({ params, query, caller: { tenant } }) =>
    Effect.gen(function* () {
      const moment = yield* momentAt(query.at)
      return tagged(instanceView(moment, pricesAt(moment), yield* placeOf(moment, tenant, params.id)))
    })
  )
]

/** Named by its token or by its name. */
const groupNamed = (wanted: string) => (group: GroupSeen) => group.group === wanted || groupTokenOf(group) === wanted

/** Connecting first: `accounts/trust` stands in the place of an account's number. */
export const fleet = (means: Trusting): ReadonlyArray<Route> => [
  ...connecting(means),
  ...accountRoutes,
  ...groupRoutes,
  ...instanceRoutes,
  ...ordering
]
