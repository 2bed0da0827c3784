/** Roads: what a class needs to travel. The only place that knows the shape of a subject. */
import { Schema } from "effect"
import { digestOf } from "./digest.ts"
import { key } from "./key.ts"

/**
 * Version of the envelope on the wire. A reader refuses another one by name instead of guessing.
 */
export const wireVersion = 1

/** How many executors' lanes the accounts are dealt to. Advisory (affinity, budgets), never a lock. */
export const partitionCount = 16

/** The lane of an account's executor: `executor-00` to `executor-15`. */
export const executorOf = (account: string): string =>
  `executor-${String(Number.parseInt(digestOf(account).slice(0, 8), 16) % partitionCount).padStart(2, "0")}`

/** How a message class travels. `about` is the entity's key: one token, already escaped. */
export interface Road<A = any> {
  readonly kind: "evt" | "cmd" | "tck"
  /** Who says it (facts), or who is asked (commands). For executors the lane is put in per account. */
  readonly owner: string
  /** The class's tag in kebab case. */
  readonly name: string
  readonly tag: string
  readonly schema: Schema.Codec<A, any>
  account(message: A): string
  about(message: A): string
  /** Five tokens: kind.account.owner.name.key. */
  subject(message: A): string
  /** Matches every message of this road, whoever it is about. */
  readonly filter: string
}

export type MessageOf<R> = R extends Road<infer A> ? A : never

const kebab = (tag: string) => tag.replace(/(?<=[a-z0-9])(?=[A-Z])/g, "-").toLowerCase()

interface Address<A> {
  /** Whose: an account id, or `all` for what concerns everybody. Default: the message's own `account`. */
  readonly account?: (message: A) => string
  /** About what: parts that `key` makes one token of, or a token already made. */
  readonly key: (message: A) => ReadonlyArray<string> | string
}
type Tagged<A> = Schema.Codec<A, any> & { readonly identifier: string }

const road = <A>(kind: Road["kind"], owner: string, schema: Tagged<A>, address: Address<A>): Road<A> => {
  const name = kebab(schema.identifier)
  const account = address.account ?? ((message: A) => (message as { readonly account: string }).account)
  const about = (message: A) => {
    const made = address.key(message)
    return typeof made === "string" ? made : key(...made)
  }
  const isLane = owner === "executor" && kind === "cmd"
  const lane = (message: A) => (isLane ? executorOf(account(message)) : owner)
  return {
    kind,
    owner,
    name,
    tag: schema.identifier,
    schema,
    account,
    about,
    subject: (message) => `${kind}.${account(message)}.${lane(message)}.${name}.${about(message)}`,
    filter: `${kind}.*.${isLane ? "*" : owner}.${name}.*`
  }
}

/** A fact, in the past tense, owned by who saw or decided it. */
export const event = <A>(owner: string, schema: Tagged<A>, address: Address<A>) => road("evt", owner, schema, address)

/** An order, in the imperative, owned by who is asked. `executor` means the lane of the message's account. */
export const command = <A>(owner: string, schema: Tagged<A>, address: Address<A>) => road("cmd", owner, schema, address)

/** A remark that may be lost: the newest one about a thing is all that anybody wants. */
export const tick = <A>(owner: string, schema: Tagged<A>, address: Address<A>) => road("tck", owner, schema, address)

/** A saga's journal: all entries of one saga on one subject. `saga` is the kind, as in `group-swap`. */
export const journalSubject = (account: string, saga: string, id: string): string =>
  `jrn.${account}.executor.${key(saga)}.${key(id)}`
export const journalFilter = "jrn.*.executor.*.*"

/** Every fact of one owner about one thing, whatever its name: the condition under which the next one is appended. */
export const entityFilter = (owner: string, about: string): string => `evt.*.${owner}.*.${about}`
/** Every message of one road about one thing, whosever account it is of. */
export const filterAbout = (one: Road<any>, about: string): string => one.filter.replace(/\*$/u, about)
/** Every fact of one owner. */
export const ownerFilter = (owner: string): string => `evt.*.${owner}.*.*`
/** Everything durable: the one log. */
export const logSubjects = ["evt.>", "cmd.>", "jrn.>"] as const
/** Everything that may be lost. */
export const tickSubjects = ["tck.>"] as const
/** An order to one actor to hear again the message of LOG with this sequence, which it had buried. */
export const redriveSubject = (actor: string, seq: number): string => `cmd.all.${actor}.redrive.${seq}`
export const redriveFilter = (actor: string): string => `cmd.*.${actor}.redrive.*`

/** A subject taken apart; undefined where it has not five tokens. */
export const tokensOf = (subject: string) => {
  const [kind, account, owner, name, about, ...rest] = subject.split(".")
  return about === undefined || rest.length > 0 || !kind || !account || !owner || !name
    ? undefined
    : { kind, account, owner, name, about }
}

/** Does a subject match a filter with `*` and a trailing `>`? As NATS has it. */
export const matches = (filter: string, subject: string): boolean => {
  const want = filter.split(".")
  const have = subject.split(".")
  for (const [i, token] of want.entries()) {
    if (token === ">") return have.length > i
    if (have[i] === undefined || (token !== "*" && token !== have[i])) return false
  }
  return want.length === have.length
}
