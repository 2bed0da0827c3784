/** The newest so many of something, oldest first: what comes beyond pushes out what came first. */

export interface Ring<A> {
  readonly size: () => number
  readonly push: (items: ReadonlyArray<A>) => void
  /** What came before all of them, oldest first: as many of it as have room. */
  readonly pushOlder: (items: ReadonlyArray<A>) => void
  /** The newest that pass, newest first, at most `limit`. */
  readonly newest: (limit: number, passes?: (item: A) => boolean) => ReadonlyArray<A>
  /** All of them, oldest first. */
  readonly all: () => ReadonlyArray<A>
  readonly clear: () => void
}

/** A ring of `capacity` places; pushing costs no copy of what is there. */
export const makeRing = <A>(capacity: number): Ring<A> => {
  let places: Array<A> = []
  let start = 0
  const at = (i: number) => places[(start + i) % places.length] as A
  const push = (items: ReadonlyArray<A>) => {
    for (const item of items) {
      if (places.length < capacity) places.push(item)
      else {
        places[start] = item
        start = (start + 1) % capacity
      }
    }
  }
  const newest = (limit: number, passes: (item: A) => boolean = () => true) => {
    const found: Array<A> = []
    for (let i = places.length - 1; i >= 0 && found.length < limit; i--) {
      const item = at(i)
      if (passes(item)) found.push(item)
    }
    return found
  }
  const all = () => places.map((_, i) => at(i))
  const pushOlder = (items: ReadonlyArray<A>) => {
    const room = capacity - places.length
    places = [...(room > 0 ? items.slice(-room) : []), ...all()]
    start = 0
  }
  return {
    size: () => places.length,
    push,
    pushOlder,
    newest,
    all,
    clear: () => {
      places = []
      start = 0
    }
  }
}
