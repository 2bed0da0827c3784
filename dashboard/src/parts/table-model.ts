/** A table's state: what stands, in which order and columns. Order, filter and columns live in the URL. */
import { createComputed, createMemo, createSignal, on, untrack } from "solid-js"
import { unwrap } from "solid-js/store"
import { useUrlState } from "../shell/url-state.ts"
import { byAbsence, type Column, compare, contains, movedSince, nextSort, sortingOf, stand } from "./table-rows.ts"

export interface TableAsked<R extends object> {
  readonly columns: ReadonlyArray<Column<R>>
  readonly rows: ReadonlyArray<R>
  readonly key: (row: R) => string
  /** What was asked: its rows are shown at once when another question is asked. */
  readonly of?: string | undefined
  /** The list is still being read, page after page: its rows are shown as they come. */
  readonly isGrowing?: boolean | undefined
  /** The first order, as `-at`. Default: as the rows came. */
  readonly sort?: string | undefined
  /** Of several tables on a page: what its parameters in the URL begin with. */
  readonly name?: string | undefined
}

/** Rows stand still: values change in place, new rows wait, and what is gone stays until somebody looks again. */
const useStanding = <R extends object>(asked: TableAsked<R>) => {
  const latest = createMemo(() => new Map(asked.rows.map((row) => [asked.key(row), row])))
  const [standing, setStanding] = createSignal(stand<R>([], asked.key))
  const take = () => setStanding(stand([...latest().values()], asked.key))
  /** Another question was asked, and its answer has not come yet. */
  let isNewQuestion = true
  createComputed(
    on([latest, () => asked.of, () => asked.isGrowing === true], ([rows, question, isGrowing], before) => {
      if (isGrowing || before?.[2] === true) return void take()
      if (before !== undefined && before[1] !== question) isNewQuestion = true
      const known = standing()
      const isOther = known.rows.length > 0 && rows.size > 0 && movedSince(known, rows).gone.size === known.keys.size
      if (!isNewQuestion && known.rows.length > 0 && !isOther) return
      const changed = before === undefined || before[0] !== rows
      if (changed && rows.size > 0) isNewQuestion = false
      take()
    })
  )
  const moved = createMemo(() => movedSince(standing(), latest()))
  return { latest, standing, take, moved }
}

/** A row where it stands: its key, and what it was when it was taken. */
interface StandingRow<R> {
  readonly id: string
  readonly original: R
}

/** Rows in an order. Values are asked once a row: a comparison of ten thousand asks a hundred thousand times. */
const sorted = <R>(
  rows: ReadonlyArray<StandingRow<R>>,
  valueOf: (row: StandingRow<R>) => R,
  columns: ReadonlyArray<Column<R>>,
  sort: string
): ReadonlyArray<StandingRow<R>> => {
  const wish = sortingOf(sort)
  const column = columns.find(({ id }) => id === wish?.id)
  if (column === undefined) return rows
  const sign = wish?.desc === true ? -1 : 1
  return rows
    .map((row) => ({ row, value: column.value(valueOf(row)) }))
    .sort((a, b) => byAbsence(a.value, b.value) ?? sign * compare(a.value, b.value))
    .map(({ row }) => row)
}

const namesOf = <R>(columns: ReadonlyArray<Column<R>>): string => columns.map(({ id }) => id).join(",")

export const useTable = <R extends object>(asked: TableAsked<R>) => {
  const url = useUrlState()
  const parameter = (name: string) => (asked.name === undefined ? name : `${asked.name}.${name}`)
  const { latest, standing, take, moved } = useStanding(asked)
  const filter = () => url.get(parameter("q")) ?? ""
  const sort = () => url.get(parameter("sort")) ?? asked.sort ?? ""
  const standingRows = createMemo(() =>
    standing().rows.map((row) => ({ id: asked.key(unwrap(row)), original: unwrap(row) }))
  )
  const current = (row: StandingRow<R>): R => latest().get(row.id) ?? row.original
  // Values are those of the moment in which somebody sorts or filters; that they change later moves no row.
  const valueOf = (row: StandingRow<R>): R => unwrap(untrack(() => current(row)))
  const rows = createMemo(() => {
    const holds = contains(asked.columns, filter())
    const all = standingRows()
    const found = holds === undefined ? all : all.filter((row) => holds(valueOf(row)))
    return sorted(found, valueOf, asked.columns, sort())
  })
  const visible = createMemo(() => {
    const named = url.get(parameter("cols"))?.split(",")
    const shown = asked.columns.filter(({ id, isExtra }) =>
      named === undefined ? isExtra !== true : named.includes(id)
    )
    return new Set((shown.length === 0 ? asked.columns : shown).map(({ id }) => id))
  })
  const toggleColumn = (id: string) => {
    const next = namesOf(asked.columns.filter((column) => (column.id === id) !== visible().has(column.id)))
    const usual = namesOf(asked.columns.filter(({ isExtra }) => isExtra !== true))
    url.set({ [parameter("cols")]: next === usual ? null : next })
  }
  const sortBy = (id: string) => {
    const startsFalling = asked.columns.find((column) => column.id === id)?.align === "end"
    url.set({ [parameter("sort")]: nextSort(sort(), id, startsFalling) })
  }
  return {
    rows,
    /** A row's newest values; what is gone keeps its last. */
    current,
    moved,
    take,
    filter,
    setFilter: (words: string) => url.set({ [parameter("q")]: words }),
    sort: () => sortingOf(sort()),
    sortText: sort,
    sortBy,
    visible,
    toggleColumn,
    count: () => standing().rows.length
  }
}
export type TableModel<R extends object> = ReturnType<typeof useTable<R>>
