/** A list read to its end, page after page: for maps and grids that are of no use in parts. */
import { createEffect, createSignal, on, onCleanup } from "solid-js"
import { type ApiProblem, call, type CallName, type Given, type ItemOf, problemOf } from "../api/client.ts"
import { onReset, useEvents } from "../api/live.ts"
import { useUrlState } from "../shell/url-state.ts"

type ListName = Extract<CallName, "GET /api/v1/pools" | "GET /api/v1/instances">

/** Beyond so many pages a browser is the wrong place: the list is then said to be cut. */
const pagesMax = 40
/** Whole lists are not read again for every event. */
const againMs = 15_000

export interface AllPages<Item> {
  readonly items: () => ReadonlyArray<Item>
  readonly asOf: () => number | undefined
  readonly error: () => ApiProblem | undefined
  /** Nothing has been read yet, also where it could not be. */
  readonly isPending: () => boolean
  /** Further pages of the first reading are still to come. */
  readonly isGrowing: () => boolean
  readonly isCut: () => boolean
  readonly again: () => void
}

interface Found<Item> {
  readonly items: ReadonlyArray<Item>
  readonly asOf: number
  readonly isEnd: boolean
  readonly isCut: boolean
}

/** Reads page after page; what is told on the way are the items so far. Rejects with an `ApiProblem` or AbortError. */
const readAll = async <K extends ListName>(
  what: K,
  query: Readonly<Record<string, string>>,
  signal: AbortSignal,
  soFar: (found: Found<ItemOf<K>>) => void
): Promise<void> => {
  const items: Array<ItemOf<K>> = []
  let cursor: string | null = null
  for (let page = 1; page <= pagesMax; page++) {
    const asked = { query: { limit: "500", ...query, ...(cursor === null ? {} : { cursor }) }, signal }
    const reply = (await call(what as "GET /api/v1/pools", asked as Given<"GET /api/v1/pools">)) as unknown as {
      readonly items: ReadonlyArray<ItemOf<K>>
      readonly nextCursor: string | null
      readonly asOf: number
    }
    items.push(...reply.items)
    cursor = reply.nextCursor
    const isEnd = cursor === null || page === pagesMax
    // What is new waits for its end; what is first seen is shown as it comes.
    soFar({ items: [...items], asOf: reply.asOf, isEnd, isCut: isEnd && cursor !== null })
    if (isEnd) return
  }
}

/** Acts a while after events of these topics, once for all that come meanwhile, and where some were missed. */
const useLater = (topics: ReadonlyArray<string>, act: () => void) => {
  let timer: ReturnType<typeof setTimeout> | undefined
  const later = () => {
    timer ??= setTimeout(() => {
      timer = undefined
      act()
    }, againMs)
  }
  useEvents(topics, later)
  const forget = onReset(later)
  onCleanup(() => {
    forget()
    clearTimeout(timer)
  })
}

/** Keeps a whole list for as long as the component lives, in the URL's scope. Within the router only. */
export const useAllPages = <K extends ListName>(
  what: K,
  query: () => Readonly<Record<string, string>>,
  topics: ReadonlyArray<string>
): AllPages<ItemOf<K>> => {
  const url = useUrlState()
  const [found, setFound] = createSignal<Found<ItemOf<K>>>()
  const [error, setError] = createSignal<ApiProblem>()
  let reading = new AbortController()
  const read = async (isFirst: boolean) => {
    reading.abort()
    reading = new AbortController()
    const { signal } = reading
    let last: Found<ItemOf<K>> | undefined
    try {
      await readAll(what, { ...url.scope(), ...query() }, signal, (page) => {
        last = page
        if (isFirst && !signal.aborted) setFound(page)
      })
      if (signal.aborted) return
      setFound(last)
      setError()
    } catch (cause) {
      if (!signal.aborted) setError(problemOf(cause))
    }
  }
  createEffect(on([() => JSON.stringify([url.scope(), query()])], () => void read(true)))
  useLater(topics, () => {
    if (!url.isReplay()) void read(false)
  })
  onCleanup(() => reading.abort())
  return {
    items: () => found()?.items ?? [],
    asOf: () => found()?.asOf,
    error,
    isPending: () => found() === undefined,
    isGrowing: () => found()?.isEnd === false,
    isCut: () => found()?.isCut ?? false,
    again: () => void read(found() === undefined)
  }
}
