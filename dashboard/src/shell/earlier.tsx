/** Asks for an earlier moment: everything is then shown as it was known at that time. */
import { createSignal, createUniqueId } from "solid-js"
import { zone } from "../zone.ts"
import { zoneName } from "../words.ts"
import { Button } from "./button.tsx"
import { useUrlState } from "./url-state.ts"

/** A date and time without a zone, as a field gives it, in the zone that times are written in; undefined = neither. */
export const momentOf = (written: string, isUtc: boolean): string | undefined => {
  const at = new Date(isUtc ? `${written}Z` : written)
  return Number.isNaN(at.getTime()) ? undefined : at.toISOString()
}

export const EarlierMoment = () => {
  const url = useUrlState()
  const id = createUniqueId()
  const [written, setWritten] = createSignal("")
  const moment = () => momentOf(written(), zone() === "utc")
  const go = (event: SubmitEvent) => {
    event.preventDefault()
    const at = moment()
    if (at !== undefined) url.set({ at }, { push: true })
  }
  return (
    <form class="grid gap-1.5 border-t border-line p-4" onSubmit={go}>
      <label class="label" for={id}>
        As it was at ({zoneName(Date.now())})
      </label>
      <div class="grid gap-2">
        <input
          id={id}
          type="datetime-local"
          step="1"
          class="field h-8 text-[13px]"
          value={written()}
          onInput={(event) => setWritten(event.currentTarget.value)}
        />
        <Button type="submit" size="small" disabled={moment() === undefined}>
          Show it as it was
        </Button>
      </div>
    </form>
  )
}
