/** Why a cloud said no: in its own word, and in what the caller can do about it. */
import { Schema } from "effect"
import { Advice } from "../../schemas/advice.ts"

export class CloudRefusal extends Schema.TaggedError<CloudRefusal>()("CloudRefusal", {
  /** The IAM action or read, as in `ec2:RunInstances`. */
  call: Schema.String,
  /** The vendor's own code, as in `InsufficientInstanceCapacity`; ours start with `CloudOptim.`. */
  code: Schema.String,
  advice: Advice,
  /** The vendor's sentence, without secrets. */
  details: Schema.String
}) {
  override get message() {
    return `${this.call} refused: ${this.code} (${this.details})`
  }
}

/**
 * The account's request limit is used up, in the words of each service and of what stands before them. Source: AWS
 * SDKs, the codes that they retry as throttling.
 */
export const throttled: ReadonlySet<string> = new Set([
  "RequestLimitExceeded",
  "Throttling",
  "ThrottlingException",
  "ThrottledException",
  "RequestThrottled",
  "RequestThrottledException",
  "EC2ThrottledException",
  "TooManyRequestsException",
  "BandwidthLimitExceeded",
  "PriorRequestNotComplete",
  "SlowDown"
])

/**
 * Codes by what can be done about them; a code that is not listed needs a person. Sources: EC2 and Auto Scaling API
 * references, "Error codes"; EC2 API throttling; "Ensuring idempotency in Amazon EC2 API requests".
 */
const adviceOn: Readonly<Record<string, Advice>> = {
  // the pool has none: another may
  InsufficientInstanceCapacity: "elsewhere",
  UnfulfillableCapacity: "elsewhere",
  InsufficientCapacity: "elsewhere",
  InsufficientHostCapacity: "elsewhere",
  InsufficientVolumeCapacity: "elsewhere",
  Unsupported: "elsewhere",
  SpotMaxPriceTooLow: "elsewhere",
  // the subnet or the quota: not the pool's fault, yet this swap cannot go on here
  InsufficientFreeAddressesInSubnet: "elsewhere",
  MaxSpotInstanceCountExceeded: "person",
  VcpuLimitExceeded: "person",
  "AuthFailure.ServiceLinkedRoleCreationNotPermitted": "person",
  // the same call may work in a while
  ...Object.fromEntries([...throttled].map((code) => [code, "later"] as const)),
  ResourceContention: "later",
  ScalingActivityInProgress: "later",
  // Auto Scaling's own role was made a moment ago
  ServiceLinkedRoleFailure: "later",
  InternalError: "later",
  InternalFailure: "later",
  ServiceUnavailable: "later",
  Unavailable: "later",
  // no proof of death: Describe decides
  "InvalidInstanceID.NotFound": "later",
  // bound to our token, launched and already dead: resolved by the step, never "not launched"
  IdempotentInstanceTerminated: "already",
  // nobody answered
  "CloudOptim.NoAnswer": "unknown"
}

/** The advice on a vendor's code. */
export const adviceFor = (code: string): Advice => adviceOn[code] ?? "person"

export const refusal = (call: string, code: string, details: string) =>
  new CloudRefusal({ call, code, details, advice: adviceFor(code) })
