/** Further back in the feed: to what this window keeps, and from there on to what the log has. */
import { createSignal, Show } from "solid-js"
import { call, problemOf } from "../api/client.ts"
import { fillOlder, olderFrom } from "../api/live.ts"
import { notify } from "../shell/announce.tsx"
import { Button } from "../shell/button.tsx"
import { useUrlState } from "../shell/url-state.ts"

/** Asks the log for what was said before all that is kept here. */
const useOlder = (onRead: () => void) => {
  const [isReading, setReading] = createSignal(false)
  const read = async () => {
    const cursor = olderFrom()
    if (cursor === null || isReading()) return
    setReading(true)
    try {
      const { items, nextCursor } = await call("GET /api/v1/events", { query: { limit: "500", cursor } })
      fillOlder(items.toReversed(), nextCursor)
      onRead()
    } catch (problem) {
      notify(`Nothing older could be read: ${problemOf(problem).title}`)
    } finally {
      setReading(false)
    }
  }
  return { isReading, read }
}

/** The way back in time: first to what is kept here, then to what the log has. */
export const Older = (props: {
  readonly isMoreHere: boolean
  readonly onMore: () => void
  readonly onRead: () => void
}) => {
  const url = useUrlState()
  /** Of an earlier moment the newest page is all that is asked for. */
  const isMoreThere = () => olderFrom() !== null && !url.isReplay()
  const older = useOlder(() => props.onRead())
  return (
    <Show when={props.isMoreHere || isMoreThere()}>
      <div class="grid place-items-center p-4">
        <Button
          size="small"
          disabled={older.isReading()}
          onClick={() => (props.isMoreHere ? props.onMore() : void older.read())}
        >
          {older.isReading() ? "Reading" : props.isMoreHere ? "Show older" : "Read older ones from the log"}
        </Button>
      </div>
    </Show>
  )
}
