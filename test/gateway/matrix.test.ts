/** Every operation and everybody who may knock: who gets in is the endpoint's own data, and nobody sees another's. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { isAtLeast } from "../../schemas/identity.ts"
import { type Endpoint, paramsIn, statusOf } from "../../schemas/api/endpoint.ts"
import { endpoints } from "../../schemas/api/endpoints.ts"
import { type Knocker, openMatrix } from "./matrix-house.ts"
import { awaited, served, unprefixed } from "./promised.ts"
import { acme } from "./reads-stage.ts"

const all: ReadonlyArray<Endpoint> = endpoints

/** What the rules say in words: 401 for whoever is nobody, 403 for whoever may not, else the door is open. */
const expected = (one: Endpoint, { may }: Knocker): 401 | 403 | "open" => {
  if (one.access === "public") return "open"
  if (may === undefined) return 401
  if (may === "everything") return "open"
  if ("scopes" in may) return one.scope !== null && may.scopes.includes(one.scope) ? "open" : 403
  if (one.access === "signed-in") return "open"
  return one.access !== "super-admin" && isAtLeast(may.role, one.access) ? "open" : 403
}

/** Names of things of the first tenant, for every parameter that a path has. */
type Names = Readonly<Record<string, string>>
const pathOf = (one: Endpoint, names: Names) =>
  one.path.replace(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(names[`${one.name}.${name}`] ?? names[name] ?? "none")
  )

/** Nothing of the one tenant may stand in an answer to the other. */
const secretsOf = {
  globex: [acme.account, '"acme"', "acme-done", "acme-run", "executor-of-acme", "@acme.example", "acme 1", "ext-acme"],
  acme: ["999988887777", '"globex"', "globex-done", "globex-run", "executor-of-globex", "@globex.example", "ext-globex"]
}

const headersOf = (one: Endpoint, token: string | undefined) => ({
  ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  ...(one.body === undefined ? {} : { "content-type": "application/json" }),
  ...(one.ifMatch ? { "if-match": '"none"' } : {})
})

/** What an answer tells beyond what was asked: a problem names the path that was sent. */
const foreign = (text: string, asked: ReadonlyArray<string>): string =>
  asked.reduce((rest, one) => rest.replaceAll(one, "").replaceAll(encodeURIComponent(one), ""), text)

/** Asks without meaning it: no body of ours is a whole one, so that whoever is let in changes nothing. */
const knock = async (origin: string, one: Endpoint, names: Names, token: string | undefined) => {
  const gone = new AbortController()
  const answer = await fetch(origin + pathOf(one, names), {
    method: one.method,
    headers: headersOf(one, token),
    redirect: "manual",
    signal: gone.signal,
    ...(one.body === undefined ? {} : { body: "{}" })
  })
  if (one.native === "stream" && answer.ok) {
    gone.abort()
    return { status: answer.status, text: "" }
  }
  return { status: answer.status, text: await answer.text() }
}

