/** What every answer shares: pages of lists, the scope of a question, problems, and the receipt of a command. */
import { Effect, Schema, SchemaTransformation } from "effect"
import { AccountId, Region } from "../ids.ts"

/** Milliseconds since 1970-01-01T00:00:00Z, as everywhere in the API. */
export const Time = Schema.Int
/** Millionths of a US dollar. */
export const Micros = Schema.Int

/** Most items of one page. */
export const limitMax = 500
export const limitDefault = 100
/** A number of 1 to 500, as text: the pattern is what the published document can tell of it. */
const Limit = Schema.String.check(Schema.isPattern(/^([1-9]\d?|[1-4]\d\d|500)$/u)).pipe(
  Schema.decodeTo(Schema.Int, SchemaTransformation.transform({ decode: Number, encode: String }))
)

/**
 * A page of a list. `asOf` is the sequence of the log that the answer reflects: the event stream opened after it misses
 * nothing. `nextCursor` is opaque; null at the end.
 */
export const page = <A extends Schema.Codec<any, any>>(item: A) =>
  Schema.Struct({ items: Schema.Array(item), nextCursor: Schema.NullOr(Schema.String), asOf: Schema.Int })

/** Which part of the tenant's world is asked about, and as of when. Everything may be left out. */
export const scopeFields = {
  account: Schema.optionalKey(AccountId),
  region: Schema.optionalKey(Region),
  /** As of: a sequence of the log, or an RFC 3339 time. Absent = now. */
  at: Schema.optionalKey(
    Schema.String.check(Schema.isPattern(/^(\d{1,15}|\d{4}-\d\d-\d\dT[\d:.]{5,12}(Z|[+-]\d\d:\d\d))$/u))
  )
} as const
export const pagingFields = {
  limit: Limit.pipe(Schema.withDecodingDefaultKey(Effect.succeed(String(limitDefault)))),
  cursor: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(500))),
  /** Words that every item of the answer contains somewhere. */
  q: Schema.optionalKey(Schema.String.check(Schema.isMaxLength(200)))
} as const
export const Scoped = Schema.Struct(scopeFields)
export const Listed = Schema.Struct({ ...scopeFields, ...pagingFields })

/** RFC 9457. `type` names the problem for programs, `detail` says what it is and what mends it. */
export const Problem = Schema.Struct({
  type: Schema.String,
  title: Schema.String,
  status: Schema.Int,
  detail: Schema.String,
  instance: Schema.String,
  correlationId: Schema.String,
  errors: Schema.optionalKey(Schema.Array(Schema.Struct({ path: Schema.String, message: Schema.String }))),
  /** Of a refused edit (412): the version that stands, and what it holds. */
  currentVersion: Schema.optionalKey(Schema.String),
  current: Schema.optionalKey(Schema.Unknown)
})

/** An order was taken: what becomes of it is asked of `commands/{id}`, or heard on the stream. */
export const Receipt = Schema.Struct({
  command: Schema.String,
  /** Sequence of the log that holds the order. */
  seq: Schema.Int,
  location: Schema.String,
  correlationId: Schema.String
})

/**
 * No control characters, and none that cannot be seen or turn the direction of writing: what people wrote is read by
 * others, in a list, a terminal or a log, and must not look like something else. Joiners and variation selectors stay:
 * scripts and emoji need them. Source: Unicode TR 36, section 2.10; UAX 44, Default_Ignorable_Code_Point.
 */
const unseen = /[\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]/u
const joining = /\u200c|\u200d|\p{Variation_Selector}/gu
const control = /\p{Cc}/u
const legibly = (isControl: (text: string) => boolean) =>
  Schema.makeFilter((text: string) => {
    if (text.trim() === "") return "says nothing: white space alone cannot be read"
    return unseen.test(text.replace(joining, "")) || isControl(text)
      ? "holds characters that cannot be seen: leave out control characters and marks of direction"
      : undefined
  })
const legible = legibly((text) => control.test(text))
/** The same, over several lines. */
const legibleLines = legibly((text) => control.test(text.replaceAll("\n", "")))

/** A name that somebody gives, in so many characters at most. */
export const named = (max: number) => Schema.String.check(Schema.isMinLength(1), Schema.isMaxLength(max), legible)

/** Why somebody does what matters: short enough to write, long enough to mean something. */
export const Reason = Schema.String.check(Schema.isMinLength(10), Schema.isMaxLength(1_000), legibleLines)
