/** A table of many rows: those in sight are drawn, none moves under the pointer, and all can be taken away. */
import { useNavigate } from "@solidjs/router"
import { createEffect, createMemo, createSignal, For, onCleanup, Show } from "solid-js"
import { useKeys } from "../shell/keys.ts"
import { type DataTableProps, Heading, type Inner, Line } from "./table-line.tsx"
import { useTable } from "./table-model.ts"
import { TableTools } from "./table-tools.tsx"
import "./table.css"

export type { DataTableProps } from "./table-line.tsx"
export type { Column } from "./table-rows.ts"

const rowHeight = 38
/** So many rows are drawn at once; from there on only those in sight. */
const drawnMax = 60

/** j, k and, on a row, the arrows go from row to row; Enter opens. */
const useRowKeys = (
  count: () => number,
  act: { readonly go: (index: number) => void; readonly open: (index: number) => void; readonly isMain: boolean }
) => {
  const [wanted, setAt] = createSignal(0)
  /** A filter may leave fewer rows than that: then it is the last of them, so that Tab always comes to one. */
  const at = () => Math.max(0, Math.min(wanted(), count() - 1))
  const isOnRow = () => document.activeElement?.matches("tr[data-index]") === true
  /** The first j comes to the row that would be next by Tab; the following ones go on from there. */
  const move = (by: number) => {
    if (count() === 0) return
    const to = Math.min(count() - 1, Math.max(0, at() + (isOnRow() ? by : 0)))
    setAt(to)
    act.go(to)
  }
  if (act.isMain) {
    useKeys([
      { key: "j", says: "Next row", act: () => move(1) },
      { key: "k", says: "Row before", act: () => move(-1) }
    ])
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const target = event.target instanceof Element ? event.target : null
    if (event.ctrlKey || event.metaKey || event.altKey || target?.matches("tr[data-index]") !== true) return
    if (event.key === "ArrowDown") move(1)
    else if (event.key === "ArrowUp") move(-1)
    else if (event.key === "Enter") act.open(at())
    else return
    event.preventDefault()
  }
  return { at, setAt, onKeyDown }
}

/** Rows drawn beyond both edges, so that a scroll by a little shows no gap. */
const beyond = 5

/** All rows are of one height: which of them are in sight follows from where the box stands. */
const useRowsInSight = (count: () => number, box: () => HTMLElement | undefined) => {
  const [top, setTop] = createSignal(0)
  const [height, setHeight] = createSignal(800)
  createEffect(() => {
    const element = box()
    if (element === undefined) return
    const look = () => setTop(element.scrollTop)
    const size = new ResizeObserver(() => setHeight(element.clientHeight || 800))
    element.addEventListener("scroll", look, { passive: true })
    size.observe(element)
    onCleanup(() => {
      element.removeEventListener("scroll", look)
      size.disconnect()
    })
  })
  const isLong = () => count() > drawnMax
  // Whole tens: a scroll by some pixels changes nothing.
  const tens = createMemo(() => Math.floor(top() / rowHeight / 10) * 10)
  const first = () => (isLong() ? Math.max(0, Math.min(tens(), count() - 1) - beyond) : 0)
  const last = () => (isLong() ? Math.min(count(), tens() + 10 + Math.ceil(height() / rowHeight) + beyond) : count())
  const indexes = createMemo(() => Array.from({ length: Math.max(0, last() - first()) }, (_, i) => first() + i))
  const scrollTo = (index: number) => {
    const element = box()
    if (element === undefined) return
    const [from, to] = [index * rowHeight, (index + 2) * rowHeight - element.clientHeight]
    if (element.scrollTop > from) element.scrollTop = from
    else if (element.scrollTop < to) element.scrollTop = to
    setTop(element.scrollTop)
  }
  return { indexes, before: () => first() * rowHeight, after: () => (count() - last()) * rowHeight, scrollTo }
}

const Spacer = (props: { readonly height: number }) => (
  <Show when={props.height > 0}>
    <tr aria-hidden="true" style={{ height: `${props.height}px` }}>
      <td />
    </tr>
  </Show>
)

