/** Why, and why not: what a decision rested on, what each layer said, and the smallest change that would flip it. */
import { Schema } from "effect"
import { AccountId, Region } from "../ids.ts"
import { Candidate } from "../proposal.ts"
import { endpoint } from "./endpoint.ts"
import { Scoped, Time } from "./page.ts"

export const Input = Schema.Struct({
  name: Schema.String,
  value: Schema.String,
  /** Who said it, as `discovery`. */
  source: Schema.String,
  /** Sequence of the log; null where the decision did not name it. */
  seq: Schema.NullOr(Schema.Int),
  /** How old it was when it was decided on. */
  ageMs: Schema.NullOr(Schema.Int)
})
export const Layer = Schema.Struct({
  /** 1 to 5. */
  layer: Schema.Int,
  rule: Schema.String,
  threshold: Schema.String,
  actual: Schema.String,
  passed: Schema.Boolean
})
export const Explanation = Schema.Struct({
  seq: Schema.Int,
  at: Time,
  kind: Schema.Literals(["proposal", "left-alone", "verdict", "approval", "settlement", "other"]),
  account: AccountId,
  region: Schema.NullOr(Region),
  group: Schema.NullOr(Schema.String),
  /** The outcome in one sentence. */
  outcome: Schema.String,
  inputs: Schema.Array(Input),
  candidates: Schema.Array(Candidate),
  layers: Schema.Array(Layer),
  policy: Schema.NullOr(Schema.Struct({ version: Schema.Int, by: Schema.NullOr(Schema.String), rule: Schema.String })),
  /** As `would have been approved with 3 zones (had 2)`; empty where nothing was refused. */
  counterfactual: Schema.String,
  /** The digest of the decision's plan, or, where it has none, of what it says; and that which comes out again. */
  hash: Schema.NullOr(Schema.String),
  rerunHash: Schema.NullOr(Schema.String),
  rerunAgrees: Schema.NullOr(Schema.Boolean),
  /** What was done again, and what came out, in a sentence; empty where there is nothing to do again. */
  rerunSays: Schema.String,
  correlation: Schema.NullOr(Schema.String),
  asOf: Schema.Int
})
export const getExplanation = endpoint({
  name: "explain",
  method: "GET",
  path: "/api/v1/explain/{id}",
  tag: "explain",
  summary: "Explains a decision by its sequence, a plan by its hash, a group by its id, or a swap by its name.",
  access: "viewer",
  scope: "read",
  rate: "read",
  params: Schema.Struct({ id: Schema.String.check(Schema.isMaxLength(400)) }),
  query: Scoped,
  reply: Explanation
})
export const explainEndpoints = [getExplanation] as const
