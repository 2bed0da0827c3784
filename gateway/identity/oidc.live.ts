/** An identity provider over OpenID Connect: authorization code with PKCE, everything checked that can be. */
import { Effect, Layer } from "effect"
import * as client from "openid-client"
import { type Claims, type Flow, Oidc, OidcDown, OidcRefused, type Provider } from "./oidc.ts"
import type { OidcSettings } from "./settings.ts"

/** How long one answer of the provider is waited for, in seconds. */
const timeoutSeconds = 10
/** How long what the provider says about itself is believed, in milliseconds. */
const metadataMs = 3_600_000

/** Its refusals are answers; a silence, a broken connection or a 5xx is none. */
const isDown = (cause: unknown): boolean => {
  if (cause instanceof client.ResponseBodyError) return cause.status >= 500
  if (cause instanceof client.ClientError) {
    const status = cause.cause instanceof Response ? cause.cause.status : 0
    return cause.code === "OAUTH_TIMEOUT" || status >= 500 || cause.cause instanceof TypeError
  }
  return cause instanceof TypeError && cause.message === "fetch failed"
}
const failed = (cause: unknown) => (isDown(cause) ? new OidcDown({ cause }) : new OidcRefused({ cause }))

/** Asked for when it is first needed: a provider that is away for a while does not keep the gateway from starting. */
const discovering = (settings: OidcSettings) => {
  const issuer = new URL(settings.issuer)
  const execute = issuer.protocol === "http:" ? [client.allowInsecureRequests] : []
  let known: { readonly config: client.Configuration; readonly at: number } | undefined
  return async (): Promise<client.Configuration> => {
    if (known !== undefined && performance.now() - known.at < metadataMs) return known.config
    const { clientId, clientSecret } = settings
    const auth = client.ClientSecretBasic(clientSecret)
    const config = await client.discovery(issuer, clientId, undefined, auth, { execute, timeout: timeoutSeconds })
    known = { config, at: performance.now() }
    return config
  }
}

const textIn = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined)
const groupsIn = (value: unknown): ReadonlyArray<string> =>
  typeof value === "string" ? [value] : Array.isArray(value) ? value.filter((one) => typeof one === "string") : []

type Said = Readonly<Record<string, unknown>>

/** Some providers tell groups and address only when asked with the access token. */
const saidOf = async (
  config: client.Configuration,
  idToken: Said & { readonly sub: string },
  accessToken: string,
  roleClaim: string
): Promise<Said> => {
  const isWhole = idToken[roleClaim] !== undefined && idToken["email_verified"] !== undefined
  if (isWhole || config.serverMetadata().userinfo_endpoint === undefined) return idToken
  return { ...(await client.fetchUserInfo(config, accessToken, idToken.sub)), ...idToken }
}

const finishing = async (
  config: client.Configuration,
  settings: OidcSettings,
  search: string,
  flow: Flow
): Promise<Claims> => {
  const url = new URL(settings.redirectUri)
  url.search = search
  const tokens = await client.authorizationCodeGrant(config, url, {
    pkceCodeVerifier: flow.verifier,
    expectedState: flow.state,
    expectedNonce: flow.nonce,
    idTokenExpected: true
  })
  const idToken = tokens.claims()
  if (idToken === undefined) throw new Error("no ID token")
  const said = await saidOf(config, idToken, tokens.access_token, settings.roleClaim)
  return {
    issuer: idToken.iss,
    subject: idToken.sub,
    email: textIn(said["email"]),
    // some send the word: it is no proof
    isEmailVerified: said["email_verified"] === true,
    name: textIn(said["name"]),
    groups: groupsIn(said[settings.roleClaim])
  }
}

const providerOf = (settings: OidcSettings): Provider => {
  const discovered = discovering(settings)
  return {
    start: ({ state, nonce, verifier }) =>
      Effect.tryPromise({
        try: async () =>
          client.buildAuthorizationUrl(await discovered(), {
            redirect_uri: settings.redirectUri,
            scope: settings.scope,
            state,
            nonce,
            code_challenge: await client.calculatePKCECodeChallenge(verifier),
            code_challenge_method: "S256"
          }),
        catch: (cause) => new OidcDown({ cause })
      }),
    finish: (search, flow) =>
      Effect.tryPromise({ try: async () => finishing(await discovered(), settings, search, flow), catch: failed })
  }
}

/** Null settings: nobody signs in that way. */
export const layer = (settings: OidcSettings | null): Layer.Layer<Oidc> =>
  Layer.succeed(Oidc, { provider: settings === null ? null : providerOf(settings) })
