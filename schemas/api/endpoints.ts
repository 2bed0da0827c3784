/** Every endpoint in one list: the gateway serves no other; the document, the tests and the clients read it. */
import { accountsEndpoints } from "./accounts.ts"
import { approvalsEndpoints } from "./approvals.ts"
import { authEndpoints } from "./auth.ts"
import type { BodyOf, Endpoint, ParamsOf, QueryOf, ReplyOf } from "./endpoint.ts"
import { explainEndpoints } from "./explain.ts"
import { fleetEndpoints } from "./fleet.ts"
import { instanceEndpoints } from "./instances.ts"
import { moneyEndpoints } from "./money.ts"
import { operationsEndpoints } from "./operations.ts"
import { peopleEndpoints } from "./people.ts"
import { riskEndpoints } from "./risk.ts"
import { systemEndpoints } from "./system.ts"

export const endpoints = [
  ...authEndpoints,
  ...peopleEndpoints,
  ...fleetEndpoints,
  ...accountsEndpoints,
  ...instanceEndpoints,
  ...operationsEndpoints,
  ...approvalsEndpoints,
  ...riskEndpoints,
  ...moneyEndpoints,
  ...explainEndpoints,
  ...systemEndpoints
] as const satisfies ReadonlyArray<Endpoint>

type All = (typeof endpoints)[number]
export type EndpointName = All["name"]
type Named<N extends EndpointName> = Extract<All, { readonly name: N }>

/** What callers pass and get, by `METHOD path`: a client needs no code of ours, only these types. */
export type Calls = {
  readonly [E in All as `${E["method"]} ${E["path"]}`]: {
    readonly params: ParamsOf<E>
    readonly query: QueryOf<E>
    readonly body: BodyOf<E>
    readonly reply: ReplyOf<E>
  }
}
export type { Named }
