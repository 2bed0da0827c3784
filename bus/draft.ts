/** A message as it is appended: subject and bytes by one road, so that no word travels under another's name. */
import type { Schema } from "effect"
import { type Origin, seal } from "../schemas/envelope.ts"
import type { Road } from "../schemas/message.ts"
import type { Draft } from "./bus.ts"

/** Without a condition: whoever has one adds `expect`. */
export const draftOf = <A, S = never>(
  road: Road<A>,
  message: A,
  state?: { readonly schema: Schema.Codec<S, any>; readonly value: S },
  origin?: Origin
): Draft => ({ subject: road.subject(message), data: seal(road, message, state, origin) })
