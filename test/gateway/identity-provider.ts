/** An identity provider that is nobody's stub: oidc-provider on loopback, whose people sign in without a page. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import { Effect, type Scope } from "effect"
import { Provider } from "oidc-provider"

export interface Person {
  readonly sub: string
  readonly email: string
  readonly email_verified: boolean
  readonly name: string
  readonly groups: ReadonlyArray<string>
}

export interface House {
  readonly issuer: string
  /** Who sits before the browser at this moment. */
  person: Person
}

export const client = { id: "cloudoptim", secret: "a secret of the provider and of us alone" }

const configOf = (redirectUri: string, personOf: () => Person): ConstructorParameters<typeof Provider>[1] => ({
  clients: [{ client_id: client.id, client_secret: client.secret, redirect_uris: [redirectUri] }],
  pkce: { required: () => true },
  cookies: { keys: ["a key of the provider's own cookies"] },
  claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name", "groups"] },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_, { uid }) => `/interaction/${uid}` },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ ...personOf(), groups: [...personOf().groups] }) }),
  // whoever signs in agrees to everything
  loadExistingGrant: async (ctx) => {
    const { client, session } = ctx.oidc
    if (client === undefined || session?.accountId === undefined) return undefined
    const grant = new ctx.oidc.provider.Grant({ clientId: client.clientId, accountId: session.accountId })
    grant.addOIDCScope("openid email profile")
    await grant.save()
    return grant
  }
})

/** Runs until the scope closes. */
export const openProvider = (
  port: number,
  redirectUri: string,
  person: Person
): Effect.Effect<House, never, Scope.Scope> =>
  Effect.gen(function* () {
    const issuer = `http://127.0.0.1:${port}`
    const house: House = { issuer, person }
    const provider = new Provider(
      issuer,
      configOf(redirectUri, () => house.person)
    )
    const answer = provider.callback()
    const handle = (req: IncomingMessage, res: ServerResponse) => {
      if (req.url?.startsWith("/interaction/") !== true) return void answer(req, res)
      void provider.interactionFinished(req, res, { login: { accountId: house.person.sub } })
    }
    const server = createServer(handle)
    yield* Effect.acquireRelease(
      Effect.callback<void>((resume) => void server.listen(port, "127.0.0.1", () => resume(Effect.void))),
      () =>
        Effect.callback<void>((resume) => {
          server.closeAllConnections()
          server.close(() => resume(Effect.void))
        })
    )
    return house
  })
