/** The newest of what is being said, as it is said. */
import { A } from "@solidjs/router"
import Radio from "lucide-solid/icons/radio"
import { createMemo, For } from "solid-js"
import { useFeed } from "../parts/feed-source.ts"
import { Empty, Skeleton } from "../shell/page.tsx"
import { Panel } from "../shell/panel.tsx"
import { useUrlState } from "../shell/url-state.ts"
import { EventLine } from "./event-line.tsx"

/** Prices and scores come by the hundred: they stand in the feed, not here. */
const tooOften: ReadonlySet<string> = new Set(["pool-priced", "pool-scored", "market-read", "sweep-done", "group-seen"])
const shownMax = 14

export const ActivityPanel = (props: { readonly class?: string }) => {
  const url = useUrlState()
  const feed = useFeed()
  const newest = createMemo(() => {
    feed.version()
    return feed.newest(shownMax, (event) => event.kind !== "journal" && !tooOften.has(event.name))
  })
  return (
    <Panel
      title="Activity"
      class={props.class}
      aside={
        <A href={url.link("/ops")} class="text-info hover:underline">
          Whole feed
        </A>
      }
      empty={
        newest().length === 0 &&
        (feed.isPending() ? (
          <Skeleton rows={6} label="Loading events" />
        ) : (
          <Empty title="Nothing has been said yet" icon={Radio}>
            The stream is open. Events show up here the moment they are written.
          </Empty>
        ))
      }
    >
      <ul class="max-h-[420px] divide-y divide-line/40 overflow-y-auto py-1">
        <For each={newest()}>
          {(event) => (
            <li>
              <EventLine event={event} />
            </li>
          )}
        </For>
      </ul>
    </Panel>
  )
}
