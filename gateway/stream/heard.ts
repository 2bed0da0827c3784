/** One message of the log as the stream holds it: where it stands and, once somebody wants it, what it says. */
import type { Stored } from "../../bus/bus.ts"
import { tokensOf } from "../../schemas/message.ts"
import { poolPriced, poolScored } from "../../schemas/pool.ts"
import type { Audience, ForWhom } from "../shown/shown.ts"

/** Of these the newest about a thing is all that anybody wants; of anything else every single one counts. */
const coalesced: ReadonlySet<string> = new Set([poolPriced.name, poolScored.name])

/** Orders go to an executor's lane, which is nobody's business: all lanes are `executor`. */
const ownerIn = (owner: string) => owner.replace(/^executor-\d\d$/, "executor")

export interface Telling {
  readonly audience: Audience
  /** Its EventView as JSON, on one line. */
  readonly json: string
}

/** Made once for all who are told, as it is the same for each; whose it is is asked of each channel anew. */
export class Heard {
  readonly seq: number
  readonly at: number
  /** Who said it, or is asked; executors' lanes are one. */
  readonly owner: string
  readonly name: string
  readonly account: string
  /** Within a batch only the last message of a key is told; undefined where each is. */
  readonly key: string | undefined
  private stored: Stored | undefined
  private telling: Telling | undefined

  constructor(stored: Stored) {
    const { owner = "", name = "", account = "", about = "" } = tokensOf(stored.subject) ?? {}
    this.seq = stored.seq
    this.at = stored.at
    this.owner = ownerIn(owner)
    this.name = name
    this.account = account
    this.key = coalesced.has(name) ? `${name} ${about}` : undefined
    this.stored = stored
  }

  /** What it says. Its bytes are let go with the first telling: a ring of both would be twice as large. */
  told(tell: (stored: Stored) => ForWhom): Telling {
    if (this.telling !== undefined || this.stored === undefined) return this.telling ?? unsayable
    const telling = tellingOf(this.stored, tell)
    this.stored = undefined
    this.telling = telling
    return telling
  }
}

const unsayable: Telling = { audience: { _tag: "nobody" }, json: "null" }

/** Words that break on one message must not end the stream of everything else. */
const tellingOf = (stored: Stored, tell: (stored: Stored) => ForWhom): Telling => {
  try {
    const { audience, view } = tell(stored)
    return { audience, json: JSON.stringify(view) }
  } catch {
    return unsayable
  }
}
