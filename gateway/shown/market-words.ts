/** How news of pools and prices is told: to everybody alike, so who lost what in a pool is only ever a count. */
import {
  clearPool,
  marketRead,
  marketRowRefused,
  type Pool,
  poolCleared,
  poolHeld,
  poolHerdMoved,
  poolPoisoned,
  poolPriced,
  poolScored,
  quarantinePool
} from "../../schemas/pool.ts"
import { count, hourly, moment } from "./phrase.ts"
import { told } from "./words.ts"

const named = (pool: Pool) => `${pool.instanceType} in ${pool.zone}`

/** What a pool must score to be launched in. Source: the product's first floor. */
const gate = 0.75

export const marketWords = [
  told(poolPriced, {
    says: (e) => `${named(e.pool)} costs ${hourly(e.spotPerHour)} on Spot and ${hourly(e.onDemandPerHour)} on demand.`
  }),
  told(marketRead, {
    says: (e) => `The market of ${e.region} was read: ${count(e.pools, "pool")} of ${count(e.types.length, "type")}.`
  }),
  told(marketRowRefused, {
    says: (e) => `Line ${e.line} of ${e.source} for ${e.region} was left out: ${e.reason}.`,
    severity: () => "warning",
    severities: ["warning"]
  }),
  told(poolScored, {
    says: (e) => `${named(e.pool)} has a safety score of ${e.score.toFixed(3)}${e.score < gate ? ": too low" : ""}.`,
    severity: (e) => (e.score < gate ? "warning" : "info"),
    severities: ["warning", "info"]
  }),
  told(poolPoisoned, {
    says: (e) => `${named(e.pool)} is quarantined until ${moment(e.until)}: nobody launches there.`,
    severity: () => "critical",
    severities: ["critical"],
    shows: (e, { pool, until }) => ({ pool, until, hits: 1, at: e.hit.at })
  }),
  told(poolHerdMoved, {
    says: (e) =>
      `${named(e.pool)} is ${e.herd._tag === "NORMAL" ? "normal again" : e.herd._tag.toLowerCase()}: ` +
      `${count(e.witnesses.length, "witness", "witnesses")} within a day.`,
    severity: (e) => (e.herd._tag === "NORMAL" ? "good" : e.herd._tag === "RISKY" ? "critical" : "warning"),
    severities: ["good", "critical", "warning"],
    shows: (e, body) => ({ ...body, witnesses: e.witnesses.length })
  }),
  // to everybody: that a person did it and why; who it was is for the order, which his own tenant alone may read
  told(poolHeld, {
    says: (e) => `${named(e.pool)} is quarantined until ${moment(e.until)} by a person: ${e.because}.`,
    severity: () => "warning",
    severities: ["warning"],
    shows: (_, { by: _by, ...body }) => body
  }),
  told(poolCleared, {
    says: (e) => `${named(e.pool)} was cleared by a person: ${e.because}.`,
    severity: () => "good",
    severities: ["good"],
    shows: (_, { by: _by, ...body }) => body
  }),
  told(quarantinePool, {
    says: (e) => `${e.by} quarantines ${named(e.pool)} until ${moment(e.until)}: ${e.because}.`
  }),
  told(clearPool, { says: (e) => `${e.by} clears ${named(e.pool)}: ${e.because}.` })
]
