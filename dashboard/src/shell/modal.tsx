/** A dialog over the page, or a drawer at its side: it holds the focus, Escape closes it, and the focus goes back. */
import X from "lucide-solid/icons/x"
import { createUniqueId, type JSX, onCleanup, onMount, type ParentProps, Show } from "solid-js"
import { Button } from "./button.tsx"

export interface ModalProps {
  readonly open: boolean
  readonly onClose: () => void
  readonly title: string
  readonly about?: JSX.Element | undefined
  readonly footer?: JSX.Element | undefined
  /** `right` is a drawer as high as the window; `top` stands near the top edge. */
  readonly at?: "middle" | "right" | "top" | undefined
  readonly wide?: boolean | undefined
}

const shapes = {
  middle: "rise m-auto max-h-[88dvh] rounded-2xl border",
  top: "rise mx-auto mt-[12vh] mb-auto max-h-[70dvh] rounded-2xl border",
  right: "my-0 mr-0 ml-auto h-dvh max-h-none border-l"
}

/** Everything else is inert while it is open: the browser's own modal dialog sees to that, and to the focus. */
const useModal = (close: () => void) => {
  let dialog: HTMLDialogElement | undefined
  const opener = document.activeElement
  onMount(() => dialog?.showModal())
  onCleanup(() => {
    dialog?.close()
    // It leaves the document as it closes: the browser then has nowhere to put the focus back from.
    if (opener instanceof HTMLElement && opener.isConnected) opener.focus({ preventScroll: true })
  })
  return {
    keep: (element: HTMLDialogElement) => (dialog = element),
    onCancel: (event: Event) => {
      event.preventDefault()
      close()
    },
    /** The backdrop is the dialog's own; its content fills it to the edge. */
    onPress: (event: Event) => event.target === dialog && close()
  }
}

const Opened = (props: ParentProps<ModalProps>) => {
  const id = createUniqueId()
  const modal = useModal(() => props.onClose())
  return (
    <dialog
      ref={modal.keep}
      aria-labelledby={id}
      aria-describedby={props.about === undefined ? undefined : `${id}-about`}
      class={`dialog ${shapes[props.at ?? "middle"]} ${props.wide === true ? "max-w-3xl" : "max-w-lg"}`}
      onCancel={modal.onCancel}
      onPointerDown={modal.onPress}
    >
      <div class="flex items-start gap-3 border-b border-line px-5 py-4">
        <div class="min-w-0 grow">
          <h2 id={id} class="text-base font-semibold text-ink">
            {props.title}
          </h2>
          <Show when={props.about}>
            <div id={`${id}-about`} class="mt-1 text-sm wrap-anywhere text-soft">
              {props.about}
            </div>
          </Show>
        </div>
        <Button
          weight="quiet"
          size="small"
          icon={X}
          aria-label="Close"
          class="-mt-1 -mr-2"
          onClick={() => props.onClose()}
        />
      </div>
      <div role="group" aria-label={props.title} tabindex="0" class="min-h-0 grow overflow-y-auto px-5 py-4">
        {props.children}
      </div>
      <Show when={props.footer}>
        <div class="flex flex-wrap items-center justify-end gap-2 border-t border-line px-5 py-3">{props.footer}</div>
      </Show>
    </dialog>
  )
}

/** The dialog with its title, a scrolling middle, and a footer for what can be done. */
export const Modal = (props: ParentProps<ModalProps>) => (
  <Show when={props.open}>
    <Opened {...props} />
  </Show>
)
