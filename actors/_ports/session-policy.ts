/** What one write may do at AWS, and until when: the fence that holds even while the process that asked is frozen. */
import type { AccountId, Instant, Region } from "../../schemas/ids.ts"

/** Longest session policy that AssumeRole takes, in characters. Source: STS, AssumeRole. */
export const policyLengthMax = 2048

/** What a write is about: one instance, one group, or whatever the role allows. */
export type Target =
  | { readonly kind: "any" }
  | { readonly kind: "instance"; readonly id: string }
  | { readonly kind: "group"; readonly name: string }

export interface Fenced {
  /** The IAM action, as in `ec2:RunInstances`. */
  readonly action: string
  readonly target: Target
  readonly account: AccountId
  readonly region: Region
  /** By AWS's clock: at this instant and later the call is refused. */
  readonly until: Instant
}

/** A session ends on a whole second, never after the lease. */
export const endOf = (until: Instant): string => `${new Date(until - (until % 1000)).toISOString().slice(0, 19)}Z`

/** By how the region's name begins. Source: AWS SDKs, `partitions.json`. */
const partitions: ReadonlyArray<readonly [string, string]> = [
  ["cn-", "aws-cn"],
  ["us-gov-", "aws-us-gov"],
  ["us-iso-", "aws-iso"],
  ["us-isob-", "aws-iso-b"],
  ["us-isof-", "aws-iso-f"],
  ["eu-isoe-", "aws-iso-e"],
  ["eusc-", "aws-eusc"]
]
const partitionOf = (region: string) => partitions.find(([start]) => region.startsWith(start))?.[1] ?? "aws"

/** `*`, `?` and `$` in a name stand for themselves. Source: IAM, "Policy variables". */
const literal = (name: string) => name.replace(/[*?$]/g, (sign) => `\${${sign}}`)

const groupPrefix = "autoScalingGroup:*:autoScalingGroupName/"
const resourceOf = ({ target, account, region }: Fenced): string => {
  const partition = partitionOf(region)
  switch (target.kind) {
    case "any":
      return "*"
    case "instance":
      return `arn:${partition}:ec2:${region}:${account}:instance/${literal(target.id)}`
    case "group":
      return `arn:${partition}:autoscaling:${region}:${account}:${groupPrefix}${literal(target.name)}`
  }
}

/**
 * Rights that AWS looks for beside RunInstances: tags put on at launch, the profile, a parameter as image, encrypted
 * disks. The role's own policy bounds them further. Source: EC2, "Example policies"; EBS encryption, "Permissions".
 */
const companionsOf = (action: string) => {
  if (action !== "ec2:RunInstances") return []
  return [
    { actions: ["ec2:CreateTags"], condition: { StringEquals: { "ec2:CreateAction": "RunInstances" } } },
    { actions: ["iam:PassRole"], condition: { StringLike: { "iam:PassedToService": "ec2.amazonaws.com*" } } },
    {
      actions: [
        "ssm:GetParameters",
        "kms:CreateGrant",
        "kms:Decrypt",
        "kms:DescribeKey",
        "kms:GenerateDataKeyWithoutPlaintext",
        "kms:ReEncrypt*"
      ],
      condition: {}
    }
  ]
}

/**
 * The session policy of one write: this action on this target, only before the end. It can only narrow what the
 * role allows. A target whose name makes the text too long is left to the role.
 */
export const sessionPolicy = (fenced: Fenced): string => {
  const before = { DateLessThan: { "aws:CurrentTime": endOf(fenced.until) } }
  const text = (resource: string) =>
    JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        { Effect: "Allow", Action: fenced.action, Resource: resource, Condition: before },
        ...companionsOf(fenced.action).map(({ actions, condition }) => ({
          Effect: "Allow",
          Action: actions,
          Resource: "*",
          Condition: { ...before, ...condition }
        }))
      ]
    })
  const narrow = text(resourceOf(fenced))
  // STS counts characters of its own alphabet: anything but ASCII is refused as malformed
  return narrow.length <= policyLengthMax && /^[\x20-\x7e]*$/.test(narrow) ? narrow : text("*")
}

/** A role's session is named after its saga, in the letters that STS takes: CloudTrail then tells who did what. */
export const sessionName = (saga: string | null): string =>
  (saga ?? "cloudoptim-observer")
    .replace(/[^\w+=,.@-]/g, "-")
    .slice(0, 64)
    .padEnd(2, "-")
