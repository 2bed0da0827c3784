/** Which stretch of time a chart shows and in which steps: read from the question, aligned to the clock in UTC. */
import { Effect } from "effect"
import { badRequest, type Refused } from "../refused.ts"

export type Step = "minute" | "hour" | "day"
export const stepMs: Readonly<Record<Step, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 }
const unitMs: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Most points of one chart: more than a screen has columns. */
export const pointsMax = 2_000

export interface Span {
  readonly from: number
  readonly to: number
  readonly step: Step
}

const timeIn = (text: string, now: number): number => {
  const [, amount, unit] = /^now-(\d{1,6})([mhd])$/.exec(text) ?? []
  if (amount !== undefined && unit !== undefined) return now - Number(amount) * (unitMs[unit] ?? 0)
  return /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN
}

/** The finest step of which not more than some hundreds are needed. */
const fitting = (length: number): Step =>
  length <= 2 * stepMs.hour ? "minute" : length <= 4 * stepMs.day ? "hour" : "day"

/** `from` is moved back to the beginning of its step. */
export const spanOf = (
  query: { readonly from?: string; readonly step?: Step },
  now: number
): Effect.Effect<Span, Refused> =>
  Effect.suspend(() => {
    const text = query.from ?? "now-30d"
    const asked = timeIn(text, now)
    if (!(asked <= now && asked >= 0)) {
      return badRequest(`from is an RFC 3339 time that has passed, or now- and a number of d, h or m; not ${text}`)
    }
    const step = query.step ?? fitting(now - asked)
    const size = stepMs[step]
    const from = Math.floor(asked / size) * size
    if ((now - from) / size > pointsMax) {
      return badRequest(`more than ${pointsMax} points: ask for a later from, or for a larger step than ${step}`)
    }
    return Effect.succeed({ from, to: now, step })
  })