/** The rows in sight, with room above and below for the others. */
const Body = <R extends object>(
  props: Inner<R> & {
    readonly sight: ReturnType<typeof useRowsInSight>
    readonly at: number
    readonly onFocus: (index: number) => void
    readonly onOpen: (row: R) => void
  }
) => (
  <tbody>
    <Spacer height={props.sight.before()} />
    <For each={props.sight.indexes()}>
      {(index) => (
        <Show when={props.model.rows()[index]}>
          {(row) => (
            <Line
              {...props}
              row={row()}
              index={index}
              isReachable={props.at === index}
              onFocus={() => props.onFocus(index)}
            />
          )}
        </Show>
      )}
    </For>
    <Spacer height={props.sight.after()} />
  </tbody>
)

const Rows = <R extends object>(props: Inner<R>) => {
  const navigate = useNavigate()
  const [box, setBox] = createSignal<HTMLDivElement>()
  const count = () => props.model.rows().length
  const sight = useRowsInSight(count, box)
  const open = (row: R) => {
    if (props.props.onOpen !== undefined) props.props.onOpen(row)
    else if (props.props.href !== undefined) navigate(props.props.href(row))
  }
  const go = (index: number) => {
    sight.scrollTo(index)
    const focus = () => box()?.querySelector<HTMLElement>(`tr[data-index="${index}"]`)?.focus()
    // The row was drawn by the scrolling: what is in sight follows at once.
    focus()
  }
  const openAt = (index: number) => {
    const row = props.model.rows()[index]
    if (row !== undefined) open(props.model.current(row))
  }
  const keys = useRowKeys(count, { go, open: openAt, isMain: props.props.name === undefined })
  const width = () => props.columns.reduce((sum, column) => sum + (column.width ?? 140), 0)
  return (
    <div ref={setBox} class="table-box" onKeyDown={keys.onKeyDown}>
      <table class="data-table" aria-rowcount={count() + 1} style={{ "min-width": `${width()}px` }}>
        <caption class="sr-only">{props.props.title}. j and k move between rows, Enter opens one.</caption>
        <colgroup>
          <For each={props.columns}>{(column) => <col style={{ width: `${column.width ?? 140}px` }} />}</For>
        </colgroup>
        <thead>
          <tr aria-rowindex="1">
            <For each={props.columns}>{(column) => <Heading {...props} column={column} />}</For>
          </tr>
        </thead>
        <Body {...props} sight={sight} at={keys.at()} onFocus={keys.setAt} onOpen={open} />
      </table>
    </div>
  )
}

/** What stands where every row is filtered away. */
const NoMatch = (props: { readonly filter: string; readonly onClear: () => void }) => (
  <p class="p-6 text-center text-sm text-soft">
    No row contains “{props.filter}”.{" "}
    <button type="button" class="link" onClick={() => props.onClear()}>
      Clear the filter
    </button>
  </p>
)

export const DataTable = <R extends object>(props: DataTableProps<R>) => {
  const model = useTable(props)
  const columns = createMemo(() => props.columns.filter(({ id }) => model.visible().has(id)))
  const told = () => ({
    asOf: props.asOf,
    filter: model.filter(),
    sort: model.sortText(),
    source: props.source ?? "",
    rows: model.rows().length,
    ...(props.isCut === true ? { moreExist: true as const } : {})
  })
  return (
    <section class="panel min-w-0 overflow-hidden" aria-label={props.title}>
      <Show when={model.count() > 0} fallback={props.empty}>
        <TableTools
          name={props.title}
          filter={model.filter()}
          onFilter={model.setFilter}
          shown={model.rows().length}
          all={model.count()}
          isCut={props.isCut === true}
          isReading={props.isGrowing === true}
          onMore={props.onMore}
          came={model.moved().came}
          gone={model.moved().gone.size}
          onShow={model.take}
          columns={props.columns}
          visible={model.visible()}
          onVisible={model.toggleColumn}
          rows={() => model.rows().map(model.current)}
          told={told}
        />
        <Rows props={props} model={model} columns={columns()} />
        <Show when={model.rows().length === 0}>
          <NoMatch filter={model.filter()} onClear={() => model.setFilter("")} />
        </Show>
      </Show>
    </section>
  )
}
