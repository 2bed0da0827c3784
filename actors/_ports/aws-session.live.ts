/** Sessions in customers' accounts: assumed, proven to be in the right account, kept until shortly before their end. */
import { AssumeRoleCommand, GetCallerIdentityCommand, type STSClient, type STSClientConfig } from "@aws-sdk/client-sts"
import { Cache, Effect, Exit, Schema } from "effect"
import type { AccountId, Instant, Region } from "../../schemas/ids.ts"
import { readAs, refusalOf } from "./aws-refusal.live.ts"
import { type CloudRefusal, refusal } from "./cloud-refusal.ts"
import type { Caller } from "./port.ts"
import { sessionName, sessionPolicy, type Target } from "./session-policy.ts"

export type Credentials = NonNullable<STSClientConfig["credentials"]>

export interface Session {
  readonly key: Key
  readonly region: Region
  /** Null: the SDK's default chain. */
  readonly credentials: Credentials | null
  readonly identity: { readonly account: string; readonly arn: string }
  /** By service; they end with the session. */
  readonly clients: Map<string, unknown>
}
/** Two callers with the same key may share a session; compared by content. */
interface Key {
  readonly account: AccountId
  readonly region: Region
  readonly roleArn: string | null
  readonly externalId: string | null
  readonly name: string
  readonly policy: string | null
}

/** Sessions of reads: as long as a chained role may last. Those of writes: the shortest that STS gives. */
const readSeconds = 3600
const writeSeconds = 900
/** A session is not used in its last five minutes. */
const marginMs = 300_000
/** Ambient credentials are renewed by the SDK: only whose they are is kept. */
const ambientMs = 3_600_000
const sessionsMax = 2000

/** A session that comes of a mere trial is worth nothing to anybody. */
const nothingAllowed = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Deny", Action: "*", Resource: "*" }]
})

const Assumed = Schema.Struct({
  Credentials: Schema.Struct({
    AccessKeyId: Schema.NonEmptyString,
    SecretAccessKey: Schema.NonEmptyString,
    SessionToken: Schema.NonEmptyString,
    Expiration: Schema.Date
  }),
  AssumedRoleUser: Schema.Struct({ Arn: Schema.NonEmptyString })
})
const Identity = Schema.Struct({ Account: Schema.NonEmptyString, Arn: Schema.NonEmptyString })
const accountIn = (arn: string) => /^arn:[\w-]+:(?:iam|sts)::(\d{12}):/.exec(arn)?.[1]

interface Clients {
  readonly home: Credentials | null
  /** With our own credentials, where roles are assumed. */
  readonly sts: (region: Region) => STSClient
  readonly local: (region: Region, credentials: Credentials | null) => STSClient
}

const assume = (clients: Clients, key: Key, roleArn: string): Effect.Effect<Session & Expiring, CloudRefusal> => {
  const action = "sts:AssumeRole"
  const request = new AssumeRoleCommand({
    RoleArn: roleArn,
    RoleSessionName: key.name,
    DurationSeconds: key.policy === null ? readSeconds : writeSeconds,
    ...(key.externalId === null ? {} : { ExternalId: key.externalId }),
    ...(key.policy === null ? {} : { Policy: key.policy })
  })
  return Effect.tryPromise({
    try: (abortSignal) => clients.sts(key.region).send(request, { abortSignal }),
    catch: (thrown) => refusalOf(action, false, thrown)
  }).pipe(
    Effect.flatMap(readAs(action, Assumed, `the session of ${roleArn}`)),
    Effect.map(({ Credentials: held, AssumedRoleUser: { Arn: arn } }) => ({
      key,
      region: key.region,
      credentials: {
        accessKeyId: held.AccessKeyId,
        secretAccessKey: held.SecretAccessKey,
        sessionToken: held.SessionToken,
        expiration: held.Expiration
      },
      identity: { account: accountIn(arn) ?? key.account, arn },
      clients: new Map(),
      expiresAt: held.Expiration.getTime() - marginMs
    })),
    Effect.withSpan(action)
  )
}
interface Expiring {
  readonly expiresAt: number
}

