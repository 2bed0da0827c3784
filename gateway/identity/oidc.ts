/** An identity provider as we know it: it sends somebody back with a code, and says who he is. */
import { Context, type Effect, Schema } from "effect"

/** Something in the answer is not as it was agreed: a forged state, a code used before, a token of another sign-in. */
export class OidcRefused extends Schema.TaggedError<OidcRefused>()("OidcRefused", { cause: Schema.Defect() }) {
  override get message() {
    return "the identity provider's answer does not hold"
  }
}
/** The identity provider does not answer. */
export class OidcDown extends Schema.TaggedError<OidcDown>()("OidcDown", { cause: Schema.Defect() }) {
  override get message() {
    return "the identity provider does not answer"
  }
}

/** What ties an answer to the browser that asked: kept there, signed, while it is away. */
export interface Flow {
  readonly state: string
  readonly nonce: string
  /** PKCE: whoever steals the code has not this. */
  readonly verifier: string
}

export interface Claims {
  readonly issuer: string
  readonly subject: string
  readonly email: string | undefined
  readonly isEmailVerified: boolean
  readonly name: string | undefined
  readonly groups: ReadonlyArray<string>
}

export interface Provider {
  /** Where a browser is sent to sign in. */
  readonly start: (flow: Flow) => Effect.Effect<URL, OidcDown>
  /** Takes the query that the browser came back with; the code in it is spent. */
  readonly finish: (search: string, flow: Flow) => Effect.Effect<Claims, OidcRefused | OidcDown>
}

export class Oidc extends Context.Service<Oidc, { readonly provider: Provider | null }>()("cloudoptim/Oidc") {}
