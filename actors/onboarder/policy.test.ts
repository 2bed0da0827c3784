/** An account is what its own tenant last wished, and is marked with what it last answered. */
import { assert, it } from "@effect/vitest"
import { Schema } from "effect"
import { account, heard, later, minute, noon, region, tenant } from "../../test/builders.ts"
import { type Account, AccountAnswered, ConnectAccount, DisconnectAccount } from "../../schemas/account.ts"
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

const disconnect = (over: Partial<DisconnectAccount> = {}) =>
  new DisconnectAccount({ tenant, account, because: "the team has moved", by: "eve@example.com", ...over })

type Message = ConnectAccount | DisconnectAccount | AccountAnswered
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
    const answers = { status: 0, reason: 0, answeredAt: 0, admittedAt: 0 }
    assert.deepStrictEqual({ ...state, ...answers }, { ...known, ...answers })
  }
)

it.prop(
  "of connections and disconnections the newest holds, in whatever order they arrive and however often",
  { kinds: Schema.Array(Schema.Literals(["connect", "again", "disconnect"])), shuffle: Schema.Array(Schema.Int) },
  ({ kinds, shuffle }) => {
    const first = { at: noon, message: connect({ reconnects: true }) }
    const rest = kinds.map((kind, n) => ({
      at: later(noon, (n + 1) * minute),
      message:
        kind === "disconnect"
          ? disconnect({ because: `${n}` })
          : connect({ name: kind === "again" ? "production" : `wish ${n}`, reconnects: true })
    }))
    const rank = (n: number) => shuffle[n % Math.max(1, shuffle.length)] ?? 0
    const order = [...rest.keys()].sort((a, b) => rank(a) - rank(b)).map((n) => rest[n]!)
    let state = hear(undefined, first.message, first.at)
    for (const { message, at } of [...order, ...rest, first]) {
      state = hear(state, message, at)
      assert.deepStrictEqual(say(state, message, at), [])
    }
    const last = rest.at(-1)
    assert.strictEqual(state?.status, last?.message._tag === "DisconnectAccount" ? "disconnected" : "connected")
    if (last?.message._tag === "ConnectAccount") assert.strictEqual(state?.name, last.message.name)
  }
)

it.prop(
  "neither an answer, nor a change of mode, nor the start-up's repeat brings a disconnected account back",
  { shuffle: Schema.Boolean, code: Schema.NullOr(Schema.String), mode: Mode },
  ({ shuffle, code, mode }) => {
    const left = { at: later(noon, minute), message: disconnect() }
    const others = [
      { at: later(noon, 2 * minute), message: answer(later(noon, 2 * minute), code) },
      { at: later(noon, 3 * minute), message: connect({ mode, name: "changed" }) },
      { at: later(noon, 4 * minute), message: connect() }
    ]
    const arrivals = shuffle ? [...others, left] : [left, ...others]
    const state = arrivals.reduce<Account | undefined>(
      (known, { message, at }) => hear(known, message, at),
      hear(undefined, connect({ reconnects: true }))
    )
    assert.strictEqual(state?.status, "disconnected")
  }
)

it("what is under way in a disconnected account keeps its mode and role; connected again, it is asked anew", () => {
  const roleArn = "arn:aws:iam::111122223333:role/CloudOptimRole"
  const known = hear(hear(undefined, connect({ mode: "act", roleArn })), answer(noon, "AccessDenied"))
  const left = hear(known, disconnect(), later(noon, minute))
  assert.deepInclude({ ...left }, { status: "disconnected", reason: "the team has moved", mode: "act", roleArn })
  const again = hear(left, connect({ roleArn, reconnects: true }), later(noon, 2 * minute))
  assert.deepInclude({ ...again }, { status: "connected", reason: null, mode: "observe", roleArn })
  const stale = answer(noon + 1, "AccessDenied")
  assert.deepStrictEqual(say(again, stale), [])
})

it("another tenant disconnects nothing and cannot take over what its own tenant left", () => {
  const rival = TenantId.make("rival")
  const known = hear(undefined, connect())
  assert.deepStrictEqual(say(known, disconnect({ tenant: rival }), later(noon, minute)), [])
  assert.deepStrictEqual(say(undefined, disconnect()), [])
  const left = hear(known, disconnect(), later(noon, minute))
  assert.deepStrictEqual(say(left, connect({ tenant: rival, reconnects: true }), later(noon, 2 * minute)), [])
})

it("a connection asked for again as it stands is newer than a disconnection that comes late; a mode is not", () => {
  const ends = (again: ConnectAccount) => {
    const known = hear(hear(undefined, connect({ reconnects: true })), again, later(noon, 2 * minute))
    return hear(known, disconnect(), later(noon, minute))?.status
  }
  assert.strictEqual(ends(connect({ reconnects: true })), "connected")
  assert.strictEqual(ends(connect()), "disconnected")
  assert.strictEqual(ends(connect({ mode: "act" })), "disconnected")
})

it.prop(
  "a mode chosen on an earlier row undoes nothing that was wished since; on the row that stands it counts",
  { wish: Wish, reconnects: Schema.Boolean, mode: Schema.Literals(["recommend", "act"]) },
  ({ wish: { mode: _, tenant: _t, ...wish }, reconnects, mode }) => {
    const known = hear(undefined, connect({ reconnects: true }))!
    const regions = wish.regions.map((name) => Region.make(name))
    const roleArn = "arn:aws:iam::111122223333:role/New"
    const newer = hear(known, connect({ ...wish, regions, roleArn, reconnects }), later(noon, minute))!
    const at = later(noon, 2 * minute)
    assert.deepStrictEqual(say(newer, connect({ mode, on: known.since }), at), [])
    const { name, environment } = newer
    const raised = hear(newer, connect({ name, environment, regions, roleArn, mode, on: newer.since }), at)
    assert.deepInclude({ ...raised }, { mode, name, environment, roleArn })
    assert.deepStrictEqual(say(undefined, connect({ mode, on: noon }), at), [])
    // orders that name no row count as the newest
    assert.strictEqual(hear(newer, connect({ mode }), at)?.roleArn, null)
  }
)

it("that its role lets us in is said once, and anew of another role and of one that was left in between", () => {
  const roleArn = "arn:aws:iam::111122223333:role/CloudOptimRole"
  const open = (state: Account | undefined, n: number) => {
    const message = answer(later(noon, n * minute), null)
    assert.lengthOf(say(state, message), 1)
    const after = hear(state, message)
    assert.deepStrictEqual(say(after, message), [])
    assert.deepStrictEqual(say(after, answer(later(noon, n * minute + 1), null)), [])
    assert.deepInclude({ ...after }, { status: "connected", admittedAt: later(noon, n * minute) })
    return after
  }
  const first = hear(undefined, connect({ reconnects: true }))
  assert.isUndefined(hear(first, answer(later(noon, 1), "AccessDenied"))?.admittedAt)
  const known = open(hear(first, answer(later(noon, 1), "AccessDenied")), 1)
  const shut = hear(known, answer(later(noon, 2 * minute), "AccessDenied"))
  assert.strictEqual(shut?.admittedAt, later(noon, minute))
  assert.strictEqual(hear(known, connect({ mode: "act" }), later(noon, 2 * minute))?.admittedAt, later(noon, minute))
  const moved = open(hear(known, connect({ roleArn }), later(noon, 3 * minute)), 4)
  const left = hear(moved, disconnect(), later(noon, 5 * minute))
  open(hear(left, connect({ roleArn, reconnects: true }), later(noon, 6 * minute)), 7)
})

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
