/** The one projection of a message of the log to what people and programs see: told in words, without secrets. */
import { Result } from "effect"
import type { Stored } from "../../bus/bus.ts"
import type { EventView } from "../../schemas/api/operations.ts"
import { decodeAs, encodeAs, open, type Undecodable } from "../../schemas/envelope.ts"
import { tokensOf } from "../../schemas/message.ts"
import { Redrive, redrive } from "../../schemas/redrive.ts"
import { Entry } from "../../schemas/saga.ts"
import { fleetWords } from "./fleet-words.ts"
import { marketWords } from "./market-words.ts"
import { deskWords, plannerWords } from "./plan-words.ts"
import { redriveWords } from "./redrive-words.ts"
import { journalWords, swapWords } from "./swap-words.ts"
import type { Told, Words } from "./words.ts"

export type Shown = typeof EventView.Type

/**
 * Whom it may be shown to. `everybody`: it is about the market. `tenant`: whom it names, unless the account is another
 * one's; `account` null where it is about none. `owner`: whose the account is, as it names nobody who counts.
 */
export type Audience =
  | { readonly _tag: "everybody" }
  | { readonly _tag: "tenant"; readonly tenant: string; readonly account: string | null }
  | { readonly _tag: "owner"; readonly account: string }
  | { readonly _tag: "nobody" }

/** A message with its words and whom they are for: the same for every reader, so it is made once. */
export interface ForWhom {
  readonly audience: Audience
  readonly view: Shown
}

/** Every road with its words, by kind and name. */
export const tellings: ReadonlyMap<string, Told> = new Map(
  [...fleetWords, ...marketWords, ...plannerWords, ...deskWords, ...swapWords].map((one) => [
    `${one.road.kind} ${one.road.name}`,
    one
  ])
)

/** Whose facts about `all` concern everybody: what pools cost and how safe they are. */
export const ofEverybody: ReadonlySet<string> = new Set(["price-watcher", "risk-manager"])
const everyone = "all"

/** Names of fields that are nobody's to see, however deep they stand. */
const secret =
  /signature|external_?id|secret|password|credential|private_?key|api_?key|(session|access|refresh)_?token/i

/** The same JSON without secrets: an absent one stays absent, a present one is told by `null` being a word. */
export const redacted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(redacted)
  if (typeof value !== "object" || value === null) return value
  const fields = Object.entries(value).map(([name, field]) => [
    name,
    secret.test(name) && field !== null ? "(withheld)" : redacted(field)
  ])
  return Object.fromEntries(fields)
}

/** One sentence on why it cannot be read, without a letter of what it holds. */
const unreadable = ({ reason, details }: Undecodable): string => {
  const why = {
    "too-large": "it is too large",
    "too-deep": "it is nested too deep",
    "not-json": "it is not JSON",
    "wrong-version": "it is of another version",
    "unknown-type": "nobody knows messages of its kind",
    // the schema's own words: where it differs, never what stands there
    "wrong-shape": `it is not as its schema has it (${details})`
  }[reason]
  return `could not be read: ${why}.`
}

type Tokens = NonNullable<ReturnType<typeof tokensOf>>

const nowhere = { account: "", owner: "", name: "", about: "" }
const kinds: Readonly<Record<string, Shown["kind"]>> = { cmd: "order", jrn: "journal" }

const baseOf = ({ seq, at, subject }: Stored, tokens: Tokens | undefined) => {
  const { account, owner, name, about } = tokens ?? { ...nowhere, about: subject.slice(0, 200) }
  const kind = kinds[tokens?.kind ?? ""] ?? "fact"
  return { seq, at, kind, account, owner, name, about } as const
}

/** `tenant` null: it names nobody, or what it says of itself cannot be relied upon. */
const audienceOf = (tokens: Tokens | undefined, tenant: string | null, isSenders = false): Audience => {
  if (tokens === undefined) return { _tag: "nobody" }
  const { kind, account, owner } = tokens
  if (account === everyone && kind !== "cmd" && ofEverybody.has(owner)) return { _tag: "everybody" }
  if (tenant !== null) return { _tag: "tenant", tenant, account: account === everyone || isSenders ? null : account }
  return account === everyone ? { _tag: "nobody" } : { _tag: "owner", account }
}

const unread = (stored: Stored, tokens: Tokens | undefined, why: Undecodable, cause: number | null): ForWhom => ({
  // what it says of itself cannot be relied upon: only its subject tells whose it is
  audience: audienceOf(tokens, null),
  view: {
    ...baseOf(stored, tokens),
    says: unreadable(why),
    severity: "warning",
    correlation: null,
    cause,
    body: null
  }
})

