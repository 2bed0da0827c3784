/** The ring keeps the newest, in order, and never more than it has places for. */
import { describe, expect, it } from "vitest"
import { makeRing } from "./ring.ts"

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i)

describe("a ring", () => {
  it("holds exactly what was pushed last, however it was pushed", () => {
    for (const batch of [1, 2, 3, 7, 40]) {
      const ring = makeRing<number>(10)
      const all = upTo(37)
      for (let i = 0; i < all.length; i += batch) ring.push(all.slice(i, i + batch))
      expect(ring.all()).toEqual(upTo(37).slice(-10))
      expect(ring.size()).toBe(10)
      expect(ring.newest(3)).toEqual([36, 35, 34])
    }
  })
  it("finds the newest that pass, newest first, and stops at the limit", () => {
    const ring = makeRing<number>(100)
    ring.push(upTo(50))
    expect(ring.newest(2, (n) => n % 10 === 0)).toEqual([40, 30])
    expect(ring.newest(100, (n) => n < 0)).toEqual([])
  })
  it("takes what came before all of it, as far as there is room, and still lets the oldest go first", () => {
    const ring = makeRing<number>(5)
    ring.push([7, 8, 9])
    ring.pushOlder([4, 5, 6])
    expect(ring.all()).toEqual([5, 6, 7, 8, 9])
    ring.push([10])
    expect(ring.all()).toEqual([6, 7, 8, 9, 10])
    ring.pushOlder([1, 2])
    expect(ring.all()).toEqual([6, 7, 8, 9, 10])
  })
  it("is empty after it was cleared", () => {
    const ring = makeRing<number>(4)
    ring.push(upTo(9))
    ring.clear()
    expect(ring.all()).toEqual([])
  })
})
