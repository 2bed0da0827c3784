/** What every key does here and now. */
import { createMemo, For } from "solid-js"
import { claims } from "./keys.ts"
import { Modal } from "./modal.tsx"

const Keys = (props: { readonly of: string }) => (
  <span class="flex gap-1">
    <For each={props.of.split(" ")}>
      {(key) => (
        <kbd class="rounded-md border border-line bg-raised px-1.5 py-0.5 font-sans text-xs text-ink">{key}</kbd>
      )}
    </For>
  </span>
)

/** The help, open until closed. */
export default function KeyHelp(props: { readonly onClose: () => void }) {
  const shown = createMemo(() => [...new Map(claims().map((one) => [one.key, one])).values()])
  return (
    <Modal
      open
      onClose={props.onClose}
      title="Keys"
      about="A page may have keys of its own: they stand here while it is open."
    >
      <dl class="grid gap-x-8 gap-y-2 sm:grid-cols-2">
        <For each={shown()}>
          {(one) => (
            <div class="flex items-center justify-between gap-3">
              <dt class="text-soft">{one.says}</dt>
              <dd>
                <Keys of={one.key} />
              </dd>
            </div>
          )}
        </For>
      </dl>
    </Modal>
  )
}
