/** What the log says of pools, and what it must not say at all: invariants 16 and 27. */
import type { Stored } from "../../bus/bus.ts"
import { matches, ownerFilter } from "../../schemas/message.ts"
import type { PoolCleared, PoolHeld, PoolPoisoned, PoolRisk } from "../../schemas/pool.ts"
import { canary, fleet } from "./fleet.ts"
import { skewMaxMs } from "./house.ts"
import type { Judge } from "./judge.ts"

const filter = ownerFilter("risk-manager")
const text = new TextDecoder()
/** A role's external id belongs where accounts are spoken of, and nowhere else. */
const externals = fleet.accounts.map(({ externalId }) => externalId)
const lossMs = 15 * 86_400_000

interface Poison {
  /** The first word of it: from then on whoever asks the log's leader knows. */
  readonly since: number
  readonly until: number
}
/** Everything that was said of a pool's gate, each with the place in the log of what it was decided on. */
interface Word {
  readonly fact: PoolPoisoned | PoolHeld | PoolCleared
  readonly cause: number
}

/** When the last of what was said and not cleared since ends; 0: nothing shuts it. */
const shutUntil = (words: ReadonlyArray<Word>): number => {
  const cleared = Math.max(0, ...words.map(({ fact, cause }) => (fact._tag === "PoolCleared" ? cause : 0)))
  const losses = words.flatMap(({ fact, cause }) => (fact._tag === "PoolPoisoned" ? [{ hit: fact.hit, cause }] : []))
  const known = new Set(losses.filter(({ cause }) => cause <= cleared).map(({ hit }) => hit.instance))
  const [hold] = words
    .flatMap(({ fact, cause }) => (fact._tag === "PoolHeld" && cause > cleared ? [{ until: fact.until, cause }] : []))
    .sort((a, b) => b.cause - a.cause)
  const ends = losses.filter(({ hit }) => !known.has(hit.instance)).map(({ hit }) => hit.at + lossMs)
  return Math.max(0, hold?.until ?? 0, ...ends)
}

interface Told {
  readonly state: PoolRisk
  readonly tag: string
  readonly body: unknown
  readonly cause?: number
}
const gateTags: ReadonlySet<string> = new Set(["PoolPoisoned", "PoolHeld", "PoolCleared"])

export class RiskWatch {
  /** The newest quarantine of each pool, by token. */
  readonly poisoned = new Map<string, Poison>()
  private readonly words = new Map<string, Array<Word>>()
  private readonly judge: Judge

  constructor(judge: Judge) {
    this.judge = judge
  }

  /** The log was lost, and with it every quarantine. */
  forget(): void {
    this.poisoned.clear()
    this.words.clear()
  }

  hear(stored: Stored): void {
    this.scan(stored)
    if (!matches(filter, stored.subject)) return
    const about = stored.subject.split(".")[4] ?? ""
    const { state, tag, body, cause = 0 } = JSON.parse(text.decode(stored.data)) as Told
    const words = this.words.get(about) ?? []
    this.words.set(about, words)
    if (gateTags.has(tag)) words.push({ fact: { ...(body as object), _tag: tag } as Word["fact"], cause })
    const shut = shutUntil(words)
    const until = state.gate._tag === "poisoned" ? state.gate.until : 0
    // a risk manager whose clock is ahead sees the end by so much earlier
    if (shut - stored.at > skewMaxMs && until < shut) {
      this.judge.wrong(16, `${tag} opens ${about} ${shut - stored.at} ms before its quarantine ends`)
    }
    if (shut <= stored.at) return void this.poisoned.delete(about)
    const known = this.poisoned.get(about)
    const isStill = known !== undefined && known.until > stored.at
    this.poisoned.set(about, { since: isStill ? known.since : stored.at, until: shut })
  }

  private scan({ subject, data }: Stored): void {
    const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
    if (bytes.includes(canary)) this.judge.wrong(27, `a customer's secret is in ${subject}`)
    if (/\.(onboarder|all)\./.test(subject)) return
    for (const id of externals) if (bytes.includes(id)) this.judge.wrong(27, `an external id is in ${subject}`)
  }
}
