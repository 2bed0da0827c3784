/** What a Safety score is made of: each term with its weight in force, and what it takes away. */
import { For, Show } from "solid-js"
import type { Pool } from "./risk-layers.tsx"
import { score } from "../words.ts"

interface Term {
  readonly name: string
  readonly says: string
  /** 0 good to 1 bad; for the herd what it takes away. */
  readonly value: number
  readonly weight: number
}

/** The four weighed terms and the herd, in the order of the formula. */
const termsOf = (terms: NonNullable<Pool["terms"]>): ReadonlyArray<Term> => {
  const [aws, volatility, structure, own] = terms.weights
  return [
    { name: "AWS's own band", says: "share of instances interrupted in a month", value: terms.advisor, weight: aws },
    {
      name: "Price volatility",
      says: "among the region's pools, seven days",
      value: terms.volatility,
      weight: volatility
    },
    { name: "Structure", says: "size, age, zones that offer it", value: terms.structure, weight: structure },
    { name: "Own evidence", says: "interruptions that were seen", value: terms.own, weight: own },
    { name: "Herd", says: "several witnesses within a day", value: terms.herd, weight: 100 }
  ]
}
const lost = (term: Term) => (term.value * term.weight) / 100

export const PoolTerms = (props: { readonly of: Pool }) => (
  <Show when={props.of.terms} fallback={<p class="empty-box">It has no score yet: its price was not read.</p>}>
    {(terms) => (
      <section class="grid gap-2">
        <h3 class="label">
          Safety score {score(props.of.safetyScore)} is 1 less what these take away; the weights are those in force
        </h3>
        <ul class="grid gap-1.5">
          <For each={termsOf(terms())}>
            {(term) => (
              <li class="grid grid-cols-[9rem_1fr_auto] items-center gap-2 text-[13px]">
                <span title={term.says}>{term.name}</span>
                <svg
                  viewBox="0 0 100 8"
                  preserveAspectRatio="none"
                  class="h-2 w-full rounded-sm bg-raised"
                  aria-hidden="true"
                >
                  <rect width={Math.min(100, lost(term) * 100)} height="8" class="fill-warn" />
                </svg>
                <span class="text-right text-soft tabular-nums">
                  <Show when={term.name !== "Herd"} fallback={`−${lost(term).toFixed(2)}`}>
                    {term.value.toFixed(2)} × {term.weight} % = −{lost(term).toFixed(2)}
                  </Show>
                </span>
              </li>
            )}
          </For>
        </ul>
      </section>
    )}
  </Show>
)
