/** A panel: something of a page with its name, what can be done with it, and its own waiting and failing. */
import { type JSX, Match, type ParentProps, Show, Switch } from "solid-js"
import type { Read } from "../api/read.ts"
import { Problem, Skeleton } from "./page.tsx"

export interface PanelProps {
  readonly title: string
  readonly aside?: JSX.Element
  readonly class?: string | undefined
  /** What it shows: until it is there a skeleton stands there. */
  readonly read?: Read<unknown> | undefined
  readonly rows?: number | undefined
  /** Stands there in place of the children, where there is nothing to show. */
  readonly empty?: JSX.Element | false | undefined
}

/** A panel with its heading. Its children stand without a margin of their own, so that tables reach its edges. */
export const Panel = (props: ParentProps<PanelProps>) => (
  <section class={`panel flex min-w-0 flex-col overflow-hidden ${props.class ?? ""}`} aria-label={props.title}>
    <div class="flex min-h-12 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-4 py-2">
      <h2 class="text-sm font-semibold tracking-tight">{props.title}</h2>
      <Show when={props.aside}>
        <div class="ml-auto flex items-center gap-2 text-[13px] text-soft">{props.aside}</div>
      </Show>
    </div>
    <Switch fallback={props.children}>
      <Match when={props.read?.data === undefined && props.read?.error}>
        {(error) => (
          <div class="p-3">
            <Problem error={error()} again={props.read?.again} />
          </div>
        )}
      </Match>
      <Match when={props.read?.isPending === true}>
        <Skeleton rows={props.rows ?? 5} label={`Loading ${props.title}`} />
      </Match>
      <Match when={props.empty}>{props.empty}</Match>
    </Switch>
  </section>
)
