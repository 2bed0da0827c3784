/** A map of buttons, rows by columns, coloured by cividis and readable without colour: figure, glyph and name. */
import { createMemo, createSignal, For, type JSX, Show } from "solid-js"
import "./heat-map.css"

export interface HeatCell {
  /** 0..1, where 1 is the good end; null = nothing is known. */
  readonly value: number | null
  /** What stands in it, as `.82`. */
  readonly text: string
  /** A sign for its state, with its word in `says`. */
  readonly glyph?: JSX.Element
  /** The rest of its accessible name; the name begins with what is seen. */
  readonly says: string
  /** In its corner, as the number of own instances. */
  readonly corner?: string | undefined
  /** Hatched: what it says is old. */
  readonly isStale?: boolean | undefined
  /** Bordered: something about it asks for attention. */
  readonly isMarked?: boolean | undefined
}
export interface HeatAxis {
  readonly id: string
  readonly title: string
  /** Rows of the same group stand under its heading. */
  readonly group?: string | undefined
}
export interface HeatMapProps {
  readonly label: string
  readonly rows: ReadonlyArray<HeatAxis>
  readonly columns: ReadonlyArray<HeatAxis>
  readonly cell: (row: string, column: string) => HeatCell | undefined
  readonly chosen?: { readonly row: string; readonly column: string } | undefined
  readonly onOpen: (row: string, column: string) => void
}

/** Six steps of cividis; white text on the first three, black on the rest. */
const steps = ["heat-0", "heat-1", "heat-2", "heat-3", "heat-4", "heat-5"] as const
export const heatStep = (value: number | null): string =>
  value === null ? "heat-none" : (steps[Math.min(5, Math.max(0, Math.floor(value * 6)))] ?? "heat-none")

interface Place {
  readonly row: number
  readonly column: number
}
/** Where an arrow leads from a place; undefined where the key is none. It stops at the edges. */
export const stepFrom = (place: Place, key: string, rows: number, columns: number): Place | undefined => {
  const to = (row: number, column: number) => ({
    row: Math.min(rows - 1, Math.max(0, row)),
    column: Math.min(columns - 1, Math.max(0, column))
  })
  const moves: Readonly<Record<string, Place>> = {
    ArrowUp: to(place.row - 1, place.column),
    ArrowDown: to(place.row + 1, place.column),
    ArrowLeft: to(place.row, place.column - 1),
    ArrowRight: to(place.row, place.column + 1),
    Home: to(place.row, 0),
    End: to(place.row, columns - 1),
    PageUp: to(place.row - 10, place.column),
    PageDown: to(place.row + 10, place.column)
  }
  return moves[key]
}

const Cell = (props: {
  readonly cell: HeatCell | undefined
  readonly isReachable: boolean
  readonly isChosen: boolean
  readonly place: string
  readonly onOpen: () => void
  readonly onFocus: () => void
}) => {
  // The name is what is seen, then the rest of it: whoever speaks to the page may say what he sees.
  const rest = () => (props.cell === undefined ? `no pool, ${props.place}` : `${props.cell.says}, ${props.place}`)
  return (
    <button
      type="button"
      class={`heat-cell ${heatStep(props.cell?.value ?? null)}`}
      classList={{
        "heat-stale": props.cell?.isStale === true,
        "heat-marked": props.cell?.isMarked === true,
        "heat-empty": props.cell === undefined
      }}
      aria-pressed={props.isChosen}
      aria-disabled={props.cell === undefined}
      title={rest()}
      tabindex={props.isReachable ? 0 : -1}
      onFocus={props.onFocus}
      onClick={() => props.cell !== undefined && props.onOpen()}
    >
      <span class="heat-text">
        {props.cell?.text ?? ""}
        {props.cell?.glyph}
      </span>
      <Show when={props.cell?.corner}>{(corner) => <span class="heat-corner"> {corner()}</span>}</Show>
      <span class="sr-only"> {rest()}</span>
    </button>
  )
}

const Line = (props: {
  readonly map: HeatMapProps
  readonly row: HeatAxis
  readonly index: number
  readonly reachable: Place
  readonly onFocus: (place: Place) => void
}) => (
  <div class="heat-row" role="row">
    <span role="rowheader" class="heat-name">
      {props.row.title}
    </span>
    <For each={props.map.columns}>
      {(column, j) => (
        <span role="gridcell" data-place={`${props.index}-${j()}`}>
          <Cell
            cell={props.map.cell(props.row.id, column.id)}
            place={`${props.row.title} in ${column.title}`}
            isReachable={props.reachable.row === props.index && props.reachable.column === j()}
            isChosen={props.map.chosen?.row === props.row.id && props.map.chosen.column === column.id}
            onOpen={() => props.map.onOpen(props.row.id, column.id)}
            onFocus={() => props.onFocus({ row: props.index, column: j() })}
          />
        </span>
      )}
    </For>
  </div>
)

const Heads = (props: { readonly columns: ReadonlyArray<HeatAxis> }) => (
  <div class="heat-row" role="row">
    <span role="columnheader" class="heat-head heat-name">
      <span class="sr-only">Row</span>
    </span>
    <For each={props.columns}>
      {(column) => (
        <span role="columnheader" class="heat-head">
          {column.title}
        </span>
      )}
    </For>
  </div>
)

export const HeatMap = (props: HeatMapProps) => {
  const [place, setPlace] = createSignal<Place>({ row: 0, column: 0 })
  const reachable = createMemo(() => ({
    row: Math.min(place().row, Math.max(0, props.rows.length - 1)),
    column: Math.min(place().column, Math.max(0, props.columns.length - 1))
  }))
  const [grid, setGrid] = createSignal<HTMLDivElement>()
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const to = stepFrom(reachable(), event.key, props.rows.length, props.columns.length)
    if (to === undefined) return
    event.preventDefault()
    setPlace(to)
    grid()?.querySelector<HTMLElement>(`[data-place="${to.row}-${to.column}"] button`)?.focus()
  }
  const groupAt = (i: number) => {
    const group = props.rows[i]?.group
    return group !== props.rows[i - 1]?.group ? group : undefined
  }
  return (
    <div
      class="heat-box"
      role="grid"
      aria-label={props.label}
      ref={setGrid}
      onKeyDown={onKeyDown}
      style={{ "--heat-columns": `${props.columns.length}` }}
    >
      <Heads columns={props.columns} />
      <For each={props.rows}>
        {(row, i) => (
          <>
            <Show when={groupAt(i())}>
              {(group) => (
                <div role="row" class="heat-group">
                  <span role="rowheader">{group()}</span>
                </div>
              )}
            </Show>
            <Line map={props} row={row} index={i()} reachable={reachable()} onFocus={setPlace} />
          </>
        )}
      </For>
    </div>
  )
}
