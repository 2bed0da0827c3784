/** The vault's entries in memory: the newest revision of each, whatever order they come in. */
import type { Kept } from "./vault.ts"

/** Tokens of letters, digits, `-`, `_` and `=`, as every store takes them; other text goes through `key()` first. */
const keyShape = /^[A-Za-z0-9_=-]{1,120}(\.[A-Za-z0-9_=-]{1,120})*$/

/** Throws where a key could mean something else to the store: a mistake of ours, never of a request. */
export const checkedKey = (key: string): string => {
  if (!keyShape.test(key)) throw new Error(`no key of the vault: ${key.slice(0, 40)}`)
  return key
}

export interface Copy {
  readonly peek: (key: string) => Kept | undefined
  readonly list: (prefix: string) => ReadonlyArray<readonly [key: string, Kept]>
  /** Takes note of an entry, or with undefined of its end. What is older than what is known changes nothing. */
  readonly take: (key: string, value: unknown, revision: number) => void
  readonly size: () => number
}

export const makeCopy = (): Copy => {
  const kinds = new Map<string, Map<string, Kept>>()
  /** What is gone, with its revision: an entry that comes late must not bring it back. */
  const gone = new Map<string, number>()
  const kindOf = (key: string) => key.slice(0, (key.indexOf(".") + 1 || key.length + 1) - 1)
  const peek = (key: string) => kinds.get(kindOf(checkedKey(key)))?.get(key)
  const take = (key: string, value: unknown, revision: number) => {
    if ((peek(key)?.revision ?? gone.get(key) ?? 0) >= revision) return
    const kind = kindOf(key)
    const entries = kinds.get(kind) ?? new Map<string, Kept>()
    kinds.set(kind, entries)
    if (value === undefined) {
      entries.delete(key)
      gone.delete(key)
      gone.set(key, revision)
      // the oldest first: nothing comes that late
      if (gone.size > goneMax) for (const [first] of gone) return void gone.delete(first)
    } else {
      gone.delete(key)
      entries.set(key, { value, revision })
    }
  }
  const list: Copy["list"] = (prefix) =>
    [...(kinds.get(kindOf(checkedKey(prefix))) ?? [])].filter(([key]) => key === prefix || key.startsWith(`${prefix}.`))
  return { peek, list, take, size: () => [...kinds.values()].reduce((sum, { size }) => sum + size, 0) }
}
const goneMax = 10_000
