/** Sessions as AWS judges them and moto does not: who may assume which role, what a session may do, and until when. */
import { type Answer, type Asked, first, No } from "./proxy-wire.ts"

interface Statement {
  readonly Action: string | ReadonlyArray<string>
  readonly Resource: string | ReadonlyArray<string>
  readonly Condition?: { readonly DateLessThan?: { readonly "aws:CurrentTime"?: string } }
}
interface Policy {
  readonly Statement: ReadonlyArray<Statement>
}

const list = <A>(one: A | ReadonlyArray<A>): ReadonlyArray<A> => (Array.isArray(one) ? one : [one as A])

/** IAM's wildcards; `${*}` stands for the sign itself. */
const matches = (pattern: string, text: string): boolean => {
  const source = pattern
    .split(/(\$\{[*?$]\}|[*?])/)
    .map((part) => {
      if (part === "*") return ".*"
      if (part === "?") return "."
      const plain = /^\$\{([*?$])\}$/.exec(part)?.[1] ?? part
      return plain.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")
    })
    .join("")
  return new RegExp(`^${source}$`, "s").test(text)
}

/** What a write is about; undefined where the request does not say and any resource may do. */
const resourceOf = ({ service, region, action, form }: Asked): string | undefined => {
  const account = "123456789012"
  if (action === "TerminateInstances") return `arn:aws:ec2:${region}:${account}:instance/${form.get("InstanceId.1")}`
  const group = form.get("AutoScalingGroupName")
  if (service !== "autoscaling" || group === null) return undefined
  return `arn:aws:autoscaling:${region}:${account}:autoScalingGroup:0:autoScalingGroupName/${group}`
}

const allows = (policy: Policy, asked: Asked, now: number): boolean =>
  policy.Statement.some(({ Action, Resource, Condition }) => {
    const end = Condition?.DateLessThan?.["aws:CurrentTime"]
    const resource = resourceOf(asked)
    return (
      list(Action).some((pattern) =>
        matches(pattern.toLowerCase(), `${asked.service}:${asked.action}`.toLowerCase())
      ) &&
      (resource === undefined || list(Resource).some((pattern) => matches(pattern, resource))) &&
      (end === undefined || now < Date.parse(end))
    )
  })

export class Sessions {
  /** By access key; null: assumed without a policy, the role alone bounds it. */
  private readonly policies = new Map<string, Policy | null>()
  /** Roles whose sessions are over before their time, by ARN. */
  readonly expired = new Set<string>()
  private readonly roles = new Map<string, string>()
  /** External ids that roles ask for, by ARN; a role that is not listed trusts everybody. */
  readonly trusts = new Map<string, string>()

  /** Who may assume the role at all. */
  admit({ form }: Asked): void {
    const arn = form.get("RoleArn") ?? ""
    const wanted = this.trusts.get(arn)
    const policy = form.get("Policy")
    if (wanted !== undefined && wanted !== form.get("ExternalId")) {
      throw new No(
        "AccessDenied",
        `User: arn:aws:iam::123456789012:user/us is not authorized to perform: sts:AssumeRole on resource: ${arn}`,
        403
      )
    }
    if (policy !== null && policy.length > 2048) throw new No("ValidationError", "policy: at most 2048 characters")
    const seconds = Number(form.get("DurationSeconds") ?? 3600)
    if (!(seconds >= 900 && seconds <= 43_200)) throw new No("ValidationError", `durationSeconds: ${seconds}`)
    if (!/^[\w+=,.@-]{2,64}$/.test(form.get("RoleSessionName") ?? ""))
      throw new No("ValidationError", "roleSessionName")
  }

  /** Remembers the policy of a session that moto has just made. */
  begin({ form }: Asked, answer: Answer): void {
    const key = first(answer.body.toString("utf8"), "AccessKeyId")
    const policy = form.get("Policy")
    if (key === undefined) return
    this.policies.set(key, policy === null ? null : (JSON.parse(policy) as Policy))
    this.roles.set(key, form.get("RoleArn") ?? "")
  }

  /** Whatever a session asks for after its end. */
  mustLast({ accessKey }: Asked): void {
    if (!this.expired.has(this.roles.get(accessKey) ?? "")) return
    throw new No("ExpiredToken", "The security token included in the request is expired", 403)
  }

  /** A session with a policy may do what that says, by the clock of this moment; others what their role may. */
  judge(asked: Asked, now: number): void {
    const policy = this.policies.get(asked.accessKey)
    if (policy === undefined || policy === null || allows(policy, asked, now)) return
    const what = `You are not authorized: no session policy allows the ${asked.service}:${asked.action} action`
    throw new No(asked.service === "ec2" ? "UnauthorizedOperation" : "AccessDenied", what, 403)
  }
}
