/** How long identity takes on this machine, over a real server and real hashes: run it with node, it prints. */
import { monitorEventLoopDelay } from "node:perf_hooks"
import { Effect, Exit, Layer } from "effect"
import { Bus } from "../../bus/bus.ts"
import { layer as entropy } from "../../gateway/identity/entropy.live.ts"
import { createFirstAdmin, firstAdminSecret } from "../../gateway/identity/first-admin.ts"
import { identify } from "../../gateway/identity/identify.ts"
import { Identity, identityLayer, type Means } from "../../gateway/identity/identity.ts"
import { issueKey } from "../../gateway/identity/keys.ts"
import { layer as oidc } from "../../gateway/identity/oidc.live.ts"
import { layer as passwords } from "../../gateway/identity/passwords.live.ts"
import { openSession, refresh, type Tokens } from "../../gateway/identity/sessions.ts"
import { signIn } from "../../gateway/identity/sign-in.ts"
import { createUser, newUserId } from "../../gateway/identity/users.ts"
import { layer as vault } from "../../gateway/identity/vault.live.ts"
import { startServers } from "../conformance/nats-bus.ts"
import { password, settings } from "./identity-stage.ts"

const tenant = settings.homeTenant
const bus = Layer.mock(Bus, { append: () => Effect.succeed({ seq: 1 }) })

/** Runs it so often, one after another; milliseconds each, in rising order. */
const timed = async (times: number, once: (i: number) => Promise<unknown>) => {
  const took: Array<number> = []
  for (let i = 0; i < times; i++) {
    const start = performance.now()
    await once(i)
    took.push(performance.now() - start)
  }
  return took.sort((a, b) => a - b)
}
const line = (name: string, took: ReadonlyArray<number>) => {
  const at = (share: number) => (took[Math.min(took.length - 1, Math.floor(share * took.length))] ?? 0).toFixed(3)
  const perSecond = took.length / (took.reduce((sum, ms) => sum + ms, 0) / 1_000)
  console.log(`${name}: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, ${perSecond.toFixed(0)} a second, one after another`)
}

/** Sixty people at nine o'clock. */
const storm = async (means: Means, hash: string | null) => {
  const people = Array.from({ length: 60 }, (_, i) => `p${i}@example.com`)
  const role = { tenant, role: "viewer" as const, superAdmin: false, oidc: null }
  for (const email of people) {
    const wanted = { ...role, email, name: email, password: hash }
    await Effect.runPromise(createUser(means, newUserId(means), wanted, Date.now()))
  }
  const delay = monitorEventLoopDelay({ resolution: 5 })
  delay.enable()
  const start = performance.now()
  const all = people.map((email, i) => {
    const login = signIn(means, { email, password, from: `198.51.100.${i}` }, Date.now())
    return Effect.exit(Effect.provide(login, bus))
  })
  const exits = await Effect.runPromise(Effect.all(all, { concurrency: "unbounded" }))
  const took = performance.now() - start
  delay.disable()
  const done = exits.filter(Exit.isSuccess).length
  const late = (delay.max / 1e6).toFixed(0)
  console.log(
    `60 logins at once: ${done} in, ${60 - done} put off, ${took.toFixed(0)} ms; loop late by ${late} ms at most`
  )
}

const measure = async (means: Means) => {
  const now = Date.now()
  const secret = (await Effect.runPromise(firstAdminSecret(means))) ?? ""
  const wanted = { secret, email: "ada@example.com", name: "Ada", password, tenant }
  const ada = await Effect.runPromise(createFirstAdmin(means, wanted, now))
  let tokens: Tokens = await Effect.runPromise(openSession(means, ada, now))
  const by = { kind: "user", id: ada.id, tenant, name: ada.email, role: "owner", scopes: [], superAdmin: true } as const
  const asked = { name: "ci", scopes: ["read"] as const, days: 1 }
  const key = await Effect.runPromise(issueKey(means, { ...by, until: 0 }, asked, now))
  const ask = (token: string) => () =>
    Effect.runPromise(identify(means)({ authorization: `Bearer ${token}`, cookies: {}, now: Date.now() }))
  await timed(2_000, ask(tokens.access))
  line("identify by session", await timed(20_000, ask(tokens.access)))
  line("identify by key", await timed(20_000, ask(key.secret)))
  const login = { email: ada.email, password, from: "192.0.2.1" }
  line("login", await timed(40, () => Effect.runPromise(Effect.provide(signIn(means, login, Date.now()), bus))))
  const renew = async () => {
    tokens = await Effect.runPromise(Effect.provide(refresh(means, tokens.refresh, Date.now()), bus))
  }
  line("renewal", await timed(200, renew))
  await storm(means, ada.password)
}

const servers = await startServers(1)
try {
  const parts = Layer.mergeAll(
    vault({ servers: servers.urls, name: "figures", replicas: 1 }),
    entropy,
    passwords,
    oidc(null)
  )
  const program = Effect.flatMap(Identity, (means) => Effect.promise(() => measure(means)))
  await Effect.runPromise(program.pipe(Effect.provide(identityLayer(settings).pipe(Layer.provide(parts)))))
} finally {
  await servers.end()
}
