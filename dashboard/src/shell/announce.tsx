/** What is said aloud to whoever does not see the screen change, and shown for a moment to whoever does. */
import Check from "lucide-solid/icons/check"
import { createSignal, For, Show } from "solid-js"

interface Notice {
  readonly id: number
  readonly text: string
  readonly undo?: (() => void) | undefined
}
const [spoken, setSpoken] = createSignal("")
const [notices, setNotices] = createSignal<ReadonlyArray<Notice>>([])
let newest = 0
/** How long a notice stays. */
const staysMs = 6_000

/** Says something aloud, politely. */
export const announce = (text: string): void => void setSpoken(text)

const dismiss = (id: number) => setNotices((all) => all.filter((one) => one.id !== id))
/** Shows a notice for a few seconds, with a way back where there is one. */
export const notify = (text: string, undo?: () => void): void => {
  const id = ++newest
  announce(text)
  setNotices((all) => [...all.slice(-2), { id, text, undo }])
  setTimeout(() => dismiss(id), staysMs)
}

/** The place of both: once, in the shell. */
export const Announcements = () => (
  <>
    <div aria-live="polite" class="sr-only">
      {spoken()}
    </div>
    <div class="pointer-events-none fixed right-4 bottom-20 z-50 grid gap-2 md:bottom-4">
      <For each={notices()}>
        {(one) => (
          <div class="rise panel pointer-events-auto flex items-center gap-3 border-line bg-raised px-4 py-3 shadow-xl">
            <Check class="size-4 text-ok" aria-hidden="true" />
            <span>{one.text}</span>
            <Show when={one.undo}>
              {(undo) => (
                <button type="button" class="font-medium text-info" onClick={() => (undo()(), dismiss(one.id))}>
                  Undo
                </button>
              )}
            </Show>
          </div>
        )}
      </For>
    </div>
  </>
)
