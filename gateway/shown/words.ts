/** What can be said of a message: one plain sentence, how grave it is, and what it belongs to. */
import type { Road } from "../../schemas/message.ts"
import type { EventView } from "../../schemas/api/operations.ts"

export type Severity = (typeof EventView.Type)["severity"]

/** How messages of one road are told. Everything is pure and total: whatever decodes can be told. */
export interface Words<A> {
  readonly says: (message: A) => string
  /** Default: `info`. */
  readonly severity?: (message: A) => Severity
  /** What `severity` may give: whoever looks for one of them need not read the rest. Default: `info`. */
  readonly severities?: ReadonlyArray<Severity>
  /**
   * Its sender sees it whoever has the account that it names, and nobody else does: an order that was not heard must
   * look like any other. Default: whoever has the account.
   */
  readonly isSenders?: true
  /** The id of a swap or the hash of a plan; default: it stands alone. */
  readonly correlation?: (message: A) => string | null
  /** What is shown of its body as JSON; default: all of it, without secrets. */
  readonly shows?: (message: A, body: Readonly<Record<string, unknown>>) => unknown
}

/** A road with its words. `any` stands where tables of several roads meet. */
export interface Told<A = any> extends Words<A> {
  readonly road: Road<A>
}

export const told = <A>(road: Road<A>, words: Words<A>): Told => ({ road, ...words })
