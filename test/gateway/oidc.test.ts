/** Signing in through a real identity provider, and every way in which it must not work. */
import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Layer } from "effect"
import { freePort } from "../../deploy/free-port.ts"
import { cookieNames } from "../../gateway/identity/cookies.ts"
import { layer } from "../../gateway/identity/oidc.live.ts"
import { Oidc } from "../../gateway/identity/oidc.ts"
import type { OidcSettings } from "../../gateway/identity/settings.ts"
import { TenantId } from "../../schemas/ids.ts"
import { type Browser, makeBrowser, openHouse } from "./identity-house.ts"
import { client, type House, openProvider, type Person } from "./identity-provider.ts"
import { admin, openStage, type Stage } from "./identity-stage.ts"

const grace: Person = {
  sub: "subject-1",
  email: "grace@example.com",
  email_verified: true,
  name: "Grace",
  groups: ["all-staff", "platform"]
}

interface Place {
  readonly stage: Stage
  readonly origin: string
  readonly provider: House
  readonly browser: Browser
}

const within = (test: (place: Place) => Promise<void>) =>
  Effect.gen(function* () {
    const [own, theirs] = [yield* Effect.promise(() => freePort()), yield* Effect.promise(() => freePort())]
    const origin = `http://127.0.0.1:${own}`
    const oidc: OidcSettings = {
      issuer: `http://127.0.0.1:${theirs}`,
      clientId: client.id,
      clientSecret: client.secret,
      redirectUri: `${origin}/api/v1/auth/oidc/callback`,
      scope: "openid email profile",
      roleClaim: "groups",
      roleOf: { platform: "operator", leads: "owner", "all-staff": "viewer" },
      tenant: TenantId.make("default")
    }
    const provider = yield* openProvider(theirs, oidc.redirectUri, grace)
    const { provider: ours } = Context.get(yield* Layer.build(layer(oidc)), Oidc)
    assert.isNotNull(ours)
    const stage = yield* openStage({ provider: ours, settings: { oidc } })
    yield* openHouse(stage, own)
    const place = { stage, origin, provider, browser: makeBrowser(origin) }
    yield* Effect.promise(() => test(place))
  }).pipe(Effect.scoped)

/** Where the browser stands after the provider has sent it back; `bend` is what somebody does to the way there. */
const away = async ({ browser, origin }: Place, bend: (url: URL) => void = () => {}): Promise<string> => {
  const start = await browser.ask("/api/v1/auth/oidc/start?next=/risk")
  assert.strictEqual(start.status, 302)
  const first = new URL(start.headers.get("location") ?? "")
  bend(first)
  const theirs = makeBrowser(first.origin)
  for (let at = first.href, hops = 0; hops < 8; hops++) {
    const answer = await theirs.ask(at)
    at = new URL(answer.headers.get("location") ?? assert.fail(`${answer.status} at ${at}`), first.origin).href
    if (at.startsWith(origin)) return at
  }
  return assert.fail("the provider sends nobody back")
}
const back = (place: Place, url: string) => place.browser.ask(url)
const problemIn = (location: string | null) => new URL(location ?? "", "http://none").searchParams.get("signInProblem")

const isRefused = async (place: Place, url: string, kind = "not-held") => {
  const { status, headers } = await back(place, url)
  assert.strictEqual(status, 302)
  assert.strictEqual(problemIn(headers.get("location")), kind)
  assert.isFalse(place.browser.cookies.has(cookieNames.access))
}

describe("through an identity provider", () => {
  it.live("one signs in, with the highest role of one's groups, and comes back to where one was", () =>
    within(async (place) => {
      const answer = await back(place, await away(place))
      assert.strictEqual(answer.headers.get("location"), "/risk")
      const me = await place.browser.ask("/api/v1/auth/me")
      assert.deepInclude(me.json, { kind: "user", tenant: "default", role: "operator", superAdmin: false })
      assert.deepInclude(me.json.user, { email: "grace@example.com", name: "Grace", signsInWith: ["oidc"] })
      assert.isFalse(place.browser.cookies.has(cookieNames.flow))
      const whats = place.stage.told.map(({ what }) => what)
      assert.deepStrictEqual(whats, ["user-created", "signed-in"])
    })
  )

  it.live(
    "one is the same user ever after, and has the role of today's groups; earlier sessions end with the old",
    () =>
      within(async (place) => {
        await back(place, await away(place))
        const before = await place.browser.ask("/api/v1/auth/me")
        place.provider.person = { ...grace, groups: ["leads"], email: "moved@example.com" }
        const other = { ...place, browser: makeBrowser(place.origin) }
        await back(other, await away(other))
        const after = await other.browser.ask("/api/v1/auth/me")
        assert.strictEqual(after.json.user.id, before.json.user.id)
        assert.strictEqual(after.json.role, "owner")
        assert.strictEqual((await place.browser.ask("/api/v1/auth/me")).status, 401)
      })
  )

  it.live("nobody without a group that has a role, or without a proven address, comes in", () =>
    within(async (place) => {
      const changes = [
        [{ groups: ["guests"] }, "no-role"],
        [{ groups: ["constructor"] }, "no-role"],
        [{ email_verified: false }, "unproven-address"]
      ] as const
      for (const [change, kind] of changes) {
        place.provider.person = { ...grace, ...change }
        await isRefused(place, await away(place), kind)
      }
      assert.notInclude(place.stage.kept(), "grace@example.com")
    })
  )

  it.live("nobody becomes somebody else by having the same address", () =>
    within(async (place) => {
      await Effect.runPromise(admin(place.stage))
      place.provider.person = { ...grace, email: "ada@example.com", groups: ["leads"] }
      await isRefused(place, await away(place), "address-taken")
    })
  )

  it.live("an answer to another browser's question, or to none, is refused", () =>
    within(async (place) => {
      const url = await away(place)
      const other = { ...place, browser: makeBrowser(place.origin) }
      await isRefused(other, url, "not-begun")
      await away(other)
      await isRefused(other, url)
      const state = new URL(url)
      state.searchParams.set("state", "x".repeat(43))
      await isRefused(place, state.href)
    })
  )

  it.live("a code is good once, whoever brings it back", () =>
    within(async (place) => {
      const url = await away(place)
      const kept = new Map(place.browser.cookies)
      const first = await back(place, url)
      assert.strictEqual(first.headers.get("location"), "/risk")
      const thief = { ...place, browser: makeBrowser(place.origin) }
      for (const [name, value] of kept) thief.browser.cookies.set(name, value)
      await isRefused(thief, url)
    })
  )

  it.live("what was bent on the way is refused: nonce, proof of the code, issuer, the signed flow", () =>
    within(async (place) => {
      await isRefused(place, await away(place, ({ searchParams }) => searchParams.set("nonce", "another")))
      const challenge = "x".repeat(43)
      await isRefused(place, await away(place, ({ searchParams }) => searchParams.set("code_challenge", challenge)))
      const url = new URL(await away(place))
      url.searchParams.set("iss", "https://evil.example")
      await isRefused(place, url.href)
      const good = await away(place)
      const flow = place.browser.cookies.get(cookieNames.flow) ?? ""
      place.browser.cookies.set(cookieNames.flow, `${flow.slice(0, -4)}AAAA`)
      await isRefused(place, good, "not-begun")
    })
  )

  it.live("leads back only to pages of its own", () =>
    within(async ({ browser }) => {
      for (const next of [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/a\nb"
      ]) {
        const answer = await browser.ask(`/api/v1/auth/oidc/start?next=${encodeURIComponent(next)}`)
        assert.strictEqual(answer.status, 400, next)
      }
    })
  )
})
