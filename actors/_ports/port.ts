/** A port is a table of calls: from it come the service, the guard around it and its twin in another process. */
import { Context, Effect, Schema } from "effect"
import { AccountId, Instant, Mode, Region, TenantId } from "../../schemas/ids.ts"
import type { LeaseLost } from "../../schemas/saga.ts"
import { type CloudRefusal, refusal } from "./cloud-refusal.ts"

/** For whom and by whom a call is made, as it travels with the call and into the records of the cloud's own log. */
export class Caller extends Schema.Class<Caller>("Caller")({
  tenant: TenantId,
  account: AccountId,
  region: Region,
  mode: Mode,
  /** The role to assume and its external id; null uses the ambient credentials. */
  roleArn: Schema.NullOr(Schema.String),
  externalId: Schema.NullOr(Schema.String),
  /** The process, by name and incarnation. */
  by: Schema.String,
  saga: Schema.NullOr(Schema.String),
  step: Schema.NullOr(Schema.String),
  epoch: Schema.Int,
  /** Writes that the step declared; any other is refused here, before it is sent. */
  may: Schema.Array(Schema.String),
  /** End of the lease under which the call is made: the session policy refuses it from then on. Null for reads. */
  until: Schema.NullOr(Instant)
}) {}

/** Who calls, and how to be sure to hold the lease for one more call. No port method has an account parameter. */
export class Whose extends Context.Service<
  Whose,
  {
    readonly caller: Caller
    /** Renews where needed and gives the end of the lease; fails once the saga is somebody else's. */
    readonly lease: Effect.Effect<Instant, LeaseLost>
    /** Asked last before a write is sent: fails where what the call rests on does not stand any more. */
    readonly stands?: Effect.Effect<void, CloudRefusal>
  }
>()("cloudoptim/Whose") {}

/**
 * Record of each call that changes something: before it is made, and what became of it. Fails with `LeaseLost` where
 * nobody knows whether a record was stored: whoever takes the saga over finds out, and ends what was left open.
 */
export class Audit extends Context.Service<
  Audit,
  {
    readonly begun: (
      caller: Caller,
      action: string,
      request: unknown
    ) => Effect.Effect<string, CloudRefusal | LeaseLost>
    readonly ended: (
      call: string,
      caller: Caller,
      action: string,
      refused: CloudRefusal | null
    ) => Effect.Effect<void, CloudRefusal | LeaseLost>
  }
>()("cloudoptim/Audit") {}

export interface Call<I = any, O = any> {
  readonly asks: Schema.Codec<I, any>
  readonly gives: Schema.Codec<O, any>
  /** The IAM action, where the call changes something. */
  readonly writes?: string
}
export const reads = <I, O>(asks: Schema.Codec<I, any>, gives: Schema.Codec<O, any>): Call<I, O> => ({ asks, gives })
export const writes = <I, O>(
  action: `${string}:${string}`,
  asks: Schema.Codec<I, any>,
  gives: Schema.Codec<O, any>
): Call<I, O> => ({ asks, gives, writes: action })

export type Calls = Readonly<Record<string, Call>>
type Refusals = CloudRefusal | LeaseLost
/** What the table makes: one function per call, whose caller comes from the context. */
export type Shape<C extends Calls> = {
  readonly [K in keyof C]: C[K] extends Call<infer I, infer O> ? (input: I) => Effect.Effect<O, Refusals, Whose> : never
}
/** What an implementation gives: the caller is already known, and reads never meet a lease. */
export type Inner<C extends Calls> = {
  readonly [K in keyof C]: C[K] extends Call<infer I, infer O>
    ? (input: I, caller: Caller) => Effect.Effect<O, CloudRefusal>
    : never
}

/** Longest that one call may take, in milliseconds: a lease must outlast it, a takeover waits for it. */
export const callTimeoutMs = 15_000

/**
 * One wrapper for every port. A write needs `act` mode and to be declared by its step, holds a lease for its whole
 * duration, and has an audit record before and after; without the record it is not made, nor where what it rests on has
 * fallen meanwhile. Every call has a time limit.
 */
export const guarded = <C extends Calls>(
  calls: C,
  inner: Inner<C>,
  audit: Audit["Service"],
  timeoutMs: number = callTimeoutMs
): Shape<C> => {
  const shape: Record<string, unknown> = {}
  for (const [name, call] of Object.entries(calls)) {
    const send = inner[name] as (input: unknown, caller: Caller) => Effect.Effect<unknown, CloudRefusal>
    const timed = (input: unknown, caller: Caller, label: string) =>
      send(input, caller).pipe(
        Effect.timeoutOrElse({
          duration: timeoutMs,
          orElse: () => Effect.fail(refusal(label, "CloudOptim.NoAnswer", `no answer within ${timeoutMs} ms`))
        })
      )
    const action = call.writes
    shape[name] =
      action === undefined
        ? (input: unknown) => Effect.flatMap(Whose, (whose) => timed(input, whose.caller, name))
        : (input: unknown) => guardedWrite(action, call, input, audit, timed)
  }
  return shape as Shape<C>
}

/**
 * The lease for one call, and what the call rests on looked at under it: where renewing came in between, which may take
 * long, it is looked at again, so that nothing but the sending lies between the look and the call.
 */
const cleared = ({ lease, stands }: Whose["Service"]): Effect.Effect<Instant, Refusals> =>
  Effect.gen(function* () {
    let until = yield* lease
    if (stands === undefined) return until
    for (;;) {
      yield* stands
      const still = yield* lease
      if (still === until) return until
      until = still
    }
  })

const guardedWrite = (
  action: string,
  call: Call,
  input: unknown,
  audit: Audit["Service"],
  send: (input: unknown, caller: Caller, label: string) => Effect.Effect<unknown, CloudRefusal>
) =>
  Effect.gen(function* () {
    const whose = yield* Whose
    const { mode, may } = whose.caller
    if (mode !== "act") return yield* refusal(action, "CloudOptim.ModeForbids", `the account is in mode ${mode}`)
    if (!may.includes(action))
      return yield* refusal(action, "CloudOptim.Undeclared", "the step does not declare this write")
    // who has lost the saga announces nothing: whoever has it now has ended all calls that it found
    yield* whose.lease
    const id = yield* audit.begun(whose.caller, action, Schema.encodeSync(call.asks)(input))
    // once more, and last: whatever the audit took is already off the lease
    const lease = yield* Effect.result(cleared(whose))
    if (lease._tag === "Failure") {
      const no = lease.failure
      const why = no._tag === "LeaseLost" ? refusal(action, "CloudOptim.LeaseLost", no.message) : no
      yield* audit.ended(id, whose.caller, action, why)
      return yield* no
    }
    const caller = new Caller({ ...whose.caller, until: lease.success })
    const exit = yield* Effect.result(send(input, caller, action))
    yield* audit.ended(id, caller, action, exit._tag === "Failure" ? exit.failure : null)
    return exit._tag === "Failure" ? yield* exit.failure : exit.success
  })
