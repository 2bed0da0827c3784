/** The OpenAPI 3.1 document, made of the endpoints and of nothing else. */
import { Schema } from "effect"
import { endpoints } from "../schemas/api/endpoints.ts"
import { type Endpoint, paramsIn, statusOf } from "../schemas/api/endpoint.ts"
import { Problem } from "../schemas/api/page.ts"

type Any = Schema.Codec<any, any>
type Json = Readonly<Record<string, unknown>>

/** Every endpoint may answer these. */
const always = [400, 401, 403, 404, 413, 415, 429, 500, 503] as const
const titles: Readonly<Record<number, string>> = {
  200: "Done",
  201: "Made",
  202: "Taken; done is another matter",
  204: "Done, and nothing to tell",
  302: "Look there",
  304: "As you know it",
  400: "The request cannot be read",
  401: "Nobody is signed in",
  403: "Not allowed",
  404: "Not there",
  409: "It stands differently by now",
  412: "It was changed since it was read",
  413: "The body is too large",
  415: "The body is of a type that is not read here",
  422: "It cannot be carried out",
  428: "The version that was read must be named",
  429: "Too many requests",
  500: "Something of ours broke",
  503: "Something that this needs does not answer"
}

const refPrefix = "#/$defs/"

/** A tuple of equal parts is told as a list of so many: generators of clients know lists, and few know tuples. */
const evened = (schema: object): object => {
  if (!("prefixItems" in schema) || !Array.isArray(schema.prefixItems)) return schema
  const { prefixItems, ...rest } = schema
  const [first, ...others] = prefixItems.map((part) => JSON.stringify(part))
  return others.every((one) => one === first) ? { ...rest, items: prefixItems[0] as unknown } : schema
}

/** Its JSON Schema, with what it refers to laid among the components: closed what comes in, open what goes out. */
const jsonSchemaOf = (schema: Any, isInput: boolean, components: Map<string, string>): Json => {
  const { schema: root, definitions } = Schema.toJsonSchemaDocument(schema, {
    onExcessProperty: isInput ? "error" : "ignore"
  })
  const nameOf = (name: string) => `${name.replace(/Encoded$/, "").replace(/[^\w.-]/g, "_")}${isInput ? "Input" : ""}`
  const renamed = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(renamed)
    if (typeof value !== "object" || value === null) return value
    return Object.fromEntries(
      Object.entries(evened(value)).map(([key, inner]) =>
        key === "$ref" && typeof inner === "string" && inner.startsWith(refPrefix)
          ? [key, `#/components/schemas/${nameOf(inner.slice(refPrefix.length))}`]
          : [key, renamed(inner)]
      )
    )
  }
  for (const [name, definition] of Object.entries(definitions)) {
    const text = JSON.stringify(renamed(definition))
    const known = components.get(nameOf(name))
    if (known !== undefined && known !== text) throw new Error(`two schemas are called ${nameOf(name)}`)
    components.set(nameOf(name), text)
  }
  return renamed(root) as Json
}

const problem = (status: number) => [
  String(status),
  {
    description: titles[status] ?? "A problem",
    content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } }
  }
]

/** Whether a repeat under an Idempotency-Key is answered again and done once. */
const takesKey = (one: Endpoint) => one.method === "POST" && one.rate !== "login" && !one.isSecret

const parametersOf = (one: Endpoint, components: Map<string, string>): ReadonlyArray<Json> => {
  const of = (schema: Any | undefined, where: "path" | "query") => {
    if (schema === undefined) return []
    const json = jsonSchemaOf(schema, true, components) as { properties?: Json; required?: ReadonlyArray<string> }
    return Object.entries(json.properties ?? {}).map(([name, inner]) => ({
      name,
      in: where,
      required: where === "path" || (json.required ?? []).includes(name),
      schema: where === "path" ? { minLength: 1, ...(inner as Json) } : inner
    }))
  }
  const header = (name: string, required: boolean, description: string, pattern?: string) => ({
    name,
    in: "header",
    required,
    description,
    schema: { type: "string", ...(pattern === undefined ? {} : { pattern }) }
  })
  return [
    ...of(one.params, "path"),
    ...of(one.query, "query"),
    ...(one.ifMatch ? [header("If-Match", true, "The ETag of what was read.", '^(W/)?"[!#-~]{1,400}"$')] : []),
    ...(takesKey(one)
      ? [
          header(
            "Idempotency-Key",
            one.idempotencyKey === "required",
            "Makes a repeat harmless for 24 hours.",
            "^[!-~]{1,128}$"
          )
        ]
      : [])
  ]
}

