/** Answers with a tag of what is in them, so that a client that has it already is sent nothing. */
import { digestOf } from "../schemas/digest.ts"
import { Answer } from "./route.ts"

/**
 * Tagged by its content, not by `asOf`: the log moves on many times a second while a list stays as it was, and a list
 * may change without the log, as when a quarantine ends.
 */
export const tagged = <A extends object>(body: A): Answer<A> => {
  const { asOf: _, ...content } = body as A & { readonly asOf?: number }
  return new Answer(body, { etag: digestOf(JSON.stringify(content)).slice(0, 24) })
}
