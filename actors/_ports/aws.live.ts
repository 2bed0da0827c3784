/** AWS for a caller: clients of its account and region, in the role it names, and a fence around every write. */
import { AutoScalingClient } from "@aws-sdk/client-auto-scaling"
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch"
import { EC2Client } from "@aws-sdk/client-ec2"
import { ElasticLoadBalancingV2Client } from "@aws-sdk/client-elastic-load-balancing-v2"
import { STSClient } from "@aws-sdk/client-sts"
import { Context, Effect, Layer, type Scope } from "effect"
import { instant, type Instant } from "../../schemas/ids.ts"
import { endsSession, refusalOf, TooLate } from "./aws-refusal.live.ts"
import { type Credentials, makeSessions, type Session } from "./aws-session.live.ts"
import { type CloudRefusal, refusal } from "./cloud-refusal.ts"
import { type Caller, callTimeoutMs } from "./port.ts"
import type { Target } from "./session-policy.ts"

const services = {
  ec2: EC2Client,
  autoScaling: AutoScalingClient,
  elb: ElasticLoadBalancingV2Client,
  cloudWatch: CloudWatchClient,
  sts: STSClient
}
type Service = keyof typeof services
type ClientOf<S extends Service> = InstanceType<(typeof services)[S]>
interface SendOptions {
  readonly abortSignal: AbortSignal
}
type Send<S extends Service, A> = (client: ClientOf<S>, options: SendOptions) => Promise<A>

export interface AwsOptions {
  /** Instead of AWS's own addresses, for every service; the SDK also reads `AWS_ENDPOINT_URL`. */
  readonly endpoint?: string
  /** Our own credentials, instead of the SDK's default chain. */
  readonly credentials?: Credentials
  /** Where AssumeRole is asked; otherwise `AWS_REGION`, otherwise the region of the call. */
  readonly homeRegion?: string
}

export class Aws extends Context.Service<
  Aws,
  {
    readonly read: <S extends Service, A>(
      service: S,
      caller: Caller,
      action: string,
      send: Send<S, A>
    ) => Effect.Effect<A, CloudRefusal>
    /**
     * One write before the end of the caller's lease. With a role AWS itself refuses it from then on, by a session
     * policy for this action and target. With ambient credentials there is no session to end: the fence is then a look
     * at the clocks right before the request leaves, and one under way when the process freezes may come late.
     */
    readonly write: <S extends Service, A>(
      service: S,
      caller: Caller,
      write: { readonly action: string; readonly target: Target },
      send: Send<S, A>
    ) => Effect.Effect<A, CloudRefusal>
    /** Who we are there, whatever account that is. */
    readonly identity: (
      caller: Caller
    ) => Effect.Effect<{ readonly account: string; readonly arn: string }, CloudRefusal>
    /** Whether the caller's role lets us in under this external id; the session that comes of it is thrown away. */
    readonly admits: (caller: Caller, externalId: string) => Effect.Effect<boolean, CloudRefusal>
    /** By how many milliseconds AWS's clock is ahead of ours, as its last answer says; at most one second too low. */
    readonly clockOffsetMs: () => number
  }
>()("cloudoptim/Aws") {
  static readonly layer = (options: AwsOptions = {}) => Layer.effect(Aws, makeAws(options))
}

/** One pool of connections for all clients; every answer sets the clock, every request passes its fence. */
const connections = () => {
  const owner = new STSClient({
    region: "us-east-1",
    requestHandler: { connectionTimeout: 3000, requestTimeout: callTimeoutMs, throwOnRequestTimeout: true }
  })
  const handler = owner.config.requestHandler
  let offsetMs = 0
  const heed = (date: string | undefined) => {
    const told = date === undefined ? Number.NaN : Date.parse(date)
    if (!Number.isNaN(told)) offsetMs = told - Date.now()
  }
  const through = (fence: () => void): typeof handler =>
    Object.assign(Object.create(handler) as typeof handler, {
      handle: async (...asked: Parameters<typeof handler.handle>) => {
        fence()
        const answer = await handler.handle(...asked)
        heed(answer.response.headers["date"])
        return answer
      }
    })
  return { through, offsetMs: () => offsetMs, close: () => handler.destroy?.() }
}