const replyOf = (one: Endpoint, components: Map<string, string>): Json => {
  const description = titles[statusOf(one)] ?? "Done"
  if (one.native === "stream") {
    const frames = { schema: { type: "string" } }
    return { description, content: { "text/event-stream": frames, "application/x-ndjson": frames } }
  }
  if (one.native === "text") return { description, content: { "text/plain": { schema: { type: "string" } } } }
  if (one.reply === undefined) return { description }
  return { description, content: { "application/json": { schema: jsonSchemaOf(one.reply, false, components) } } }
}

const operationOf = (one: Endpoint, components: Map<string, string>): Json => {
  // a key that was used for something else, or whose first request is under way
  const ofKeys = takesKey(one) ? [409, 422] : []
  const statuses = new Set<number>([...always, ...ofKeys, ...(one.refusals ?? [])])
  if (one.method === "GET") statuses.delete(413)
  const security = one.access === "public" ? [] : [{ session: [] }, ...(one.scope === null ? [] : [{ key: [] }])]
  const role = one.access === "public" ? "anybody" : `\`${one.access}\``
  const key = one.scope === null ? "no API key" : `an API key with \`${one.scope}\``
  return {
    operationId: one.name,
    tags: [one.tag],
    summary: one.summary,
    description: one.access === "public" ? `For anybody.` : `For ${role}, or ${key}.`,
    security,
    parameters: parametersOf(one, components),
    ...(one.body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: { "application/json": { schema: jsonSchemaOf(one.body, true, components) } }
          }
        }),
    responses: Object.fromEntries([
      [String(statusOf(one)), replyOf(one, components)],
      ...(one.method === "GET" && one.reply !== undefined ? [["304", { description: titles[304] }]] : []),
      ...[...statuses].sort((a, b) => a - b).map(problem)
    ])
  }
}

/** The document. Equal endpoints give an equal document: it is committed, and a test compares. */
export const openApi = (version: string): Json => {
  const components = new Map<string, string>()
  const paths: Record<string, Record<string, Json>> = {}
  for (const one of endpoints as ReadonlyArray<Endpoint>) {
    const unnamed = paramsIn(one.path).filter(
      (name) => !(name in ((one.params as { readonly fields?: Json } | undefined)?.fields ?? {}))
    )
    if (unnamed.length > 0) throw new Error(`${one.name} does not say what ${unnamed.join(", ")} is`)
    paths[one.path] = { ...paths[one.path], [one.method.toLowerCase()]: operationOf(one, components) }
  }
  components.set("Problem", JSON.stringify(jsonSchemaOf(Problem, false, components)))
  return {
    openapi: "3.1.0",
    info: {
      title: "CloudOptim",
      version,
      description:
        "Times are milliseconds since 1970-01-01T00:00:00Z, money is millionths of a US dollar, both as integers. " +
        "Lists come in pages with the sequence of the log that they reflect (`asOf`); orders are taken with 202 and " +
        "looked after at `/api/v1/commands/{id}`. Every error is a problem of RFC 9457 with a correlation id.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" }
    },
    servers: [{ url: "/" }],
    tags: [...new Set((endpoints as ReadonlyArray<Endpoint>).map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: Object.fromEntries([...components].sort().map(([name, text]) => [name, JSON.parse(text)])),
      securitySchemes: {
        session: { type: "apiKey", in: "cookie", name: "__Host-access" },
        key: { type: "http", scheme: "bearer" }
      }
    }
  }
}
