/** A redrive: the order to one actor to hear a message again that it could not read before. */
import { Schema } from "effect"
import { TenantId } from "./ids.ts"
import { redriveFilter, redriveSubject, type Road } from "./message.ts"

/** What it holds is for people: its hearer goes by the subject, which says the same. */
export class Redrive extends Schema.TaggedClass<Redrive>()("Redrive", {
  /** Of whoever asked: he follows it. The message may be anybody's. */
  tenant: TenantId,
  /** Who is to hear it. */
  actor: Schema.String,
  /** Sequence of the log of the message to hear. */
  seq: Schema.Int,
  because: Schema.String,
  by: Schema.String
}) {}

/**
 * No road of the catalogue: every mind hears it beside its own, and none reads what it holds. Its subject names who is
 * asked, and its account is always `all`.
 */
export const redrive: Road<Redrive> = {
  kind: "cmd",
  owner: "*",
  name: "redrive",
  tag: "Redrive",
  schema: Redrive,
  account: () => "all",
  about: ({ seq }) => String(seq),
  subject: ({ actor, seq }) => redriveSubject(actor, seq),
  filter: redriveFilter("*")
}
