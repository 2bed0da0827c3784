/** Tabs that live in the URL: each is a link, so that a tab can be sent, opened beside, and gone back from. */
import { A } from "@solidjs/router"
import { For, Show } from "solid-js"

export interface Tab {
  readonly name: string
  readonly href: string
  readonly isHere: boolean
  readonly count?: number | undefined
}

/** A row of tabs; on a phone it scrolls sideways. */
export const Tabs = (props: { readonly label: string; readonly tabs: ReadonlyArray<Tab> }) => (
  <nav aria-label={props.label} class="-mx-4 flex gap-1 overflow-x-auto border-b border-line px-4 md:mx-0 md:px-0">
    <For each={props.tabs}>
      {(tab) => (
        <A
          href={tab.href}
          noScroll
          aria-current={tab.isHere ? "page" : undefined}
          class={`-mb-px flex h-10 items-center gap-2 border-b-2 px-3 text-sm font-medium whitespace-nowrap ${
            tab.isHere ? "border-info text-ink" : "border-transparent text-soft hover:text-ink"
          }`}
        >
          {tab.name}
          <Show when={tab.count}>
            {(n) => <span class="rounded-full bg-raised px-1.5 text-xs tabular-nums">{n()}</span>}
          </Show>
        </A>
      )}
    </For>
  </nav>
)

/** One of a few words that narrow what is shown; any number of them may be pressed. */
export const Facet = (props: { readonly name: string; readonly isOn: boolean; readonly onPick: () => void }) => (
  <button
    type="button"
    aria-pressed={props.isOn}
    onClick={() => props.onPick()}
    class="h-7 rounded-full border px-2.5 text-xs font-medium whitespace-nowrap"
    classList={{
      "border-info bg-info/15 text-info": props.isOn,
      "border-line text-soft hover:bg-raised hover:text-ink": !props.isOn
    }}
  >
    {props.name}
  </button>
)
