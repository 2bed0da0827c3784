/** A list for a table: its first page follows what is said, further pages come when somebody asks for them. */
import { createMemo, createSignal, onCleanup } from "solid-js"
import { type ApiProblem, call, type Given, type ItemOf, problemOf, type Reply, urlOf } from "../api/client.ts"
import { type Read, type ReadName, type ReadOptions, useRead } from "../api/read.ts"
import { notify } from "../shell/announce.tsx"
import { useUrlState } from "../shell/url-state.ts"

interface Paged {
  readonly items: ReadonlyArray<object>
  readonly nextCursor: string | null
  readonly asOf?: number
}
/** Endpoints that answer in pages. */
export type ListName = { [K in ReadName]: Reply<K> extends Paged ? K : never }[ReadName]

/** The most that one page holds. */
const pageSize = "500"

/** What of a list a table takes: `<DataTable {...list.table} … />`. */
export interface ListTable<Item> {
  readonly rows: ReadonlyArray<Item>
  readonly of: string
  readonly source: string
  readonly asOf: number | undefined
  readonly isCut: boolean
  readonly isGrowing: boolean
  readonly onMore: () => void
}
export interface List<K extends ListName> {
  readonly read: Read<Reply<K>>
  readonly rows: () => ReadonlyArray<ItemOf<K>>
  /** What of it a page takes: waiting, failing, and how to ask again. */
  readonly page: { readonly pending: boolean; readonly error: ApiProblem | undefined; readonly again: () => void }
  readonly table: ListTable<ItemOf<K>>
}

/** Everything read so far of one question, and where the next page begins. */
interface Further {
  readonly of: string
  readonly items: ReadonlyArray<object>
  readonly cursor: string | null
}

/** The rows of all pages that were read, each once and as it was read last. */
const joined = (
  first: ReadonlyArray<object>,
  further: ReadonlyArray<object>,
  keyOf: (item: object) => unknown
): ReadonlyArray<object> => {
  const held = new Set(first.map(keyOf))
  return [...first, ...further.filter((item) => !held.has(keyOf(item)))]
}

/** Pages beyond the first. They belong to one question, and are let go of where the first page no longer joins them. */
const useFurther = (
  of: () => string,
  first: () => Paged | undefined,
  key: string,
  ask: (cursor: string) => unknown
) => {
  const [read, setRead] = createSignal<Further>()
  const [isReading, setReading] = createSignal(false)
  const keyOf = (item: object) => (item as Readonly<Record<string, unknown>>)[key]
  let isGone = false
  onCleanup(() => (isGone = true))
  const held = createMemo(() => {
    const known = read()
    if (known === undefined || known.of !== of()) return undefined
    const keys = new Set(known.items.map(keyOf))
    // More came since than one page holds: what lies between the two was not read.
    return first()?.items.some((item) => keys.has(keyOf(item))) === true ? known : undefined
  })
  const rows = createMemo(() => {
    const known = held()
    const items = first()?.items ?? []
    return known === undefined ? items : joined(items, known.items, keyOf)
  })
  const cursor = () => (held() ?? { cursor: first()?.nextCursor ?? null }).cursor
  const more = async () => {
    const [from, question] = [cursor(), of()]
    if (from === null || isReading()) return
    setReading(true)
    try {
      const page = (await ask(from)) as Paged
      if (isGone || question !== of()) return
      setRead({ of: question, items: joined(rows(), page.items, keyOf), cursor: page.nextCursor })
    } catch (problem) {
      notify(`No more could be read: ${problemOf(problem).title}`)
    } finally {
      setReading(false)
    }
  }
  return { rows, isReading, isCut: () => cursor() !== null, more }
}

/**
 * Reads a list in the URL's scope for as long as the component lives, with fields of the question besides. `key` of the
 * options names the field by which a row stays the same. Within the router only.
 */
export const useList = <const K extends ListName>(
  what: K,
  options: ReadOptions = {},
  fields: () => Readonly<Record<string, string | undefined>> = () => ({})
): List<K> => {
  const url = useUrlState()
  const asked = () => ({ limit: pageSize, ...fields() })
  const whole = () => ({ ...(options.scope === false ? {} : url.scope()), ...asked() })
  const read = useRead(() => [what, { query: asked() } as unknown as Given<K>], options)
  const source = createMemo(() => urlOf(what, { query: whole() }))
  const first = () => read.data as Paged | undefined
  const further = useFurther(source, first, options.key ?? "id", (cursor) =>
    call(what as "GET /api/v1/groups", { query: { ...whole(), cursor } } as Given<"GET /api/v1/groups">)
  )
  const rows = further.rows as unknown as () => ReadonlyArray<ItemOf<K>>
  return {
    read,
    rows,
    page: {
      // Also where it could not be read: nothing is known to be empty then.
      get pending() {
        return read.data === undefined
      },
      get error() {
        return read.error
      },
      again: read.again
    },
    table: {
      get rows() {
        return rows()
      },
      get of() {
        return source()
      },
      get source() {
        return source()
      },
      get asOf() {
        return first()?.asOf
      },
      get isCut() {
        return further.isCut()
      },
      get isGrowing() {
        return further.isReading()
      },
      onMore: () => void further.more()
    }
  }
}
