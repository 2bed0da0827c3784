/** From advice to verdict: the one table that says what a refused handling means for its message. */
import type { Advice } from "../schemas/advice.ts"
import { Ack, later, type Verdict } from "./bus.ts"

/** Redeliveries wait this long, growing with the attempts, never longer than a minute. */
export const patience = (attempt: number): Verdict => later(Math.min(60_000, 250 * 2 ** Math.min(attempt, 8)))

/** What becomes of a message whose handling was refused with this advice. */
export const verdictOn = (advice: Advice, attempt: number): Verdict => {
  switch (advice) {
    case "already":
      return Ack // what was asked is so
    case "later":
    case "unknown":
      return patience(attempt)
    case "elsewhere":
    case "person":
      return Ack // said as a fact by whoever handled it: asking again would get the same answer
  }
}
