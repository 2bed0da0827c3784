/** Verdicts on deliveries, each with the server's word that it is taken: those of one moment go out in one packet. */
import { Effect, Latch, type Scope } from "effect"
import { createInbox, type Msg } from "nats"
import type { BusDown } from "./bus.ts"
import { type Link, requestTimeoutMs } from "./nats-link.live.ts"

/** Sends a verdict to where its delivery says. A repeated one is harmless: the server answers and changes nothing. */
export type Settle = (to: string, word: string) => Effect.Effect<void, BusDown>

const lookEveryMs = 250

interface Sent {
  readonly connections: number
  readonly at: number
  readonly end: (isTaken: boolean) => void
}

/**
 * One subscription hears all the answers: a request of the client's own costs several times as much as the message. A
 * verdict whose answer does not come, because of a lost connection or a new leader, is sent again in the slow way.
 */
class Verdicts {
  private readonly waiting = new Map<string, Sent>()
  private readonly inbox = createInbox()
  private readonly link: Link
  private count = 0
  private isOpen = true
  constructor(link: Link) {
    this.link = link
  }

  /** Hears answers until it is told to leave; then those that still wait go the slow way. */
  listen(): () => void {
    const sub = this.link.nc.subscribe(`${this.inbox}.*`, {
      callback: (error, msg) => (error ? undefined : this.onAnswer(msg))
    })
    const looking = setInterval(() => this.look(), lookEveryMs)
    return () => {
      this.isOpen = false
      clearInterval(looking)
      sub.unsubscribe()
      this.giveUp(() => true)
    }
  }

  readonly settle: Settle = (to, word) =>
    Effect.suspend(() =>
      this.isOpen && Latch.isOpen(this.link.connected)
        ? Effect.flatMap(this.send(to, word), (isTaken) => (isTaken ? Effect.void : this.ask(to, word)))
        : this.ask(to, word)
    )

  /** The way that always leads there, and asks as long as the link's patience lasts. */
  private ask(to: string, word: string): Effect.Effect<void, BusDown> {
    return this.link.ask("settle", () => this.link.request(to, word)).pipe(Effect.asVoid)
  }

  private send(to: string, word: string): Effect.Effect<boolean> {
    return Effect.callback<boolean>((resume) => {
      const id = String(++this.count)
      const end = (isTaken: boolean) => resume(Effect.succeed(isTaken))
      this.waiting.set(id, { connections: this.link.connections(), at: performance.now(), end })
      try {
        this.link.nc.publish(to, word, { reply: `${this.inbox}.${id}` })
      } catch {
        this.end(id, false)
      }
      return Effect.sync(() => this.waiting.delete(id))
    })
  }

  private end(id: string, isTaken: boolean): void {
    const one = this.waiting.get(id)
    this.waiting.delete(id)
    one?.end(isTaken)
  }

  private onAnswer(msg: Msg): void {
    // 503: nobody was there to take it
    this.end(msg.subject.slice(this.inbox.length + 1), (msg.headers?.code ?? 0) === 0)
  }

  private look(): void {
    const now = performance.now()
    const isAway = !Latch.isOpen(this.link.connected)
    const connections = this.link.connections()
    this.giveUp((one) => isAway || one.connections !== connections || now - one.at > requestTimeoutMs)
  }

  private giveUp(isLost: (one: Sent) => boolean): void {
    for (const [id, one] of this.waiting) if (isLost(one)) this.end(id, false)
  }
}

/** Settles until the scope closes, and after that in the slow way. */
export const settling = (link: Link): Effect.Effect<Settle, never, Scope.Scope> =>
  Effect.gen(function* () {
    const verdicts = new Verdicts(link)
    yield* Effect.acquireRelease(
      Effect.sync(() => verdicts.listen()),
      (leave) => Effect.sync(leave).pipe(Effect.ignoreCause)
    )
    return verdicts.settle
  })
