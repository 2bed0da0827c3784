/** What stands over a table: its filter, how much of it is shown, which columns, and the ways out of it. */
import ArrowUp from "lucide-solid/icons/arrow-up"
import Search from "lucide-solid/icons/search"
import { For, Show } from "solid-js"
import { useCopying } from "../shell/copying.ts"
import { counted } from "../words.ts"
import { Menu } from "./menu.tsx"
import { asCloudoptim, asCurl, save, type Told, toCsv, toNdjson } from "./table-export.ts"
import type { Column } from "./table-rows.ts"
import "./parts.css"

export interface TableToolsProps<R> {
  readonly name: string
  readonly filter: string
  readonly onFilter: (words: string) => void
  readonly shown: number
  readonly all: number
  /** There is more than was read: what is counted is only what is here. */
  readonly isCut: boolean
  readonly onMore: (() => void) | undefined
  readonly isReading: boolean
  readonly came: number
  readonly gone: number
  readonly onShow: () => void
  readonly columns: ReadonlyArray<Column<R>>
  readonly visible: ReadonlySet<string>
  readonly onVisible: (id: string) => void
  /** What is exported: the rows as they stand, with all columns. */
  readonly rows: () => ReadonlyArray<R>
  readonly told: () => Told
}

const Ways = <R,>(props: TableToolsProps<R>) => {
  const { says: done, copy } = useCopying()
  const file = () => `${props.name.toLowerCase().replace(/[^a-z0-9]+/g, "-")}-${props.told().asOf ?? "now"}`
  return (
    <Menu label="Export" hint="Files and commands of what is shown">
      <button
        type="button"
        class="menu-item"
        onClick={() => save(`${file()}.csv`, "text/csv", toCsv(props.columns, props.rows(), props.told()))}
      >
        Save as CSV
      </button>
      <button
        type="button"
        class="menu-item"
        onClick={() =>
          save(`${file()}.ndjson`, "application/x-ndjson", toNdjson(props.columns, props.rows(), props.told()))
        }
      >
        Save as NDJSON
      </button>
      <button type="button" class="menu-item" onClick={() => copy(location.href, "Link")}>
        Copy link
      </button>
      <Show when={props.told().source}>
        {(source) => (
          <button type="button" class="menu-item" onClick={() => copy(asCurl(location.origin, source()), "Command")}>
            Copy as curl
          </button>
        )}
      </Show>
      <Show when={asCloudoptim(props.told().source)}>
        {(command) => (
          <button type="button" class="menu-item" onClick={() => copy(command(), "Command")}>
            Copy as cloudoptim
          </button>
        )}
      </Show>
      <p role="status" class="px-2 text-xs text-soft">
        {done()}
      </p>
    </Menu>
  )
}

const Moved = (props: { readonly came: number; readonly gone: number; readonly onShow: () => void }) => (
  <Show when={props.came + props.gone > 0}>
    <button type="button" class="tool-button tool-news" onClick={() => props.onShow()}>
      <ArrowUp class="size-3.5" aria-hidden="true" />
      {[props.came > 0 ? `${props.came} new` : "", props.gone > 0 ? `${props.gone} gone` : ""]
        .filter(Boolean)
        .join(", ")}
      {" – show"}
    </button>
  </Show>
)

export const TableTools = <R,>(props: TableToolsProps<R>) => (
  <div class="flex flex-wrap items-center gap-2 border-b border-line p-2">
    <label class="relative min-w-0 grow sm:max-w-72">
      <span class="sr-only">Filter {props.name}</span>
      <Search class="pointer-events-none absolute top-2 left-2.5 size-4 text-faint" aria-hidden="true" />
      <input
        type="search"
        data-filter=""
        class="tool-input"
        placeholder="Filter"
        value={props.filter}
        onInput={(event) => props.onFilter(event.currentTarget.value)}
      />
    </label>
    <span class="text-xs whitespace-nowrap text-soft tabular-nums" role="status">
      {props.shown === props.all ? counted(props.all, "row") : `${props.shown} of ${counted(props.all, "row")}`}
      {props.isCut ? ", more exist" : ""}
    </span>
    <Show when={props.isCut && props.onMore}>
      {(more) => (
        <button type="button" class="tool-button" disabled={props.isReading} onClick={() => more()()}>
          {props.isReading ? "Reading" : "Read more"}
        </button>
      )}
    </Show>
    <Moved came={props.came} gone={props.gone} onShow={props.onShow} />
    <div class="ml-auto flex gap-2">
      <Menu label="Columns">
        <For each={props.columns}>
          {(column) => (
            <label class="menu-item">
              <input
                type="checkbox"
                checked={props.visible.has(column.id)}
                disabled={props.visible.size === 1 && props.visible.has(column.id)}
                onChange={() => props.onVisible(column.id)}
              />
              {column.title}
            </label>
          )}
        </For>
      </Menu>
      <Ways {...props} />
    </div>
  </div>
)
