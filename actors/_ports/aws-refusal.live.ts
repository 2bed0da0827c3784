/** What the AWS SDK throws, as a refusal in AWS's own word; and what it answers, read strictly. */
import { Effect, Schema } from "effect"
import { type CloudRefusal, refusal } from "./cloud-refusal.ts"

/** Thrown before a request leaves, when the lease under which it is made is over. */
export class TooLate extends Error {
  override readonly name = "TooLate"
}

interface Thrown {
  readonly name?: unknown
  readonly message?: unknown
  /** Of the vendor's answer, where there was one. */
  readonly Code?: unknown
  readonly $fault?: unknown
  readonly $metadata?: { readonly httpStatusCode?: unknown }
  /** Of Node's sockets, as `ECONNREFUSED`. */
  readonly code?: unknown
}

const detailsMax = 600
const plain = (text: unknown) =>
  String(text ?? "")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, detailsMax)

/** Words that say what a person has to mend; AWS's sentences say what was refused, rarely what to do. */
const mends: Readonly<Record<string, string>> = {
  ExpiredToken: "the credentials have expired: renew them",
  ExpiredTokenException: "the credentials have expired: renew them",
  RequestExpired: "the credentials have expired or this machine's clock is wrong: renew them, set the clock",
  InvalidClientTokenId: "AWS does not know this access key: renew the credentials",
  UnrecognizedClientException: "AWS does not know this access key: renew the credentials",
  AuthFailure: "AWS cannot verify the credentials, or the region is not enabled for the account: check both",
  SignatureDoesNotMatch: "the secret key does not fit the access key, or this machine's clock is wrong: check both",
  OptInRequired: "the account has not subscribed to the service: enable it in the account",
  RegionDisabledException: "STS is not enabled in the region: enable it in the account"
}
const mendOf = (action: string, code: string): string | undefined => {
  if (code === "AccessDenied" && action === "sts:AssumeRole") {
    return "the role does not trust us under this external id: correct its trust policy, or the account's external id"
  }
  if (code === "AccessDenied" || code === "UnauthorizedOperation") {
    return `the role has no right to ${action}, or the session has ended: compare the role with the policy we ask for`
  }
  return mends[code]
}

/** Codes after which the cached session is worth nothing. */
export const endsSession = (code: string): boolean =>
  ["ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException"].includes(code)

const named = (action: string, code: string, message: unknown): CloudRefusal => {
  const mend = mendOf(action, code)
  return refusal(action, code, mend === undefined ? plain(message) : `${plain(message)} [${mend}]`)
}

/**
 * The refusal behind whatever was thrown. A 5xx without a code of AWS comes from something in between, and a write
 * whose success cannot be read has perhaps happened: both are `CloudOptim.NoAnswer`, look before asking again.
 */
export const refusalOf = (action: string, isWrite: boolean, thrown: unknown): CloudRefusal => {
  if (thrown instanceof TooLate) return refusal(action, "AccessDenied", thrown.message)
  const { name, message, Code, $fault, $metadata, code }: Thrown = thrown instanceof Error ? thrown : {}
  if (name === "CredentialsProviderError") {
    return refusal(action, "CloudOptim.NoCredentials", `${plain(message)} [give this process AWS credentials]`)
  }
  if (typeof Code === "string" && Code !== "") return named(action, Code, message)
  if ($fault !== undefined && typeof name === "string" && !/^(Error|Unknown\w*)$/.test(name)) {
    return named(action, name.replace(/Fault$/, ""), message)
  }
  const status = typeof $metadata?.httpStatusCode === "number" ? $metadata.httpStatusCode : null
  if (status === null) {
    const isSocket = typeof code === "string" || name === "TimeoutError" || name === "AbortError"
    return refusal(action, isSocket ? "CloudOptim.NoAnswer" : "CloudOptim.Unsendable", plain(message))
  }
  if (status >= 500) return refusal(action, "CloudOptim.NoAnswer", `answered ${status} without a code`)
  return unreadable(
    action,
    isWrite,
    `answered ${status} with what is no answer of AWS: ${plain(message).slice(0, 120)}`
  )
}

/** An answer that is none. Of a write nobody then knows whether it happened. */
export const unreadable = (action: string, isWrite: boolean, details: string): CloudRefusal =>
  refusal(action, isWrite ? "CloudOptim.NoAnswer" : "CloudOptim.Unreadable", details)

/** Reads a part of an answer; what does not fit is a refusal that names it, never a throw. */
export const readAs =
  <A>(action: string, schema: Schema.Codec<A, any>, what: string) =>
  (value: unknown): Effect.Effect<A, CloudRefusal> =>
    Schema.decodeUnknownEffect(schema)(value).pipe(
      Effect.mapError((problem) => unreadable(action, false, `${what}: ${plain(problem.message)}`))
    )
