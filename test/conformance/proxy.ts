/**
 * A proxy in front of moto, on loopback: it adds the rules of AWS that moto leaves out, fails on demand, and remembers
 * every call that changes something. What it does not know it passes on.
 */
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"
import { loadMarket } from "../../actors/_ports/market.live.ts"
import { Activities } from "./proxy-activities.ts"
import { Refused, type Refusing, Rules, unknownToMoto } from "./proxy-rules.ts"
import { Sessions } from "./proxy-sessions.ts"
import { spotHistory } from "./proxy-spot.ts"
import { type Answer, type Asked, askedOf, listIn, No, noAnswer } from "./proxy-wire.ts"

/**
 * `throttle`, `internal`, `unavailable`: AWS's own refusals. `garbage`: 200 with what is no XML. `reset-before`: the
 * line breaks and nothing happened. `reset-after`: the line breaks after it was carried out.
 */
export type Fault = "throttle" | "internal" | "unavailable" | "garbage" | "reset-before" | "reset-after"

export interface Recorded {
  readonly service: string
  readonly action: string
  readonly params: Readonly<Record<string, string>>
  readonly accessKey: string
  readonly at: number
  /** `executed`, the code of the refusal, or `reset`. */
  outcome: string
}

/** Switches, to be turned while it runs. */
export interface Control {
  /** Each request waits so long before it is judged and carried out. */
  latencyMs: number
  /** The `Date` header and the clock of the session policies, against this machine's. */
  clockAheadMs: number
  /** With this code every request is refused, as `ExpiredToken`; null = none. */
  refuseAll: string | null
  /** For so long reads do not know a new instance. */
  hiddenMs: number
  /** Pools without Spot capacity, by zone ID and type. */
  refusing: Array<Refusing>
  /** External ids that roles ask for, by ARN. */
  readonly trusts: Map<string, string>
  /** Roles whose sessions are over as soon as they are begun, by ARN. */
  readonly expired: Set<string>
  /** Runs after each call that changes something was carried out, before its answer leaves. */
  afterWrite: (() => Promise<void>) | null
  /** The next calls of an action fail so, one after another. */
  readonly next: (action: string, ...faults: ReadonlyArray<Fault>) => void
}

export interface Proxy {
  /** For `AWS_ENDPOINT_URL`. */
  readonly url: string
  readonly control: Control
  /** Calls that change something, whatever became of them. */
  readonly writes: ReadonlyArray<Recorded>
  /** How often each action was asked, reads too. */
  readonly counts: ReadonlyMap<string, number>
  readonly stop: () => Promise<void>
}

const isRead = (action: string) => /^(Describe|Get|List|Assume)/.test(action)

class Reset extends Error {}

const agent = new Agent({ keepAlive: true, maxSockets: 16 })
const drop = new Set(["connection", "keep-alive", "transfer-encoding", "content-length"])

const send = (moto: string, path: string, method: string, headers: IncomingMessage["headers"], body: Buffer) =>
  new Promise<Answer>((resolve, reject) => {
    const { host: _, connection: __, ...rest } = headers
    const asked = request(new URL(path, moto), {
      agent,
      method,
      headers: { ...rest, "content-length": String(body.length) }
    })
    asked.once("error", reject)
    asked.once("response", (answer) => {
      const chunks: Array<Buffer> = []
      answer.on("data", (chunk: Buffer) => chunks.push(chunk))
      answer.once("error", reject)
      answer.once("end", () => {
        const kept = Object.entries(answer.headers).filter(([name, value]) => !drop.has(name) && value !== undefined)
        const headers = Object.fromEntries(kept) as Record<string, string>
        resolve({ status: answer.statusCode ?? 502, headers, body: Buffer.concat(chunks) })
      })
    })
    asked.end(body)
  })

const faulty: Readonly<Partial<Record<Fault, (service: string) => No>>> = {
  throttle: (service) =>
    new No(service === "ec2" ? "RequestLimitExceeded" : "Throttling", "Request limit exceeded.", 503),
  internal: (service) =>
    new No(service === "ec2" ? "InternalError" : "InternalFailure", "An internal error has occurred", 500),
  unavailable: (service) => new No(service === "ec2" ? "Unavailable" : "ServiceUnavailable", "Not available", 503)
}

