/** A start connects what nobody has connected yet, and nothing that a person has set is undone by it, however often. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Result } from "effect"
import { Bus } from "../bus/bus.ts"
import { draftOf } from "../bus/draft.ts"
import { MemoryBus } from "../bus/memory.sim.ts"
import { Account, AccountConnected, accountConnected, ConnectAccount, connectAccount } from "../schemas/account.ts"
import { Desk, StopSet, stopSet } from "../schemas/approval.ts"
import { unseal } from "../schemas/envelope.ts"
import { matches, type Road } from "../schemas/message.ts"
import { SetPolicy, setPolicy } from "../schemas/policy.ts"
import { account, aDesk, anAccount, anOpenPlan, noon, tenant, zone } from "../test/builders.ts"
import { begin, mayRunDry } from "./begin.ts"
import { demonstrationPolicy } from "./terms.ts"

const { status: _status, reason: _reason, since: _since, ...asked } = anAccount()
const wish = new ConnectAccount(asked)
const policy = new SetPolicy({ tenant, account, policy: demonstrationPolicy(60), by: "npm start" })
const plan = { connects: [wish], policies: [policy] }

const said = <A>(road: Road<A>) =>
  Effect.map(
    Bus.use((bus) => bus.scan(0, 100)),
    (all) =>
      all
        .filter(({ subject }) => matches(road.filter, subject))
        .map(({ data }) => Result.getOrThrow(unseal(road, data)))
  )

/** The onboarder's word on the account, as it stands by now. */
const stands = (over: Partial<Account>) => {
  const known = anAccount(over)
  const { name, regions, environment, mode, roleArn, externalId, since: at } = known
  const fact = new AccountConnected({
    tenant: known.tenant,
    account,
    name,
    regions,
    environment,
    mode,
    roleArn,
    externalId,
    at
  })
  return Bus.use((bus) => bus.append([draftOf(accountConnected, fact, { schema: Account, value: known })]))
}
const desk = (over: Partial<Desk>) => {
  const fact = new StopSet({ tenant, account, stop: "run", by: "ann", because: "to begin", at: noon })
  return Bus.use((bus) => bus.append([draftOf(stopSet, fact, { schema: Desk, value: aDesk(over) })]))
}

const started = Effect.gen(function* () {
  const lines: Array<string> = []
  yield* begin(plan, (line) => lines.push(line))
  return { lines, connects: yield* said(connectAccount), policies: yield* said(setPolicy) }
})
const alone = <A, E>(effect: Effect.Effect<A, E, Bus>) => Effect.provide(effect, MemoryBus.alone())

describe("a start", () => {
  it.effect("connects an account that nobody knows, with its first policy, and tells nobody anything", () =>
    alone(
      Effect.gen(function* () {
        const { lines, connects, policies } = yield* started
        assert.deepStrictEqual([lines, connects, policies], [[], [wish], [policy]])
      })
    )
  )

  it.effect("asks for nothing where the account is as the file has it", () =>
    alone(
      Effect.gen(function* () {
        yield* stands({})
        yield* desk({ policy: policy.policy })
        const { lines, connects, policies } = yield* started
        assert.deepStrictEqual([lines, connects, policies], [[], [], []])
      })
    )
  )

  it.effect.each([
    [{ mode: "observe" }, /account 111122223333 is connected already and keeps mode observe \(not act\): change it on/],
    [{ mode: "recommend", name: "prod" }, /keeps name prod \(not production\), mode recommend \(not act\): change it/],
    [{ regions: [] }, /keeps regions none \(not us-east-1\)/],
    [{ status: "disconnected" }, /account 111122223333 was disconnected and stays so: change it/],
    [{ externalId: "secret-of-theirs" }, /keeps its external id: change it/]
  ] as const)("leaves to a person what a person has set: %j", ([over, says]) =>
    alone(
      Effect.gen(function* () {
        yield* stands(over)
        yield* desk({ policy: policy.policy })
        const { lines, connects, policies } = yield* started
        assert.deepStrictEqual([connects, policies], [[], []])
        assert.lengthOf(lines, 1)
        assert.match(lines[0] ?? "", says)
        assert.notInclude(lines[0] ?? "", "secret-of-theirs")
      })
    )
  )

  it.effect("does not take the yes to plans away from a person either", () =>
    alone(
      Effect.gen(function* () {
        yield* stands({})
        const { lines, policies } = yield* started
        assert.deepStrictEqual(policies, [])
        assert.match(lines[0] ?? "", /keeps approval manual \(not auto\)/)
      })
    )
  )
})

describe("a dry run", () => {
  const refusal = (over: Partial<Account>, flying: boolean) =>
    alone(
      Effect.gen(function* () {
        yield* stands(over)
        const one = { swap: "s1", zone: zone(1), alone: true, stuck: false }
        if (flying) yield* desk({ plans: [anOpenPlan({ inFlight: [one] })] })
        const exit = yield* Effect.exit(mayRunDry("/data"))
        return Exit.isSuccess(exit) ? "" : String(exit.cause)
      })
    )

  it.effect.each([
    [
      { mode: "act" },
      false,
      /account 111122223333 in \/data is connected in mode act: name another folder with --data/
    ],
    [{ mode: "recommend" }, true, /1 are under way in account 111122223333 in \/data: name another folder/],
    [{ mode: "act", status: "disconnected" }, true, /1 are under way/],
    [{ mode: "act", status: "disconnected" }, false, /^$/],
    [{ mode: "observe" }, false, /^$/]
  ] as const)("where an account is %j and swaps fly: %s", ([over, flying, says]) =>
    Effect.map(refusal(over, flying), (why) => assert.match(why, says))
  )
})
