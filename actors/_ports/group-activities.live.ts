/** A group's record of what became of one instance, read out of the sentences in which Auto Scaling keeps it. */
import { type Activity as Raw, DescribeScalingActivitiesCommand } from "@aws-sdk/client-auto-scaling"
import { Effect } from "effect"
import type { InstanceId } from "../../schemas/ids.ts"
import { readAs } from "./aws-refusal.live.ts"
import type { Aws } from "./aws.live.ts"
import { Activity, type groupCalls } from "./group.ts"
import type { Caller } from "./port.ts"

const action = "autoscaling:DescribeScalingActivities"
/** The most that Auto Scaling gives per page, and how many pages are read: what we ask about is minutes old. */
const pageMax = 100
const pagesMax = 5

/** The beginnings of `Description`. Source: Auto Scaling user guide and CLI reference, the answers shown there. */
const kinds: ReadonlyArray<readonly [begins: RegExp, kind: Activity["kind"]]> = [
  [/^Launching a new EC2 instance/, "launch"],
  [/^Attaching an existing EC2 instance/, "attach"],
  [/^Terminating EC2 instance/, "terminate"],
  [/^Detaching EC2 instance/, "detach"]
]

/**
 * What an activity itself did to desired. A request to attach raises it; one to detach, to terminate or to stand by
 * lowers it where the cause goes on with `shrinking the capacity`. After a `difference between desired and actual
 * capacity` it says so as well, but there desired had been lowered before, by somebody's word.
 */
const desiredBy = (kind: Activity["kind"], cause: string): number => {
  if (kind === "attach") return 1
  return /in response to a user request, shrinking the capacity/.test(cause) ? -1 : 0
}

/** One activity as the port gives it; undefined where it is about no instance by name. */
export const activityOf = (raw: Raw) => {
  const { Description = "", Cause = "", StatusCode, StartTime } = raw
  const instance = /: (i-[0-9a-f]+)\b/.exec(Description)?.[1]
  if (instance === undefined) return undefined
  const kind = kinds.find(([begins]) => begins.test(Description))?.[1] ?? "other"
  const isVoid = StatusCode === "Failed" || StatusCode === "Cancelled"
  return { instance, kind, desiredBy: isVoid ? 0 : desiredBy(kind, Cause), isVoid, startedAt: StartTime?.getTime() }
}

const read = readAs(action, Activity, "a scaling activity")

/** Newest first as far as AWS gives them so: those in progress come before those that have ended. */
export const activities = (aws: Aws["Service"], input: typeof groupCalls.activities.asks.Type, caller: Caller) =>
  Effect.gen(function* () {
    const found: Array<Activity> = []
    let page: string | undefined
    for (let n = 0; n < pagesMax; n++) {
      const request = { AutoScalingGroupName: input.group, MaxRecords: pageMax, ...(page ? { NextToken: page } : {}) }
      const answer = yield* aws.read("autoScaling", caller, action, (client, options) =>
        client.send(new DescribeScalingActivitiesCommand(request), options)
      )
      const about = (answer.Activities ?? []).map(activityOf).filter((one) => one?.instance === input.instance)
      for (const one of about) found.push(yield* read(one))
      page = answer.NextToken || undefined
      // nothing is older than its coming
      if (page === undefined || found.some((one) => isArrival(one, input.instance))) break
    }
    return found
  })

const isArrival = ({ kind, instance }: Activity, about: InstanceId) =>
  instance === about && (kind === "attach" || kind === "launch")
