/** Users: one per address, changed within their tenant, of whose owners the last one stays whatever happens at once. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Schema } from "effect"
import { admin, hesitant, noon, openStage, password, type Stage } from "../../test/gateway/identity-stage.ts"
import type { Role } from "../../schemas/identity.ts"
import type { Caller } from "../caller.ts"
import { createFirstAdmin, firstAdminSecret, needsFirstAdmin } from "./first-admin.ts"
import { accept, invite } from "./invitations.ts"
import { type User, users } from "./records.ts"
import { all } from "./shelf.ts"
import { createTenant, setStatus } from "./tenants.ts"
import { changeUser } from "./users.ts"
import { makeVault } from "./vault.sim.ts"
import { VaultDown } from "./vault.ts"

const callerOf = (user: User): Caller => ({
  kind: "user",
  id: user.id,
  tenant: user.tenant,
  name: user.email,
  role: user.role,
  scopes: [],
  superAdmin: user.superAdmin,
  until: 0
})

const delays = Schema.Array(Schema.Literals([0, 1, 2, 3])).check(Schema.isMinLength(17), Schema.isMaxLength(17))

/** Somebody of a tenant, by an invitation. */
const join = ({ means }: Stage, by: User, role: Role, email: string, tenant = by.tenant) =>
  Effect.gen(function* () {
    const { token } = yield* invite(means, { tenant, email, role, by: by.email }, noon)
    return yield* accept(means, { token, name: email, password }, noon)
  })

/** A tenant of its own with so many owners, none of whom runs the installation. */
const tenantWith = (stage: Stage, owners: number) =>
  Effect.gen(function* () {
    const ada = yield* admin(stage)
    const id = "globex" as typeof ada.tenant
    yield* createTenant(stage.means, { id, companyName: "Globex", email: "info@globex.example" }, noon)
    const emails = Array.from({ length: owners }, (_, i) => `o${i}@globex.example`)
    return { ada, owners: yield* Effect.forEach(emails, (email) => join(stage, ada, "owner", email, id)) }
  })
const ownersLeft = ({ means }: Stage, tenant: string) =>
  Effect.map(all(means.vault, users), (ones) =>
    ones.filter((one) => one.tenant === tenant && one.role === "owner" && one.status === "active")
  )

describe("the last owner", () => {
  it.effect("cannot be disabled or given another role, by himself or by anybody", () =>
    Effect.gen(function* () {
      const stage = yield* openStage()
      const { owners } = yield* tenantWith(stage, 1)
      const [only] = owners
      assert.isDefined(only)
      for (const edit of [{ role: "viewer" as const }, { status: "disabled" as const }]) {
        const no = yield* Effect.flip(changeUser(stage.means, callerOf(only), only.id, edit))
        assert.deepInclude(no, { status: 409 })
      }
      yield* join(stage, only, "owner", "second@globex.example")
      yield* changeUser(stage.means, callerOf(only), only.id, { role: "viewer" })
      assert.strictEqual((yield* ownersLeft(stage, only.tenant)).length, 1)
    })
  )

  it.effect.prop(
    "stays though all owners demote each other at once",
    { delays },
    ({ delays }) =>
      Effect.gen(function* () {
        for (const count of [2, 3]) {
          const stage = yield* openStage({ vault: hesitant(delays) })
          const { owners } = yield* tenantWith(stage, count)
          const edits = owners.map((owner, i) => {
            const other = owners[(i + 1) % owners.length] ?? owner
            return Effect.exit(changeUser(stage.means, callerOf(owner), other.id, { role: "viewer" }))
          })
          const exits = yield* Effect.all(edits, { concurrency: "unbounded" })
          assert.strictEqual(exits.filter(Exit.isSuccess).length, count - 1)
          assert.strictEqual((yield* ownersLeft(stage, "globex")).length, 1)
        }
      }),
    { arbitrary: { runs: 40 } }
  )

  it.effect("still counts one whose demotion broke off half way", () =>
    Effect.gen(function* () {
      const inner = makeVault()
      let breaks = false
      const put: typeof inner.put = (key, value, revision) =>
        breaks && key.startsWith("user.")
          ? Effect.fail(new VaultDown({ op: "put", cause: "gone" }))
          : inner.put(key, value, revision)
      const stage = yield* openStage({ vault: { ...inner, put } })
      const { owners } = yield* tenantWith(stage, 2)
      const [a, b] = owners
      assert.isDefined(a)
      assert.isDefined(b)
      breaks = true
      const no = yield* Effect.flip(changeUser(stage.means, callerOf(a), b.id, { role: "viewer" }))
      assert.strictEqual(no.status, 503)
      breaks = false
      yield* changeUser(stage.means, callerOf(b), a.id, { role: "viewer" })
      assert.strictEqual((yield* ownersLeft(stage, "globex")).length, 1)
    })
  )

  it.effect("is one who came back, too: disabled and enabled again he counts", () =>
    Effect.gen(function* () {
      const stage = yield* openStage()
      const { owners } = yield* tenantWith(stage, 2)
      const [a, b] = owners
      assert.isDefined(a)
      assert.isDefined(b)
      const by = callerOf(a)
      yield* changeUser(stage.means, by, b.id, { status: "disabled" })
      yield* changeUser(stage.means, by, b.id, { status: "active" })
      yield* changeUser(stage.means, by, a.id, { status: "disabled" })
      const no = yield* Effect.flip(changeUser(stage.means, callerOf(b), b.id, { status: "disabled" }))
      assert.strictEqual(no.status, 409)
    })
  )
})

