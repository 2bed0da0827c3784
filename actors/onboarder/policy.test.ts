/** An account is what its own tenant last wished, and is marked with what it last answered. */
import { assert, it } from "@effect/vitest"
import { Schema } from "effect"
import { account, heard, later, minute, noon, region, tenant } from "../../test/builders.ts"
import { type Account, AccountAnswered, ConnectAccount } from "../../schemas/account.ts"
import { Environment, instant, Mode, Region, TenantId } from "../../schemas/ids.ts"
import { rules } from "./policy.ts"

const connect = (over: Partial<ConnectAccount> = {}) =>
  new ConnectAccount({
    tenant,
    account,
    name: "production",
    regions: [region],
    environment: "PROD",
    mode: "observe",
    roleArn: null,
    externalId: null,
    ...over
  })
const answer = (at: number, code: string | null) =>
  new AccountAnswered({
    tenant,
    account,
    code,
    message: code === null ? "it answers" : "mend the role",
    at: instant(at)
  })

type Message = ConnectAccount | AccountAnswered
const say = (state: Account | undefined, message: Message, at = noon) => rules.decide(state, message, heard({ at }))
const hear = (state: Account | undefined, message: Message, at = noon) =>
  say(state, message, at).reduce<Account | undefined>(rules.evolve, state)

const Wish = Schema.Struct({
  tenant: Schema.Literals(["acme", "rival"]),
  name: Schema.Literals(["a", "b"]),
  mode: Mode,
  environment: Environment,
  regions: Schema.Array(Schema.Literals(["us-east-1", "eu-west-1"]))
})
const wished = (wishes: ReadonlyArray<typeof Wish.Type>) =>
  wishes.map((wish, n) => ({
    at: later(noon, n * minute),
    message: connect({
      ...wish,
      tenant: TenantId.make(wish.tenant),
      regions: wish.regions.map((name) => Region.make(name))
    })
  }))

it.prop(
  "after the first wish only its own tenant's wishes count, and the newest holds in whatever order they arrive",
  { wishes: Schema.NonEmptyArray(Wish), shuffle: Schema.Array(Schema.Int) },
  ({ wishes, shuffle }) => {
    const [first, ...rest] = wished(wishes)
    const rank = (n: number) => shuffle[n % Math.max(1, shuffle.length)] ?? 0
    const order = [...rest.keys()].sort((a, b) => rank(a) - rank(b))
    const arrivals = [first!, ...order.map((n) => rest[n]!), ...rest, first!]
    const state = arrivals.reduce<Account | undefined>((known, { message, at }) => hear(known, message, at), undefined)!
    const own = [first!, ...rest].filter(({ message }) => message.tenant === first!.message.tenant)
    const last = own.at(-1)!.message
    assert.strictEqual(state.tenant, first!.message.tenant)
    assert.deepStrictEqual([state.name, state.mode, state.environment], [last.name, last.mode, last.environment])
    assert.deepStrictEqual(state.regions, [...new Set(last.regions)].sort())
  }
)

it.prop(
  "no answer of an account changes what may be done in it",
  { codes: Schema.Array(Schema.NullOr(Schema.String)) },
  ({ codes }) => {
    const known = hear(undefined, connect({ mode: "recommend" }))!
    const state = codes.reduce<Account>((one, code, n) => hear(one, answer(noon + n, code))!, known)
    assert.deepStrictEqual(
      { ...state, status: 0, reason: 0, answeredAt: 0 },
      { ...known, status: 0, reason: 0, answeredAt: 0 }
    )
  }
)

it.prop("the same delivery again says nothing", { wishes: Schema.Array(Wish) }, ({ wishes }) => {
  let state: Account | undefined
  for (const { message, at } of wished(wishes)) {
    state = hear(state, message, at)
    assert.deepStrictEqual(say(state, message, at), [])
  }
})

it("a refusing account is marked once with AWS's word and the mend, and cleared once", () => {
  let state = hear(undefined, connect())
  const reasons: Array<string | null> = []
  for (const [n, code] of ["AccessDenied", "AccessDenied", "ExpiredToken", null, null].entries()) {
    const message = answer(noon + n, code)
    for (const fact of say(state, message)) if (fact._tag === "AccountMarked") reasons.push(fact.reason)
    state = hear(state, message)
  }
  assert.deepStrictEqual(reasons, ["AccessDenied: mend the role", "ExpiredToken: mend the role", null])
  assert.deepStrictEqual([state?.status, state?.reason], ["connected", null])
})

it("a refusal that was overtaken by a later answer marks nothing", () => {
  const known = [answer(noon, "AccessDenied"), answer(noon + 2, null)].reduce(
    (state, message) => hear(state, message)!,
    hear(undefined, connect())!
  )
  assert.deepStrictEqual(say(known, answer(noon + 1, "ExpiredToken")), [])
})

it("a new wish leaves the mark: only the account itself can show that it answers again", () => {
  const marked = hear(hear(undefined, connect()), answer(noon, "AccessDenied"))
  const again = hear(marked, connect({ roleArn: "arn:aws:iam::111122223333:role/CloudOptimRole" }), later(noon, 1))
  assert.deepStrictEqual([again?.status, again?.reason], ["refused", "AccessDenied: mend the role"])
})

it("an account that nobody connected, or that is another tenant's, is not marked", () => {
  assert.deepStrictEqual(say(undefined, answer(noon, "AccessDenied")), [])
  const rivals = new AccountAnswered({ ...answer(noon, "AccessDenied"), tenant: TenantId.make("rival") })
  assert.deepStrictEqual(say(hear(undefined, connect()), rivals), [])
})
