/** What a stored message says to a mind: something to decide on, or the reason why nobody can. */
import { Result } from "effect"
import type { Book, Heard } from "../schemas/decision.ts"
import { type Undecodable, unseal } from "../schemas/envelope.ts"
import { matches, tokensOf } from "../schemas/message.ts"
import type { Delivery, Stored } from "./bus.ts"
import type { Task } from "./decide.ts"
import type { Hears, Mind } from "./mind.ts"

export type Understand = (stored: Stored, delivery: Delivery) => Result.Result<Task, Undecodable>

/** Which of its roads a subject is on; each is looked for once per kind, owner and name. */
const finding = (hears: ReadonlyArray<Hears>) => {
  const known = new Map<string, Hears>()
  return (subject: string): Hears | undefined => {
    const tokens = tokensOf(subject)
    if (tokens === undefined) return undefined
    const name = `${tokens.kind}.${tokens.owner}.${tokens.name}`
    const had = known.get(name)
    if (had !== undefined) return had
    const found = hears.find(({ road }) => matches(road.filter, subject))
    if (found !== undefined) known.set(name, found)
    return found
  }
}

/** Reads what is heard by this mind. */
export const understanding = ({ hears }: Mind<any>): Understand => {
  const find = finding(hears)
  return (stored, delivery) => {
    const one = find(stored.subject)
    if (one === undefined) return Result.fail({ reason: "unknown-type", details: `subject ${stored.subject}` })
    return Result.map(unseal(one.road, stored.data), (message): Task => {
      const heard = (book: Book): Heard => ({ at: stored.at, seq: stored.seq, book })
      return { delivery, origin: stored, about: one.about(message), heard, hears: one, message }
    })
  }
}