/** Throws from `until` on, by whichever clock comes first: the wall clock may be set back, the monotonic one cannot. */
const fenceAt = (until: Instant) => {
  const started = performance.now()
  const leftMs = until - Date.now()
  return () => {
    if (Date.now() >= until || performance.now() - started >= leftMs) {
      throw new TooLate(`the lease ended at ${new Date(until).toISOString()}: the request was not sent`)
    }
  }
}

const configure =
  (options: AwsOptions, wires: ReturnType<typeof connections>) =>
  (region: string, credentials: Credentials | null, fence: () => void = () => {}) => ({
    region,
    maxAttempts: 1, // whoever calls decides whether to call again
    requestHandler: wires.through(fence),
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
    ...(credentials === null ? {} : { credentials })
  })

const attempt = <A>(action: string, isWrite: boolean, send: (signal: AbortSignal) => Promise<A>) =>
  Effect.tryPromise({ try: send, catch: (thrown) => refusalOf(action, isWrite, thrown) }).pipe(Effect.withSpan(action))

/** Needs no network: what is wrong with credentials shows at the first call. */
export const makeAws = (options: AwsOptions = {}): Effect.Effect<Aws["Service"], never, Scope.Scope> =>
  Effect.gen(function* () {
    const wires = yield* Effect.acquireRelease(Effect.sync(connections), ({ close }) => Effect.sync(close))
    const config = configure(options, wires)
    const home = options.credentials ?? null
    const homeRegion = options.homeRegion ?? process.env["AWS_REGION"] ?? process.env["AWS_DEFAULT_REGION"]
    const sessions = yield* makeSessions({
      home,
      sts: (region) => new STSClient(config(homeRegion ?? region, home)),
      local: (region, credentials) => new STSClient(config(region, credentials))
    })
    const within = <A>(session: Session, call: Effect.Effect<A, CloudRefusal>) =>
      Effect.tapError(call, ({ code }) => (endsSession(code) ? sessions.forget(session) : Effect.void))
    const clientOf = <S extends Service>(service: S, session: Session): ClientOf<S> => {
      const known = session.clients.get(service)
      if (known !== undefined) return known as ClientOf<S>
      const made = new services[service](config(session.region, session.credentials))
      session.clients.set(service, made)
      return made as ClientOf<S>
    }

    return Aws.of({
      read: (service, caller, action, send) =>
        Effect.flatMap(sessions.ofReads(caller), (session) =>
          within(
            session,
            attempt(action, false, (abortSignal) => send(clientOf(service, session), { abortSignal }))
          )
        ),
      write: (service, caller, { action, target }, send) =>
        Effect.gen(function* () {
          const { until } = caller
          const end = endAtAws(until, wires.offsetMs())
          if (until === null || end === null) {
            return yield* refusal(action, "AccessDenied", `the lease ended at ${until ?? "no time"}: nothing was sent`)
          }
          const fence = fenceAt(until)
          const session = yield* sessions.ofWrite(caller, action, target, end)
          // a client of its own, over the same connections: the fence belongs to this one call
          const client = new services[service](config(session.region, session.credentials, fence))
          const call = attempt(action, true, (abortSignal) => send(client as ClientOf<typeof service>, { abortSignal }))
          return yield* within(session, call)
        }),
      identity: sessions.identity,
      admits: sessions.admits,
      clockOffsetMs: wires.offsetMs
    })
  })

/** The lease's end by AWS's clock; null where its last whole second is over already. */
const endAtAws = (until: Instant | null, offsetMs: number): Instant | null => {
  if (until === null) return null
  const end = instant(until + offsetMs)
  return end - (end % 1000) <= Date.now() + offsetMs ? null : end
}
