/** What is looked at lives in the URL: scope, time, filter and order, so that a link shows what its sender saw. */
import { useSearchParams } from "@solidjs/router"

const scopeNames = ["account", "region", "from", "to", "tz", "at"] as const

const one = (value: string | string[] | undefined): string | undefined => {
  const first = Array.isArray(value) ? value[0] : value
  return first === "" ? undefined : first
}

export interface UrlState {
  readonly account: () => string | undefined
  readonly region: () => string | undefined
  /** RFC 3339, or as `now-30d`. */
  readonly from: () => string | undefined
  readonly q: () => string | undefined
  /** As of: a sequence of the log, or an RFC 3339 time. Undefined = now. */
  readonly at: () => string | undefined
  /** Any other parameter, as a page's own `tab`. */
  readonly get: (name: string) => string | undefined
  /** Changes parameters in place: null or empty removes one. `push` makes a step that Back undoes. */
  readonly set: (
    changes: Readonly<Record<string, string | null | undefined>>,
    options?: { readonly push?: boolean }
  ) => void
  /** A path with the scope of this page and some parameters of its own. */
  readonly link: (path: string, more?: Readonly<Record<string, string | undefined>>) => string
  /** Account, region and moment, as every GET takes them. */
  readonly scope: () => { readonly account?: string; readonly region?: string; readonly at?: string }
  /** True where an earlier moment is shown: nothing can be done there. */
  readonly isReplay: () => boolean
}

/** The URL's state, and how to change it. Within the router only. */
export const useUrlState = (): UrlState => {
  const [params, setParams] = useSearchParams()
  const get = (name: string) => one(params[name])
  const at = () => get("at")
  const scope = () => {
    const set = (["account", "region", "at"] as const).flatMap((name) => {
      const value = get(name)
      return value === undefined ? [] : [[name, value] as const]
    })
    return Object.fromEntries(set)
  }
  const link = (path: string, more: Readonly<Record<string, string | undefined>> = {}) => {
    const [bare = "", own = ""] = path.split("?")
    const search = new URLSearchParams(own)
    for (const name of scopeNames) {
      const value = get(name)
      if (value !== undefined && !search.has(name)) search.set(name, value)
    }
    for (const [name, value] of Object.entries(more)) if (value !== undefined) search.set(name, value)
    const text = search.toString()
    return text === "" ? bare : `${bare}?${text}`
  }
  return {
    account: () => get("account"),
    region: () => get("region"),
    from: () => get("from"),
    q: () => get("q"),
    at,
    get,
    set: (changes, options) => setParams({ ...changes }, { replace: options?.push !== true, scroll: false }),
    link,
    scope,
    isReplay: () => at() !== undefined
  }
}
