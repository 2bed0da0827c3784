/** Copies the address of what is shown: whoever opens it sees the same. */
import { notify } from "./announce.tsx"
import { copyText } from "./copying.ts"

export const copyLink = (): void =>
  void copyText(window.location.href).then((isCopied) =>
    notify(isCopied ? "Link copied" : "The browser forbids copying: take the address from its bar")
  )
