/** What people order about one instance: to keep it from us, or to have it looked at now. */
import { Schema } from "effect"
import { InstanceId } from "../ids.ts"
import { putPolicy } from "./approvals.ts"
import { endpoint } from "./endpoint.ts"
import { Reason, Receipt } from "./page.ts"

const instance = Schema.Struct({ id: InstanceId })

export const patchInstance = endpoint({
  name: "changeInstance",
  method: "PATCH",
  path: "/api/v1/instances/{id}",
  tag: "fleet",
  summary: "Excludes an instance from every plan, or lifts that: an edit of its account's policy, as a new version.",
  access: "owner",
  scope: "approve",
  rate: "command",
  params: instance,
  body: Schema.Struct({ excluded: Schema.Boolean, because: Reason }),
  reply: putPolicy.reply,
  status: 202,
  refusals: [409, 422]
})
export const postEvaluate = endpoint({
  name: "evaluateInstance",
  method: "POST",
  path: "/api/v1/instances/{id}/evaluate",
  tag: "fleet",
  summary: "Asks the optimizer to look at the instance's group again now: it is planned with its group, never alone.",
  access: "operator",
  scope: "operate",
  rate: "command",
  params: instance,
  reply: Receipt,
  status: 202
})
export const instanceEndpoints = [patchInstance, postEvaluate] as const
