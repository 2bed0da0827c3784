/** Rules of AWS that moto leaves out: tokens, empty pools, late visibility, the arithmetic of groups. */
import { type Answer, type Asked, first, keepOnly, listIn, No, queryAnswer, tag } from "./proxy-wire.ts"

/** Sends a request of the proxy's own to moto, in the name of the one that it is about. */
export type Ask = (asked: Asked, action: string, form: Readonly<Record<string, string>>) => Promise<string>

interface Bound {
  readonly request: string
  readonly answer: Promise<{ readonly instance: string; readonly answer: Answer }>
}
export interface Refusing {
  readonly zone: string
  readonly type: string
  readonly code: string
}

const numberIn = (text: string, name: string) => Number(first(text, name) ?? Number.NaN)

export class Rules {
  private readonly ask: Ask
  private readonly tokens = new Map<string, Bound>()
  private readonly zones = new Map<string, string>()
  private readonly visibleAt = new Map<string, number>()
  /** Pools that refuse Spot. */
  refusing: Array<Refusing> = []
  /** For so long reads do not know a new instance, in milliseconds. */
  hiddenMs = 0

  constructor(ask: Ask) {
    this.ask = ask
  }

  private isHidden(instance: string): boolean {
    return (this.visibleAt.get(instance) ?? 0) > Date.now()
  }

  /** RunInstances: the token is zonal, bound by success only, and outlives its instance. */
  async launch(asked: Asked, forward: () => Promise<Answer>): Promise<Answer> {
    const { form, region } = asked
    const zone = await this.zoneOf(asked, form.get("SubnetId") ?? "")
    const token = form.get("ClientToken")
    const key = `${region} ${zone} ${token}`
    const request = [...form]
      .map((pair) => pair.join("="))
      .sort()
      .join("&")
    const bound = token === null ? undefined : this.tokens.get(key)
    if (bound !== undefined) return this.again(asked, bound, request)
    const made = this.make(asked, zone, forward)
    if (token !== null) {
      this.tokens.set(key, { request, answer: made })
      made.catch(() => this.tokens.delete(key))
    }
    return (await made).answer
  }

  private async again(asked: Asked, bound: Bound, request: string): Promise<Answer> {
    if (bound.request !== request) {
      throw new No(
        "IdempotentParameterMismatch",
        "The request uses the same client token as a previous, but non-identical request"
      )
    }
    const { instance, answer } = await bound.answer
    const state = await this.stateOf(asked, instance)
    if (state === undefined || state === "terminated" || state === "shutting-down") {
      throw new No("IdempotentInstanceTerminated", `The instance ${instance} of this client token was terminated`)
    }
    return answer
  }

  private async make(asked: Asked, zone: string, forward: () => Promise<Answer>) {
    const type = asked.form.get("InstanceType") ?? ""
    const isSpot = asked.form.get("InstanceMarketOptions.MarketType") === "spot"
    const refuses = this.refusing.find((pool) => pool.zone === zone && pool.type === type)
    if (isSpot && refuses !== undefined)
      throw new No(refuses.code, `There is no Spot capacity available for ${type} in ${zone}`, 500)
    const answer = await forward()
    const instance = first(answer.body.toString("utf8"), "instanceId")
    if (answer.status !== 200 || instance === undefined) throw new Refused(answer)
    this.visibleAt.set(instance, Date.now() + this.hiddenMs)
    return { instance, answer }
  }

  private async zoneOf(asked: Asked, subnet: string): Promise<string> {
    const known = this.zones.get(subnet)
    if (known !== undefined) return known
    const text = await this.ask(asked, "DescribeSubnets", { "Filter.1.Name": "subnet-id", "Filter.1.Value.1": subnet })
    const zone = first(text, "availabilityZoneId")
    if (zone === undefined) throw new No("InvalidSubnetID.NotFound", `The subnet ID '${subnet}' does not exist`)
    this.zones.set(subnet, zone)
    return zone
  }

  private async stateOf(asked: Asked, instance: string): Promise<string | undefined> {
    const text = await this.ask(asked, "DescribeInstances", {
      "Filter.1.Name": "instance-id",
      "Filter.1.Value.1": instance
    })
    return first(first(text, "instanceState") ?? "", "name")
  }

