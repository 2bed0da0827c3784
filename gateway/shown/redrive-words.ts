/** How the order to hear a message again is told; its hearer goes by the subject alone, and so both must agree. */
import type { Redrive } from "../../schemas/redrive.ts"
import type { Words } from "./words.ts"

export const redriveWords: Words<Redrive> = {
  says: ({ actor, seq, by, because }) =>
    `${actor} is to hear message ${seq} of the log again, asked by ${by}: ${because}.`
}
