/** One event in one line: when, how grave, what was said, and where it belongs. */
import { A } from "@solidjs/router"
import Route from "lucide-solid/icons/route"
import { Show } from "solid-js"
import { type LiveEvent, ownerOf } from "../api/live.ts"
import { ToneIcon, toneOf } from "../shell/chip.tsx"
import { Clock } from "../shell/moment.tsx"
import { useUrlState } from "../shell/url-state.ts"

export const EventLine = (props: {
  readonly event: LiveEvent
  readonly isOpen?: boolean
  readonly onToggle?: () => void
}) => {
  const url = useUrlState()
  return (
    <div class="flex min-h-9 items-start gap-2.5 px-4 py-1.5 text-[13px]" data-explain={props.event.seq}>
      <Clock at={props.event.at} class="mt-px shrink-0 text-soft" />
      <ToneIcon tone={toneOf(props.event.severity)} label={props.event.severity} class="mt-0.5 size-3.5" />
      <Show when={props.onToggle} fallback={<span class="min-w-0 grow break-words">{props.event.says}</span>}>
        {(toggle) => (
          <button
            type="button"
            class="min-w-0 grow text-left break-words hover:text-info"
            aria-expanded={props.isOpen === true}
            onClick={() => toggle()()}
          >
            {props.event.says}
          </button>
        )}
      </Show>
      <span class="mt-px hidden shrink-0 text-xs text-faint lg:block">{ownerOf(props.event.owner)}</span>
      <Show when={props.event.correlation} fallback={<span class="size-4 shrink-0" />}>
        {(id) => (
          <A
            href={url.link(`/trace/${encodeURIComponent(id())}`)}
            class="mt-0.5 shrink-0 text-faint hover:text-info"
            title="Follow what it belongs to"
            aria-label={`Trace of ${id()}`}
          >
            <Route class="size-4" aria-hidden="true" />
          </A>
        )}
      </Show>
    </div>
  )
}