  /** Reads that do not know a new instance yet. */
  filtered(answer: Answer): Answer {
    const text = answer.body.toString("utf8")
    const isSeen = (reservation: string) => !this.isHidden(first(reservation, "instanceId") ?? "")
    return { ...answer, body: Buffer.from(keepOnly(text, "reservationSet", "item", isSeen)) }
  }
  mustKnow(form: URLSearchParams): void {
    for (const name of ["InstanceId", "InstanceIds"]) {
      for (const id of listIn(form, name)) if (this.isHidden(id)) throw notFound(id)
    }
    const one = form.get("InstanceId")
    if (one !== null && this.isHidden(one)) throw notFound(one)
  }

  private async group(asked: Asked, name: string): Promise<string> {
    const text = await this.ask(asked, "DescribeAutoScalingGroups", { "AutoScalingGroupNames.member.1": name })
    if (first(text, "AutoScalingGroupName") === undefined) throw invalid(`AutoScalingGroup name not found - ${name}`)
    return text
  }
  private async groupOf(asked: Asked, instance: string): Promise<string | undefined> {
    const text = await this.ask(asked, "DescribeAutoScalingInstances", { "InstanceIds.member.1": instance })
    // moto ignores the ids that it is asked for
    const rest = keepOnly(text, "AutoScalingInstances", "member", (one) => first(one, "InstanceId") === instance)
    return first(rest, "AutoScalingGroupName")
  }

  /** Gives the desired capacity that the group will have. */
  async mayAttach(asked: Asked): Promise<number> {
    const name = asked.form.get("AutoScalingGroupName") ?? ""
    const ids = listIn(asked.form, "InstanceIds")
    const group = await this.group(asked, name)
    for (const id of ids) {
      const state = await this.stateOf(asked, id)
      if (state === undefined) throw invalid(`Invalid Instance ID(s) ${id} specified`)
      if (state !== "running") throw invalid(`Instance ${id} is not in correct state: ${state}, expected running`)
      const owner = await this.groupOf(asked, id)
      if (owner !== undefined) throw invalid(`Instance ${id} is already part of AutoScalingGroup:${owner}`)
    }
    const desired = numberIn(group, "DesiredCapacity") + ids.length
    if (desired > numberIn(group, "MaxSize")) {
      throw invalid(
        `AutoScalingGroup ${name} has max-size=${numberIn(group, "MaxSize")}: desired capacity would be ${desired}`
      )
    }
    return desired
  }

  async mayRetire(asked: Asked): Promise<void> {
    const id = asked.form.get("InstanceId") ?? ""
    const name = await this.groupOf(asked, id)
    if (name === undefined) throw invalid(`Instance Id not found - No managed instance found for instance ID ${id}`)
    if (asked.form.get("ShouldDecrementDesiredCapacity") !== "true") return
    const group = await this.group(asked, name)
    if (numberIn(group, "DesiredCapacity") - 1 < numberIn(group, "MinSize")) {
      throw invalid("Currently, desiredSize equals minSize. Terminating would violate the group's min size constraint")
    }
  }

  async mayResize(asked: Asked): Promise<void> {
    const max = asked.form.get("MaxSize")
    const group = await this.group(asked, asked.form.get("AutoScalingGroupName") ?? "")
    const desired = Number(asked.form.get("DesiredCapacity") ?? first(group, "DesiredCapacity"))
    if (max !== null && desired > Number(max)) {
      throw invalid(`Desired capacity:${desired} must be between the specified min size and max size:${max}`)
    }
  }
}

/** Moto's own refusal, passed on as it came. */
export class Refused extends Error {
  readonly answer: Answer
  constructor(answer: Answer) {
    super(`moto answered ${answer.status}`)
    this.answer = answer
  }
}

const invalid = (message: string) => new No("ValidationError", message)
const notFound = (id: string) => new No("InvalidInstanceID.NotFound", `The instance ID '${id}' does not exist`)

/** Calls that moto does not know, answered as for a group that never used them. */
export const unknownToMoto: Readonly<Record<string, () => Answer>> = {
  DescribeInstanceRefreshes: () => queryAnswer("DescribeInstanceRefreshes", tag("InstanceRefreshes"))
}
