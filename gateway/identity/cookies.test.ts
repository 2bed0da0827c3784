/** What browsers are told to keep, and which of their requests are our own page's. */
import { assert, describe, it } from "@effect/vitest"
import { flowCookie, isSameOrigin, noSessionCookies, sessionCookies } from "./cookies.ts"

describe("cookies", () => {
  it("are read by no script, sent by no other site, set by no other host, and over TLS alone", () => {
    for (const line of [...sessionCookies("a", "r", { access: 600, refresh: 1_000 }), ...noSessionCookies]) {
      assert.match(line, /^__Host-(access|refresh)=/)
      assert.match(line, /; Path=\/; Secure; HttpOnly; SameSite=Strict; Max-Age=\d+$/)
      assert.notMatch(line, /domain/i)
    }
    // the way back from the identity provider begins on its page
    assert.match(flowCookie("t", 600), /^__Host-oidc=t; Path=\/; Secure; HttpOnly; SameSite=Lax; Max-Age=600$/)
  })
})

describe("a request by cookie", () => {
  const host = "console.example"
  it.each([
    [{ "sec-fetch-site": "same-origin" }],
    [{ "sec-fetch-site": "same-origin", origin: "https://console.example" }],
    [{ origin: "https://console.example" }],
    [{ origin: "https://CONSOLE.example:443" }],
    [{ origin: "http://console.example" }]
  ])("is ours with %o", (headers) => assert.isTrue(isSameOrigin(headers, host)))

  it.each([
    [{}],
    [{ "sec-fetch-site": "cross-site" }],
    [{ "sec-fetch-site": "same-site", origin: "https://console.example" }],
    [{ "sec-fetch-site": "none" }],
    [{ "sec-fetch-site": "same-origin", origin: "https://evil.example" }],
    [{ "sec-fetch-site": "same-origin", origin: "null" }],
    [{ origin: "null" }],
    [{ origin: "" }],
    [{ origin: "https://console.example.evil.example" }],
    [{ origin: "https://evil.example/console.example" }],
    [{ origin: "https://console.example:8443" }],
    [{ origin: "https://console.example@evil.example" }],
    [{ origin: "file://console.example" }],
    [{ origin: ["https://console.example", "https://evil.example"] }]
  ])("is not ours with %o", (headers) => assert.isFalse(isSameOrigin(headers, host)))

  it("is told by port, too, where the host has one", () => {
    assert.isTrue(isSameOrigin({ origin: "http://localhost:8000" }, "localhost:8000"))
    assert.isFalse(isSameOrigin({ origin: "http://localhost:9000" }, "localhost:8000"))
    assert.isFalse(isSameOrigin({ origin: "http://localhost:8000" }, ""))
  })
})
