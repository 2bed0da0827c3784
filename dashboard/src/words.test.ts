/** Figures in words: what a person may rely on when he reads them. */
import { describe, expect, it } from "vitest"
import { savingsLabel as inTheLedger } from "../../schemas/ledger.ts"
import { change, countdown, lasting, money, perHour, relative, savingsLabel, share, short } from "./words.ts"

describe("words", () => {
  it("shows cents below a thousand dollars, none above, and more digits where cents say nothing", () => {
    expect(money(234_100_000)).toBe("$234.10")
    expect(money(8_412_330_000)).toBe("$8,412")
    expect(money(61_200)).toBe("$0.0612")
    expect(money(-512_000_000)).toBe("-$512.00")
    expect(money(0)).toBe("$0.00")
  })
  it("never shows a figure that is not known", () => {
    expect([money(null), perHour(undefined), share(null), lasting(null)]).toEqual(["–", "–", "–", "–"])
  })
  it("calls dollars what the ledger calls them", () => {
    expect(savingsLabel).toBe(inTheLedger)
  })
  it("tells prices apart in the fourth digit", () => {
    expect(perHour(34_800)).toBe("$0.0348/h")
    expect(perHour(1_900_000)).toBe("$1.90/h")
  })
  it("counts down without ever going below nothing", () => {
    expect(countdown(103_000, 0)).toBe("1:43")
    expect(countdown(11_242_000, 0)).toBe("3:07:22")
    expect(countdown(0, 5_000)).toBe("0:00")
  })
  it("names ages in one unit and lengths in two", () => {
    expect(relative(0, 185_000)).toBe("3 min ago")
    expect(relative(1_320_000, 0)).toBe("in 22 min")
    expect(lasting(4_325_000)).toBe("1 h 12 min")
    expect(lasting(60_000)).toBe("1 min")
    expect(lasting(250)).toBe("250 ms")
  })
  it("compares only with a month that had something", () => {
    expect(change(110, 100)).toBe("+10 %")
    expect(change(90, 100)).toBe("−10 %")
    expect(change(5, null)).toBeUndefined()
    expect(change(5, 0)).toBeUndefined()
  })
  it("does not round a share into another", () => {
    expect([share(0.15), share(0.986), share(1)]).toEqual(["15 %", "98.6 %", "100 %"])
  })
  it("does not shorten what would become no shorter", () => {
    expect(short("abcdefghijk", 10)).toBe("abcdefghijk")
    expect(short("abcdefghijkl", 10)).toBe("abcdefghij…")
  })
})
