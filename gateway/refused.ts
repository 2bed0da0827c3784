/** Why a request is not done, as the problem that its sender reads: RFC 9457, one place for every status. */
import { Schema } from "effect"

/** `kind` is the last part of the problem's type, stable for programs; `detail` names the mend. */
export class Refused extends Schema.TaggedError<Refused>()("Refused", {
  status: Schema.Int,
  kind: Schema.String,
  title: Schema.String,
  detail: Schema.String,
  errors: Schema.optionalKey(Schema.Array(Schema.Struct({ path: Schema.String, message: Schema.String }))),
  currentVersion: Schema.optionalKey(Schema.String),
  current: Schema.optionalKey(Schema.Unknown),
  /** Seconds until asking again makes sense. */
  retryAfter: Schema.optionalKey(Schema.Int)
}) {
  override get message() {
    return `${this.title}: ${this.detail}`
  }
}

const refusal = (status: number, kind: string, title: string) => (detail: string) =>
  new Refused({ status, kind, title, detail })

export const badRequest = refusal(400, "bad-request", "The request cannot be read")
export const unauthenticated = refusal(401, "unauthenticated", "Nobody is signed in")
export const forbidden = refusal(403, "forbidden", "This may not be done by you")
/** What is another tenant's is answered like what is not there. */
export const notFound = refusal(404, "not-found", "There is no such thing")
export const conflict = refusal(409, "conflict", "It stands differently by now")
export const unprocessable = refusal(422, "unprocessable", "The request cannot be carried out")
export const preconditionRequired = refusal(428, "precondition-required", "The version that was read must be named")
export const unavailable = refusal(503, "unavailable", "Something that this needs does not answer")

/** An edit of an old version: with what stands now, so that the difference can be shown. */
export const stale = (detail: string, currentVersion: string, current: unknown) =>
  new Refused({
    status: 412,
    kind: "stale",
    title: "It was changed since it was read",
    detail,
    currentVersion,
    current
  })
