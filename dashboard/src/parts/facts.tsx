/** Terms and what they are, two columns, one below the other where there is no room. */
import { For, type JSX } from "solid-js"

export type Fact = readonly [term: string, what: JSX.Element]

export const Facts = (props: { readonly of: ReadonlyArray<Fact> }) => (
  <dl class="grid gap-x-4 gap-y-2 text-[13px] sm:grid-cols-[minmax(7rem,auto)_1fr]">
    <For each={props.of}>
      {([term, what]) => (
        <>
          <dt class="text-soft">{term}</dt>
          <dd class="min-w-0 wrap-anywhere max-sm:mb-1">{what}</dd>
        </>
      )}
    </For>
  </dl>
)
