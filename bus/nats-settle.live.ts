/** Verdicts on deliveries, each with the server's word that it is taken: those of one moment go out in one packet. */
import { Effect, Latch, type Scope } from "effect"
import { createInbox, type Msg } from "nats"
import type { BusDown } from "./bus.ts"
import { type Link, requestTimeoutMs } from "./nats-link.live.ts"

/**
 * Sends one verdict to where each delivery says, and waits for the word on each. A repeated one is harmless: the server
 * answers and changes nothing.
 */
export type Settle = (to: ReadonlyArray<string>, word: string) => Effect.Effect<void, BusDown>

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
        ? Effect.flatMap(this.sendAll(to, word), (lost) => (lost.length === 0 ? Effect.void : this.ask(lost, word)))
        : this.ask(to, word)
    )

  /** The way that always leads there, and asks as long as the link's patience lasts. */
  private ask(to: ReadonlyArray<string>, word: string): Effect.Effect<void, BusDown> {
    const { ask, request } = this.link
    return Effect.forEach(to, (one) => ask("settle", () => request(one, word)), {
      concurrency: "unbounded",
      discard: true
    })
  }

  /** Gives those of which it is not known that the server has taken them. */
  private sendAll(to: ReadonlyArray<string>, word: string): Effect.Effect<ReadonlyArray<string>> {
    if (to.length === 0) return Effect.succeed([])
    return Effect.callback((resume) => {
      const lost: Array<string> = []
      const ids: Array<string> = []
      let open = to.length
      const [connections, at] = [this.link.connections(), performance.now()]
      for (const one of to) {
        const end = (isTaken: boolean) => {
          if (!isTaken) lost.push(one)
          if (--open === 0) resume(Effect.succeed(lost))
        }
        ids.push(this.send(one, word, { connections, at, end }))
      }
      return Effect.sync(() => ids.forEach((id) => this.waiting.delete(id)))
    })
  }

  private send(to: string, word: string, sent: Sent): string {
    const id = String(++this.count)
    this.waiting.set(id, sent)
    try {
      this.link.nc.publish(to, word, { reply: `${this.inbox}.${id}` })
    } catch {
      this.end(id, false)
    }
    return id
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
