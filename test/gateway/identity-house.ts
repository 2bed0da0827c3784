/** The gateway on a port of its own with its doors of identity, and a browser or a program that knocks. */
import { Context, Effect, Layer, References, type Scope } from "effect"
import { Warehouse } from "../../actors/_ports/warehouse.ts"
import { openGateway } from "../../gateway/gateway.ts"
import { identify } from "../../gateway/identity/identify.ts"
import { oidcNatives } from "../../gateway/identity/oidc-natives.ts"
import { Vault } from "../../gateway/identity/vault.ts"
import { authRoutes } from "../../gateway/routes/auth.ts"
import { peopleRoutes } from "../../gateway/routes/people.ts"
import { Rows } from "../../gateway/rows.ts"
import type { Stage } from "./identity-stage.ts"
import { quietTerms } from "./quiet.ts"

export interface Answered {
  readonly status: number
  readonly headers: Headers
  readonly json: any
}

/** Keeps cookies as a browser does, for one site. */
export const makeBrowser = (origin: string) => {
  const cookies = new Map<string, string>()
  const ask = async (path: string, init: RequestInit = {}): Promise<Answered> => {
    const headers = new Headers(init.headers)
    if (!headers.has("authorization") && cookies.size > 0) {
      headers.set("cookie", [...cookies].map((pair) => pair.join("=")).join("; "))
    }
    const answer = await fetch(new URL(path, origin), { redirect: "manual", ...init, headers })
    for (const line of answer.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (/max-age=0/i.test(line)) cookies.delete(name)
      else cookies.set(name, value)
    }
    const text = await answer.text()
    const isJson = /json/.test(answer.headers.get("content-type") ?? "")
    return { status: answer.status, headers: answer.headers, json: isJson ? JSON.parse(text) : undefined }
  }
  const post = (path: string, body: unknown, more: Record<string, string> = {}, method = "POST") =>
    ask(path, {
      method,
      headers: { "content-type": "application/json", "sec-fetch-site": "same-origin", ...more },
      body: JSON.stringify(body)
    })
  return { ask, post, cookies }
}
export type Browser = ReturnType<typeof makeBrowser>

/** Opens the stage's gateway until the scope closes; gives its origin. */
export const openHouse = (stage: Stage, port = 0): Effect.Effect<string, unknown, Scope.Scope> =>
  Effect.gen(function* () {
    const { means, bus } = stage
    const rows = Layer.mock(Rows, {
      moment: () =>
        Effect.succeed({ asOf: 7, at: 0, isLive: true, get: () => undefined, all: () => [], remark: () => undefined })
    })
    const services = yield* Layer.build(
      Layer.mergeAll(bus, rows, Layer.mock(Warehouse, {}), Layer.succeed(Vault, means.vault))
    )
    const quiet = Context.add(services, References.MinimumLogLevel, "None")
    const natives = yield* Effect.provide(oidcNatives(means), quiet)
    const opened = openGateway({
      ...quietTerms,
      port,
      limitScale: 100,
      natives,
      routes: [...authRoutes(means), ...peopleRoutes(means)],
      identify: identify(means)
    })
    return `http://127.0.0.1:${yield* Effect.provide(opened, quiet)}`
  })
