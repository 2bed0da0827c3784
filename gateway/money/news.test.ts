/** News are of one kind, of one's own accounts and of the time asked for, however the end of the log is mixed. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { account, anInterruption, instanceId, minute, noon, region, tenant, type, zone } from "../../test/builders.ts"
import type { Stored } from "../../bus/bus.ts"
import { seal } from "../../schemas/envelope.ts"
import { AccountId, instant, TenantId } from "../../schemas/ids.ts"
import type { Road } from "../../schemas/message.ts"
import { OrphanSeen, orphanSeen } from "../../schemas/orphan.ts"
import { spotInterrupted } from "../../schemas/pool.ts"
import type { Reach } from "../history/reach.ts"
import { newsOf } from "./news.ts"

const other = AccountId.make("222233334444")
const foreign = AccountId.make("999988887777")
const stored = <A>(seq: number, ago: number, road: Road<A>, message: A): Stored => ({
  seq,
  at: instant(noon - ago),
  subject: road.subject(message),
  data: seal(road, message)
})
const taken = (seq: number, ago = 0, over: Parameters<typeof anInterruption>[0] = {}) =>
  stored(seq, ago, spotInterrupted, anInterruption({ tenant, account, instance: instanceId(seq), ...over }))
const left = (seq: number) => {
  const about = { tenant, account, region, instance: instanceId(seq), saga: "s1" }
  const seen = { ...about, instanceType: type("m6i.large"), zone: zone(1), launchedAt: noon, readAt: noon }
  return stored(seq, 0, orphanSeen, new OrphanSeen(seen))
}

/** A ledger that has booked nothing yet: all of it stands in the log behind. */
const reachOver = (tail: ReadonlyArray<Stored>): Reach => ({
  store: { query: () => Effect.succeed([]) },
  moment: { get: () => undefined, all: () => [], remark: () => undefined, asOf: 0, at: noon, isLive: true },
  booked: 0,
  tail,
  asOf: tail.at(-1)?.seq ?? 0,
  isToHead: true,
  ownerOf: (of) => (of === foreign ? "globex" : tenant),
  accounts: [account, other]
})
const seqs = (tail: ReadonlyArray<Stored>, road: Road, wish: Parameters<typeof newsOf>[3], over: Partial<Reach> = {}) =>
  Effect.map(newsOf({ ...reachOver(tail), ...over }, tenant, road, wish), (news) => news.map(({ seq }) => seq))

describe("news", () => {
  const tail = [taken(1, 3 * minute), taken(2, minute), left(3), taken(4, 0, { account: other }), left(5)]
  it.effect("are of one kind and no older than asked", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* seqs(tail, spotInterrupted, { since: noon - 2 * minute }), [2, 4])
      assert.deepStrictEqual(yield* seqs(tail, spotInterrupted, { since: noon - 3 * minute }), [1, 2, 4])
      assert.deepStrictEqual(yield* seqs(tail, orphanSeen, { since: 0 }), [3, 5])
    })
  )
  it.effect("are of what is named, where names are given", () =>
    Effect.gen(function* () {
      const [name = ""] = tail.slice(2).map(({ subject }) => subject.split(".").at(-1) ?? "")
      assert.deepStrictEqual(yield* seqs(tail, orphanSeen, { abouts: [name] }), [3])
      assert.deepStrictEqual(yield* seqs(tail, orphanSeen, { abouts: [] }), [])
    })
  )
  it.effect("are of the accounts that are asked for, and never another tenant's, whoever they name", () =>
    Effect.gen(function* () {
      const strange = [taken(6, 0, { account: foreign }), taken(7, 0, { tenant: TenantId.make("globex") })]
      assert.deepStrictEqual(yield* seqs([...tail, ...strange], spotInterrupted, { since: 0 }), [1, 2, 4])
      const accounts = [other, foreign]
      assert.deepStrictEqual(yield* seqs([...tail, ...strange], spotInterrupted, { since: 0 }, { accounts }), [4])
    })
  )
})
