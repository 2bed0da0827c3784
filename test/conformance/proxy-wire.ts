/** AWS's query protocol as the proxy reads and writes it: forms in, XML out. Enough for moto's answers and ours. */

/** One request: who signs it, for which service and region, and what it asks. */
export interface Asked {
  readonly service: string
  readonly region: string
  readonly accessKey: string
  readonly action: string
  readonly form: URLSearchParams
}

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | ReadonlyArray<string>>>
  readonly body: Buffer
}

/** A "no" in AWS's own word. */
export class No extends Error {
  readonly code: string
  readonly status: number
  constructor(code: string, message: string, status = 400) {
    super(message)
    this.code = code
    this.status = status
  }
}

/** Undefined where the body is no form, as CloudWatch's: such a request passes through. */
export const askedOf = (authorization: string, contentType: string, body: Buffer): Asked | undefined => {
  if (!contentType.startsWith("application/x-www-form-urlencoded")) return undefined
  const form = new URLSearchParams(body.toString("utf8"))
  const scope = /Credential=([^/]+)\/\d+\/([^/]+)\/([^/]+)\//.exec(authorization)
  return {
    service: scope?.[3] ?? "",
    region: scope?.[2] ?? "",
    accessKey: scope?.[1] ?? "",
    action: form.get("Action") ?? "",
    form
  }
}

/** `InstanceId.1`, `InstanceIds.member.1` and so on, in order. */
export const listIn = (form: URLSearchParams, name: string): ReadonlyArray<string> => {
  const found: Array<string> = []
  for (let n = 1; ; n++) {
    const value = form.get(`${name}.${n}`) ?? form.get(`${name}.member.${n}`)
    if (value === null) return found
    found.push(value)
  }
}

const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
const unescaped = (text: string) =>
  text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"').replaceAll("&amp;", "&")

export const tag = (name: string, ...content: ReadonlyArray<string>) => `<${name}>${content.join("")}</${name}>`
export const textTag = (name: string, text: string) => tag(name, escaped(text))

const xml = (status: number, text: string): Answer => ({
  status,
  headers: { "content-type": "text/xml;charset=UTF-8" },
  body: Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${text}`)
})

/** EC2 and the query services say no, and yes, in two different shapes. */
export const noAnswer = (service: string, no: No): Answer => {
  const what = textTag("Code", no.code) + textTag("Message", no.message)
  return xml(
    no.status,
    service === "ec2"
      ? tag("Response", tag("Errors", tag("Error", what)), tag("RequestID", "proxy"))
      : tag(
          "ErrorResponse",
          tag("Error", tag("Type", no.status < 500 ? "Sender" : "Receiver"), what),
          tag("RequestId", "proxy")
        )
  )
}
export const ec2Answer = (action: string, ...content: ReadonlyArray<string>): Answer =>
  xml(200, tag(`${action}Response`, tag("requestId", "proxy"), ...content))
export const queryAnswer = (action: string, ...content: ReadonlyArray<string>): Answer =>
  xml(
    200,
    tag(`${action}Response`, tag(`${action}Result`, ...content), tag("ResponseMetadata", tag("RequestId", "proxy")))
  )

/** The first element of that name, without its tags; undefined where there is none. */
export const first = (text: string, name: string): string | undefined => {
  const found = new RegExp(`<${name}>([\\s\\S]*?)</${name}>`).exec(text)?.[1]
  return found === undefined ? undefined : unescaped(found)
}

/** Takes out the children of the first list of that name that do not pass. Children may hold lists of the same tag. */
export const keepOnly = (text: string, list: string, child: string, isKept: (child: string) => boolean): string => {
  const open = `<${list}>`
  const start = text.indexOf(open)
  if (start < 0) return text
  const kept: Array<string> = []
  const marks = new RegExp(`<(/?)${child}>`, "g")
  marks.lastIndex = start + open.length
  let at = marks.lastIndex
  for (let depth = 0, from = at; ; ) {
    const mark = marks.exec(text)
    const isEnd = depth === 0 && (mark === null || text.slice(at, mark.index).includes(`</${list}>`))
    if (mark === null || isEnd) break
    if (mark[1] === "") {
      if (depth++ === 0) from = mark.index
    } else if (--depth === 0) {
      at = marks.lastIndex
      const one = text.slice(from, at)
      if (isKept(one)) kept.push(one)
    }
  }
  return text.slice(0, start + open.length) + kept.join("") + text.slice(at)
}
