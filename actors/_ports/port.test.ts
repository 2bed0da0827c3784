/** The guard around every port: what it refuses before anything is sent, and what it leaves on record. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { AccountId, instant, type Mode, Region, TenantId } from "../../schemas/ids.ts"
import { LeaseLost } from "../../schemas/saga.ts"
import { CloudRefusal, refusal } from "./cloud-refusal.ts"
import { type Audit, Caller, guarded, reads, Whose, writes } from "./port.ts"

const calls = {
  look: reads(Schema.Int, Schema.Int),
  change: writes("ec2:ChangeIt", Schema.Int, Schema.Int)
}

/** What was sent and what was recorded, in order, as words. */
const stage = (over: { readonly auditIsDown?: boolean; readonly isSlow?: boolean } = {}) => {
  const log: Array<string> = []
  const audit: Audit["Service"] = {
    begun: (caller, action) =>
      over.auditIsDown === true
        ? Effect.fail(refusal(action, "CloudOptim.Unaudited", "down"))
        : Effect.sync(() => {
            log.push(`begun ${action} until ${caller.until}`)
            return "call-1"
          }),
    ended: (call, _caller, _action, refused) =>
      Effect.sync(() => {
        log.push(`ended ${call} ${refused?.code ?? "ok"}`)
      })
  }
  const inner = {
    look: (n: number) => Effect.succeed(n),
    change: (n: number, caller: Caller) =>
      Effect.sync(() => log.push(`sent until ${caller.until}`)).pipe(
        Effect.andThen(over.isSlow === true ? Effect.never : Effect.succeed(n))
      )
  }
  return { port: guarded(calls, inner, audit, 50), log }
}

const whose = (
  mode: Mode,
  may: ReadonlyArray<string>,
  lease: Whose["Service"]["lease"] = Effect.succeed(instant(9))
) => ({
  caller: new Caller({
    tenant: TenantId.make("acme"),
    account: AccountId.make("111122223333"),
    region: Region.make("us-east-1"),
    mode,
    roleArn: null,
    externalId: null,
    by: "executor:1",
    saga: "s1",
    step: "launch",
    epoch: 1,
    may,
    until: null
  }),
  lease
})
const act = whose("act", ["ec2:ChangeIt"])
const lost = new LeaseLost({ saga: "s1", by: "executor:1" })
const codeOf = (effect: Effect.Effect<unknown, CloudRefusal | LeaseLost>) =>
  Effect.map(Effect.flip(effect), (no) => (no instanceof CloudRefusal ? no.code : no._tag))

describe("the guard", () => {
  it.effect("sends a declared write under its lease, with a record before it and one after it", () =>
    Effect.gen(function* () {
      const { port, log } = stage()
      assert.strictEqual(yield* port.change(3).pipe(Effect.provideService(Whose, act)), 3)
      assert.deepStrictEqual(log, ["begun ec2:ChangeIt until null", "sent until 9", "ended call-1 ok"])
    })
  )

  for (const mode of ["observe", "recommend"] as const) {
    it.effect(`lets nothing be changed in mode ${mode}, while reads go through`, () =>
      Effect.gen(function* () {
        const { port, log } = stage()
        const only = whose(mode, ["ec2:ChangeIt"])
        assert.strictEqual(
          yield* codeOf(port.change(3).pipe(Effect.provideService(Whose, only))),
          "CloudOptim.ModeForbids"
        )
        assert.strictEqual(yield* port.look(3).pipe(Effect.provideService(Whose, only)), 3)
        assert.isEmpty(log)
      })
    )
  }

  it.effect("refuses a write that the step does not declare, before anything is recorded or sent", () =>
    Effect.gen(function* () {
      const { port, log } = stage()
      const sly = whose("act", ["ec2:SomethingElse"])
      assert.strictEqual(yield* codeOf(port.change(3).pipe(Effect.provideService(Whose, sly))), "CloudOptim.Undeclared")
      assert.isEmpty(log)
    })
  )

  it.effect("sends nothing that it cannot record", () =>
    Effect.gen(function* () {
      const { port, log } = stage({ auditIsDown: true })
      assert.strictEqual(yield* codeOf(port.change(3).pipe(Effect.provideService(Whose, act))), "CloudOptim.Unaudited")
      assert.isEmpty(log)
    })
  )

  it.effect("announces and sends nothing once the lease is somebody else's", () =>
    Effect.gen(function* () {
      const { port, log } = stage()
      const late = whose("act", ["ec2:ChangeIt"], Effect.fail(lost))
      assert.strictEqual(yield* codeOf(port.change(3).pipe(Effect.provideService(Whose, late))), "LeaseLost")
      assert.isEmpty(log)
    })
  )

  it.effect("sends nothing whose lease is lost while it is announced, and says on record how the call ended", () =>
    Effect.gen(function* () {
      const { port, log } = stage()
      const lease = Effect.suspend(() => (log.length === 0 ? Effect.succeed(instant(9)) : Effect.fail(lost)))
      const late = whose("act", ["ec2:ChangeIt"], lease)
      assert.strictEqual(yield* codeOf(port.change(3).pipe(Effect.provideService(Whose, late))), "LeaseLost")
      assert.deepStrictEqual(log, ["begun ec2:ChangeIt until null", "ended call-1 CloudOptim.LeaseLost"])
    })
  )

  it.effect("sends nothing where what the call rests on has fallen, and says on record why", () =>
    Effect.gen(function* () {
      const { port, log } = stage()
      const fallen = { ...act, stands: Effect.fail(refusal("ec2:ChangeIt", "Fallen", "meanwhile")) }
      assert.strictEqual(yield* codeOf(port.change(3).pipe(Effect.provideService(Whose, fallen))), "Fallen")
      assert.deepStrictEqual(log, ["begun ec2:ChangeIt until null", "ended call-1 Fallen"])
    })
  )

  it.effect("looks again at what a call rests on where the lease was renewed after the look", () =>
    Effect.gen(function* () {
      const { port, log } = stage()
      const ends = [9, 9, 20, 20]
      const lease = Effect.sync(() => {
        log.push("lease")
        return instant(ends.length > 1 ? ends.shift()! : 20)
      })
      const careful = { ...whose("act", ["ec2:ChangeIt"], lease), stands: Effect.sync(() => void log.push("looked")) }
      yield* port.change(3).pipe(Effect.provideService(Whose, careful))
      const looks = ["lease", "looked", "lease", "looked", "lease"]
      assert.deepStrictEqual(log, [
        "lease",
        "begun ec2:ChangeIt until null",
        ...looks,
        "sent until 20",
        "ended call-1 ok"
      ])
    })
  )

  it.live("calls a call without an answer in its time unknown, not failed", () =>
    Effect.gen(function* () {
      const { port, log } = stage({ isSlow: true })
      const no = yield* Effect.flip(port.change(3).pipe(Effect.provideService(Whose, act)))
      assert.deepInclude(no, { code: "CloudOptim.NoAnswer", advice: "unknown" })
      assert.strictEqual(log.at(-1), "ended call-1 CloudOptim.NoAnswer")
    })
  )
})
