/** A list's place while it is not there: outlines while it is being read, why it could not be, and how to ask again. */
import { type ParentProps, Show } from "solid-js"
import type { ApiProblem } from "../api/client.ts"
import { Problem, Skeleton } from "../shell/page.tsx"

export interface AwaitedProps {
  /** As `useList` gives it as `page`. */
  readonly of: { readonly pending: boolean; readonly error: ApiProblem | undefined; readonly again: () => void }
  /** What is being read, as `Loading keys`. */
  readonly label: string
  readonly rows?: number | undefined
}

/** The children, once something was read. What goes wrong afterwards stands above them. */
export const Awaited = (props: ParentProps<AwaitedProps>) => (
  <>
    <Show when={props.of.error}>{(error) => <Problem error={error()} again={props.of.again} />}</Show>
    <Show
      when={!props.of.pending}
      fallback={
        <Show when={props.of.error === undefined}>
          <div class="panel">
            <Skeleton rows={props.rows ?? 8} label={props.label} />
          </div>
        </Show>
      }
    >
      {props.children}
    </Show>
  </>
)
