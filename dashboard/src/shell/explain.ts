/** Which decision is being explained: any page asks, the shell shows the drawer. */
import { createSignal } from "solid-js"

const [explained, setExplained] = createSignal<string | undefined>(undefined)
/** What `GET /api/v1/explain/{id}` takes: a sequence, a plan's hash, a group's id or a swap's name. */
export { explained }
export const explain = (id: string): void => void setExplained(id)
export const closeExplanation = (): void => void setExplained(undefined)

/**
 * Explains what has the focus: the nearest element around it with `data-explain`, else the page's own. Rows of
 * decisions carry that attribute.
 */
export const explainFocused = (): void => {
  const near = document.activeElement?.closest("[data-explain]") ?? document.querySelector("main [data-explain]")
  const id = near?.getAttribute("data-explain")
  if (id !== null && id !== undefined && id !== "") explain(id)
}
