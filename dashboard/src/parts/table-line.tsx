/** One heading and one row of a table: what is clicked to sort, and what is clicked to open. */
import ArrowDown from "lucide-solid/icons/arrow-down"
import ArrowUp from "lucide-solid/icons/arrow-up"
import { A } from "@solidjs/router"
import { createMemo, Index, type JSX, Show } from "solid-js"
import type { TableAsked, TableModel } from "./table-model.ts"
import { unknown } from "../words.ts"
import type { Column } from "./table-rows.ts"

export interface DataTableProps<R extends object> extends TableAsked<R> {
  /** What its rows are, as `Pools`: its accessible name and the name of its files. */
  readonly title: string
  /** Sequence of the log that the rows reflect. */
  readonly asOf?: number | undefined
  /** Path and query of the API that gave the rows, for `copy as curl`. */
  readonly source?: string | undefined
  /** More rows exist than were read. */
  readonly isCut?: boolean | undefined
  /** Reads more of them. */
  readonly onMore?: (() => void) | undefined
  /** What `e` explains while the focus is on a row. */
  readonly explains?: ((row: R) => string) | undefined
  /** Opens a row, by click or Enter; or `href` leads to its page. */
  readonly onOpen?: ((row: R) => void) | undefined
  readonly href?: ((row: R) => string) | undefined
  /** Key of the row whose details are open. */
  readonly chosen?: string | undefined
  /** Why there is nothing, and what would bring something. */
  readonly empty: JSX.Element
}

export type Row<R extends object> = ReturnType<TableModel<R>["rows"]>[number]
export interface Inner<R extends object> {
  readonly props: DataTableProps<R>
  readonly model: TableModel<R>
  readonly columns: ReadonlyArray<Column<R>>
}

export const Heading = <R extends object>(props: Inner<R> & { readonly column: Column<R> }) => {
  const order = () => {
    const sort = props.model.sort()
    return sort?.id === props.column.id ? (sort.desc ? "descending" : "ascending") : "none"
  }
  return (
    <th scope="col" aria-sort={order()} classList={{ "text-right": props.column.align === "end" }}>
      <button type="button" class="table-sort" onClick={() => props.model.sortBy(props.column.id)}>
        <span class="truncate">{props.column.title}</span>
        <Show when={order() !== "none"}>
          {order() === "ascending" ? (
            <ArrowUp class="size-3.5 shrink-0" aria-hidden="true" />
          ) : (
            <ArrowDown class="size-3.5 shrink-0" aria-hidden="true" />
          )}
        </Show>
      </button>
    </th>
  )
}

/** The first cell names its row and leads to it. */
const First = <R extends object>(props: Inner<R> & { readonly row: R; readonly children: JSX.Element }) => (
  <Show
    when={props.props.href}
    fallback={
      <Show when={props.props.onOpen} fallback={props.children}>
        {(open) => (
          <button type="button" class="table-link" tabindex="-1" onClick={() => open()(props.row)}>
            {props.children}
          </button>
        )}
      </Show>
    }
  >
    {(href) => (
      <A class="table-link" href={href()(props.row)} tabindex="-1">
        {props.children}
      </A>
    )}
  </Show>
)

const shown = <R extends object>(column: Column<R>, row: R): JSX.Element =>
  column.cell === undefined ? String(column.value(row) ?? unknown) : column.cell(row)

/** Neither meant for something in the row that acts by itself, nor the end of a selection. */
const isForRow = ({ target }: MouseEvent): boolean =>
  !(target instanceof Element && target.closest("a,button,input,label") !== null) && String(getSelection() ?? "") === ""

export const Line = <R extends object>(
  props: Inner<R> & {
    readonly row: Row<R>
    readonly index: number
    readonly isReachable: boolean
    readonly onFocus: () => void
    readonly onOpen: (row: R) => void
  }
) => {
  const current = createMemo(() => props.model.current(props.row))
  const isGone = () => props.model.moved().gone.has(props.row.id)
  const onClick = (event: MouseEvent) => isForRow(event) && props.onOpen(current())
  return (
    <tr
      data-index={props.index}
      data-key={props.row.id}
      data-explain={props.props.explains?.(current())}
      aria-rowindex={props.index + 2}
      tabindex={props.isReachable ? 0 : -1}
      class="table-row"
      classList={{
        "table-chosen": props.props.chosen === props.row.id,
        "opacity-50": isGone(),
        "cursor-pointer": props.props.onOpen !== undefined || props.props.href !== undefined
      }}
      title={isGone() ? "No longer there" : undefined}
      onFocus={() => props.onFocus()}
      onClick={onClick}
    >
      <Index each={props.columns}>
        {(column, i) => (
          <Show
            when={i > 0}
            fallback={
              <th scope="row" class="table-first">
                <First {...props} row={current()}>
                  {shown(column(), current())}
                </First>
              </th>
            }
          >
            <td classList={{ "text-right tabular-nums": column().align === "end" }}>{shown(column(), current())}</td>
          </Show>
        )}
      </Index>
    </tr>
  )
}
