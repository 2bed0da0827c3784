/** What a request brings, read with suspicion: type, size and depth first, then JSON, then the endpoint's own shape. */
import { Effect, Result, Schema, SchemaIssue } from "effect"
import type { Request } from "express"
import { depthMax, depthOf } from "../schemas/envelope.ts"
import { paramsIn, type Endpoint } from "../schemas/api/endpoint.ts"
import { badRequest, Refused } from "./refused.ts"

/** Largest body, in bytes: a message of the log holds no more either. */
export const bodyBytesMax = 256 * 1024

const text = new TextDecoder("utf-8", { fatal: true })

const wrongType = new Refused({
  status: 415,
  kind: "unsupported-media-type",
  title: "The body is of a type that is not read here",
  detail: "Send it as application/json, in UTF-8 and uncompressed."
})
const isJson = (type: string | undefined) => /^application\/([\w.+-]+\+)?json *(;|$)/i.test(type ?? "")

/** The parsed body; undefined where there is none and none is wanted. */
const jsonOf = (req: Request): Result.Result<unknown, Refused> => {
  const bytes: unknown = req.body
  if (!(bytes instanceof Uint8Array) || bytes.length === 0) return Result.succeed(undefined)
  if (!isJson(req.headers["content-type"])) return Result.fail(wrongType)
  const depth = depthOf(bytes)
  if (depth > depthMax) return Result.fail(badRequest(`The body is nested ${depth} deep; at most ${depthMax}.`))
  try {
    return Result.succeed(JSON.parse(text.decode(bytes)))
  } catch (cause) {
    return Result.fail(badRequest(`The body is no JSON: ${cause instanceof Error ? cause.message.slice(0, 120) : ""}`))
  }
}

const formatter = SchemaIssue.makeFormatterStandardSchemaV1()
const strict = { errors: "all", onExcessProperty: "error" } as const
type Decode = (value: unknown) => Result.Result<unknown, Schema.SchemaError>
const decoders = new WeakMap<object, Decode>()

/** Issues that are told at once: who sends thousands of wrong members learns nothing from the rest. */
const issuesMax = 20

const decoded = (schema: Schema.Codec<any, any>, value: unknown, where: string): Result.Result<any, Refused> => {
  let decode = decoders.get(schema)
  if (decode === undefined) decoders.set(schema, (decode = Schema.decodeUnknownResult(schema, strict) as Decode))
  const result = decode(value)
  if (Result.isSuccess(result)) return Result.succeed(result.success)
  const issues = formatter(result.failure.issue).issues.slice(0, issuesMax)
  const errors = issues.map(({ path, message }) => ({
    path: [where, ...(path ?? []).map((part) => String(part))].join(".").slice(0, 200),
    message: message.slice(0, 300)
  }))
  const first = errors[0]
  return Result.fail(
    new Refused({
      status: 400,
      kind: "bad-request",
      title: "The request cannot be read",
      detail: first === undefined ? `The ${where} is not as it must be.` : `${first.path}: ${first.message}`,
      errors
    })
  )
}

/** Each parameter of a query once: a list would be one more way to say two things. */
const queryOf = (req: Request): Result.Result<Record<string, string>, Refused> => {
  const query: Record<string, string> = {}
  for (const [name, value] of Object.entries(req.query)) {
    if (typeof value !== "string")
      return Result.fail(badRequest(`The query names ${name.slice(0, 40)} more than once.`))
    query[name] = value
  }
  return Result.succeed(query)
}

export interface Brought {
  readonly params: unknown
  readonly query: unknown
  readonly body: unknown
}

/** Everything that an endpoint is called with, decoded. */
export const brought = (one: Endpoint, req: Request): Effect.Effect<Brought, Refused> =>
  Effect.gen(function* () {
    const query = yield* Effect.fromResult(queryOf(req))
    const body = yield* Effect.fromResult(jsonOf(req))
    const named = Object.fromEntries(paramsIn(one.path).map((name) => [name, req.params[name]]))
    return {
      params: one.params === undefined ? undefined : yield* Effect.fromResult(decoded(one.params, named, "path")),
      query: yield* Effect.fromResult(one.query === undefined ? noneOf(query) : decoded(one.query, query, "query")),
      body: one.body === undefined ? undefined : yield* Effect.fromResult(decoded(one.body, body, "body"))
    }
  })
const noneOf = (query: Readonly<Record<string, string>>): Result.Result<unknown, Refused> => {
  const [first] = Object.keys(query)
  return first === undefined
    ? Result.succeed({})
    : Result.fail(badRequest(`The query names ${first.slice(0, 40)}; here it names nothing.`))
}
