/** Keys of the keyboard: one listener, the newest claim on a key wins, and every claim says what it does. */
import { createSignal, onCleanup, onMount } from "solid-js"

export interface KeyClaim {
  /** As `event.key` has it, or two in a row as `g d`. */
  readonly key: string
  readonly says: string
  readonly act: () => void
}
const [claims, setClaims] = createSignal<ReadonlyArray<KeyClaim>>([])
/** Everything that a key does now, for the help. */
export { claims }

/** Claims keys for as long as the component lives. */
export const useKeys = (ours: ReadonlyArray<KeyClaim>): void => {
  onMount(() => setClaims((all) => [...all, ...ours]))
  onCleanup(() => setClaims((all) => all.filter((one) => !ours.includes(one))))
}

/** Between the two keys of a pair. */
const pairMs = 1_200
let first: { readonly key: string; readonly at: number } | undefined

const isWriting = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
/** An open dialog has the keyboard to itself. */
const isAsking = () => document.querySelector("dialog[open]") !== null

const heard = (event: KeyboardEvent) => {
  const isPalette = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k"
  if (!isPalette && (event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target) || isAsking())) return
  const key = isPalette ? "Ctrl K" : event.key
  const pair = first !== undefined && Date.now() - first.at < pairMs ? `${first.key} ${key}` : undefined
  first = undefined
  const claim = claims().findLast((one) => one.key === pair) ?? claims().findLast((one) => one.key === key)
  if (claim !== undefined) {
    event.preventDefault()
    claim.act()
  } else if (claims().some((one) => one.key.startsWith(`${key} `))) first = { key, at: Date.now() }
}

/** Listens, for as long as the component lives. Once, in the shell. */
export const useKeyboard = (): void => {
  onMount(() => document.addEventListener("keydown", heard))
  onCleanup(() => document.removeEventListener("keydown", heard))
}
