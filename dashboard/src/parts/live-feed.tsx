/** What was said, one row an event: when, how grave, by whom, about what, and where it leads. */
import Link2 from "lucide-solid/icons/link-2"
import { A } from "@solidjs/router"
import { For, type JSX, Show } from "solid-js"
import type { LiveEvent } from "../api/stream.ts"
import { ToneIcon, toneOf } from "../shell/chip.tsx"
import { Clock } from "../shell/moment.tsx"
import { useUrlState } from "../shell/url-state.ts"
import { plainly } from "../words.ts"
import "./parts.css"

const severities = { info: "information", good: "good", warning: "warning", critical: "critical" } as const

/** One event. The chain leads to everything that it belongs to. */
const EventRow = (props: { readonly event: LiveEvent }) => {
  const url = useUrlState()
  return (
    <div
      class="grid grid-cols-[auto_1fr_auto] items-start gap-x-3 px-3 py-2 text-[13px]"
      data-explain={props.event.kind === "fact" ? String(props.event.seq) : undefined}
    >
      <ToneIcon tone={toneOf(props.event.severity)} label={severities[props.event.severity]} class="mt-0.5 size-4" />
      <div class="min-w-0">
        <p class="wrap-anywhere text-ink">{props.event.says}</p>
        <p class="flex flex-wrap gap-x-2 text-xs text-soft">
          <Clock at={props.event.at} />
          <span>{plainly(props.event.name)}</span>
          <span>{props.event.owner}</span>
          <span class="max-w-60 truncate font-mono" title={props.event.about}>
            {props.event.about}
          </span>
          <span class="tabular-nums">#{props.event.seq}</span>
        </p>
      </div>
      <div class="flex items-center gap-2 text-xs text-soft">
        <Show when={props.event.correlation}>
          {(correlation) => (
            <A
              class="tool-button"
              href={url.link(`/trace/${encodeURIComponent(correlation())}`)}
              aria-label={`Trace of ${plainly(props.event.name)} ${props.event.seq}`}
              title="Everything it came from and led to"
            >
              <Link2 class="size-3.5" aria-hidden="true" />
            </A>
          )}
        </Show>
      </div>
    </div>
  )
}

export interface LiveFeedProps {
  /** Newest first. */
  readonly events: ReadonlyArray<LiveEvent>
  readonly label: string
  /** Why it is silent. */
  readonly empty: JSX.Element
}

/** Events in a list; whoever shows it decides which, and when they move. */
export const LiveFeed = (props: LiveFeedProps) => (
  <Show when={props.events.length > 0} fallback={props.empty}>
    <ol class="divide-y divide-line/60" aria-label={props.label}>
      <For each={props.events}>
        {(event) => (
          <li>
            <EventRow event={event} />
          </li>
        )}
      </For>
    </ol>
  </Show>
)
