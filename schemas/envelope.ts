/** What a message's bytes hold: the fact or order, the state of its entity after it, and what it came from. */
import { Result, Schema, SchemaIssue } from "effect"
import { type Road, wireVersion } from "./message.ts"

/** Own limit of one message, in bytes: far below the server's, so that burying one always fits. */
export const messageBytesMax = 256 * 1024
/** Own limit of nesting: a schema of ours needs under ten, and a recursive decoder dies at a few thousand. */
export const depthMax = 32

/** Why bytes are no message of ours. `buried` messages carry this reason to DEAD. */
export interface Undecodable {
  readonly reason: "too-large" | "too-deep" | "not-json" | "wrong-version" | "unknown-type" | "wrong-shape"
  readonly details: string
}
const no = (reason: Undecodable["reason"], details: string) => Result.fail<Undecodable>({ reason, details })

/** The envelope as JSON has it; `state` is absent on commands, ticks and facts of senses. */
export interface Envelope {
  readonly v: number
  readonly tag: string
  readonly body: unknown
  readonly state?: unknown
  /** LOG sequence of the message that was decided on; absent where nothing that travels brought it about. */
  readonly cause?: number
  /** How far each bucket had been read that was decided with: its name -> LOG sequence. Absent where none was. */
  readonly read?: Readonly<Record<string, number>>
}

/** What a message came from: what was decided on, and with which rows, so that it can be decided again. */
export type Origin = Pick<Envelope, "cause" | "read">

const quote = 0x22
const backslash = 0x5c

/** Depth of nesting, read off the bytes: parsing first would build what we want to refuse. */
export const depthOf = (bytes: Uint8Array): number => {
  let depth = 0
  let deepest = 0
  let inString = false
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]
    if (inString) {
      if (byte === backslash) i++
      else if (byte === quote) inString = false
    } else if (byte === quote) inString = true
    else if (byte === 0x7b || byte === 0x5b) deepest = Math.max(deepest, ++depth)
    else if (byte === 0x7d || byte === 0x5d) depth--
  }
  return deepest
}

const text = new TextDecoder("utf-8", { fatal: true })
const bytesOf = new TextEncoder()

/** Opens an envelope without judging its body. */
export const open = (bytes: Uint8Array): Result.Result<Envelope, Undecodable> =>
  Result.map(openText(bytes), ({ envelope }) => envelope)

/** Opens an envelope and gives, beside it, the JSON text that it was made of: for who keeps it as it travelled. */
export const openText = (
  bytes: Uint8Array
): Result.Result<{ readonly envelope: Envelope; readonly json: string }, Undecodable> => {
  if (bytes.length > messageBytesMax) return no("too-large", `${bytes.length} bytes, at most ${messageBytesMax}`)
  const depth = depthOf(bytes)
  if (depth > depthMax) return no("too-deep", `nested ${depth} deep, at most ${depthMax}`)
  let json: string
  let value: unknown
  try {
    json = text.decode(bytes)
    value = JSON.parse(json)
  } catch (cause) {
    return no("not-json", cause instanceof Error ? cause.message.slice(0, 200) : "not JSON")
  }
  if (typeof value !== "object" || value === null || !("v" in value)) return no("wrong-version", "no version")
  if (value.v !== wireVersion)
    return no("wrong-version", `version ${JSON.stringify(value.v).slice(0, 20)}, not ${wireVersion}`)
  if (!("tag" in value) || typeof value.tag !== "string" || !("body" in value))
    return no("unknown-type", "no tag or body")
  return Result.succeed({ envelope: value as unknown as Envelope, json })
}

const formatter = SchemaIssue.makeFormatterStandardSchemaV1()

/** Decodes with a schema, saying what is wrong in one line. Decoders are made once per schema. */
export const decodeAs = <A>(schema: Schema.Codec<A, any>, value: unknown): Result.Result<A, Undecodable> => {
  let decode = decoders.get(schema)
  if (decode === undefined) decoders.set(schema, (decode = Schema.decodeUnknownResult(schema)))
  const result = decode(value) as Result.Result<A, Schema.SchemaError>
  if (Result.isSuccess(result)) return Result.succeed(result.success)
  const issue = formatter(result.failure.issue).issues[0]
  return no("wrong-shape", `${(issue?.path ?? []).map(String).join(".")}: ${issue?.message ?? "wrong"}`.slice(0, 500))
}
const decoders = new WeakMap<object, (value: unknown) => Result.Result<any, Schema.SchemaError>>()
const encoders = new WeakMap<object, (value: any) => unknown>()

/** Encodes with a schema; encoders are made once per schema. */
export const encodeAs = <A>(schema: Schema.Codec<A, any>, value: A): unknown => {
  let encode = encoders.get(schema)
  if (encode === undefined) encoders.set(schema, (encode = Schema.encodeSync(schema)))
  return encode(value)
}

/** A message as bytes, ready for the wire. */
export const seal = <A, S = never>(
  road: Road<A>,
  message: A,
  state?: { readonly schema: Schema.Codec<S, any>; readonly value: S },
  origin: Origin = {}
): Uint8Array =>
  bytesOf.encode(
    JSON.stringify({
      v: wireVersion,
      tag: road.tag,
      body: encodeAs(road.schema, message),
      ...(state === undefined ? {} : { state: encodeAs(state.schema, state.value) }),
      ...origin
    })
  )

/** A message of one road, opened and decoded. */
export const unseal = <A>(road: Road<A>, bytes: Uint8Array): Result.Result<A, Undecodable> =>
  Result.flatMap(open(bytes), (envelope) =>
    envelope.tag === road.tag
      ? decodeAs(road.schema, envelope.body)
      : no("unknown-type", `${envelope.tag.slice(0, 80)} where ${road.tag} travels`)
  )
