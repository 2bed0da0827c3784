/** What a memory server has stored: the log in order, the last message per subject and per entity, a running hash. */
import { createHash } from "node:crypto"
import { instant } from "../schemas/ids.ts"
import { logSubjects, matches, tokensOf } from "../schemas/message.ts"
import type { Draft, Stored } from "./bus.ts"

const isWild = (filter: string) => filter.includes("*") || filter.endsWith(">")

const entityOf = (owner: string, about: string) => `${owner} ${about}`

/** The entity that a filter asks for when it is every fact of one owner about one thing: the usual condition. */
const entityAsked = (filter: string): string | undefined => {
  const tokens = tokensOf(filter)
  if (tokens === undefined || tokens.kind !== "evt" || tokens.account !== "*" || tokens.name !== "*") return undefined
  return isWild(tokens.owner) || isWild(tokens.about) ? undefined : entityOf(tokens.owner, tokens.about)
}

/** May a message of this subject be stored? A wildcard or an empty token never, and only what the log listens to. */
const isLogSubject = (subject: string): boolean =>
  !/[*>\s]|^\.|\.$|\.\./.test(subject) && logSubjects.some((filter) => matches(filter, subject))

/** The subject or filter whose last sequence a draft names. */
export const conditionOf = ({ subject, expect }: Draft) => (expect === undefined ? undefined : (expect.on ?? subject))

/** At most this many messages fit into one atomic batch. */
export const batchLengthMax = 1_000

/** Throws where no server could take the batch: that is its writer's mistake. */
export const mustBeBatch = (drafts: ReadonlyArray<Draft>) => {
  if (drafts.length === 0 || drafts.length > batchLengthMax) throw new Error(`a batch of ${drafts.length} messages`)
  const written = new Set<string>()
  for (const draft of drafts) {
    if (!isLogSubject(draft.subject)) throw new Error(`no stream takes the subject ${draft.subject}`)
    const on = conditionOf(draft)
    if (on !== undefined && written.has(on)) throw new Error(`a condition on ${on}, written earlier in the batch`)
    written.add(draft.subject)
    if (on !== undefined) written.add(on)
  }
}

export class MemoryLog {
  private readonly messages: Array<Stored> = []
  private readonly lastOn = new Map<string, number>()
  private readonly lastAbout = new Map<string, number>()
  private readonly sum = createHash("sha256")

  /** Sequence of the last message; 0 = none. */
  get lastSeq(): number {
    return this.messages.length
  }

  at(seq: number): Stored | undefined {
    return this.messages[seq - 1]
  }

  after(seq: number, max: number): ReadonlyArray<Stored> {
    return this.messages.slice(Math.max(0, seq), Math.max(0, seq) + Math.max(0, max))
  }

  /** Sequence of the last message whose subject matches; 0 = none. Constant time but for unusual wildcards. */
  lastOf(filter: string): number {
    if (!isWild(filter)) return this.lastOn.get(filter) ?? 0
    const entity = entityAsked(filter)
    if (entity !== undefined) return this.lastAbout.get(entity) ?? 0
    let last = 0
    for (const [subject, seq] of this.lastOn) if (seq > last && matches(filter, subject)) last = seq
    return last
  }

  /** Stores all of them, in order, whatever they expect: who calls has asked. */
  store(drafts: ReadonlyArray<Draft>, now: number): ReadonlyArray<Stored> {
    return drafts.map(({ subject, data }) => {
      const stored: Stored = { seq: this.messages.length + 1, subject, data: data.slice(), at: instant(now) }
      this.messages.push(stored)
      this.lastOn.set(subject, stored.seq)
      const tokens = tokensOf(subject)
      if (tokens?.kind === "evt") this.lastAbout.set(entityOf(tokens.owner, tokens.about), stored.seq)
      this.count("LOG", stored)
      this.count("LOG", stored)
      return stored
    })
  }

  /** Puts a message of this or another stream into the hash. */
  count(stream: string, { seq, at, subject, data }: Stored): void {
    this.sum.update(`${stream} ${seq} ${at} ${subject} ${data.length}\n`).update(data)
  }

  /** Hexadecimal SHA-256 of everything counted so far. */
  hash(): string {
    return this.sum.copy().digest("hex")
  }
}
