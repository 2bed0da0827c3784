/** How figures are put into words: money, shares, times, ages and lengths, the same everywhere. */
import { type Zone, zone } from "./zone.ts"

const usd = (digits: number) =>
  new Intl.NumberFormat("en-US", {
    style: "currency",
    currency: "USD",
    minimumFractionDigits: digits,
    maximumFractionDigits: digits
  })
const cents = usd(2)
const whole = usd(0)
const fine = usd(4)
const plain = new Intl.NumberFormat("en-US")

/** Stands where a figure is not known. */
export const unknown = "–"

/** Micro-USD as dollars: whole from 1,000 on, cents below, four digits under ten cents (as prices per hour). */
export const money = (micros: number | null | undefined): string => {
  if (micros === null || micros === undefined) return unknown
  const dollars = micros / 1e6
  const size = Math.abs(dollars)
  if (size >= 1_000) return whole.format(dollars)
  return size < 0.1 && size > 0 ? fine.format(dollars) : cents.format(dollars)
}
/** As `$0.0912/h`: prices differ in the fourth digit; sums from a dollar on do not need it. */
export const perHour = (micros: number | null | undefined): string => {
  if (micros === null || micros === undefined) return unknown
  return `${(Math.abs(micros) >= 1e6 || micros === 0 ? cents : fine).format(micros / 1e6)}/h`
}
/** What kind of dollars savings are; the ledger has the same word for them. */
export const savingsLabel = "gross, commitments unknown"
/** As `$234/mo`. */
export const perMonth = (micros: number | null | undefined): string =>
  micros === null || micros === undefined ? unknown : `${money(micros)}/mo`

export const count = (n: number | null | undefined): string =>
  n === null || n === undefined ? unknown : plain.format(n)

/** `1 swap`, `2 swaps`. */
export const counted = (n: number, one: string, many = `${one}s`): string => `${count(n)} ${n === 1 ? one : many}`

/** A share of one as percent, as `15 %`; one digit where it is needed to tell. */
export const share = (of1: number | null | undefined): string => {
  if (of1 === null || of1 === undefined) return unknown
  const percent = of1 * 100
  return `${Number.isInteger(Math.round(percent * 10) / 10) ? Math.round(percent) : percent.toFixed(1)} %`
}
/** A Safety score with two digits, as `0.82`. */
export const score = (safety: number | null | undefined): string =>
  safety === null || safety === undefined ? unknown : safety.toFixed(2)

/** A length as its two largest units, as `1 h 12 min`; under ten seconds with a tenth, under one as milliseconds. */
export const lasting = (ms: number | null | undefined): string => {
  if (ms === null || ms === undefined) return unknown
  const size = Math.abs(ms)
  if (size < 1_000) return `${Math.round(size)} ms`
  if (size < 10_000) return `${(Math.floor(size / 100) / 10).toFixed(1).replace(/\.0$/, "")} s`
  const seconds = Math.floor(size / 1_000)
  const parts: ReadonlyArray<readonly [number, string]> = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3_600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"],
    [seconds % 60, "s"]
  ]
  const first = parts.findIndex(([n]) => n > 0)
  const shown = parts.slice(Math.max(first, 0), Math.max(first, 0) + 2).filter(([n]) => n > 0)
  return shown.map(([n, unit]) => `${n} ${unit}`).join(" ")
}

/** How long ago or ahead, in one unit, as `3 min ago` and `in 22 min`. */
export const relative = (at: number, now: number): string => {
  const ms = now - at
  const size = Math.abs(ms)
  if (size < 1_000) return "now"
  const [n, unit] =
    size < 60_000
      ? [size / 1_000, "s"]
      : size < 3_600_000
        ? [size / 60_000, "min"]
        : size < 86_400_000
          ? [size / 3_600_000, "h"]
          : [size / 86_400_000, "d"]
  const words = `${Math.floor(n)} ${unit}`
  return ms >= 0 ? `${words} ago` : `in ${words}`
}
/** What is left until then as a clock, `1:43` or `3:07:22`; `0:00` when it is over. */
export const countdown = (until: number, now: number): string => {
  const seconds = Math.max(0, Math.floor((until - now) / 1_000))
  const two = (n: number) => String(n).padStart(2, "0")
  const hours = Math.floor(seconds / 3_600)
  const minutes = Math.floor(seconds / 60) % 60
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`
}

const formsOf = (timeZone: string | undefined) => {
  const of = (locale: string, options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(locale, { ...options, ...(timeZone === undefined ? {} : { timeZone }) })
  return {
    dated: of("en-GB", { dateStyle: "medium", timeStyle: "medium" }),
    clock: of("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" }),
    // Swedes write dates as RFC 3339 does.
    stamp: of("sv-SE", { dateStyle: "short", timeStyle: "short" }),
    named: of("en-GB", { timeZoneName: "short" })
  }
}
const forms = { utc: formsOf("UTC"), local: formsOf(undefined) }
const nameOf = (which: Zone, at: number): string =>
  forms[which].named.formatToParts(at).find(({ type }) => type === "timeZoneName")?.value ?? "UTC"

/** What stands beside a time: `UTC`, or what this browser's zone is called on that day. */
export const zoneName = (at: number): string => nameOf(zone(), at)
/** The exact moment in the zone that was chosen, and its time of day in the other: `… 14:03:22 UTC (15:03:22 CET)`. */
export const exactly = (at: number): string => {
  const other = zone() === "utc" ? "local" : "utc"
  const exact = `${forms[zone()].dated.format(at)} ${zoneName(at)}`
  return nameOf(other, at) === zoneName(at) ? exact : `${exact} (${forms[other].clock.format(at)} ${nameOf(other, at)})`
}
/** As `14:03:22`, in the zone that was chosen. */
export const clock = (at: number): string => forms[zone()].clock.format(at)
/** As `2026-11-21 14:03`, in the zone that was chosen. */
export const stamp = (at: number): string => forms[zone()].stamp.format(at)
/** For `<time datetime>`. */
export const iso = (at: number): string => new Date(at).toISOString()

/** The first characters of a hash or id, as many as tell it from others on a page. */
export const short = (id: string, characters = 10): string =>
  id.length <= characters + 1 ? id : `${id.slice(0, characters)}…`

/** The year to date against the month before, as `+12 %`; undefined where there is nothing to compare with. */
export const change = (now: number, before: number | null): string | undefined => {
  if (before === null || before === 0) return undefined
  const percent = Math.round(((now - before) / Math.abs(before)) * 100)
  return `${percent > 0 ? "+" : percent < 0 ? "−" : "±"}${Math.abs(percent)} %`
}

/** Whether a text contains every one of these words, in whatever case. No words are in every text. */
export const mentions = (words: string): ((text: string) => boolean) => {
  const wanted = words.toLowerCase().split(/\s+/).filter(Boolean)
  return (text) => {
    const all = text.toLowerCase()
    return wanted.every((word) => all.includes(word))
  }
}

/** `spot_switch` and `risk_threshold` as people write: `spot switch`. */
export const plainly = (word: string): string => word.replace(/[_-]/g, " ")
export const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)
