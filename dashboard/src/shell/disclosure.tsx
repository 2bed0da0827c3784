/** A button that opens a small panel under it: Escape, a press elsewhere, or leaving it with Tab closes it. */
import { createSignal, createUniqueId, type JSX, onCleanup, onMount, type ParentProps, Show } from "solid-js"

export interface DisclosureProps {
  /** The button's class and content; it gets its state by itself. */
  readonly class: string
  readonly button: JSX.Element
  /** Where the button has no word: what it is called. */
  readonly label?: string | undefined
  /** Shown on hover of the button. */
  readonly hint?: string | undefined
  /** The panel's name. */
  readonly title: string
  readonly width?: string | undefined
  /** The panel's class where it looks otherwise: it then says its place and width itself. */
  readonly box?: string | undefined
}

export const Disclosure = (props: ParentProps<DisclosureProps>) => {
  const [isOpen, setOpen] = createSignal(false)
  const id = createUniqueId()
  let place: HTMLDivElement | undefined
  const keep = (element: HTMLDivElement) => (place = element)
  const onPress = (event: Event) => place?.contains(event.target as Node) === false && setOpen(false)
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || !isOpen()) return
    event.stopPropagation()
    setOpen(false)
    place?.querySelector("button")?.focus()
  }
  const onLeave = (event: FocusEvent) => {
    if (event.relatedTarget instanceof Node && place?.contains(event.relatedTarget) === false) setOpen(false)
  }
  onMount(() => document.addEventListener("pointerdown", onPress))
  onCleanup(() => document.removeEventListener("pointerdown", onPress))
  return (
    <div ref={keep} class="relative" onKeyDown={onKey} onFocusOut={onLeave}>
      <button
        type="button"
        class={props.class}
        aria-label={props.label}
        title={props.hint}
        aria-expanded={isOpen()}
        aria-controls={id}
        onClick={() => setOpen((is) => !is)}
      >
        {props.button}
      </button>
      <Show when={isOpen()}>
        <div
          id={id}
          role="group"
          aria-label={props.title}
          class={props.box ?? `rise panel absolute top-full right-0 z-50 mt-2 shadow-xl ${props.width ?? "w-64"}`}
        >
          {props.children}
        </div>
      </Show>
    </div>
  )
}
