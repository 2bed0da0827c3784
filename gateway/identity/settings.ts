/** How this installation lets people in, read from its surroundings once. */
import { Config, Effect, Schema } from "effect"
import { TenantId } from "../../schemas/ids.ts"
import { Role } from "../../schemas/identity.ts"

export interface OidcSettings {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  /** Where the identity provider sends browsers back to. */
  readonly redirectUri: string
  /** What is asked for; some providers tell groups only to who asks for them. */
  readonly scope: string
  /** The claim that holds the groups. */
  readonly roleClaim: string
  readonly roleOf: Readonly<Record<string, Role>>
  readonly tenant: TenantId
}

export interface Settings {
  readonly version: string
  /** As in `production`; it stands in every API key, so that a key of another installation is told at once. */
  readonly environment: string
  /** Whether the cloud is a simulated one. */
  readonly simulated: boolean
  /** How old what is shown may be, in milliseconds. */
  readonly staleAfterMs: number
  readonly signupOpen: boolean
  /** The tenant of the first administrator, unless he names another. */
  readonly homeTenant: TenantId
  readonly oidc: OidcSettings | null
  /** ARN of what customers' roles are to trust; null where nobody has said. */
  readonly principal: string | null
}

/** Fewer bytes can be tried out. Source: RFC 7518, 3.2: a key for HS256 has 256 bits at least. */
const secretBytesMin = 32
const Long = Schema.String.check(
  Schema.makeFilter((text: string) =>
    new TextEncoder().encode(text).length >= secretBytesMin ? undefined : `takes ${secretBytesMin} bytes at least`
  )
)
/** The secret that tokens are signed with, where the surroundings give one; else the installation makes its own. */
export const jwtSecret: Config.Config<string | undefined> = Config.schema(Long, "JWT_SECRET").pipe(
  Config.withDefault(undefined)
)

const RoleMap = Schema.fromJsonString(Schema.Record(Schema.String, Role))
/** Without TLS anybody on the way could be the provider: only on this machine nobody is. */
const SafeUrl = Schema.String.check(
  Schema.isPattern(/^(https:\/\/[^/\s]+|http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?)(\/\S*)?$/u)
)

const oidcSettings = (homeTenant: TenantId): Config.Config<OidcSettings> =>
  Config.all({
    issuer: Config.schema(SafeUrl, "OIDC_ISSUER"),
    clientId: Config.NonEmptyString("OIDC_CLIENT_ID"),
    clientSecret: Config.NonEmptyString("OIDC_CLIENT_SECRET"),
    publicUrl: Config.schema(SafeUrl, "PUBLIC_URL"),
    scope: Config.NonEmptyString("OIDC_SCOPE").pipe(Config.withDefault("openid email profile")),
    roleClaim: Config.NonEmptyString("OIDC_ROLE_CLAIM").pipe(Config.withDefault("groups")),
    roleOf: Config.schema(RoleMap, "OIDC_ROLE_MAP"),
    tenant: Config.schema(TenantId, "OIDC_TENANT").pipe(Config.withDefault(homeTenant))
  }).pipe(
    Config.map(({ publicUrl, ...rest }) => ({
      ...rest,
      redirectUri: new URL("/api/v1/auth/oidc/callback", publicUrl).href
    }))
  )

/** An account, a user or a role. Source: IAM User Guide, "AWS JSON policy elements: Principal". */
const Principal = Schema.String.check(
  Schema.isPattern(/^arn:aws[a-z-]*:iam::\d{12}:(root|(role|user)\/[\x21-\x7e]{1,576})$/u)
)

/**
 * SIGNUP (`open` or `closed`), ENVIRONMENT, HOME_TENANT, and for an identity provider OIDC_ISSUER, OIDC_CLIENT_ID,
 * OIDC_CLIENT_SECRET, OIDC_SCOPE, OIDC_ROLE_CLAIM, OIDC_ROLE_MAP (JSON: group to role), OIDC_TENANT (default: the home
 * tenant) and PUBLIC_URL, under which browsers find this gateway. Without OIDC_ISSUER there is none.
 * TRUST_PRINCIPAL: the ARN under which our processes assume customers' roles.
 */
export const settingsOf = (
  known: Pick<Settings, "version" | "simulated" | "staleAfterMs"> & { readonly homeTenant?: string }
): Effect.Effect<Settings, Config.ConfigError> =>
  Effect.gen(function* () {
    const environment = yield* Config.String("ENVIRONMENT").pipe(Config.withDefault("development"))
    const signup = yield* Config.Literals(["open", "closed"], "SIGNUP").pipe(Config.withDefault("closed" as const))
    const issuer = yield* Config.String("OIDC_ISSUER").pipe(Config.withDefault(""))
    const home = TenantId.make(known.homeTenant ?? "default")
    const homeTenant = yield* Config.schema(TenantId, "HOME_TENANT").pipe(Config.withDefault(home))
    const oidc = issuer === "" ? null : yield* oidcSettings(homeTenant)
    const trusted = yield* Config.String("TRUST_PRINCIPAL").pipe(Config.withDefault(""))
    const principal = trusted === "" ? null : yield* Config.schema(Principal, "TRUST_PRINCIPAL")
    return { ...known, homeTenant, environment, signupOpen: signup === "open", oidc, principal }
  })

/** As it stands in a key: lower-case letters, digits and hyphens. */
export const slugOf = (environment: string): string =>
  environment
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .slice(0, 20)
    .replace(/^-|-$/g, "") || "none"