describe("the door", () => {
  it.live(
    "opens for whom the endpoint names, for nobody else, and shows nobody what is another tenant's",
    () =>
      Effect.gen(function* () {
        const { origin, knockers, said } = yield* openMatrix
        const seen = (path: string) => Effect.promise(() => first(origin, knockers, `/api/v1/${path}?limit=1`))
        const { id: plan = "" } = yield* seen("approvals")
        const { id: group = "" } = yield* seen("groups")
        const { instance = "" } = yield* seen("instances")
        const { key = "" } = yield* seen("pools")
        const { call = "" } = yield* seen("audit")
        const names: Names = {
          account: acme.account,
          key,
          id: said.own.done.order.move.swap,
          "getGroup.id": group,
          "getInstance.id": instance,
          "changeInstance.id": instance,
          "evaluateInstance.id": instance,
          "getAudit.id": call,
          "getCommand.id": String(said.own.command),
          "getApproval.id": plan,
          "decideApproval.id": plan,
          "approve.id": plan,
          "reject.id": plan,
          "changeUser.id": "u_0000000000000000",
          "revokeKey.id": "k_0000000000000000",
          "suspendTenant.id": "acme",
          "resumeTenant.id": "acme"
        }
        const wrong: Array<string> = []
        let asked = 0
        for (const one of all) {
          for (const knocker of knockers) {
            const token = yield* knocker.present()
            const asks = Object.values(names)
            const { status, text } = yield* Effect.promise(() => knock(origin, one, names, token))
            asked++
            const want = expected(one, knocker)
            const line = `${one.method} ${one.path} as ${knocker.name}: ${status}, not ${want} ${text.slice(0, 120)}`
            if (want !== "open" && status !== want) wrong.push(line)
            if (want === "open" && (status === 403 || status >= 500)) wrong.push(line)
            if (want === "open" && status === 401 && one.rate !== "login") wrong.push(line)
            const isOwn = knocker.tenant === "acme" && knocker.may !== undefined
            const isQuestion = one.method === "GET" && one.native === undefined && paramsIn(one.path).length > 0
            if (want === "open" && isOwn && isQuestion && status !== statusOf(one)) wrong.push(line)
            // pools are everybody's, and a trace of what nobody knows is an empty one
            const isShared = ["getPool", "getPoolHistory"].includes(one.name) || text.includes('"hops":[]')
            if (want === "open" && !isOwn && isQuestion && !isShared && status === 200) {
              wrong.push(`${line}: it is another tenant's`)
            }
            const isEverybodys = one.access === "super-admin" || one.access === "public"
            const leaks = isEverybodys
              ? []
              : secretsOf[knocker.tenant].filter((secret) => foreign(text, asks).includes(secret))
            if (leaks.length > 0) wrong.push(`${one.method} ${one.path} tells ${knocker.name} of ${leaks.join(", ")}`)
          }
        }
        assert.isAbove(asked, 1_000)
        assert.strictEqual(wrong.join("\n"), "")
        const owner = knockers.find(({ name }) => name === "owner")
        assert.deepStrictEqual(yield* unkept(origin, yield* owner?.present() ?? Effect.die("no owner")), [])
      }).pipe(Effect.scoped),
    120_000
  )
})

/** What is promised and neither served nor, while its actor is missing, answered 404 as a problem. */
const unkept = (origin: string, token: string | undefined) =>
  Effect.promise(async () => {
    const known = new Set(all.map(({ method, path }) => `${method} ${path.replace("/api/v1", "")}`))
    const wrong = served.filter((one) => !known.has(one)).map((one) => `${one} is not served`)
    const headers = { authorization: `Bearer ${token}` }
    for (const path of unprefixed) {
      const { status } = await fetch(origin + path, { headers })
      if (status !== 200) wrong.push(`${path}: ${status}`)
    }
    for (const one of Object.values(awaited).flat()) {
      const [method = "", path = ""] = one.split(" ")
      const answer = await fetch(`${origin}/api/v1${path}`, { method, headers })
      const type = answer.headers.get("content-type") ?? ""
      const { correlationId } = (await answer.json()) as { readonly correlationId?: string }
      const isProblem = answer.status === 404 && type.startsWith("application/problem+json") && correlationId
      if (!isProblem) wrong.push(`${one}: ${answer.status} ${type}`)
    }
    return wrong
  })

/** The first item of a list, as the first tenant's owner sees it. */
const first = async (origin: string, knockers: ReadonlyArray<Knocker>, path: string): Promise<Names> => {
  const owner = knockers.find(({ name }) => name === "owner")
  const token = await Effect.runPromise(owner?.present() ?? Effect.die("no owner"))
  const answer = await fetch(origin + path, { headers: { authorization: `Bearer ${token}` } })
  const { items } = (await answer.json()) as { readonly items: ReadonlyArray<Names> }
  return items[0] ?? {}
}
