/** Copies the address of what is shown: whoever opens it sees the same. */
import { notify } from "./announce.tsx"

export const copyLink = (): void => {
  navigator.clipboard.writeText(window.location.href).then(
    () => notify("Link copied"),
    () => notify("The browser forbids copying: take the address from its bar")
  )
}
