/** Asking why: any page asks, the shell keeps in the URL what was asked, so that the answer can be sent as a link. */

/** The parameter of the URL that says what is explained. */
export const explainParameter = "explain"

type Ask = (id: string) => void
let ask: Ask = () => undefined

/** Whoever shows explanations says how; gives what takes it back. Once, in the shell. */
export const onExplain = (how: Ask): (() => void) => {
  ask = how
  return () => {
    if (ask === how) ask = () => undefined
  }
}

/** What `GET /api/v1/explain/{id}` takes: a sequence, a plan's hash, a group's id or a swap's name. */
export const explain = (id: string): void => ask(id)

/**
 * Explains what has the focus: the nearest element around it with `data-explain`, else the page's own. Rows of
 * decisions carry that attribute.
 */
export const explainFocused = (): void => {
  const near = document.activeElement?.closest("[data-explain]") ?? document.querySelector("main [data-explain]")
  const id = near?.getAttribute("data-explain")
  if (id !== null && id !== undefined && id !== "") explain(id)
}
