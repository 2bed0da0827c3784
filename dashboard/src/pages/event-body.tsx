/** All of an event: where it stands in the log, what caused it, and what it holds. */
import { A } from "@solidjs/router"
import { Show } from "solid-js"
import type { LiveEvent } from "../api/live.ts"
import { Raw } from "../parts/raw.tsx"
import { Button } from "../shell/button.tsx"
import { explain } from "../shell/explain.ts"
import { Exactly } from "../shell/moment.tsx"
import { useUrlState } from "../shell/url-state.ts"
import { count } from "../words.ts"

export const EventBody = (props: { readonly event: LiveEvent }) => {
  const url = useUrlState()
  return (
    <div class="grid gap-2 bg-ground/60 px-4 py-3 text-xs">
      <p class="flex flex-wrap items-center gap-x-4 gap-y-1 text-soft">
        <span class="tabular-nums">seq {count(props.event.seq)}</span>
        <Exactly at={props.event.at} />
        <span>
          {props.event.kind} <code class="font-mono text-ink">{props.event.name}</code> by {props.event.owner}
        </span>
        <Show when={props.event.cause}>
          {(cause) => <span class="tabular-nums">caused by seq {count(cause())}</span>}
        </Show>
        <A class="text-info hover:underline" href={url.link("/", { at: String(props.event.seq) })}>
          Replay at this event
        </A>
        <Button size="small" weight="quiet" onClick={() => explain(String(props.event.seq))}>
          Explain
        </Button>
      </p>
      <Raw
        label={`Event ${props.event.seq} as it stands in the log`}
        text={JSON.stringify(props.event.body, null, 2)}
        class="max-h-72 leading-5 text-soft"
      />
    </div>
  )
}
