/**
 * What will happen by itself, in order of time: a heap over a table, so that a restarted world still has its future.
 */
import type { Due, Table } from "./state.ts"

const isBefore = (a: Due, b: Due) => a.at < b.at || (a.at === b.at && a.n < b.n)
const keyOf = (kind: string, about: string) => `${kind} ${about}`

export class Agenda {
  private readonly table: Table<Due>
  private readonly heap: Array<Due> = []

  constructor(table: Table<Due>) {
    this.table = table
  }

  /** One appointment per kind and subject: a second one moves the first. */
  plan(due: Due): void {
    this.table.put(keyOf(due.kind, due.about), due)
    this.push(due)
  }
  has(kind: string, about: string): boolean {
    return this.table.rows.has(keyOf(kind, about))
  }
  cancel(kind: string, about: string): void {
    this.table.drop(keyOf(kind, about))
  }

  /** When the next thing happens; undefined = never, unless somebody acts. */
  next(): number | undefined {
    return this.head()?.at
  }

  /** Takes what is due until `end`, the earliest first. */
  take(end: number): Due | undefined {
    const head = this.head()
    if (head === undefined || head.at > end) return undefined
    this.pop()
    this.table.drop(keyOf(head.kind, head.about))
    return head
  }

  /** Reads the table anew. */
  rebuild(): void {
    this.heap.length = 0
    for (const due of this.table.rows.values()) this.push(due)
  }

  /** The earliest one that still stands: those moved or cancelled are dropped on the way. */
  private head(): Due | undefined {
    for (;;) {
      const top = this.heap[0]
      if (top === undefined) return undefined
      if (this.table.get(keyOf(top.kind, top.about))?.n === top.n) return top
      this.pop()
    }
  }

  private push(due: Due): void {
    const { heap } = this
    let at = heap.push(due) - 1
    while (at > 0) {
      const up = (at - 1) >> 1
      const above = heap[up] as Due
      if (!isBefore(due, above)) break
      heap[at] = above
      at = up
    }
    heap[at] = due
  }

  private pop(): void {
    const { heap } = this
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    let at = 0
    for (;;) {
      let down = 2 * at + 1
      const left = heap[down]
      if (left === undefined) break
      const right = heap[down + 1]
      if (right !== undefined && isBefore(right, left)) down++
      const below = heap[down] as Due
      if (!isBefore(below, last)) break
      heap[at] = below
      at = down
    }
    heap[at] = last
  }
}