const no = (reason: Undecodable["reason"], details = ""): Undecodable => ({ reason, details })

interface Read {
  readonly message: unknown
  /** As JSON, of the fields that its schema knows. */
  readonly body: unknown
  readonly words: Words<any>
}

/** Whoever hears it goes by the subject: one that says something else is told to nobody. */
const readRedrive = ({ owner, about }: Tokens, tag: string, body: unknown): Result.Result<Read, Undecodable> =>
  Result.flatMap(decodeAs(Redrive, body), (message) =>
    tag === redrive.tag && message.actor === owner && redrive.about(message) === about
      ? Result.succeed({ message, body: encodeAs(Redrive, message), words: redriveWords })
      : Result.fail(no("wrong-shape", "it speaks of another message than its subject"))
  )

const readAs = (tokens: Tokens, tag: string, body: unknown): Result.Result<Read, Undecodable> => {
  if (tokens.kind === redrive.kind && tokens.name === redrive.name) return readRedrive(tokens, tag, body)
  if (tokens.kind === "jrn") {
    return Result.map(decodeAs(Entry, body), (message) => ({
      message,
      body: {},
      words: journalWords
    }))
  }
  const one = tellings.get(`${tokens.kind} ${tokens.name}`)
  if (one === undefined || one.road.tag !== tag) return Result.fail(no("unknown-type"))
  return Result.map(decodeAs(one.road.schema, body), (message) => ({
    message,
    body: encodeAs(one.road.schema, message),
    words: one
  }))
}

const fieldOf = (message: unknown, field: "tenant" | "account"): string | null => {
  const value = typeof message === "object" && message !== null ? Reflect.get(message, field) : undefined
  return typeof value === "string" ? value : null
}

const object = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {}

/** Words of a cloud or of a person stand in it: on one line, ended once, and no longer than a person reads. */
const sentenceMax = 400
const sentence = (text: string): string => {
  const line = text
    .replace(/\s+/g, " ")
    .trim()
    .replace(/[.\s]+$/, "")
  return line.length < sentenceMax ? `${line}.` : `${line.slice(0, sentenceMax - 1)}…`
}

/** Any message of the log in words, with whom it may be shown to. Never throws, whatever the bytes are. */
export const forWhom = (stored: Stored): ForWhom => {
  const tokens = tokensOf(stored.subject)
  const opened = open(stored.data)
  if (Result.isFailure(opened)) return unread(stored, tokens, opened.failure, null)
  const envelope = opened.success
  const cause = Number.isSafeInteger(envelope.cause) ? (envelope.cause ?? null) : null
  if (tokens === undefined) return unread(stored, tokens, no("unknown-type"), cause)
  const read = readAs(tokens, envelope.tag, envelope.body)
  if (Result.isFailure(read)) return unread(stored, tokens, read.failure, cause)
  const { message, body, words } = read.success
  const account = fieldOf(message, "account")
  if (tokens.account !== everyone && account !== null && account !== tokens.account) {
    return unread(stored, tokens, no("wrong-shape", "it speaks of another account than its subject"), cause)
  }
  return {
    audience: audienceOf(tokens, fieldOf(message, "tenant"), words.isSenders),
    view: {
      ...baseOf(stored, tokens),
      says: sentence(words.says(message)),
      severity: words.severity?.(message) ?? "info",
      correlation: words.correlation?.(message) ?? null,
      cause,
      body: redacted(words.shows === undefined ? body : words.shows(message, object(body)))
    }
  }
}

/** Whose account it is, by the onboarder's word; undefined where nobody has connected it yet. */
export type OwnerOf = (account: string) => string | undefined

/** May this tenant be shown it? Where account and message name different tenants, neither is. */
export const mayHear = (tenant: string, ownerOf: OwnerOf, audience: Audience): boolean => {
  if (audience._tag === "everybody") return true
  if (audience._tag === "nobody") return false
  if (audience._tag === "owner") return ownerOf(audience.account) === tenant
  if (audience.tenant !== tenant) return false
  return audience.account === null || (ownerOf(audience.account) ?? tenant) === tenant
}

/**
 * What a tenant is shown of a message; undefined where it is none of his. What cannot be read is shown as such, to
 * whom its subject belongs.
 */
export const shownTo = (tenant: string, ownerOf: OwnerOf, stored: Stored): Shown | undefined => {
  const { audience, view } = forWhom(stored)
  return mayHear(tenant, ownerOf, audience) ? view : undefined
}
