/** The whole house for a browser: `npm start` on a folder of its own, with an identity provider beside it. */
import { type ChildProcess, spawn } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { Effect, Scope, Exit } from "effect"
import { freePort } from "../../deploy/free-port.ts"
import { client, type House as Provider, openProvider } from "../gateway/identity-provider.ts"
import { root } from "../house/tree.ts"

export interface House {
  readonly url: string
  /** Opens the dashboard for the first administrator. */
  readonly welcome: string
  /** Milliseconds from the start until the dashboard answered. */
  readonly readyMs: number
  readonly provider: Provider
  readonly said: () => string
  readonly end: () => Promise<void>
}

/** Of the demonstration's first account every plan waits for a person; the other accounts ask nobody. */
const accounts = [
  ["acme", "111122223333", ["us-east-1", "us-west-2"], "PROD"],
  ["acme", "222233334444", ["us-east-1", "eu-west-1"], "PROD"],
  ["globex", "333344445555", ["eu-west-1", "us-east-1"], "PROD"]
] as const
const memberOf = ([tenant, account_id, regions, environment]: (typeof accounts)[number], i: number) => ({
  tenant,
  account_id,
  name: `${tenant} ${account_id.slice(0, 4)}`,
  regions,
  environment,
  mode: "act",
  role_arn: `arn:aws:iam::${account_id}:role/CloudOptimOperator`,
  external_id: `cloudoptim-${tenant}`,
  approval: i === 0 ? "manual" : "auto"
})

export const roleOf = { "cloud-watchers": "viewer", "cloud-owners": "owner" } as const

const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    ({ ok }) => ok,
    () => false
  )

const ended = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    if (child.exitCode !== null) return resolve()
    child.once("exit", () => resolve())
    child.kill("SIGTERM")
    setTimeout(() => child.kill("SIGKILL"), 15_000).unref()
  })

/** Starts it and waits until the dashboard can be used, at most two minutes. */
export const openHouse = async (): Promise<House> => {
  const folder = mkdtempSync(join(tmpdir(), "cloudoptim-e2e-"))
  const [port, providerPort] = [await freePort(), await freePort()]
  const url = `http://localhost:${port}`
  const scope = await Effect.runPromise(Scope.make())
  const person = {
    sub: "p-1",
    email: "pat@acme.example",
    email_verified: true,
    name: "Pat",
    groups: ["cloud-watchers"]
  }
  const opening = openProvider(providerPort, `${url}/api/v1/auth/oidc/callback`, person)
  const provider = await Effect.runPromise(Scope.provide(opening, scope))
  writeFileSync(join(folder, "accounts.json"), JSON.stringify(accounts.map(memberOf)))
  const startedAt = Date.now()
  const flags = ["--data", join(folder, "data"), "--port", String(port), "--accounts", join(folder, "accounts.json")]
  const child = spawn(process.execPath, [join(root, "deploy", "up.ts"), ...flags], {
    stdio: ["ignore", "ignore", "pipe"],
    env: {
      ...process.env,
      PUBLIC_URL: url,
      OIDC_ISSUER: provider.issuer,
      OIDC_CLIENT_ID: client.id,
      OIDC_CLIENT_SECRET: client.secret,
      OIDC_ROLE_MAP: JSON.stringify(roleOf),
      OIDC_TENANT: "acme"
    }
  })
  let said = ""
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text))
  const end = async () => {
    await ended(child)
    await Effect.runPromise(Scope.close(scope, Exit.void))
    rmSync(folder, { recursive: true, force: true })
  }
  for (;;) {
    const welcome = /http:\/\/localhost:\d+\/welcome#[\w-]+/.exec(said)?.[0]
    if (welcome !== undefined && (await answers(`${url}/readyz`))) {
      return { url, welcome, readyMs: Date.now() - startedAt, provider, said: () => said, end }
    }
    if (child.exitCode !== null || Date.now() - startedAt > 120_000) {
      await end()
      throw new Error(`it did not start: ${said.slice(-2_000)}`)
    }
    await sleep(100)
  }
}
