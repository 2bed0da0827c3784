/** What was said, newest first: heard from the stream, or of an earlier moment read from the log up to it. */
import { createMemo } from "solid-js"
import type { ApiProblem } from "../api/client.ts"
import { connection, feed, type LiveEvent } from "../api/live.ts"
import { useRead } from "../api/read.ts"
import { useUrlState } from "../shell/url-state.ts"

export interface FeedSource {
  /** Changes whenever something came: read it to follow. */
  readonly version: () => number
  readonly size: () => number
  /** Nothing has been heard or read yet, and it is still being asked for. */
  readonly isPending: () => boolean
  readonly error: () => ApiProblem | undefined
  /** The newest that pass, newest first, at most `limit`. */
  readonly newest: (limit: number, passes?: (event: LiveEvent) => boolean) => ReadonlyArray<LiveEvent>
}

/** The source that the URL asks for. Within the router only. */
export const useFeed = (): FeedSource => {
  const url = useUrlState()
  const read = useRead(() => (url.isReplay() ? ["GET /api/v1/events", { query: { limit: "500" } }] : undefined), {
    key: "seq"
  })
  const then = createMemo(() => read.data?.items ?? [])
  return {
    version: () => (url.isReplay() ? read.readAt : feed.version()),
    size: () => {
      if (url.isReplay()) return then().length
      feed.version()
      return feed.size()
    },
    isPending: () => {
      if (url.isReplay()) return read.isPending
      const { seq, state } = connection()
      return seq === undefined && state !== "reconnecting"
    },
    error: () => (url.isReplay() ? read.error : undefined),
    newest: (limit, passes = () => true) =>
      url.isReplay() ? then().filter(passes).slice(0, limit) : feed.newest(limit, passes)
  }
}
