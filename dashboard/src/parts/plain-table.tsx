/** A short table that only says: no order of its own, no filter, all of its rows. */
import { For, type JSX, Show } from "solid-js"
import "./parts.css"

export interface PlainColumn<R> {
  readonly title: string
  readonly cell: (row: R) => JSX.Element
  /** Figures stand at the end, so that their digits are under each other. */
  readonly align?: "end" | undefined
  /** Of its cells, as `text-soft`. */
  readonly class?: string | undefined
}

export interface PlainTableProps<R> {
  readonly columns: ReadonlyArray<PlainColumn<R>>
  readonly rows: ReadonlyArray<R>
  /** Its accessible name, where it scrolls in a box of its own; without one, whoever holds it scrolls. */
  readonly label?: string | undefined
  /** Of the box, as how high it may become. */
  readonly class?: string | undefined
  /** Of a row, as `text-soft` for one that does not count. */
  readonly rowClass?: ((row: R) => string) | undefined
  /** What `e` explains while the focus is in a row. */
  readonly explains?: ((row: R) => string) | undefined
}

const Bare = <R,>(props: PlainTableProps<R>) => (
  <table class="table">
    <thead>
      <tr>
        <For each={props.columns}>
          {(column) => (
            <th scope="col" classList={{ "text-right!": column.align === "end" }}>
              {column.title}
            </th>
          )}
        </For>
      </tr>
    </thead>
    <tbody>
      <For each={props.rows}>
        {(row) => (
          <tr class={props.rowClass?.(row)} data-explain={props.explains?.(row)}>
            <For each={props.columns}>
              {(column) => (
                <td class={`${column.align === "end" ? "text-right tabular-nums" : ""} ${column.class ?? ""}`}>
                  {column.cell(row)}
                </td>
              )}
            </For>
          </tr>
        )}
      </For>
    </tbody>
  </table>
)

export const PlainTable = <R,>(props: PlainTableProps<R>) => (
  <Show when={props.label} fallback={<Bare {...props} />}>
    {(label) => (
      <div class={`scroll-box ${props.class ?? ""}`} tabindex="0" role="group" aria-label={label()}>
        <Bare {...props} />
      </div>
    )}
  </Show>
)