describe("a tenant", () => {
  it.effect("knows nothing of another one's users, and cannot change them", () =>
    Effect.gen(function* () {
      const stage = yield* openStage()
      const { ada, owners } = yield* tenantWith(stage, 1)
      const [owner] = owners
      assert.isDefined(owner)
      const no = yield* Effect.flip(changeUser(stage.means, callerOf(owner), ada.id, { name: "Eve" }))
      assert.strictEqual(no.status, 404)
      // whether the address is somebody's elsewhere is told to nobody who invites
      yield* invite(stage.means, { tenant: owner.tenant, email: ada.email, role: "viewer", by: "x" }, noon)
    })
  )

  it.effect("cannot disable whoever runs the installation, nor suspend him out of it", () =>
    Effect.gen(function* () {
      const stage = yield* openStage()
      const ada = yield* admin(stage)
      const bob = yield* join(stage, ada, "owner", "bob@example.com")
      const no = yield* Effect.flip(changeUser(stage.means, callerOf(bob), ada.id, { status: "disabled" }))
      assert.strictEqual(no.status, 409)
      const own = yield* Effect.flip(setStatus(stage.means, callerOf(ada), ada.tenant, "suspended"))
      assert.strictEqual(own.status, 409)
    })
  )

  it.effect("is not called like an AWS account, or like everybody", () =>
    Effect.gen(function* () {
      const stage = yield* openStage()
      for (const id of ["111122223333", "all"]) {
        const wanted = { id: id as User["tenant"], companyName: "x", email: "x@example.com" }
        assert.strictEqual((yield* Effect.flip(createTenant(stage.means, wanted, noon))).status, 422)
      }
    })
  )
})

