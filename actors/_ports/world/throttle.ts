/**
 * Token buckets per account, region and kind of call, as EC2 has them (trap 70). They forget everything at a restart.
 */
import { refuse } from "./refused.ts"

interface Bucket {
  readonly size: number
  readonly perSecond: number
}
/** Source: EC2 API throttling, "Request token bucket sizes and refill rates". */
const sizes = {
  read: { size: 100, perSecond: 20 },
  unpaged: { size: 50, perSecond: 10 },
  write: { size: 50, perSecond: 5 },
  run: { size: 5, perSecond: 2 },
  /** RunInstances also counts instances. */
  runInstances: { size: 1000, perSecond: 2 },
  terminate: { size: 100, perSecond: 5 }
} satisfies Record<string, Bucket>
type Kind = keyof typeof sizes

const kindsOf = (api: string, name: string, isWrite: boolean): ReadonlyArray<Kind> => {
  if (name === "launchSpot") return ["run", "runInstances"]
  if (name === "terminate") return ["terminate"]
  if (isWrite) return ["write"]
  return api === "ec2" && (name === "zones" || name === "subnets") ? ["unpaged"] : ["read"]
}
/** Services count apart; the price history is EC2's, the lists and types come from elsewhere. */
const serviceOf = (api: string, name: string) => (api === "prices" && name === "spotHistory" ? "ec2" : api)

interface Level {
  tokens: number
  at: number
}

export class Buckets {
  private readonly levels = new Map<string, Level>()
  private readonly speed: number

  constructor(speed: number) {
    this.speed = speed
  }

  /** Takes one token of each bucket of the call, or refuses it. */
  take(now: number, scope: string, api: string, name: string, isWrite: boolean): void {
    const service = serviceOf(api, name)
    for (const kind of kindsOf(api, name, isWrite)) {
      const { size, perSecond } = sizes[kind]
      const key = `${scope} ${service} ${kind}`
      const level = this.levels.get(key) ?? { tokens: size, at: now }
      const grown = ((now - level.at) / 1000) * perSecond * this.speed
      const tokens = Math.min(size, level.tokens + Math.max(0, grown))
      const isEnough = tokens >= 1
      this.levels.set(key, { tokens: isEnough ? tokens - 1 : tokens, at: now })
      if (!isEnough) refuse(service === "ec2" ? "RequestLimitExceeded" : "Throttling", "Request limit exceeded.")
    }
  }
}
