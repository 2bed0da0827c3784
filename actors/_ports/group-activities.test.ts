/** Auto Scaling's own sentences, as its documentation and accounts show them, are read for what they say of desired. */
import { assert, it } from "@effect/vitest"
import { activityOf } from "./group-activities.live.ts"

const startedAt = Date.UTC(2026, 0, 1)
const read = (Description: string, Cause: string, StatusCode = "Successful") => {
  const whole = { ActivityId: "a", AutoScalingGroupName: "web", Description, Cause, StatusCode } as const
  return activityOf({ ...whole, StartTime: new Date(startedAt) } as Parameters<typeof activityOf>[0])
}
const at = "At 2026-01-01T00:00:00Z"

const out = "was taken out of service in response to"
const byRequest = "in response to a user request"
const ofDifference = "in response to a difference between desired and actual capacity"

type Case = readonly [says: string, description: string, cause: string, kind: string, desiredBy: number]
const cases: ReadonlyArray<Case> = [
  [
    "an attach raised desired",
    "Attaching an existing EC2 instance: i-02c7e76a",
    `${at} an instance was added in response to user request. Keeping the capacity at the new 4.`,
    "attach",
    1
  ],
  [
    "a member ended by request with the decrement took desired with it",
    "Terminating EC2 instance: i-06da872dc9dbaa06f",
    `${at} instance i-06da872dc9dbaa06f ${out} a user request, shrinking the capacity from 4 to 3.`,
    "terminate",
    -1
  ],
  [
    "a member ended by request without it did not",
    "Terminating EC2 instance: i-06da872dc9dbaa06f",
    `${at} instance i-06da872dc9dbaa06f ${out} a user request.`,
    "terminate",
    0
  ],
  [
    "a member that died did not",
    "Terminating EC2 instance: i-04925c838b6438f14",
    `${at} an instance ${out} an EC2 health check indicating it has been terminated or stopped.`,
    "terminate",
    0
  ],
  [
    "a scale-in had lowered desired before it chose its victim",
    "Terminating EC2 instance: i-b188560f",
    `${at} a user request update of AutoScalingGroup constraints to min: 0, max: 1, desired: 0 ` +
      `changing the desired capacity from 1 to 0.  ` +
      `${at} an instance was taken out of service ${ofDifference}, shrinking the capacity from 1 to 0.  ` +
      `${at} instance i-b188560f was selected for termination.`,
    "terminate",
    0
  ],
  [
    "a detach with the decrement took desired with it",
    "Detaching EC2 instance: i-93633f9b",
    `${at} instance i-93633f9b was detached ${byRequest}, shrinking the capacity from 2 to 1.`,
    "detach",
    -1
  ],
  [
    "a detach without it did not",
    "Detaching EC2 instance: i-93633f9b",
    `${at} instance i-93633f9b was detached ${byRequest}.`,
    "detach",
    0
  ],
  [
    "a launch only followed desired",
    "Launching a new EC2 instance: i-0cfe3658bfef1ab00",
    `${at} an instance was started ${ofDifference}, increasing the capacity from 1 to 2.`,
    "launch",
    0
  ],
  [
    "a member moved to standby took desired with it",
    "Moving EC2 instance to Standby: i-061c63c5eb45f0416",
    `${at} instance i-061c63c5eb45f0416 was moved to standby ${byRequest}, shrinking the capacity from 1 to 0.`,
    "other",
    -1
  ]
]
it.each(cases)("%s", (_, description, cause, kind, desiredBy) => {
  assert.deepEqual(read(description, cause), {
    instance: /i-[0-9a-f]+/.exec(description)?.[0] ?? "",
    kind: kind as "attach",
    desiredBy,
    isVoid: false,
    startedAt
  })
})

it("what failed or was called off did nothing to desired", () => {
  for (const status of ["Failed", "Cancelled"]) {
    const failed = read("Attaching an existing EC2 instance: i-02c7e76a", `${at} an instance was added.`, status)
    assert.deepInclude(failed, { kind: "attach", desiredBy: 0, isVoid: true })
  }
})

it("what names no instance, as a launch that failed, is about none", () => {
  assert.isUndefined(
    read("Launching a new EC2 instance.  Status Reason: Could not launch Spot Instances.", "", "Failed")
  )
})
