/** A mind small enough to count with: it adds up what it hears per key, and misbehaves where it is asked to. */
import { Schema } from "effect"
import { hears, type Mind } from "../../bus/mind.ts"
import type { Bucket } from "../../schemas/catalogue.ts"
import type { Rules } from "../../schemas/decision.ts"
import { command, event } from "../../schemas/message.ts"

const about = { account: () => "all", key: ({ name }: { readonly name: string }) => [name] }
const named = { name: Schema.String }

/** Add one. */
export class Add extends Schema.TaggedClass<Add>()("Add", named) {}
/** Close the account; only an open one can be closed, and the first addition opens it. */
export class Close extends Schema.TaggedClass<Close>()("Close", named) {}
/** Add one, once the row of `on` has reached the book with that sequence. */
export class AddAfter extends Schema.TaggedClass<AddAfter>()("AddAfter", {
  ...named,
  on: Schema.String,
  seq: Schema.Int
}) {}
/** Break a rule: say a fact about another entity, an order without a fact, an undeclared fact, or far too much. */
export class Err extends Schema.TaggedClass<Err>()("Err", {
  ...named,
  how: Schema.Literals(["misfile", "bark", "undeclared", "bloat", "flood"])
}) {}

export class Counted extends Schema.TaggedClass<Counted>()("Counted", { ...named, seq: Schema.Int }) {}
export class Closed extends Schema.TaggedClass<Closed>()("Closed", named) {}
/** What it found when it looked again by itself. */
export class Noticed extends Schema.TaggedClass<Noticed>()("Noticed", named) {}
export class Bloated extends Schema.TaggedClass<Bloated>()("Bloated", { ...named, text: Schema.String }) {}
/** An order that goes with every tenth addition. */
export class Cheer extends Schema.TaggedClass<Cheer>()("Cheer", { ...named, count: Schema.Int }) {}

export const add = command("counter", Add, about)
export const close = command("counter", Close, about)
export const addAfter = command("counter", AddAfter, about)
export const err = command("counter", Err, about)
export const counted = event("counter", Counted, about)
export const closed = event("counter", Closed, about)
export const noticed = event("counter", Noticed, about)
export const bloated = event("counter", Bloated, about)
export const cheer = command("crowd", Cheer, about)

export const Sum = Schema.Struct({
  ...named,
  count: Schema.Int,
  /** Sequences of the messages that were counted, so that none is counted twice. */
  seen: Schema.Array(Schema.Int),
  isClosed: Schema.Boolean,
  noticed: Schema.Int
})
export type Sum = typeof Sum.Type
const nothing = (name: string): Sum => ({ name, count: 0, seen: [], isClosed: false, noticed: 0 })

type Heard = Add | Close | AddAfter | Err
type Fact = Counted | Closed | Noticed | Bloated

const erring = ({ name, how }: Err): ReadonlyArray<Fact | Cheer> => {
  switch (how) {
    case "misfile":
      return [new Counted({ name: `not-${name}`, seq: 0 })]
    case "bark":
      return [new Cheer({ name, count: 0 })]
    case "undeclared":
      return [new Add({ name }) as unknown as Fact]
    case "bloat":
      return [new Bloated({ name, text: "x".repeat(300_000) })]
    case "flood":
      return Array.from({ length: 20 }, () => new Bloated({ name, text: "" }))
  }
}

export const rules: Rules<Sum, Heard, Fact, Cheer> = {
  decide: (known, message, { seq }) => {
    const { name } = message
    const state = known ?? nothing(name)
    if (message._tag === "Err") return erring(message)
    if (message._tag === "Close") return state.count > 0 && !state.isClosed ? [new Closed({ name })] : []
    if (state.seen.includes(seq)) return []
    const fact = new Counted({ name, seq })
    return (state.count + 1) % 10 === 0 ? [fact, new Cheer({ name, count: state.count + 1 })] : [fact]
  },
  evolve: (known, fact) => {
    const state = known ?? nothing(fact.name)
    if (fact._tag === "Counted") return { ...state, count: state.count + 1, seen: [...state.seen, fact.seq] }
    if (fact._tag === "Closed") return { ...state, isClosed: true }
    return fact._tag === "Noticed" ? { ...state, noticed: state.count } : state
  },
  wake: (state) => (state.count > state.noticed ? [new Noticed({ name: state.name })] : [])
}

export const sums: Bucket<Sum> = {
  name: "counter_sums",
  owner: "counter",
  roads: [counted, closed, noticed, bloated],
  row: Sum
}

export const counter: Mind<Sum> = {
  name: "counter",
  remembers: Sum,
  hears: [
    hears(add, (message) => add.about(message)),
    hears(close, (message) => close.about(message)),
    hears(err, (message) => err.about(message)),
    hears(
      addAfter,
      (message) => addAfter.about(message),
      ({ on, seq }) => [{ bucket: sums, about: on, seq }]
    )
  ],
  says: [counted, closed, noticed, bloated, cheer],
  rules: { decide: rules.decide, evolve: rules.evolve },
  consults: [sums],
  remarks: [],
  wakes: null
}
