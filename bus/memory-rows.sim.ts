/** Rows as a memory server keeps them: the newest message about each thing, by bucket and by filter of remarks. */
import type { Bucket } from "../schemas/catalogue.ts"
import type { Instant } from "../schemas/ids.ts"
import { matches, tokensOf } from "../schemas/message.ts"
import type { Row, Stored } from "./bus.ts"
import type { MemoryLog } from "./memory-log.sim.ts"

/** Who wants to hear of changed rows. */
export interface Watcher {
  /** False once its process has died or its scope has ended. */
  readonly isWanted: () => boolean
  readonly tell: (row: Row) => void
}

/** What a row is about: the last token of its subject. */
export const aboutOf = (subject: string): string =>
  tokensOf(subject)?.about ?? subject.slice(subject.lastIndexOf(".") + 1)

class MemoryRows {
  private readonly newest = new Map<string, Row>()
  private watchers: Array<Watcher> = []

  /** An older message than the row's own changes nothing. */
  put(stored: Stored): void {
    const about = aboutOf(stored.subject)
    if ((this.newest.get(about)?.seq ?? 0) >= stored.seq) return
    this.newest.set(about, stored)
    this.watchers = this.watchers.filter((watcher) => watcher.isWanted())
    for (const watcher of this.watchers) watcher.tell(stored)
  }

  /** All rows as they are now; the watcher is told of every later one. */
  watch(watcher: Watcher): ReadonlyArray<Row> {
    this.watchers.push(watcher)
    return [...this.newest.values()]
  }
}

interface FedRows {
  readonly rows: MemoryRows
  readonly filters: ReadonlyArray<string>
  readTo: number
}

export class MemoryTables {
  private readonly buckets = new Map<string, FedRows>()
  private readonly ticks = new Map<string, Stored>()
  private readonly remarks = new Map<string, MemoryRows>()
  private ticksSaid = 0
  private readonly log: MemoryLog
  private readonly lagging: (run: () => void) => void

  /** `lagging` runs something as late as rows are to be behind. */
  constructor(log: MemoryLog, lagging: (run: () => void) => void) {
    this.log = log
    this.lagging = lagging
  }

  /** Every bucket reads on in the log. A later reading that comes first takes the earlier one's messages with it. */
  follow(): void {
    const upTo = this.log.lastSeq
    for (const bucket of this.buckets.values()) this.lagging(() => this.feed(bucket, upTo))
  }

  ofBucket({ name, roads }: Bucket): MemoryRows {
    const known = this.buckets.get(name)
    if (known !== undefined) return known.rows
    const made = { rows: new MemoryRows(), filters: roads.map(({ filter }) => filter), readTo: 0 }
    this.buckets.set(name, made)
    this.feed(made, this.log.lastSeq)
    return made.rows
  }

  ofRemarks(filter: string): MemoryRows {
    const known = this.remarks.get(filter)
    if (known !== undefined) return known
    const made = new MemoryRows()
    this.remarks.set(filter, made)
    for (const tick of this.ticks.values()) if (matches(filter, tick.subject)) made.put(tick)
    return made
  }

  remark(subject: string, data: Uint8Array, at: Instant): void {
    const tick: Stored = { seq: ++this.ticksSaid, subject, data: data.slice(), at }
    this.ticks.set(subject, tick)
    this.log.count("TICKS", tick)
    for (const [filter, rows] of this.remarks) {
      if (matches(filter, subject)) this.lagging(() => rows.put(tick))
    }
  }

  private feed(bucket: FedRows, upTo: number) {
    while (bucket.readTo < upTo) {
      const stored = this.log.at(++bucket.readTo)!
      if (bucket.filters.some((filter) => matches(filter, stored.subject))) bucket.rows.put(stored)
    }
  }
}