const whoAmI = (client: STSClient) => {
  const action = "sts:GetCallerIdentity"
  return Effect.tryPromise({
    try: (abortSignal) => client.send(new GetCallerIdentityCommand({}), { abortSignal }),
    catch: (thrown) => refusalOf(action, false, thrown)
  }).pipe(
    Effect.flatMap(readAs(action, Identity, "the identity")),
    Effect.map(({ Account, Arn }) => ({ account: Account, arn: Arn })),
    Effect.withSpan(action)
  )
}

const begin = (clients: Clients, key: Key): Effect.Effect<Session & Expiring, CloudRefusal> => {
  if (key.roleArn !== null) {
    const named = accountIn(key.roleArn)
    if (named !== key.account) return wrongAccount(key, named ?? "no account")
    return assume(clients, key, key.roleArn)
  }
  const { region } = key
  return Effect.map(whoAmI(clients.local(region, clients.home)), (identity) => ({
    key,
    region,
    credentials: clients.home,
    identity,
    clients: new Map(),
    expiresAt: Date.now() + ambientMs
  }))
}

const wrongAccount = (key: Key, account: string) =>
  Effect.fail(
    refusal(
      "sts:AssumeRole",
      "CloudOptim.WrongAccount",
      `${key.roleArn ?? "our own identity"} belongs to ${account}, not to ${key.account}: correct the account's role`
    )
  )

const proven = (session: Session): Effect.Effect<Session, CloudRefusal> =>
  session.identity.account === session.key.account
    ? Effect.succeed(session)
    : wrongAccount(session.key, session.identity.account)

/** A refused AssumeRole is not kept: the next call asks again. */
export const makeSessions = (clients: Clients) =>
  Effect.gen(function* () {
    const cache = yield* Cache.makeWith((key: Key) => begin(clients, key), {
      capacity: sessionsMax,
      timeToLive: (exit) => (Exit.isSuccess(exit) ? Math.max(0, exit.value.expiresAt - Date.now()) : 0)
    })
    const keyOf = ({ account, region, roleArn, externalId, saga }: Caller, policy: string | null): Key => {
      // ambient credentials know neither names nor policies: one session serves all
      if (roleArn === null) return { account, region, roleArn, externalId: null, name: "", policy: null }
      return { account, region, roleArn, externalId, name: sessionName(saga), policy }
    }
    return {
      ofReads: (caller: Caller) => Effect.flatMap(Cache.get(cache, keyOf(caller, null)), proven),
      /** `end`: when AWS is to refuse, by its own clock. */
      ofWrite: (caller: Caller, action: string, target: Target, end: Instant) => {
        const { account, region } = caller
        const policy = sessionPolicy({ action, target, account, region, until: end })
        return Effect.flatMap(Cache.get(cache, keyOf(caller, policy)), proven)
      },
      /**
       * Past the cache, for a session outlives the trust that it came of. A new one takes the old one's place; where
       * none is given, the old one stays with those who hold it, until AWS ends it.
       */
      identity: (caller: Caller) =>
        Effect.gen(function* () {
          const key = keyOf(caller, null)
          const session = yield* begin(clients, key)
          yield* Cache.set(cache, key, session)
          return yield* whoAmI(clients.local(session.region, session.credentials))
        }),
      /** Past the cache: neither is an answer of it kept, nor does it end a session that others hold. */
      admits: ({ account, region, roleArn }: Caller, externalId: string) => {
        if (roleArn === null)
          return Effect.fail(refusal("sts:AssumeRole", "CloudOptim.NoRole", "own credentials know no external id"))
        const key: Key = { account, region, roleArn, externalId, name: sessionName(null), policy: nothingAllowed }
        return begin(clients, key).pipe(
          Effect.as(true),
          Effect.catchIf(
            ({ code }) => code === "AccessDenied",
            () => Effect.succeed(false)
          )
        )
      },
      forget: (session: Session) => Cache.invalidate(cache, session.key)
    }
  })
