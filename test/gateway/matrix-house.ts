/** The whole gateway over two tenants' worlds, and one of everybody who may or may not knock at it. */
import { Context, Effect, Layer, References } from "effect"
import type { Native } from "../../gateway/app.ts"
import { openGateway } from "../../gateway/gateway.ts"
import { routesOf } from "../../gateway/house.ts"
import { makeEntropy } from "../../gateway/identity/entropy.sim.ts"
import { Entropy } from "../../gateway/identity/entropy.ts"
import { createFirstAdmin, firstAdminSecret } from "../../gateway/identity/first-admin.ts"
import { identify } from "../../gateway/identity/identify.ts"
import { Identity, identityLayer, type Means } from "../../gateway/identity/identity.ts"
import { issueKey, revokeKey } from "../../gateway/identity/keys.ts"
import { oidcNatives } from "../../gateway/identity/oidc-natives.ts"
import { Oidc } from "../../gateway/identity/oidc.ts"
import { layer as passwords } from "../../gateway/identity/passwords.sim.ts"
import { openSession } from "../../gateway/identity/sessions.ts"
import { createTenant } from "../../gateway/identity/tenants.ts"
import { changeUser, createUser, newUserId } from "../../gateway/identity/users.ts"
import { metricsNative } from "../../gateway/metrics.ts"
import { openStream } from "../../gateway/stream/handler.ts"
import { TenantId } from "../../schemas/ids.ts"
import type { Role, Scope } from "../../schemas/identity.ts"
import { password, settings } from "./identity-stage.ts"
import { acme, globex, sayEverything } from "./reads-stage.ts"
import { book, callerOf, stage } from "./rows-stage.ts"
import { quietTerms } from "./quiet.ts"

/** What somebody presents, made anew for each request: one of them ends the session that it came with. */
export type Present = () => Effect.Effect<string | undefined, unknown>

/** Who knocks: what he presents, and what the rules should make of him. */
export interface Knocker {
  readonly name: string
  readonly tenant: "acme" | "globex"
  /** Undefined: nobody, or somebody no longer. */
  readonly may: { readonly role: Role } | { readonly scopes: ReadonlyArray<Scope> } | "everything" | undefined
  readonly present: Present
}

const people = (means: Means) => {
  const now = Date.now()
  const make = (tenant: "acme" | "globex", role: Role, name: string) =>
    createUser(
      means,
      newUserId(means),
      {
        tenant: TenantId.make(tenant),
        email: `${name}@${tenant}.example`,
        name,
        role,
        superAdmin: false,
        password: null,
        oidc: null
      },
      now
    ).pipe(Effect.flatMap((user) => (user === undefined ? Effect.die("taken") : Effect.succeed(user))))
  return Effect.gen(function* () {
    const secret = (yield* firstAdminSecret(means)) ?? ""
    const tenant = TenantId.make("acme")
    const first = yield* createFirstAdmin(
      means,
      { secret, email: "root@acme.example", name: "root", password, tenant },
      now
    )
    yield* createTenant(means, { id: TenantId.make("globex"), companyName: "Globex", email: "a@globex.example" }, now)
    const session = (user: typeof first, at = now) => Effect.map(openSession(means, user, at), (tokens) => tokens)
    const person = (name: string, user: typeof first, may: Knocker["may"]): Knocker => ({
      name,
      tenant: user.tenant === "acme" ? "acme" : "globex",
      may,
      present: () => Effect.map(session(user, Date.now()), ({ access }) => access)
    })
    const roles = yield* Effect.forEach(["viewer", "operator", "approver", "owner"] as const, (role) =>
      Effect.map(make("acme", role, role), (user) => person(role, user, { role }))
    )
    const gone = yield* make("acme", "owner", "gone")
    const lost = (yield* session(gone)).access
    yield* changeUser(means, callerOf("acme"), gone.id, { status: "disabled" })
    const old = yield* make("acme", "owner", "old")
    const stranger = (name: string, present: Present): Knocker => ({ name, tenant: "acme", may: undefined, present })
    return [
      stranger("nobody", () => Effect.succeed(undefined)),
      ...roles,
      person("super admin", first, "everything"),
      person("owner of another tenant", yield* make("globex", "owner", "other"), { role: "owner" }),
      stranger("revoked", () => Effect.succeed(lost)),
      stranger("expired", () => Effect.map(session(old, Date.now() - 3_600_000), ({ access }) => access)),
      stranger("refresh token as access", () => Effect.map(session(old), ({ refresh }) => refresh)),
      stranger("forged", () => Effect.succeed("eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0.eyJzdWIiOiJ1In0.")),
      ...(yield* keysFor(means))
    ]
  })
}

const keysFor = (means: Means) =>
  Effect.gen(function* () {
    const issue = (name: string, tenant: "acme" | "globex", scopes: ReadonlyArray<Scope>) =>
      issueKey(means, callerOf(tenant), { name, scopes, days: 1 }, Date.now())
    const key = (name: string, tenant: "acme" | "globex", scopes: ReadonlyArray<Scope>) =>
      Effect.map(
        issue(name, tenant, scopes),
        ({ secret }): Knocker => ({ name, tenant, may: { scopes }, present: () => Effect.succeed(secret) })
      )
    const revoked = yield* issue("revoked key", "acme", ["read", "operate", "approve"])
    yield* revokeKey(means, callerOf("acme"), revoked.key.id, Date.now())
    return [
      yield* key("key to read", "acme", ["read"]),
      yield* key("key to operate", "acme", ["operate"]),
      yield* key("key to approve", "acme", ["approve"]),
      yield* key("key of another tenant", "globex", ["read", "operate", "approve"]),
      { name: "revoked key", tenant: "acme", may: undefined, present: () => Effect.succeed(revoked.secret) }
    ] satisfies ReadonlyArray<Knocker>
  })

/** Opens it until the scope closes; gives its origin, who knocks, and what there is to ask for. */
export const openMatrix = Effect.gen(function* () {
  const world = yield* Layer.build(stage())
  const parts = Layer.mergeAll(
    Layer.succeed(Entropy, makeEntropy("matrix")),
    passwords,
    Layer.succeed(Oidc, { provider: null })
  )
  const identity = identityLayer({ ...settings, homeTenant: TenantId.make("acme") }).pipe(Layer.provide(parts))
  const services = Context.merge(world, yield* Effect.provide(Layer.build(identity), world))
  return yield* Effect.gen(function* () {
    const means = yield* Identity
    const said = yield* sayEverything
    yield* book
    const knockers = yield* people(means)
    const owners = new Map<string, string>([acme, globex].map((whose) => [whose.account, whose.tenant]))
    const ownerOf = (account: string) => {
      const tenant = owners.get(account)
      return tenant === undefined ? undefined : TenantId.make(tenant)
    }
    const stream = yield* openStream({ ownerOf })
    const natives: ReadonlyArray<Native> = [
      stream.native,
      metricsNative(stream, () => 1, Context.empty()),
      ...(yield* oidcNatives(means))
    ]
    const port = yield* openGateway({
      ...quietTerms,
      limitScale: 1_000,
      natives,
      routes: routesOf(means),
      identify: identify(means)
    })
    return { origin: `http://127.0.0.1:${port}`, knockers, said, means }
  }).pipe(Effect.provide(services), Effect.provideService(References.MinimumLogLevel, "None"))
})
