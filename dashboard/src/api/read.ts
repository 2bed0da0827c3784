/** Reading: what a page asks for, in the URL's scope, kept while it is read again, whenever something is said. */
import { QueryClient, QueryObserver, type QueryObserverResult, useQueryClient } from "@tanstack/solid-query"
import { batch, createComputed, createEffect, on, onCleanup, untrack } from "solid-js"
import { createStore, reconcile } from "solid-js/store"
import { useUrlState } from "../shell/url-state.ts"
import { type Answered, type ApiProblem, type CallName, callWithVersion, type Given, type Reply } from "./client.ts"
import { connection, onReset, streamBegan, useEvents } from "./live.ts"

export type ReadName = Extract<CallName, `GET ${string}`>
type Asked<K extends ReadName> = readonly [what: K, given?: Given<K>]

export interface ReadOptions {
  /** Events after which it is read again: names as `swap-settled`, or owners as `executor`; none = never by events. */
  readonly topics?: ReadonlyArray<string> | undefined
  /** False: account, region and moment of the URL do not matter to it. Default true. */
  readonly scope?: boolean | undefined
  /** The field by which items of its lists stay the same row. Default `id`. */
  readonly key?: string | undefined
}

/** Reactive fields: read them where they are shown. `data` stays while it is read again. */
export interface Read<R> {
  readonly data: R | undefined
  readonly error: ApiProblem | undefined
  /** Nothing has been read yet. */
  readonly isPending: boolean
  readonly isFetching: boolean
  /** The version that `data` is, for If-Match. */
  readonly etag: string | undefined
  /** When `data` was read, in milliseconds since 1970; 0 = never. */
  readonly readAt: number
  readonly again: () => void
}

/** Events come in flocks: a read follows the first at once, and the last of the rest. */
const throttleMs = 1_500
/** How old data may grow while no events say that nothing has changed. */
const unheardMs = 20_000

const refused = (problem: unknown) => {
  const { status } = problem as ApiProblem
  return status >= 400 && status < 500 && status !== 429
}
export const makeQueryClient = (): QueryClient =>
  new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        gcTime: 300_000,
        refetchOnWindowFocus: true,
        retry: (failures, problem) => failures < 2 && !refused(problem)
      }
    }
  })

/** Calls `act` at once, and then at most once in `throttleMs`, the last call never lost. */
const throttled = (act: () => void) => {
  let timer: ReturnType<typeof setTimeout> | undefined
  let isAsked = false
  const turn = () => {
    timer = undefined
    if (isAsked) run()
  }
  const run = () => {
    isAsked = false
    act()
    timer = setTimeout(turn, throttleMs)
  }
  onCleanup(() => clearTimeout(timer))
  return () => {
    isAsked = true
    if (timer === undefined) run()
  }
}

const optionsOf = <K extends ReadName>(asked: Asked<K> | undefined, scope: object, isReplay: boolean) => {
  const [what, given] = asked ?? []
  const all = { ...given, query: { ...scope, ...(given?.query as object | undefined) } }
  const params = JSON.stringify(given?.params ?? {})
  /** Of an earlier moment nothing changes; while somebody has paused, nothing may. */
  const stands = () => isReplay || connection().state === "paused"
  return {
    queryKey: [what ?? "nothing", params, all.query],
    queryFn: ({ signal }: { readonly signal: AbortSignal }) =>
      callWithVersion(what as CallName, { ...all, signal } as Given<CallName>) as Promise<Answered<K>>,
    enabled: what !== undefined,
    staleTime: isReplay ? Number.POSITIVE_INFINITY : 10_000,
    // Another filter keeps the old rows until the new ones are there; another thing does not.
    placeholderData: (before: Answered<K> | undefined, query?: { readonly queryKey: ReadonlyArray<unknown> }) =>
      query?.queryKey[0] === what && query?.queryKey[1] === params ? before : undefined,
    refetchInterval: () => (stands() || connection().state === "live" ? (false as const) : unheardMs),
    refetchOnWindowFocus: () => !stands()
  }
}

