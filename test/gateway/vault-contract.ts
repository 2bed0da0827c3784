/** What every store of identities promises, whatever it is made of. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, type Scope } from "effect"
import type { Vault } from "../../gateway/identity/vault.ts"
import { eventually, eventuallyTrue } from "../conformance/nats-bus.ts"

type Store = Vault["Service"]

/** Processes that share one store: each `join` is another one. */
export interface VaultHouse {
  readonly join: Effect.Effect<Store, unknown, Scope.Scope>
}

let count = 0
/** A kind of entries that no other test writes. */
const newKind = () => `kind-${++count}`

const writes = (open: () => VaultHouse) => {
  it.live("gives back what was put, under a revision that grows", () =>
    Effect.gen(function* () {
      const vault = yield* open().join
      const key = `${newKind()}.a`
      const value = { text: "ä\u{1f600}\n", list: [1, null, { deep: true }], zero: 0 }
      const first = yield* vault.put(key, value, 0)
      assert.deepStrictEqual(yield* vault.get(key), { value, revision: first })
      const second = yield* vault.put(key, "other", first)
      assert.isAbove(second, first)
      assert.deepStrictEqual(yield* vault.get(key), { value: "other", revision: second })
      assert.isUndefined(yield* vault.get(`${newKind()}.a`))
    })
  )

  it.live("takes no write that names another revision than the one that stands", () =>
    Effect.gen(function* () {
      const vault = yield* open().join
      const key = `${newKind()}.a`
      const moved = (effect: Effect.Effect<unknown, { readonly _tag: string }>) =>
        Effect.map(Effect.flip(effect), ({ _tag }) => assert.strictEqual(_tag, "VaultMoved"))
      yield* moved(vault.put(key, 1, 7))
      const first = yield* vault.put(key, 1, 0)
      yield* moved(vault.put(key, 2, 0))
      const second = yield* vault.put(key, 2, first)
      yield* moved(vault.put(key, 3, first))
      yield* moved(vault.remove(key, first))
      yield* moved(vault.remove(key, 0))
      assert.strictEqual((yield* vault.get(key))?.value, 2)
      yield* vault.remove(key, second)
      yield* moved(vault.put(key, 4, second))
      assert.isUndefined(yield* vault.get(key))
      yield* vault.put(key, 5, 0)
      assert.strictEqual((yield* vault.get(key))?.value, 5)
    })
  )

  it.live("lets one of many win who write at once", () =>
    Effect.gen(function* () {
      const [a, b] = [yield* open().join, yield* open().join]
      const key = `${newKind()}.a`
      const tries = Array.from({ length: 20 }, (_, i) => Effect.option((i % 2 === 0 ? a : b).put(key, i, 0)))
      const won = (yield* Effect.all(tries, { concurrency: "unbounded" })).filter(({ _tag }) => _tag === "Some")
      assert.strictEqual(won.length, 1)
    })
  )

  it.live("counts up to a hundred, however many count at once", () =>
    Effect.gen(function* () {
      const stores = [yield* open().join, yield* open().join]
      const key = `${newKind()}.a`
      const once = (vault: Store): Effect.Effect<unknown, unknown> =>
        Effect.gen(function* () {
          const before = yield* vault.get(key)
          yield* vault.put(key, Number(before?.value ?? 0) + 1, before?.revision ?? 0)
        }).pipe(Effect.retry({ while: (no) => (no as { readonly _tag: string })._tag === "VaultMoved" }))
      const all = stores.flatMap((vault) => Array.from({ length: 5 }, () => Effect.repeat(once(vault), { times: 9 })))
      yield* Effect.all(all, { concurrency: "unbounded" })
      assert.strictEqual((yield* open().join.pipe(Effect.flatMap((vault) => vault.get(key))))?.value, 100)
    })
  )
}

const copies = (open: () => VaultHouse) => {
  it.live("shows one's own writes at once, and everybody's soon", () =>
    Effect.gen(function* () {
      const [a, b] = [yield* open().join, yield* open().join]
      const kind = newKind()
      const revision = yield* a.put(`${kind}.x`, { is: 1 }, 0)
      assert.deepStrictEqual(a.peek(`${kind}.x`), { value: { is: 1 }, revision })
      yield* eventually(() => b.peek(`${kind}.x`) !== undefined)
      assert.deepStrictEqual(b.peek(`${kind}.x`), { value: { is: 1 }, revision })
      yield* b.remove(`${kind}.x`, revision)
      assert.isUndefined(b.peek(`${kind}.x`))
      yield* eventually(() => a.peek(`${kind}.x`) === undefined)
    })
  )

  it.live("lists by whole tokens, and knows all that was there when it was opened", () =>
    Effect.gen(function* () {
      const kind = newKind()
      const before = yield* open().join
      for (const id of ["a", "a.b", "ab", "c"]) yield* before.put(`${kind}.${id}`, id, 0)
      yield* before.put(`${kind}-other.a`, "no", 0)
      const gone = yield* before.put(`${kind}.gone`, "no", 0)
      yield* before.remove(`${kind}.gone`, gone)
      const vault = yield* open().join
      const ids = (prefix: string) =>
        Effect.map(vault.list(prefix), (entries) => entries.map(([, { value }]) => value).sort())
      assert.deepStrictEqual(yield* ids(kind), ["a", "a.b", "ab", "c"])
      assert.deepStrictEqual(yield* ids(`${kind}.a`), ["a", "a.b"])
      assert.deepStrictEqual(yield* ids(`${kind}.nothing`), [])
      yield* eventuallyTrue(Effect.map(before.list(kind), (entries) => entries.length === 4))
    })
  )

  it.live("refuses keys that could mean another one", () =>
    Effect.gen(function* () {
      const vault = yield* open().join
      for (const key of ["", "a..b", "a.*", ">", "a b", "a.", "ä.b", "a/b"]) {
        const exit = yield* Effect.exit(Effect.suspend(() => vault.put(key, 1, 0)))
        assert.strictEqual(exit._tag, "Failure", key)
      }
    })
  )
}

export const vaultContract = (name: string, open: () => VaultHouse) =>
  describe(`the store of identities: ${name}`, () => {
    writes(open)
    copies(open)
  })
