/** Words that narrow what a page shows. They live in the URL, and `/` comes here. */
import { useUrlState } from "../shell/url-state.ts"

export interface FilterFieldProps {
  /** Its accessible name, as `Words that plans contain`. */
  readonly label: string
  /** What stands in it while it is empty. */
  readonly hint?: string | undefined
}

export const FilterField = (props: FilterFieldProps) => {
  const url = useUrlState()
  return (
    <input
      type="search"
      data-filter
      class="field h-8 grow basis-40 sm:max-w-72"
      placeholder={`${props.hint ?? "Filter"}   /`}
      aria-label={props.label}
      value={url.q() ?? ""}
      onInput={(event) => url.set({ q: event.currentTarget.value })}
    />
  )
}
