/** What the log says of pools, and what it must not say at all: invariants 16 and 27. */
import type { Stored } from "../../bus/bus.ts"
import { matches, ownerFilter } from "../../schemas/message.ts"
import type { PoolRisk } from "../../schemas/pool.ts"
import { canary, fleet } from "./fleet.ts"
import type { Judge } from "./judge.ts"

const filter = ownerFilter("risk-manager")
const text = new TextDecoder()
/** A role's external id belongs where accounts are spoken of, and nowhere else. */
const externals = fleet.accounts.map(({ externalId }) => externalId)

interface Poison {
  /** The first word of it: from then on whoever asks the log's leader knows. */
  readonly since: number
  readonly until: number
}

export class RiskWatch {
  /** The newest quarantine of each pool, by token. */
  readonly poisoned = new Map<string, Poison>()
  private readonly judge: Judge

  constructor(judge: Judge) {
    this.judge = judge
  }

  hear(stored: Stored): void {
    this.scan(stored)
    if (!matches(filter, stored.subject)) return
    const about = stored.subject.split(".")[4] ?? ""
    const { state, tag } = JSON.parse(text.decode(stored.data)) as { readonly state: PoolRisk; readonly tag: string }
    const known = this.poisoned.get(about)
    const until = state.gate._tag === "poisoned" ? state.gate.until : 0
    if (known !== undefined && stored.at < known.until && until < known.until) {
      this.judge.wrong(16, `${tag} opens ${about} ${known.until - stored.at} ms before its quarantine ends`)
    }
    if (tag !== "PoolPoisoned") return
    const isStill = known !== undefined && known.until > stored.at
    this.poisoned.set(about, {
      since: isStill ? known.since : stored.at,
      until: Math.max(until, known?.until ?? 0)
    })
  }

  private scan({ subject, data }: Stored): void {
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
    if (bytes.includes(canary)) this.judge.wrong(27, `a customer's secret is in ${subject}`)
    if (/\.(onboarder|all)\./.test(subject)) return
    for (const id of externals) if (bytes.includes(id)) this.judge.wrong(27, `an external id is in ${subject}`)
  }
}
