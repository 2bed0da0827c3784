/** What somebody has muted, folded into one line under what speaks: by whom, until when, and a way to let it speak. */
import { A } from "@solidjs/router"
import { createSignal, For, Show } from "solid-js"
import { may } from "../api/session.ts"
import { Button } from "../shell/button.tsx"
import { Clock } from "../shell/moment.tsx"
import { useUrlState } from "../shell/url-state.ts"
import { count } from "../words.ts"
import type { Item, Muting } from "./attention-muting.ts"

const MutedRow = (props: { readonly item: Item; readonly muting: Muting }) => {
  const url = useUrlState()
  return (
    <li class="flex items-start gap-3 border-t border-line/60 py-2 pr-2 pl-4">
      <span class="min-w-0 grow">
        <A href={url.link(props.item.link)} class="link block truncate">
          {props.item.title}
        </A>
        <Show when={props.muting.mutedOf(props.item)}>
          {(muted) => (
            <span class="wrap-anywhere block text-[13px] text-soft">
              by {muted().by} until <Clock at={muted().until} />
            </span>
          )}
        </Show>
      </span>
      <Show when={may("operator")}>
        <Button
          size="small"
          disabled={url.isReplay()}
          aria-label={`Let it speak: ${props.item.title}`}
          onClick={() => props.muting.letSpeak(props.item)}
        >
          Let it speak
        </Button>
      </Show>
    </li>
  )
}

export const MutedRows = (props: { readonly items: ReadonlyArray<Item>; readonly muting: Muting }) => {
  const [isOpen, setOpen] = createSignal(false)
  return (
    <div class="mt-auto border-t border-line">
      <button
        id="attention-muted"
        type="button"
        class="w-full px-4 py-2 text-left text-[13px] text-soft hover:bg-raised/60 hover:text-ink"
        aria-expanded={isOpen()}
        aria-controls="attention-muted-rows"
        onClick={() => setOpen(!isOpen())}
      >
        {count(props.items.length)} muted — {isOpen() ? "hide" : "show"}
      </button>
      <Show when={isOpen()}>
        <ul id="attention-muted-rows" class="max-h-[220px] overflow-y-auto">
          <For each={props.items}>{(item) => <MutedRow item={item} muting={props.muting} />}</For>
        </ul>
      </Show>
    </div>
  )
}
