/** The documentation page: the OpenAPI document as a person reads it, without scripts and from nowhere else. */

type Json = Readonly<Record<string, unknown>>
interface Operation {
  readonly operationId: string
  readonly tags: ReadonlyArray<string>
  readonly summary: string
  readonly description: string
  readonly parameters: ReadonlyArray<{
    readonly name: string
    readonly in: string
    readonly required: boolean
    readonly schema: Json
    readonly description?: string
  }>
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Json }>> }
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Json }>>
}
interface Document {
  readonly info: { readonly title: string; readonly version: string; readonly description: string }
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
}

const escaped = (text: string) => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
const code = (text: string) => `<code>${escaped(text)}</code>`
const json = (value: unknown) => `<pre>${escaped(JSON.stringify(value, null, 2))}</pre>`

const shapeOf = (schema: Json): string => {
  const type = typeof schema["type"] === "string" ? schema["type"] : "value"
  const pattern = typeof schema["pattern"] === "string" ? ` matching ${code(schema["pattern"])}` : ""
  const words = Array.isArray(schema["enum"]) ? ` of ${schema["enum"].map((one) => code(String(one))).join(", ")}` : ""
  return escaped(type) + pattern + words
}

const parameters = ({ parameters: all }: Operation) =>
  all.length === 0
    ? ""
    : `<table><thead><tr><th>Parameter</th><th>In</th><th>What</th></tr></thead><tbody>${all
        .map(
          (one) =>
            `<tr><td>${code(one.name)}${one.required ? " required" : ""}</td><td>${escaped(one.in)}</td>` +
            `<td>${escaped(one.description ?? "")} ${shapeOf(one.schema)}</td></tr>`
        )
        .join("")}</tbody></table>`

const answers = ({ responses }: Operation) =>
  Object.entries(responses)
    .map(([status, { description, content }]) => {
      const isProblem = content !== undefined && "application/problem+json" in content
      const line = `<b>${escaped(status)}</b> ${escaped(description)}${isProblem ? ", as a problem" : ""}`
      return content === undefined || isProblem
        ? `<p>${line}</p>`
        : `<details><summary>${line}</summary>${json(content)}</details>`
    })
    .join("")

const operation = (method: string, path: string, one: Operation) =>
  `<section id="${escaped(one.operationId)}"><h3><b>${method.toUpperCase()}</b> ${code(path)}</h3>` +
  `<p>${escaped(one.summary)}</p><p>${escaped(one.description)}</p>${parameters(one)}` +
  (one.requestBody === undefined
    ? ""
    : `<details><summary>Body</summary>${json(one.requestBody.content["application/json"]?.schema)}</details>`) +
  `${answers(one)}</section>`

/** The whole page, made once per process. */
export const docsPage = (document: Json): string => {
  const { info, paths } = document as unknown as Document
  const all = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, one]) => ({ method, path, one }))
  )
  const tags = [...new Set(all.flatMap(({ one }) => one.tags))]
  const chapter = (tag: string) => {
    const of = all.filter(({ one }) => one.tags.includes(tag))
    return `<h2 id="tag-${escaped(tag)}">${escaped(tag)}</h2>${of
      .map(({ method, path, one }) => operation(method, path, one))
      .join("")}`
  }
  const contents = tags.map((tag) => `<li><a href="#tag-${escaped(tag)}">${escaped(tag)}</a></li>`).join("")
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${escaped(info.title)} API</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="/docs.css"></head>
<body><main><h1>${escaped(info.title)} API ${escaped(info.version)}</h1><p>${escaped(info.description)}</p>
<p><a href="/openapi.json">openapi.json</a></p><nav aria-label="Chapters"><ul>${contents}</ul></nav>
${tags.map(chapter).join("")}</main></body></html>`
}

export const docsStyle = `:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;margin:0}main{max-width:60rem;margin:auto;padding:1.5rem}
h2{margin-top:2.5rem;text-transform:capitalize}section{border-top:1px solid #8886;padding:.5rem 0}
code,pre{font:13px/1.45 ui-monospace,monospace}pre{overflow:auto;max-height:24rem;border:1px solid #8886;padding:.75rem}
table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.2rem .75rem .2rem 0}
code{overflow-wrap:anywhere}`
