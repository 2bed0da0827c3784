/** The document that others generate their clients from says what the gateway serves. */
import { assert, describe, it } from "@effect/vitest"
import { committed, document } from "../../deploy/openapi.ts"
import { type Endpoint, paramsIn, statusOf } from "../../schemas/api/endpoint.ts"
import { endpoints } from "../../schemas/api/endpoints.ts"

const all: ReadonlyArray<Endpoint> = endpoints

/** Done when they are answered: they change what the gateway itself shows, and nobody is ordered anything. */
const doneAtOnce: ReadonlyArray<string> = ["muteAttention", "unmuteAttention"]

describe("the API", () => {
  it("is described by the committed document (npm run openapi writes it)", () => {
    assert.isAbove(all.length, 50)
    assert.isTrue(committed() === document(), "gateway/openapi.json is not in step: npm run openapi")
  })

  it("names every operation once, and serves each path by one method once", () => {
    const names = all.map(({ name }) => name)
    const paths = all.map(({ method, path }) => `${method} ${path}`)
    assert.strictEqual(new Set(names).size, names.length)
    assert.strictEqual(new Set(paths).size, paths.length)
  })

  it("has a version in its path wherever it may change", () => {
    const plain = all.filter(({ path }) => !path.startsWith("/api/v1/")).map(({ path }) => path)
    assert.deepStrictEqual(plain.sort(), ["/health", "/health/detailed", "/healthz", "/metrics", "/readyz", "/version"])
  })

  it("takes no body with a question and changes nothing by one", () => {
    for (const one of all.filter(({ method }) => method === "GET")) {
      assert.isUndefined(one.body, one.name)
      assert.notInclude(["operator", "approver"], one.access, one.name)
    }
  })

  it("lets nobody change anything without being somebody, but for proving who one is", () => {
    const open = all.filter(({ method, access }) => method !== "GET" && access === "public")
    for (const one of open) assert.strictEqual(one.rate, "login", one.name)
  })

  it("never gives a key what is a person's: people, keys, modes, sessions", () => {
    const people = all.filter(({ tag }) => tag === "people" || tag === "administration")
    for (const one of people.filter(({ method }) => method !== "GET")) assert.isNull(one.scope, one.name)
  })

  it("decodes each parameter that a path names, and answers orders with 202", () => {
    for (const one of all) {
      for (const name of paramsIn(one.path))
        assert.include(Object.keys((one.params as any)?.fields ?? {}), name, one.name)
      if (one.rate === "command" && one.tag !== "people" && one.tag !== "administration" && one.tag !== "auth") {
        assert.strictEqual(statusOf(one), doneAtOnce.includes(one.name) ? 200 : 202, one.name)
      }
    }
  })
})