/** One after another: moto is threaded, the rules look before they leap. */
const lane = () => {
  let last: Promise<unknown> = Promise.resolve()
  return <A>(work: () => Promise<A>): Promise<A> => {
    const done = last.then(work, work)
    last = done.catch(() => {})
    return done
  }
}

class Front {
  readonly writes: Array<Recorded> = []
  readonly counts = new Map<string, number>()
  readonly sessions = new Sessions()
  private readonly activities = new Activities()
  readonly rules: Rules
  readonly faults = new Map<string, Array<Fault>>()
  readonly control: Control
  private readonly moto: string
  private readonly history = spotHistory(loadMarket(), Date.now())
  private readonly zoneNames = new Map<string, ReadonlyMap<string, string>>()
  private readonly inTurn = lane()

  constructor(moto: string) {
    this.moto = moto
    this.rules = new Rules((asked, action, form) => this.own(asked, action, form))
    const { rules, faults } = this
    this.control = {
      latencyMs: 0,
      clockAheadMs: 0,
      refuseAll: null,
      get hiddenMs() {
        return rules.hiddenMs
      },
      set hiddenMs(ms) {
        rules.hiddenMs = ms
      },
      get refusing() {
        return rules.refusing
      },
      set refusing(pools) {
        rules.refusing = pools
      },
      trusts: this.sessions.trusts,
      expired: this.sessions.expired,
      afterWrite: null,
      next: (action, ...planned) => faults.set(action, [...(faults.get(action) ?? []), ...planned])
    }
  }

