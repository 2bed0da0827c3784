/** One reading of the log for all readers: the ring of what was heard, the channels, and what each is sent. */
import type { Stored } from "../../bus/bus.ts"
import { Batch, chunkOf } from "./batch.ts"
import { Channel, keyOf, type Member, type Voices, type Wanted } from "./channel.ts"
import { Heard } from "./heard.ts"
import { pageLengthDefault, Pages } from "./pages.ts"
import { Ring, type RingTerms, ringTerms } from "./ring.ts"
import type { StreamCounts } from "./stats.ts"
import { type Reason, writingOf } from "./wire-format.ts"

export interface FanoutTerms extends Voices {
  readonly epoch: string
  /** The tail begins after this sequence. */
  readonly from: number
  readonly ring?: RingTerms
  /** Messages of one page of a replay. */
  readonly pageLength?: number
}

/** What goes through, for metrics. */
export interface Flow {
  /** Of all batches so far, before compression, each counted once. */
  readonly batchBytes: number
  /** How old the newest message was when it was told, by the log's clock and ours; milliseconds. */
  readonly lagMs: number
}

/**
 * Bytes that a reader may be behind when more is to be sent; then he is cut off, and comes back by his last id. What is
 * sent now does not count: a burst is larger than that, and says nothing about him.
 */
export const backlogMax = 512 * 1024
/** Heard and not yet told: more than this and it is told at once, so that the ring never loses what was not told. */
const untoldMax = 10_000

/** It has no clock, no timer and no socket: whoever owns it calls `flush` every so often, and `beat` now and then. */
export class Fanout {
  readonly epoch: string
  readonly ring: Ring
  readonly pageLength: number
  private readonly voices: Voices
  private readonly channels = new Map<string, Channel>()
  private readonly memberships = new Map<Member, Channel>()
  private readonly untoldMax: number
  private readonly pages = new Pages()
  private told: number
  private untold = 0
  private evicted = 0
  private resets = 0
  private batchBytes = 0
  private lagMs = 0

  constructor({ epoch, from, ring = ringTerms, pageLength = pageLengthDefault, ...voices }: FanoutTerms) {
    this.epoch = epoch
    this.ring = new Ring(from, ring)
    this.pageLength = pageLength
    this.voices = voices
    this.untoldMax = Math.min(untoldMax, ring.max)
    this.told = from
  }

  /** Everything up to this sequence has been sent to whoever had joined. */
  get toldSeq(): number {
    return this.told
  }

  get counts(): StreamCounts {
    const { epoch, evicted, resets, ring } = this
    return { epoch, clients: this.memberships.size, evicted, resets, ring: ring.size }
  }

  get flow(): Flow {
    return { batchBytes: this.batchBytes, lagMs: this.lagMs }
  }

  /** The next message of the tail. Never throws. */
  hear(stored: Stored): void {
    if (!this.ring.push(new Heard(stored))) return
    this.untold++
    if (this.untold >= this.untoldMax) this.flush(stored.at)
  }

  /** Sends what was heard since the last time; `now` in milliseconds since 1970. */
  flush(now: number): void {
    if (this.untold > 0) {
      const fresh = this.ring.after(this.told, this.untold)
      for (const channel of this.channels.values()) this.send(channel, fresh)
      this.told = this.ring.lastSeq
      this.untold = 0
      this.lagMs = Math.max(0, now - (fresh.at(-1)?.at ?? now))
    }
    this.ring.age(now, this.told)
  }

  /** The channel of those who want this, made where it is missing. It is forgotten with its last member. */
  channelOf(wanted: Wanted): Channel {
    const key = keyOf(wanted)
    return this.channels.get(key) ?? new Channel(wanted, writingOf(wanted.format, this.epoch), this.voices)
  }

  /** From now on he is sent what comes after `toldSeq`, but for what he has seen already. */
  join(wanted: Wanted, member: Member): void {
    const channel = this.channelOf(wanted)
    this.channels.set(keyOf(wanted), channel)
    channel.members.add(member)
    this.memberships.set(member, channel)
  }

  leave(member: Member): void {
    const channel = this.memberships.get(member)
    if (channel === undefined) return
    this.memberships.delete(member)
    channel.members.delete(member)
    if (channel.members.size === 0) this.channels.delete(keyOf(channel.wanted))
  }

  /**
   * What a channel is told of the messages after one sequence up to another, both told and in the ring. Whole pages are
   * kept for the next who comes back.
   */
  replay(wanted: Wanted, after: number, last: number): Batch | null {
    const channel = this.channelOf(wanted)
    const make = () => {
      const all = this.ring.after(after, last - after).filter(({ seq }) => seq <= last)
      return channel.batchOf(channel.pick(all))
    }
    const isWhole = after % this.pageLength === 0 && last === after + this.pageLength
    return isWhole ? this.pages.page(keyOf(wanted), after, make) : make()
  }

  /** Sends one reader what is his alone. False: he was too slow and is cut off. */
  sendTo(member: Member, batch: Batch): boolean {
    const { gzip, line } = member
    if (member.isWaiting && line.backlog() > backlogMax) {
      this.evict(member)
      return false
    }
    gzip?.add(batch.part)
    member.isWaiting = !line.send(gzip === undefined ? batch.plain : batch.squeezed)
    return true
  }

  /** Cuts off a reader who does not take what he is sent. */
  evict(member: Member): void {
    this.evicted++
    this.leave(member)
    member.line.cut()
  }

  /** Tells a reader that he missed something that cannot be told any more. */
  reset(wanted: Wanted, member: Member): void {
    this.resets++
    member.seen = this.told
    this.sendTo(member, new Batch(writingOf(wanted.format, this.epoch).reset(this.told)))
  }

  /** Ends one reader's stream in order, with a word why. */
  end(member: Member, { format }: Wanted, reason: Reason): void {
    this.leave(member)
    if (!this.sendTo(member, new Batch(writingOf(format, this.epoch).bye(reason)))) return
    if (member.gzip !== undefined) member.line.send(chunkOf(member.gzip.end))
    member.line.end()
  }

  /** A word to everybody that the way is open. */
  beat(): void {
    this.pages.clear()
    for (const { writing, members } of this.channels.values()) {
      const batch = new Batch(writing.beat(this.told))
      // of who is ahead, the id must not fall back
      for (const member of members) if (member.seen <= this.told) this.sendTo(member, batch)
    }
  }

  private send(channel: Channel, fresh: ReadonlyArray<Heard>): void {
    const picked = channel.pick(fresh)
    const [first, last] = [picked[0], picked.at(-1)]
    const batch = channel.batchOf(picked)
    if (batch === null || first === undefined || last === undefined) return
    this.batchBytes += batch.size
    for (const member of channel.members) {
      if (member.seen < first.seq) this.sendTo(member, batch)
      else if (member.seen < last.seq) {
        const rest = channel.batchOf(picked.filter(({ seq }) => seq > member.seen))
        if (rest !== null) this.sendTo(member, rest)
      }
    }
  }
}
