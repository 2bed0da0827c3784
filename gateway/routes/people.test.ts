/** The doors of identity over HTTP: what a browser and a program are answered, and what stands in the log after it. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { makeBrowser, openHouse } from "../../test/gateway/identity-house.ts"
import { openStage, password, type Stage } from "../../test/gateway/identity-stage.ts"
import { Session } from "../../schemas/api/auth.ts"
import { KeyView, TenantView, UserView } from "../../schemas/api/people.ts"
import { cookieNames } from "../identity/cookies.ts"
import { firstAdminSecret } from "../identity/first-admin.ts"

type Browser = ReturnType<typeof makeBrowser>
interface Place {
  readonly stage: Stage
  readonly ada: Browser
  readonly another: () => Browser
}

/** A gateway whose first administrator has just signed in by his secret. */
const within = (test: (place: Place) => Promise<void>) =>
  Effect.gen(function* () {
    const stage = yield* openStage()
    const origin = yield* openHouse(stage)
    const ada = makeBrowser(origin)
    const secret = yield* firstAdminSecret(stage.means)
    yield* Effect.promise(async () => {
      const made = await ada.post("/api/v1/auth/first-admin", {
        secret,
        email: "ada@example.com",
        name: "Ada",
        password
      })
      assert.strictEqual(made.status, 201)
      await test({ stage, ada, another: () => makeBrowser(origin) })
    })
  }).pipe(Effect.scoped)

const invited = async ({ ada, another }: Place, email: string, role: string) => {
  const { status, json } = await ada.post("/api/v1/invitations", { email, role })
  assert.strictEqual(status, 201)
  const browser = another()
  const accepted = await browser.post("/api/v1/auth/accept-invitation", { token: json.token, name: email, password })
  assert.strictEqual(accepted.status, 201)
  return { browser, user: accepted.json.me.user }
}
const login = (browser: Browser, word = password, more: object = {}) =>
  browser.post("/api/v1/auth/login", { email: "ada@example.com", password: word, ...more })
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })

describe("signing in over HTTP", () => {
  it.live("gives a browser cookies and no token, and a program tokens and no cookie", () =>
    within(async ({ another }) => {
      const browser = another()
      const answer = await login(browser)
      Schema.decodeUnknownSync(Session, { onExcessProperty: "error" })(answer.json)
      assert.notProperty(answer.json, "accessToken")
      assert.sameMembers([...browser.cookies.keys()], [cookieNames.access, cookieNames.refresh])
      assert.strictEqual(answer.headers.get("cache-control"), "no-store")
      const program = another()
      const { json } = await login(program, password, { as: "token" })
      assert.strictEqual(program.cookies.size, 0)
      assert.strictEqual((await program.ask("/api/v1/auth/me", bearer(json.accessToken))).json.role, "owner")
      const next = await program.post("/api/v1/auth/refresh", { refreshToken: json.refreshToken })
      assert.strictEqual((await program.ask("/api/v1/auth/me", bearer(next.json.accessToken))).status, 200)
      for (const wrong of [next.json.refreshToken, "sk_x"]) {
        const no = await program.ask("/api/v1/auth/me", bearer(wrong))
        assert.deepInclude(no.json, { status: 401 })
      }
    })
  )

  it.live("renews by cookie, signs out for good, and asks whoever is nobody to sign in", () =>
    within(async ({ another }) => {
      const browser = another()
      await login(browser)
      const old = new Map(browser.cookies)
      assert.strictEqual((await browser.post("/api/v1/auth/refresh", {})).status, 200)
      assert.notStrictEqual(browser.cookies.get(cookieNames.refresh), old.get(cookieNames.refresh))
      assert.strictEqual((await browser.post("/api/v1/auth/logout", {})).status, 204)
      assert.strictEqual(browser.cookies.size, 0)
      assert.strictEqual((await browser.ask("/api/v1/auth/me")).json.type.split("/").at(-1), "unauthenticated")
      for (const [name, value] of old) browser.cookies.set(name, value)
      assert.strictEqual((await browser.ask("/api/v1/auth/me")).json.type.split("/").at(-1), "revoked")
    })
  )

  it.live("lets no other site's page change anything with the cookie", () =>
    within(async ({ ada }) => {
      const body = { email: "eve@example.com", role: "owner" }
      for (const site of ["cross-site", "same-site", "none"]) {
        const no = await ada.post("/api/v1/invitations", body, { "sec-fetch-site": site })
        assert.strictEqual(no.status, 403)
      }
    })
  )

  it.live("tells whoever asks what he must know, and the second who comes first that he is late", () =>
    within(async ({ another, stage }) => {
      const config = await another().ask("/api/v1/config")
      assert.deepInclude(config.json, { needsFirstAdmin: false, signupOpen: false, oidc: null, simulated: true })
      const body = { secret: "x", email: "eve@example.com", name: "Eve", password }
      assert.strictEqual((await another().post("/api/v1/auth/first-admin", body)).status, 409)
      const sign = { companyName: "E", tenant: "eve", email: body.email, name: "Eve", password }
      assert.strictEqual((await another().post("/api/v1/auth/signup", sign)).status, 403)
      assert.strictEqual(stage.told.length, 2)
    })
  )

  it.live("keeps the session that changed the password, and ends the others", () =>
    within(async ({ ada, another }) => {
      const other = another()
      await login(other)
      const wanted = { old: password, new: "another one, long enough" }
      assert.strictEqual((await ada.post("/api/v1/auth/change-password", wanted)).status, 204)
      assert.strictEqual((await ada.ask("/api/v1/auth/me")).status, 200)
      assert.strictEqual((await other.ask("/api/v1/auth/me")).status, 401)
      assert.strictEqual((await login(other)).status, 401)
      assert.strictEqual((await login(other, wanted.new)).status, 200)
    })
  )

  it.live("says after too many failures when to come back", () =>
    within(async ({ another }) => {
      let answer = await login(another(), "wrong")
      for (let i = 0; i < 5; i++) answer = await login(another(), "wrong")
      assert.strictEqual(answer.status, 429)
      assert.isAtLeast(Number(answer.headers.get("retry-after")), 1)
    })
  )
})