  private async own(asked: Asked, action: string, form: Readonly<Record<string, string>>): Promise<string> {
    const service = action.includes("AutoScaling") ? "autoscaling" : "ec2"
    const version = service === "ec2" ? "2016-11-15" : "2011-01-01"
    const body = Buffer.from(new URLSearchParams({ Action: action, Version: version, ...form }).toString())
    const scope = `${asked.accessKey}/20260101/${asked.region}/${service}/aws4_request`
    const headers = {
      "content-type": "application/x-www-form-urlencoded; charset=utf-8",
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`
    }
    return (await send(this.moto, "/", "POST", headers, body)).body.toString("utf8")
  }

  /** Whatever is no form goes through untouched; a form is recorded, delayed, perhaps failed, and judged. */
  async answer(asked: Asked, forward: () => Promise<Answer>): Promise<Answer> {
    const { service, action, form, accessKey } = asked
    this.counts.set(action, (this.counts.get(action) ?? 0) + 1)
    const params = Object.fromEntries([...form].filter(([name]) => name !== "Action" && name !== "Version"))
    const record: Recorded = { service, action, params, accessKey, at: Date.now(), outcome: "reset" }
    if (!isRead(action)) this.writes.push(record)
    if (this.control.latencyMs > 0) await sleep(this.control.latencyMs)
    const fault = this.faults.get(action)?.shift()
    try {
      if (fault === "reset-before") throw new Reset()
      const no = fault === undefined ? undefined : faulty[fault]?.(service)
      if (no !== undefined) throw no
      const answer = await this.judged(asked, forward)
      record.outcome = answer.status < 300 ? "executed" : `status ${answer.status}`
      if (!isRead(action)) await this.control.afterWrite?.()
      if (fault === "reset-after") throw new Reset()
      return fault === "garbage" ? { ...answer, body: Buffer.from("<html><title>it works</html>") } : answer
    } catch (cause) {
      if (cause instanceof Refused) {
        record.outcome = `status ${cause.answer.status}`
        return cause.answer
      }
      if (!(cause instanceof No)) throw cause
      record.outcome = cause.code
      return noAnswer(service, cause)
    }
  }

  private async judged(asked: Asked, forward: () => Promise<Answer>): Promise<Answer> {
    const { service, action, form } = asked
    const { refuseAll } = this.control
    if (refuseAll !== null) throw new No(refuseAll, "The security token included in the request is expired", 403)
    if (service === "sts" && action === "AssumeRole") {
      this.sessions.admit(asked)
      const answer = await forward()
      this.sessions.begin(asked, answer)
      return answer
    }
    this.sessions.mustLast(asked)
    if (!isRead(action)) {
      this.sessions.judge(asked, Date.now() + this.control.clockAheadMs)
      if (action !== "RunInstances") this.rules.mustKnow(form)
    }
    const unknown = unknownToMoto[action]
    if (unknown !== undefined) return unknown()
    return this.inTurn(() => this.ruled(asked, forward))
  }

  private async ruled(asked: Asked, forward: () => Promise<Answer>): Promise<Answer> {
    switch (asked.action) {
      case "RunInstances":
        return this.rules.launch(asked, forward)
      case "DescribeInstances":
        return this.rules.filtered(await forward())
      case "DescribeInstanceStatus":
      case "DescribeInstanceAttribute":
        this.rules.mustKnow(asked.form)
        return forward()
      case "AttachInstances":
        return this.attach(asked, forward)
      case "TerminateInstanceInAutoScalingGroup":
        await this.rules.mayRetire(asked)
        return this.taking(forward)
      case "DetachInstances":
        return this.taking(forward)
      case "DescribeScalingActivities":
        return this.activities.answer(asked.form)
      case "UpdateAutoScalingGroup":
        await this.rules.mayResize(asked)
        return forward()
      case "DescribeSpotPriceHistory":
        return this.history(asked, await this.zonesOf(asked))
      default:
        return forward()
    }
  }

  private async attach(asked: Asked, forward: () => Promise<Answer>): Promise<Answer> {
    const desired = await this.rules.mayAttach(asked)
    const answer = await forward()
    const group = asked.form.get("AutoScalingGroupName") ?? ""
    if (answer.status < 300) this.activities.attached(group, listIn(asked.form, "InstanceIds"), desired)
    return answer
  }
  private async taking(forward: () => Promise<Answer>): Promise<Answer> {
    const answer = await forward()
    this.activities.told(answer)
    return answer
  }

  private async zonesOf(asked: Asked): Promise<ReadonlyMap<string, string>> {
    const known = this.zoneNames.get(asked.region)
    if (known !== undefined) return known
    const text = await this.own(asked, "DescribeAvailabilityZones", {})
    const one = (item: string, name: string) => new RegExp(`<${name}>([^<]+)<`).exec(item)?.[1] ?? ""
    const items = text.split("<item>").filter((item) => item.includes("<zoneId>"))
    const names = new Map(items.map((item) => [one(item, "zoneId"), one(item, "zoneName")]))
    this.zoneNames.set(asked.region, names)
    return names
  }

  async serve(asking: IncomingMessage, answering: ServerResponse): Promise<void> {
    const chunks: Array<Buffer> = []
    for await (const chunk of asking) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    const { authorization = "", "content-type": type = "" } = asking.headers
    const asked = askedOf(authorization, type, body)
    const forward = () => send(this.moto, asking.url ?? "/", asking.method ?? "POST", asking.headers, body)
    const answer = asked === undefined ? await forward() : await this.answer(asked, forward)
    const date = new Date(Date.now() + this.control.clockAheadMs).toUTCString()
    answering.writeHead(answer.status, {
      ...answer.headers,
      date,
      "content-length": String(answer.body.length)
    } as Record<string, string>)
    answering.end(answer.body)
  }
}

/** Listens on a free port in front of a moto at `moto`. */
export const startProxy = async (moto: string): Promise<Proxy> => {
  const front = new Front(moto)
  const server = createServer((asking, answering) => {
    // whatever goes wrong in here, the caller sees a broken line, as with a real one
    front.serve(asking, answering).catch(() => asking.socket.destroy())
  })
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    control: front.control,
    writes: front.writes,
    counts: front.counts,
    stop: () =>
      new Promise((done) => {
        server.close(() => done())
        server.closeAllConnections()
      })
  }
}
