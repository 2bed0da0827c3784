/** The front page's figures, which the header needs too: one question serves both. */
import { type Read, useRead } from "../api/read.ts"
import type { Reply } from "../api/client.ts"

export type Summary = Reply<"GET /api/v1/summary">

/** Everything that moves a figure of the summary. */
const topics = [
  "approval-desk",
  "swap-settled",
  "swap-ordered",
  "sweep-done",
  "pool-poisoned",
  "pool-held",
  "pool-cleared",
  "account-marked"
]

export const useSummary = (): Read<Summary> => useRead(() => ["GET /api/v1/summary"], { topics })
