/** The whole gateway: identity, rows, stream and every route, behind one port. */
import { Context, Effect, Layer, type Scope } from "effect"
import { openBook } from "../bus/book.ts"
import type { Bus } from "../bus/bus.ts"
import { accounts } from "../schemas/catalogue.ts"
import { key } from "../schemas/key.ts"
import type { Warehouse } from "../actors/_ports/warehouse.ts"
import { type GatewayTerms, openGateway } from "./gateway.ts"
import { isSameOrigin } from "./identity/cookies.ts"
import type { Entropy } from "./identity/entropy.ts"
import { firstAdminSecret } from "./identity/first-admin.ts"
import { identify } from "./identity/identify.ts"
import { Identity, identityLayer } from "./identity/identity.ts"
import type { Oidc } from "./identity/oidc.ts"
import { oidcNatives } from "./identity/oidc-natives.ts"
import type { Passwords } from "./identity/passwords.ts"
import type { Settings } from "./identity/settings.ts"
import type { Vault } from "./identity/vault.ts"
import { metricsNative } from "./metrics.ts"
import { layer as rowsLayer } from "./rows-layer.ts"
import { approvals } from "./routes/approvals.ts"
import { auditRoutes } from "./routes/audit.ts"
import { authRoutes } from "./routes/auth.ts"
import { explain } from "./routes/explain.ts"
import { fleet } from "./routes/fleet.ts"
import { instanceRoutes } from "./routes/instances.ts"
import { moneyRoutes } from "./routes/money.ts"
import { operationsRoutes } from "./routes/operations.ts"
import { peopleRoutes } from "./routes/people.ts"
import { policies } from "./routes/policies.ts"
import { risk } from "./routes/risk.ts"
import { systemRoutes } from "./routes/system.ts"
import { openStream } from "./stream/handler.ts"
import { Version } from "./system/process.ts"
import { StreamStats } from "./stream/stats.ts"

export interface HouseTerms
  extends Pick<
    GatewayTerms,
    "port" | "host" | "listen" | "corsOrigins" | "dashboard" | "fresh" | "proxies" | "limitScale"
  > {
  readonly settings: Settings
  readonly rssBytes: () => number
  /** Told once it listens. `secret`: of the first administrator, to be shown once; undefined where there is one. */
  readonly opened: (where: { readonly port: number; readonly secret: string | undefined }) => Effect.Effect<void>
}

/** Every route, over one identity. */
export const routesOf = (means: Identity["Service"]) => [
  ...authRoutes(means),
  ...peopleRoutes(means),
  ...fleet(means),
  ...instanceRoutes,
  ...operationsRoutes,
  ...auditRoutes,
  ...approvals,
  ...policies,
  ...risk,
  ...moneyRoutes,
  ...explain,
  ...systemRoutes
]

const open = (terms: HouseTerms) =>
  Effect.gen(function* () {
    const means = yield* Identity
    const book = yield* openBook([accounts], [])
    const stream = yield* openStream({ ownerOf: (account) => book.get(accounts, key(account))?.value.tenant })
    const oidc = yield* oidcNatives(means)
    const plain = Context.empty()
    const port = yield* openGateway({
      ...terms,
      version: terms.settings.version,
      routes: routesOf(means),
      natives: [stream.native, metricsNative(stream, terms.rssBytes, plain), ...oidc],
      identify: identify(means),
      isSameOrigin: (req) => isSameOrigin(req.headers, req.host)
    }).pipe(Effect.provideService(StreamStats, stream.counts), Effect.provideService(Version, terms.settings.version))
    // before the port closes: everybody who listens is told to come back
    yield* Effect.addFinalizer(() => stream.farewell)
    yield* terms.opened({ port, secret: yield* firstAdminSecret(means) })
    return yield* stream.ended
  })

/** Runs for ever; ends with the scope, or with what it cannot be without. */
export const runGateway = (
  terms: HouseTerms
): Effect.Effect<never, unknown, Bus | Warehouse | Vault | Passwords | Entropy | Oidc | Scope.Scope> =>
  open(terms).pipe(Effect.provide(Layer.mergeAll(identityLayer(terms.settings), rowsLayer)))