interface State<K extends ReadName> {
  data: Reply<K> | undefined
  error: ApiProblem | undefined
  flags: Flags
}

/** A store as its reader sees it. */
const readOf = <K extends ReadName>(
  state: State<K>,
  observer: QueryObserver<Answered<K>, ApiProblem>
): Read<Reply<K>> => ({
  get data() {
    return state.data
  },
  get error() {
    return state.error
  },
  get isPending() {
    return state.flags.isPending
  },
  get isFetching() {
    return state.flags.isFetching
  },
  get etag() {
    return state.flags.etag
  },
  get readAt() {
    return state.flags.readAt
  },
  again: () => {
    if (observer.options.enabled !== false) void observer.refetch({ cancelRefetch: false })
  }
})

/** Keeps a store in step with an observer. What is read is copied: rows change in place, and the cache must not. */
const follow = <K extends ReadName>(observer: QueryObserver<Answered<K>, ApiProblem>, key: string) => {
  const [state, set] = createStore<State<K>>({
    data: undefined,
    error: undefined,
    flags: { isPending: true, isFetching: false, readAt: 0, etag: undefined }
  })
  let shown: Reply<K> | undefined
  const apply = (result: QueryObserverResult<Answered<K>, ApiProblem>) =>
    batch(() => {
      const { body, etag } = result.data ?? {}
      if (body !== shown) {
        shown = body
        set("data", reconcile(structuredClone(body), { key }) as never)
      }
      set("error", () => result.error ?? undefined)
      set("flags", { isPending: result.isPending, isFetching: result.isFetching, readAt: result.dataUpdatedAt, etag })
    })
  apply(observer.getCurrentResult())
  onCleanup(observer.subscribe(apply))
  return { read: readOf<K>(state, observer), apply }
}
interface Flags {
  isPending: boolean
  isFetching: boolean
  readAt: number
  etag: string | undefined
}

/** An answer may be behind the event that it is read for: it is asked for again so often, then with the next event. */
const chasesMax = 4

/** Reads again after events of its topics, until the answer reflects them; and whenever something was missed. */
const useFreshness = (read: Read<unknown>, topics: ReadonlyArray<string>, isWanted: () => boolean) => {
  let newest = 0
  let chases = 0
  const soon = throttled(() => {
    if (isWanted()) read.again()
  })
  if (topics.length > 0) {
    useEvents(topics, (events) => {
      newest = events.at(-1)?.seq ?? newest
      chases = 0
      soon()
    })
  }
  onCleanup(onReset(soon))
  const asOf = () => (read.data as { readonly asOf?: number } | undefined)?.asOf
  createEffect(
    on([() => read.readAt, streamBegan], ([, began]) => {
      const is = asOf()
      if (is !== undefined && is < Math.max(newest, began ?? 0) && chases++ < chasesMax) soon()
    })
  )
}

/**
 * Reads an endpoint for as long as the component lives, again whenever `ask` gives something else. `ask` gives
 * undefined where nothing is to be read yet. Within the router only.
 */
export const useRead = <const K extends ReadName>(
  ask: () => Asked<K> | undefined,
  options: ReadOptions = {}
): Read<Reply<K>> => {
  const client = useQueryClient()
  const url = useUrlState()
  const wanted = () => optionsOf(ask(), options.scope === false ? {} : url.scope(), url.isReplay())
  const observer = new QueryObserver<Answered<K>, ApiProblem>(client, untrack(wanted) as never)
  const { read, apply } = follow<K>(observer, options.key ?? "id")
  createComputed(
    on(
      wanted,
      (next) => {
        observer.setOptions(next as never)
        apply(observer.getCurrentResult())
      },
      { defer: true }
    )
  )
  useFreshness(read, options.topics ?? [], () => !url.isReplay() && document.visibilityState === "visible")
  return read
}
