/** The door: what is sent for whom, and that a secret in the address is used and forgotten. */
import { Route, Router } from "@solidjs/router"
import { cleanup, fireEvent, render, screen, waitFor } from "@solidjs/testing-library"
import { afterEach, describe, expect, it, vi } from "vitest"
import { me, readConfig, signedOut, standing } from "../api/session.ts"
import SignInPage from "./sign-in.tsx"

const person = {
  kind: "user",
  tenant: "acme",
  user: null,
  key: null,
  role: "owner",
  scopes: [],
  superAdmin: false,
  until: null
}

interface Sent {
  readonly url: string
  readonly body: unknown
}
const service = (
  config: object,
  login: readonly [status: number, body: object] = [200, { me: person, expiresInSeconds: 900 }]
) => {
  const sent: Array<Sent> = []
  vi.stubGlobal("fetch", (url: string, init: RequestInit) => {
    if (url === "/api/v1/config") {
      const all = { version: "1", environment: "test", signupOpen: false, oidc: null, simulated: true, staleAfterMs: 1 }
      return Promise.resolve(Response.json({ ...all, needsFirstAdmin: false, ...config }))
    }
    sent.push({ url, body: JSON.parse(String(init.body)) })
    return Promise.resolve(Response.json(login[1], { status: login[0] }))
  })
  return sent
}
const open = async (address: string) => {
  window.history.replaceState({}, "", address)
  await readConfig()
  render(() => (
    <Router>
      <Route path="*" component={SignInPage} />
    </Router>
  ))
}
const write = (label: string, text: string) =>
  fireEvent.input(screen.getByLabelText(label), { target: { value: text } })
const press = (name: string) => {
  const button = screen.getByRole<HTMLButtonElement>("button", { name })
  fireEvent.submit(button.form ?? document.body)
}

afterEach(() => {
  cleanup()
  signedOut()
  window.history.replaceState({}, "", "/")
  vi.unstubAllGlobals()
})

describe("the door", () => {
  it("lets in whoever the service lets in", async () => {
    const sent = service({})
    await open("/risk?region=us-east-1")
    write("E-mail", " dana@acme.example ")
    write("Password", " spaces are mine ")
    press("Sign in")
    await waitFor(() => expect(standing()).toBe("signed-in"))
    expect(me()?.tenant).toBe("acme")
    expect(sent).toEqual([
      { url: "/api/v1/auth/login", body: { email: "dana@acme.example", password: " spaces are mine " } }
    ])
    expect(window.location.pathname + window.location.search).toBe("/risk?region=us-east-1")
  })
  it("shows why not, and stays", async () => {
    service({}, [
      401,
      { title: "Nobody is signed in", detail: "The address or the password is wrong.", correlationId: "c-7" }
    ])
    await open("/")
    press("Sign in")
    await waitFor(() => expect(screen.getByText("The address or the password is wrong.")).toBeDefined())
    expect(standing()).not.toBe("signed-in")
  })
})

describe("the first time", () => {
  it("takes the first secret out of the address, and leaves it there for nobody", async () => {
    const sent = service({ needsFirstAdmin: true })
    await open("/welcome#s3cret-of-the-start")
    expect(screen.queryByLabelText("One-time secret")).toBeNull()
    write("Your name", "Dana")
    write("E-mail", "dana@acme.example")
    write("Password", "a-long-enough-password")
    press("Create the administrator")
    await waitFor(() => expect(standing()).toBe("signed-in"))
    expect(sent[0]?.body).toMatchObject({ secret: "s3cret-of-the-start", email: "dana@acme.example" })
    await waitFor(() => expect(window.location.href).not.toContain("s3cret"))
    expect(window.location.pathname).toBe("/")
  })
  it.each(["/", "/welcome#100%"])("asks for the first secret where the address %s carries none", async (address) => {
    service({ needsFirstAdmin: true })
    await open(address)
    expect(screen.getByLabelText("One-time secret")).toBeDefined()
  })
})

describe("an invitation, or an identity provider", () => {
  it("takes up an invitation by its token, even where it could sign in", async () => {
    const sent = service({ oidc: { name: "Acme SSO" } })
    await open("/accept-invitation?token=t0ken")
    expect(screen.queryByText("Continue with Acme SSO")).toBeNull()
    write("Your name", "Robin")
    write("Password", "a-long-enough-password")
    press("Join")
    await waitFor(() => expect(standing()).toBe("signed-in"))
    expect(sent[0]).toMatchObject({ url: "/api/v1/auth/accept-invitation", body: { token: "t0ken", name: "Robin" } })
  })
  it("offers the identity provider only where there is one, and comes back to the same page", async () => {
    service({ oidc: { name: "Acme SSO" } })
    await open("/risk?region=us-east-1")
    expect(screen.getByText("Continue with Acme SSO").getAttribute("href")).toBe(
      "/api/v1/auth/oidc/start?next=%2Frisk%3Fregion%3Dus-east-1"
    )
  })
})
