/** What the caller of a refused call can do about it. */
import { Schema } from "effect"

/**
 * `elsewhere`: another pool may have it. `later`: the same call may work in a while. `already`: what was asked is so.
 * `unknown`: nobody answered, it may have happened: look before asking again. `person`: nothing that we do will help.
 */
export const Advice = Schema.Literals(["elsewhere", "later", "already", "unknown", "person"])
export type Advice = typeof Advice.Type
