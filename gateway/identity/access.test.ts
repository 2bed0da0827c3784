/** Who may call what: every access against every caller, and the promises that all endpoints of the contract keep. */
import { assert, describe, it } from "@effect/vitest"
import { TenantId } from "../../schemas/ids.ts"
import { isAtLeast, type Role, roles, type Scope, scopes } from "../../schemas/identity.ts"
import type { Access, Endpoint } from "../../schemas/api/endpoint.ts"
import { endpoints } from "../../schemas/api/endpoints.ts"
import { barred, type Caller } from "../caller.ts"

const accesses: ReadonlyArray<Access> = ["public", "signed-in", ...roles, "super-admin"]
const one = (access: Access, scope: Scope | null): Endpoint => ({
  name: "x",
  method: "GET",
  path: "/x",
  tag: "x",
  summary: "x",
  access,
  scope,
  rate: "read"
})
const base = { id: "x", tenant: TenantId.make("acme"), name: "x", until: 0 }
const person = (role: Role, superAdmin = false): Caller => ({ ...base, kind: "user", role, scopes: [], superAdmin })
const program = (own: ReadonlyArray<Scope>): Caller => ({
  ...base,
  kind: "key",
  role: "owner",
  scopes: own,
  superAdmin: true
})

describe("nobody is let in", () => {
  it("who is nobody, but where everybody is", () => {
    for (const access of accesses) {
      assert.strictEqual(barred(one(access, "read"), undefined), access === "public" ? undefined : "unknown")
    }
  })

  it("with a lower role than is asked for, and whoever runs the installation everywhere", () => {
    for (const access of accesses)
      for (const role of roles) {
        const isOpen = access === "public" || access === "signed-in"
        const may = isOpen || (access !== "super-admin" && isAtLeast(role, access as Role))
        assert.strictEqual(barred(one(access, null), person(role)), may ? undefined : "role", `${role} at ${access}`)
        assert.isUndefined(barred(one(access, null), person(role, true)))
      }
  })

  it("with a key that was not given the endpoint's scope, whatever role or might it is said to have", () => {
    const sets = Array.from({ length: 2 ** scopes.length }, (_, n) => scopes.filter((_, bit) => (n >> bit) % 2 === 1))
    for (const access of accesses.filter((access) => access !== "public"))
      for (const scope of [null, ...scopes])
        for (const own of sets) {
          const may = access !== "super-admin" && scope !== null && own.includes(scope)
          const why = access === "super-admin" ? "role" : "scope"
          assert.strictEqual(barred(one(access, scope), program(own)), may ? undefined : why)
        }
  })
})

describe("the contract", () => {
  const ofPeople = endpoints.filter(({ tag }) => tag === "people" || tag === "administration")

  it("lets no key see or manage people, keys or what concerns all tenants", () => {
    assert.isAbove(ofPeople.length, 8)
    for (const one of ofPeople) assert.isDefined(barred(one, program(scopes)), one.name)
  })

  it("asks for an owner wherever people or keys are changed, and for more wherever tenants are", () => {
    for (const { name, method, access, path } of ofPeople.filter(({ method }) => method !== "GET")) {
      assert.strictEqual(access, path.startsWith("/api/v1/tenants") ? "super-admin" : "owner", `${method} ${name}`)
    }
  })
})