describe("people over HTTP", () => {
  it.live("are invited, given roles and disabled, which they notice at once", () =>
    within(async (place) => {
      const { ada, stage } = place
      const bob = await invited(place, "bob@example.com", "viewer")
      const mine = await bob.browser.ask("/api/v1/users")
      assert.strictEqual(mine.json.asOf, 7)
      for (const user of mine.json.items) Schema.decodeUnknownSync(UserView, { onExcessProperty: "error" })(user)
      assert.deepStrictEqual(
        mine.json.items.map(({ email }: { email: string }) => email),
        ["ada@example.com", "bob@example.com"]
      )
      assert.strictEqual(
        (await bob.browser.post("/api/v1/invitations", { email: "x@example.com", role: "owner" })).status,
        403
      )
      const path = `/api/v1/users/${bob.user.id}`
      assert.strictEqual((await bob.browser.post(path, { role: "owner" }, {}, "PATCH")).status, 403)
      assert.strictEqual((await ada.post(path, { status: "disabled" }, {}, "PATCH")).json.status, "disabled")
      assert.strictEqual((await bob.browser.ask("/api/v1/users")).status, 401)
      const whats = stage.told.map(({ what }) => what)
      assert.deepStrictEqual(whats, ["tenant-created", "user-created", "user-invited", "user-created", "user-disabled"])
      assert.strictEqual((await ada.ask("/api/v1/users?at=12")).status, 400)
    })
  )

  it.live("hand keys to programs, which manage nobody, and take them away", () =>
    within(async ({ ada, another }) => {
      const made = await ada.post("/api/v1/keys", { name: "ci", scopes: ["read", "operate", "approve"] })
      Schema.decodeUnknownSync(KeyView, { onExcessProperty: "error" })(made.json.key)
      const program = another()
      const with_ = bearer(made.json.secret)
      const me = await program.ask("/api/v1/auth/me", with_)
      assert.deepInclude(me.json, { kind: "key", user: null, role: "approver" })
      for (const path of ["/api/v1/users", "/api/v1/keys", "/api/v1/tenants", "/api/v1/invitations"]) {
        assert.strictEqual((await program.ask(path, with_)).status, 403, path)
      }
      const listed = await ada.ask("/api/v1/keys")
      assert.notInclude(JSON.stringify(listed.json), made.json.secret.slice(-43))
      assert.strictEqual((await ada.post(`/api/v1/keys/${made.json.key.id}`, {}, {}, "DELETE")).status, 204)
      assert.strictEqual((await program.ask("/api/v1/auth/me", with_)).status, 401)
    })
  )

  it.live("of another tenant are nobody's business; whoever runs the installation makes and suspends tenants", () =>
    within(async (place) => {
      const { ada, another } = place
      const made = await ada.post("/api/v1/tenants", {
        id: "globex",
        companyName: "Globex",
        email: "gil@globex.example"
      })
      Schema.decodeUnknownSync(TenantView, { onExcessProperty: "error" })(made.json.tenant)
      // nobody has come yet: his invitation may have run out, and he is invited again
      const again = await ada.post("/api/v1/tenants", { id: "globex", companyName: "G", email: "gil@globex.example" })
      assert.strictEqual(again.json.tenant.companyName, "Globex")
      const gil = another()
      await gil.post("/api/v1/auth/accept-invitation", { token: made.json.token, name: "Gil", password })
      const users = (await gil.ask("/api/v1/users")).json.items
      assert.strictEqual(users.length, 1)
      const adaId = (await ada.ask("/api/v1/auth/me")).json.user.id
      assert.strictEqual((await gil.post(`/api/v1/users/${adaId}`, { name: "x" }, {}, "PATCH")).status, 404)
      assert.strictEqual((await gil.ask("/api/v1/tenants")).status, 403)
      const because = { because: "they have not paid" }
      assert.strictEqual((await ada.post("/api/v1/tenants/globex/suspend", because)).json.status, "suspended")
      assert.strictEqual((await gil.ask("/api/v1/users")).status, 401)
      assert.strictEqual((await ada.post("/api/v1/tenants/globex/resume", because)).json.status, "active")
      assert.strictEqual((await gil.ask("/api/v1/users")).status, 200)
      assert.strictEqual(
        (await ada.post("/api/v1/tenants", { id: "globex", companyName: "G", email: "g@x.example" })).status,
        409
      )
    })
  )

  it.live("leave no secret in the log", () =>
    within(async (place) => {
      const { ada, stage } = place
      await invited(place, "bob@example.com", "viewer")
      const { json } = await ada.post("/api/v1/keys", { name: "ci", scopes: ["read"] })
      const log = JSON.stringify(stage.told)
      for (const secret of [password, json.secret.slice(-43), ...place.ada.cookies.values()])
        assert.notInclude(log, secret)
    })
  )
})
