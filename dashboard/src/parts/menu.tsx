/** A small menu behind a button: opens on the spot, closes by Escape, by a choice, or by a click elsewhere. */
import ChevronDown from "lucide-solid/icons/chevron-down"
import { createEffect, createSignal, createUniqueId, onCleanup, type ParentProps, Show } from "solid-js"
import "./parts.css"

export const Menu = (props: ParentProps<{ readonly label: string; readonly title?: string | undefined }>) => {
  const [isOpen, setOpen] = createSignal(false)
  const id = createUniqueId()
  const [box, setBox] = createSignal<HTMLDivElement>()
  const [button, setButton] = createSignal<HTMLButtonElement>()
  createEffect(() => {
    if (!isOpen()) return
    const leave = (event: Event) => {
      if (event.target instanceof Node && box()?.contains(event.target) === false) setOpen(false)
    }
    document.addEventListener("pointerdown", leave)
    document.addEventListener("focusin", leave)
    onCleanup(() => {
      document.removeEventListener("pointerdown", leave)
      document.removeEventListener("focusin", leave)
    })
  })
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || !isOpen()) return
    event.stopPropagation()
    setOpen(false)
    button()?.focus()
  }
  return (
    <div ref={setBox} class="relative" onKeyDown={onKeyDown}>
      <button
        ref={setButton}
        type="button"
        class="tool-button"
        aria-expanded={isOpen()}
        aria-controls={id}
        title={props.title}
        onClick={() => setOpen(!isOpen())}
      >
        {props.label}
        <ChevronDown class="size-3.5" aria-hidden="true" />
      </button>
      <Show when={isOpen()}>
        <div id={id} class="menu-box" role="group" aria-label={props.label}>
          {props.children}
        </div>
      </Show>
    </div>
  )
}
