/** A channel: all who see the same, of one tenant. Nothing of it is ever given to another channel. */
import { mayHear, type ForWhom, type OwnerOf } from "../shown/shown.ts"
import type { Stored } from "../../bus/bus.ts"
import { Batch, type Chunk } from "./batch.ts"
import type { GzipSum } from "./gzip.ts"
import type { Heard } from "./heard.ts"
import type { Format, Writing } from "./wire-format.ts"

/** What a reader asked for, and may see. */
export interface Wanted {
  readonly tenant: string
  /** Only what is about this account; undefined = all of the tenant's, and what concerns everybody. */
  readonly account: string | undefined
  /** Names or owners; empty = everything. */
  readonly topics: ReadonlyArray<string>
  readonly format: Format
}

export const keyOf = ({ tenant, account, topics, format }: Wanted): string =>
  JSON.stringify([tenant, account ?? null, [...new Set(topics)].toSorted(), format])

/** The way to one reader. */
export interface Line {
  /** False where some of it waits: only then it is worth while to ask for the backlog. */
  readonly send: (chunk: Chunk) => boolean
  /** Bytes that are sent and not yet taken. */
  readonly backlog: () => number
  /** In order, after what was sent. */
  readonly end: () => void
  /** At once; what was not taken is lost. */
  readonly cut: () => void
}

/** One reader. */
export interface Member {
  readonly line: Line
  /** Of what he was sent; undefined where he is sent it as it is. */
  readonly gzip: GzipSum | undefined
  /** Whose: of the user or key. */
  readonly caller: string
  /** When what proved the caller ends, in milliseconds since 1970. */
  readonly until: number
  /** Some of what he was sent last waited: he may be slow. */
  isWaiting: boolean
  /** He has seen everything up to this sequence. */
  seen: number
}

/** Who says what a message says, and whose an account is. */
export interface Voices {
  readonly tell: (stored: Stored) => ForWhom
  readonly ownerOf: OwnerOf
}

/** The last message of each key, where it has one; in order. */
const newestOfKeys = (all: ReadonlyArray<Heard>): ReadonlyArray<Heard> => {
  const last = new Map<string, number>()
  for (const { key, seq } of all) if (key !== undefined) last.set(key, seq)
  return last.size === 0 ? all : all.filter(({ key, seq }) => key === undefined || last.get(key) === seq)
}

export class Channel {
  readonly members = new Set<Member>()
  readonly wanted: Wanted
  readonly writing: Writing
  private readonly voices: Voices
  private readonly topics: ReadonlySet<string>

  constructor(wanted: Wanted, writing: Writing, voices: Voices) {
    this.wanted = wanted
    this.writing = writing
    this.voices = voices
    this.topics = new Set(wanted.topics)
  }

  /** Of these messages the ones for this channel; what would be overtaken at once is left out. */
  pick(all: ReadonlyArray<Heard>): ReadonlyArray<Heard> {
    return newestOfKeys(all.filter((heard) => this.isWanted(heard)))
  }

  /** Null where there is nothing to tell. */
  batchOf(picked: ReadonlyArray<Heard>): Batch | null {
    if (picked.length === 0) return null
    let text = ""
    for (const heard of picked) text += this.writing.event(heard, heard.told(this.voices.tell))
    return new Batch(text)
  }

  private isWanted(heard: Heard): boolean {
    const { account, tenant } = this.wanted
    if (account !== undefined && heard.account !== account) return false
    if (this.topics.size > 0 && !this.topics.has(heard.name) && !this.topics.has(heard.owner)) return false
    return mayHear(tenant, this.voices.ownerOf, heard.told(this.voices.tell).audience)
  }
}
