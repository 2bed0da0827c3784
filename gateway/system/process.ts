/** What this process says of itself: which version it is, since when it runs, and how much memory it takes. */
import { Context } from "effect"

/** Given by whoever starts the process. */
export const Version = Context.Reference<string>("cloudoptim/Version", { defaultValue: () => "unknown" })

const mebibyte = 1024 * 1024

export const processAt = (version: string, now: number) => ({
  version,
  startedAt: Math.round(now - process.uptime() * 1_000),
  rssMb: Math.round((process.memoryUsage.rss() / mebibyte) * 10) / 10
})
