/** What a browser keeps for us: tokens that no script reads, no other site sends and no sibling host sets. */

/** `__Host-` makes the browser insist on Secure, Path=/ and no Domain. Source: RFC 6265bis, 4.1.3.2. */
export const cookieNames = { access: "__Host-access", refresh: "__Host-refresh", flow: "__Host-oidc" } as const

const strict = "Path=/; Secure; HttpOnly; SameSite=Strict"
/** The identity provider's page leads back here: a strict cookie would stay behind. */
const lax = "Path=/; Secure; HttpOnly; SameSite=Lax"

/** Lines of `Set-Cookie` for a session; both tokens end with it, the access token for itself much sooner. */
export const sessionCookies = (
  access: string,
  refresh: string,
  seconds: { readonly access: number; readonly refresh: number }
): ReadonlyArray<string> => [
  `${cookieNames.access}=${access}; ${strict}; Max-Age=${seconds.access}`,
  `${cookieNames.refresh}=${refresh}; ${strict}; Max-Age=${seconds.refresh}`
]

export const noSessionCookies: ReadonlyArray<string> = [
  `${cookieNames.access}=; ${strict}; Max-Age=0`,
  `${cookieNames.refresh}=; ${strict}; Max-Age=0`
]

export const flowCookie = (token: string, seconds: number): string =>
  `${cookieNames.flow}=${token}; ${lax}; Max-Age=${seconds}`
export const noFlowCookie = `${cookieNames.flow}=; ${lax}; Max-Age=0`

const hostOf = (origin: string): string | undefined => {
  try {
    const { protocol, host } = new URL(origin)
    return protocol === "http:" || protocol === "https:" ? host.toLowerCase() : undefined
  } catch {
    return undefined
  }
}
/** The scheme decides which port need not be said. */
const plainHost = (host: string, origin: string) => hostOf(`${origin.slice(0, origin.indexOf(":"))}://${host}`)

type Headers = Readonly<Record<string, string | ReadonlyArray<string> | undefined>>

/**
 * Whether a request that changes something was sent by a page of ours. `host` is the one under which browsers know us,
 * as `Host` or a trusted proxy has it. Where a browser says neither Origin nor Sec-Fetch-Site it is too old, or none.
 */
export const isSameOrigin = (headers: Headers, host: string): boolean => {
  const { origin, "sec-fetch-site": site } = headers
  if (site !== undefined && site !== "same-origin") return false
  if (origin === undefined) return site === "same-origin"
  const from = typeof origin === "string" ? hostOf(origin) : undefined
  return from !== undefined && from === plainHost(host, String(origin))
}
