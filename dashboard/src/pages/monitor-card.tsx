/** A card of the monitor: a heading, and under it what scrolls in a box of its own. */
import type { JSX, ParentProps } from "solid-js"
import "../parts/parts.css"

export const MonitorCard = (props: ParentProps<{ readonly title: string; readonly end?: JSX.Element }>) => (
  <section class="panel min-w-0 overflow-hidden">
    <div class="flex flex-wrap items-center justify-between gap-2 px-3 pt-3">
      <h2 class="text-sm font-medium">{props.title}</h2>
      {props.end}
    </div>
    <div class="scroll-box max-h-72" tabindex="0" role="region" aria-label={props.title}>
      {props.children}
    </div>
  </section>
)
