/** A token of a subject is told apart from every other one, is legal wherever it is put, and is never too long. */
import { assert, it } from "@effect/vitest"
import { Schema } from "effect"
import { key, partOf, tokenLengthMax } from "./key.ts"
import { entityFilter, executorOf, journalSubject, matches, tokensOf } from "./message.ts"

const legal = /^[A-Za-z0-9_=-]+$/

/** Strings of what escaping has to do with, and of anything else: also halves of surrogate pairs. */
const Unit = Schema.Union([
  Schema.Literals([..."ab.-_=/* >09h2fu5", "\0", "é", "\ud83d\ude00"]),
  Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 0xffff }))
])
const Parts = Schema.Array(Schema.Array(Unit).check(Schema.isMaxLength(6))).check(Schema.isMaxLength(3))
const textsOf = (parts: typeof Parts.Type) =>
  parts.map((units) => units.map((unit) => (typeof unit === "number" ? String.fromCharCode(unit) : unit)).join(""))

it.prop(
  "two different lists of strings never share a token",
  { a: Parts, b: Parts },
  ({ a, b }) => {
    const [one, other] = [textsOf(a), textsOf(b)]
    assert.strictEqual(key(...one) === key(...other), JSON.stringify(one) === JSON.stringify(other))
  },
  { arbitrary: { runs: 2_000 } }
)

it.prop(
  "of one string's token that string is read again, and of no other token a string",
  { parts: Parts },
  ({ parts }) => {
    const texts = textsOf(parts)
    const token = key(...texts)
    assert.strictEqual(partOf(token), texts.length === 1 && texts[0] !== "" ? texts[0] : undefined)
    for (const other of [`${token}=`, `${token}=6`, `${token}=61`, `${token} `]) {
      assert.isUndefined(partOf(other), other)
    }
  },
  { arbitrary: { runs: 2_000 } }
)

it("lists that only differ in where they are divided have different tokens", () => {
  const lists = [[], [""], ["", ""], ["a/b"], ["a", "b"], ["a=-b"], ["a=2fb"], ["a", "", "b"], ["ab"], ["a_b"], ["a.b"]]
  lists.push(["\ud800"], ["\udfff"], ["\ufffd"], ["=ud800"], ["a="], ["a", "-b"], ["a=", "b"], ["x".repeat(200)])
  assert.strictEqual(new Set(lists.map((parts) => key(...parts))).size, lists.length)
})

it.prop(
  "a token is legal in a subject and in a key of a bucket, and at most 120 characters long",
  { parts: Parts },
  ({ parts }) => {
    const long = textsOf(parts).map((text) => text.repeat(40))
    for (const token of [key(...textsOf(parts)), key(...long)]) {
      assert.match(token, legal)
      assert.isAtMost(token.length, tokenLengthMax)
      assert.deepStrictEqual(tokensOf(`evt.all.owner.name.${token}`)?.about, token)
    }
  }
)

it("an instance type and a group's name read as one would write them", () => {
  assert.strictEqual(key("c5.large"), "c5_large")
  assert.strictEqual(key("111122223333", "web-1"), "111122223333=-web-1")
  assert.strictEqual(key("my group/*>"), "my=20group=2f=2a=3e")
})

it.prop("a journal's subject is one of the journal's own, whatever the saga's id is", { parts: Parts }, ({ parts }) => {
  const id = textsOf(parts).join("")
  assert.isTrue(matches("jrn.*.executor.*.*", journalSubject("111122223333", "group-swap", id)))
})

it.prop("an entity's filter matches its own facts and no other entity's", { a: Parts, b: Parts }, ({ a, b }) => {
  const [mine, other] = [key(...textsOf(a)), key(...textsOf(b))]
  const filter = entityFilter("risk-manager", mine)
  assert.isTrue(matches(filter, `evt.all.risk-manager.pool-poisoned.${mine}`))
  assert.strictEqual(matches(filter, `evt.all.risk-manager.pool-poisoned.${other}`), mine === other)
  assert.isFalse(matches(filter, `evt.all.discovery.pool-poisoned.${mine}`))
  assert.isFalse(matches(filter, `cmd.all.risk-manager.pool-poisoned.${mine}`))
})

it("accounts are dealt to all sixteen lanes and stay where they are", () => {
  const accounts = Array.from({ length: 1_000 }, (_, n) => String(100_000_000_000 + n))
  const lanes = new Set(accounts.map(executorOf))
  assert.strictEqual(lanes.size, 16)
  for (const lane of lanes) assert.match(lane, /^executor-(0\d|1[0-5])$/)
  assert.deepStrictEqual(accounts.map(executorOf), accounts.map(executorOf))
})

/** The rule in NATS's own words: `*` is exactly one token, a last `>` is one or more, everything else is itself. */
const asRegExp = (filter: string) =>
  new RegExp(
    `^${filter
      .split(".")
      .map((token) => (token === "*" ? "[^.]+" : token === ">" ? ".+" : token.replaceAll(/[*>]/g, "\\$&")))
      .join("\\.")}$`
  )
const Tokens = Schema.NonEmptyArray(Schema.Literals(["a", "b", "ab", "a*"])).check(Schema.isMaxLength(6))
const Filter = Schema.Struct({
  tokens: Schema.NonEmptyArray(Schema.Literals(["a", "b", "ab", "*", "*"])).check(Schema.isMaxLength(5)),
  rest: Schema.Boolean
})

it.prop(
  "a filter matches as NATS has it",
  { filter: Filter, subject: Tokens },
  ({ filter, subject }) => {
    const want = [...filter.tokens, ...(filter.rest ? [">"] : [])].join(".")
    assert.strictEqual(matches(want, subject.join(".")), asRegExp(want).test(subject.join(".")))
  },
  { arbitrary: { runs: 1_000 } }
)

it("a trailing > wants one token at least", () => {
  assert.isFalse(matches("evt.>", "evt"))
  assert.isTrue(matches("evt.>", "evt.a"))
  assert.isTrue(matches(">", "evt.a.b"))
  assert.isFalse(matches("evt.*", "evt.a.b"))
})
