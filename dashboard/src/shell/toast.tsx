/** Toasts: what was just done or failed, at the foot of the page for a moment, with a way back where there is one. */
import Check from "lucide-solid/icons/check"
import CircleX from "lucide-solid/icons/circle-x"
import { createSignal, For, onCleanup, onMount, Show } from "solid-js"
import { useKeys } from "./keys.ts"

export interface ToastOptions {
  /** The way back: a button, and the key `u`, for as long as the toast stands there. */
  readonly undo?: (() => void) | undefined
  /** `bad`: it was not done. */
  readonly tone?: "ok" | "bad" | undefined
}
interface Toast extends ToastOptions {
  readonly id: number
  readonly text: string
}

/** How long one stays, in milliseconds; longer where something can be taken back. */
const staysMs = 6_000
const undoMs = 10_000
/** Whoever lets go of one has at least so long to come back to it. */
const restMs = 2_000
/** Older ones make room. */
const shownMax = 3

const [toasts, setToasts] = createSignal<ReadonlyArray<Toast>>([])
let newest = 0

/** Shows one; gives what takes it away before its time. */
export const toast = (text: string, options: ToastOptions = {}): (() => void) => {
  const id = ++newest
  setToasts((all) => [...all.slice(1 - shownMax), { ...options, id, text }])
  return () => setToasts((all) => all.filter((one) => one.id !== id))
}

/** Time that stands still while somebody points at it or is in it. */
const useCountdown = (ms: number, end: () => void) => {
  const holders = new Set<string>()
  let [left, since, timer] = [ms, 0, undefined as ReturnType<typeof setTimeout> | undefined]
  const go = () => {
    since = Date.now()
    timer = setTimeout(end, left)
  }
  onMount(go)
  onCleanup(() => clearTimeout(timer))
  return {
    hold: (who: string) => {
      if (holders.size === 0) left = Math.max(restMs, left - (Date.now() - since))
      holders.add(who)
      clearTimeout(timer)
    },
    release: (who: string) => {
      if (holders.delete(who) && holders.size === 0) go()
    }
  }
}

const Undo = (props: { readonly act: () => void }) => {
  useKeys([{ key: "u", says: "Undo", act: () => props.act() }])
  return (
    <button
      type="button"
      class="-my-1 rounded-md px-2 py-1 font-medium text-info hover:bg-surface"
      aria-keyshortcuts="u"
      title="Undo (u)"
      onClick={() => props.act()}
    >
      Undo
    </button>
  )
}

const Line = (props: { readonly of: Toast }) => {
  const dismiss = () => setToasts((all) => all.filter((one) => one !== props.of))
  const { hold, release } = useCountdown(props.of.undo === undefined ? staysMs : undoMs, dismiss)
  const onFocusOut = (event: FocusEvent & { readonly currentTarget: HTMLElement }) => {
    if (!(event.relatedTarget instanceof Node && event.currentTarget.contains(event.relatedTarget))) release("focus")
  }
  return (
    <div
      class="rise panel pointer-events-auto flex max-w-full items-center gap-3 bg-raised px-4 py-3 shadow-xl"
      onPointerEnter={() => hold("pointer")}
      onPointerLeave={() => release("pointer")}
      onFocusIn={() => hold("focus")}
      onFocusOut={onFocusOut}
    >
      <Show when={props.of.tone === "bad"} fallback={<Check class="size-4 shrink-0 text-ok" aria-hidden="true" />}>
        <CircleX class="size-4 shrink-0 text-bad" aria-hidden="true" />
      </Show>
      <span class="wrap-anywhere min-w-0">{props.of.text}</span>
      <Show when={props.of.undo}>{(undo) => <Undo act={() => (dismiss(), undo()())} />}</Show>
    </div>
  )
}

/** The place of all of them: once, in the shell. It is there before them, so that each is read out. */
export const Toasts = () => (
  <div
    role="status"
    aria-atomic="false"
    class="pointer-events-none fixed inset-x-4 bottom-20 z-50 grid justify-items-end gap-2 md:bottom-4 md:left-auto"
  >
    <For each={toasts()}>{(one) => <Line of={one} />}</For>
  </div>
)
