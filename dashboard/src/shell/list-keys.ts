/** j and k in a list that is no table: the focus goes from row to row, and Enter does what the row does. */
import { useKeys } from "./keys.ts"

/** Moves among what `rows` selects, in the order of the page, for as long as the component lives. */
export const useListKeys = (rows: string): void => {
  const move = (by: number) => {
    const all = [...document.querySelectorAll<HTMLElement>(rows)]
    const at = all.findIndex((row) => row === document.activeElement)
    // The first press comes to the first row; the following ones go on from where the focus is.
    const to = at === -1 ? 0 : Math.min(all.length - 1, Math.max(0, at + by))
    all[to]?.focus()
  }
  useKeys([
    { key: "j", says: "Next row", act: () => move(1) },
    { key: "k", says: "Row before", act: () => move(-1) }
  ])
}
