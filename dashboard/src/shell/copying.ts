/** Copying what is shown: what came of it, in words, for whoever pressed the button. */
import { createSignal } from "solid-js"

/** Whether the browser took it. A page that came without encryption has no clipboard at all. */
export const copyText = async (text: string): Promise<boolean> => {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return false
  }
}

/** `mend` is what else a person can do where the browser does not allow it. */
export const useCopying = (mend = "") => {
  const [says, setSays] = createSignal("")
  const copy = async (text: string, what = "") => {
    const done = what === "" ? "Copied" : `${what} copied`
    setSays((await copyText(text)) ? done : `The browser did not allow copying${mend}`)
  }
  return { says, copy: (text: string, what?: string) => void copy(text, what) }
}

/** Where what is to be copied stands on screen. */
export const byHand = ": select it by hand"
