/** The timers of a simulated world: a binary heap by instant, and by order of asking within one instant. */

interface Timer {
  readonly at: number
  readonly order: number
  run: (() => void) | undefined
  isQueued: boolean
}

const isBefore = (a: Timer, b: Timer) => a.at < b.at || (a.at === b.at && a.order < b.order)

/** Cancelled timers stay in the heap until they outnumber the live ones: long timeouts that never fire cost nothing. */
const sweepAbove = 1024

export class Timers {
  private heap: Array<Timer> = []
  private asked = 0
  private cancelled = 0

  /** How many timers are still going to fire. */
  get live(): number {
    return this.heap.length - this.cancelled
  }

  /** Asks for `run` at `at` (ms); the answer cancels it, and does nothing once it has fired. */
  add(at: number, run: () => void): () => void {
    const timer: Timer = { at, order: this.asked++, run, isQueued: true }
    this.push(timer)
    return () => {
      if (timer.run === undefined) return
      timer.run = undefined
      if (!timer.isQueued) return
      this.cancelled++
      if (this.cancelled > sweepAbove && this.cancelled * 2 > this.heap.length) this.sweep()
    }
  }

  /** The instant of the next live timer. */
  next(): number | undefined {
    for (let top = this.heap[0]; top !== undefined; top = this.heap[0]) {
      if (top.run !== undefined) return top.at
      this.pop()
      this.cancelled--
    }
    return undefined
  }

  /** Takes every timer of the next instant out of the heap; a taken one can still be cancelled by another. */
  take(): Array<() => void> {
    const at = this.next()
    const due: Array<() => void> = []
    while (this.heap[0] !== undefined && this.heap[0].at === at) {
      const timer = this.pop()
      timer.isQueued = false
      if (timer.run === undefined) this.cancelled--
      else due.push(() => fire(timer))
    }
    return due
  }

  private sweep() {
    const live = this.heap.filter((timer) => timer.run !== undefined)
    this.heap = []
    this.cancelled = 0
    for (const timer of live) this.push(timer)
  }

  private push(timer: Timer) {
    const heap = this.heap
    let i = heap.length
    heap.push(timer)
    while (i > 0) {
      const parent = (i - 1) >> 1
      if (isBefore(heap[parent]!, timer)) break
      heap[i] = heap[parent]!
      i = parent
    }
    heap[i] = timer
  }

  /** Only called on a heap that has a top. */
  private pop(): Timer {
    const heap = this.heap
    const top = heap[0]!
    const last = heap.pop()!
    if (heap.length === 0) return top
    let i = 0
    for (;;) {
      let child = 2 * i + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++
      if (isBefore(last, heap[child]!)) break
      heap[i] = heap[child]!
      i = child
    }
    heap[i] = last
    return top
  }
}

const fire = (timer: Timer) => {
  const run = timer.run
  timer.run = undefined
  run?.()
}
