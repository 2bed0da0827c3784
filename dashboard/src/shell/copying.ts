/** Copying what is shown: what came of it, in words, for whoever pressed the button. */
import { createSignal } from "solid-js"

export const useCopying = (value: () => string) => {
  const [says, setSays] = createSignal("")
  const copy = () =>
    void navigator.clipboard.writeText(value()).then(
      () => setSays("Copied"),
      () => setSays("The browser did not allow copying: select it by hand")
    )
  return { says, copy }
}
