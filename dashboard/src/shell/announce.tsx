/** What is said aloud to whoever does not see the screen change, and shown for a moment to whoever does. */
import { createSignal } from "solid-js"
import { toast, Toasts } from "./toast.tsx"

const [spoken, setSpoken] = createSignal("")

/** Says something aloud, politely. */
export const announce = (text: string): void => void setSpoken(text)

/** Shows a notice for a few seconds; it is read out, too. */
export const notify = (text: string): void => void toast(text)

/** The place of both: once, in the shell. */
export const Announcements = () => (
  <>
    <div aria-live="polite" class="sr-only">
      {spoken()}
    </div>
    <Toasts />
  </>
)