describe("an invitation", () => {
  it.effect("is good once, for a week, and for whoever has its token", () =>
    Effect.gen(function* () {
      const stage = yield* openStage()
      const ada = yield* admin(stage)
      const wanted = { tenant: ada.tenant, email: "Bob@Example.com", role: "viewer" as const, by: ada.email }
      const { invitation, token } = yield* invite(stage.means, wanted, noon)
      const take = (shown: string, now = noon) => accept(stage.means, { token: shown, name: "Bob", password }, now)
      const wrong = `${token.slice(0, -3)}abc`
      for (const no of [take(wrong), take("inv_x_y"), take(token, invitation.expiresAt)]) {
        assert.strictEqual((yield* Effect.flip(no)).status, 404)
      }
      const both = yield* Effect.all([Effect.exit(take(token)), Effect.exit(take(token))], { concurrency: "unbounded" })
      assert.strictEqual(both.filter(Exit.isSuccess).length, 1)
      assert.strictEqual((yield* Effect.flip(take(token))).status, 404)
      assert.strictEqual((yield* all(stage.means.vault, users)).filter(({ name }) => name === "Bob").length, 1)
    })
  )

  it.effect.prop(
    "makes nobody a second time, though it is used at once and was given out twice",
    { delays },
    ({ delays }) =>
      Effect.gen(function* () {
        const stage = yield* openStage({ vault: hesitant(delays) })
        const ada = yield* admin(stage)
        const wanted = { tenant: ada.tenant, email: "bob@example.com", role: "viewer" as const, by: ada.email }
        const [a, b] = [yield* invite(stage.means, wanted, noon), yield* invite(stage.means, wanted, noon)]
        const take = (token: string) => Effect.exit(accept(stage.means, { token, name: "Bob", password }, noon))
        const tries = [take(a.token), take(b.token), take(a.token), take(b.token)]
        const exits = yield* Effect.all(tries, { concurrency: "unbounded" })
        assert.strictEqual(exits.filter(Exit.isSuccess).length, 1)
        assert.strictEqual((yield* all(stage.means.vault, users)).length, 2)
        // of the one who came second nothing is left that could let somebody in
        const again = yield* Effect.all([take(a.token), take(b.token)])
        assert.strictEqual(again.filter(Exit.isSuccess).length, 0)
      })
  )
})

describe("the secret of the first start", () => {
  it.effect.prop("makes one administrator, though three use it at once", { delays }, ({ delays }) =>
    Effect.gen(function* () {
      const stage = yield* openStage({ vault: hesitant(delays) })
      const secret = (yield* firstAdminSecret(stage.means)) ?? ""
      const wanted = (name: string) => ({
        secret,
        email: `${name}@example.com`,
        name,
        password,
        tenant: "acme" as User["tenant"]
      })
      const tries = ["a", "b", "c"].map((name) => Effect.exit(createFirstAdmin(stage.means, wanted(name), noon)))
      const exits = yield* Effect.all(tries, { concurrency: "unbounded" })
      assert.strictEqual(exits.filter(Exit.isSuccess).length, 1)
      assert.strictEqual((yield* all(stage.means.vault, users)).length, 1)
      assert.isFalse(yield* needsFirstAdmin(stage.means, noon + 3_600_000))
    })
  )

  it.effect("is worth nothing once another start has printed a new one", () =>
    Effect.gen(function* () {
      const stage = yield* openStage()
      const old = (yield* firstAdminSecret(stage.means)) ?? ""
      const fresh = (yield* firstAdminSecret(stage.means)) ?? ""
      const wanted = { email: "a@example.com", name: "A", password, tenant: "acme" as User["tenant"] }
      assert.strictEqual(
        (yield* Effect.flip(createFirstAdmin(stage.means, { ...wanted, secret: old }, noon))).status,
        401
      )
      yield* createFirstAdmin(stage.means, { ...wanted, secret: fresh }, noon)
    })
  )

  it.effect("gives nobody a tenant that has an owner", () =>
    Effect.gen(function* () {
      const stage = yield* openStage()
      const secret = (yield* firstAdminSecret(stage.means)) ?? ""
      const bob = { name: "bob", email: "bob@example.com" }
      yield* createTenant(stage.means, { id: "globex" as User["tenant"], companyName: "G", email: bob.email }, noon)
      yield* join(stage, { ...bob, tenant: "globex" } as User, "owner", bob.email)
      const wanted = { secret, email: "eve@example.com", name: "Eve", password, tenant: "globex" as User["tenant"] }
      assert.strictEqual((yield* Effect.flip(createFirstAdmin(stage.means, wanted, noon))).status, 409)
    })
  )
})
