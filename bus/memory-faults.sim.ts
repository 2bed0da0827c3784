/** What may go wrong at a memory server, how often, and the leader that is lost now and then. */

/** Rates are probabilities from 0 to 1, drawn per occasion; times are in milliseconds. */
export interface Faults {
  /** A delivery comes a second time within a second, whatever has become of the first. */
  readonly duplicate: number
  /** A delivery changes places with the one after it. */
  readonly reorder: number
  /** A new message is held back before its first delivery, for up to `delayMaxMs`. */
  readonly delay: number
  readonly delayMaxMs: number
  /** A settlement is confirmed and then forgotten, as by a consumer's new leader. */
  readonly lostAck: number
  /** An append never arrives: the caller hears nothing, nothing is stored. */
  readonly lostRequest: number
  /** An append is stored and the caller hears nothing. */
  readonly lostReply: number
  /** R3 alone: a conditional append is answered "in flight" although nobody else writes there. */
  readonly inFlight: number
  /** R3 alone: a conditional append is answered "conflict" although its condition holds. */
  readonly conflict: number
  /** How often an hour the leader is lost, for 4 to 9 seconds each: nothing answers, nothing is delivered. */
  readonly leaderLossPerHour: number
  /** How far rows and remarks may lag behind what is stored. Recall never lags. */
  readonly rowLagMaxMs: number
}

export const calm: Faults = {
  duplicate: 0,
  reorder: 0,
  delay: 0,
  delayMaxMs: 0,
  lostAck: 0,
  lostRequest: 0,
  lostReply: 0,
  inFlight: 0,
  conflict: 0,
  leaderLossPerHour: 0,
  rowLagMaxMs: 0
}

/** A bad day: everything happens, and often enough to be met within a virtual hour. */
export const rough: Faults = {
  duplicate: 0.02,
  reorder: 0.05,
  delay: 0.02,
  delayMaxMs: 5_000,
  lostAck: 0.01,
  lostRequest: 0.005,
  lostReply: 0.005,
  inFlight: 0.01,
  conflict: 0.005,
  leaderLossPerHour: 4,
  rowLagMaxMs: 2_000
}

/** Time and chance as a server has them; a simulation gives its own, so that one seed is one history. */
export interface Surroundings {
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** 0 <= x < 1. */
  readonly random: () => number
  /** Runs `run` in so many milliseconds; the answer cancels it. */
  readonly after: (ms: number, run: () => void) => () => void
}

const hourMs = 3_600_000
/** NATS elects a leader within 4 to 9 seconds of the old one's last heartbeat. */
const electionMs = { min: 4_000, max: 9_000 }

/** Whether the stream has a leader. Losses are drawn when somebody asks, so that an idle server sets no timer. */
export class Leader {
  private lostUntil = 0
  private nextLoss: number | undefined
  private readonly surroundings: Surroundings

  constructor(surroundings: Surroundings) {
    this.surroundings = surroundings
  }

  /** Loses it now, for so long. */
  lose(ms: number): void {
    this.lostUntil = Math.max(this.lostUntil, this.surroundings.now() + ms)
  }

  /** Milliseconds until there is one again; 0 = there is one. */
  missingMs(lossesPerHour: number): number {
    const now = this.surroundings.now()
    if (lossesPerHour <= 0) this.nextLoss = undefined
    else {
      this.nextLoss ??= now + this.quietMs(lossesPerHour)
      while (this.nextLoss <= now) {
        const lasts = electionMs.min + this.surroundings.random() * (electionMs.max - electionMs.min)
        this.lostUntil = Math.max(this.lostUntil, this.nextLoss + lasts)
        this.nextLoss = this.lostUntil + this.quietMs(lossesPerHour)
      }
    }
    return Math.max(0, this.lostUntil - now)
  }

  private quietMs(lossesPerHour: number): number {
    return -Math.log(1 - this.surroundings.random()) * (hourMs / lossesPerHour)
  }
}
