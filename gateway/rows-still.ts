/** Rows that stand still: facts of the ledger as the buckets would hold them, for whoever looks back. */
import { Effect, Schema } from "effect"
import { type LiveBook, openBook } from "../bus/book.ts"
import { Bus, BusDown, type Row } from "../bus/bus.ts"
import { buckets } from "../schemas/catalogue.ts"
import { instant } from "../schemas/ids.ts"
import { Count } from "./ledger-rows.ts"

/** What is read of each fact, as `PastRow` decodes it. */
export const columns = "seq, toUnixTimestamp64Milli(at) AS ms, owner, name, subject, about, body"
export const PastRow = Schema.Struct({
  seq: Count,
  ms: Count,
  owner: Schema.String,
  name: Schema.String,
  subject: Schema.String,
  about: Schema.String,
  body: Schema.String
})
const bytes = new TextEncoder()

/** The same reader as of live rows, over rows that stand still. Remarks are of the present only: it knows of none. */
export const stillBook = (found: ReadonlyArray<typeof PastRow.Type>): Effect.Effect<LiveBook> => {
  const byOwner = Map.groupBy(found, ({ owner }) => owner)
  const silent = () => Effect.fail(new BusDown({ op: "the past", cause: new Error("the past says nothing") }))
  const still = Bus.of({
    hear: silent,
    append: () => Effect.die(new Error("the past is not written")),
    recall: silent,
    scan: silent,
    tail: silent,
    epoch: silent(),
    bury: silent,
    standings: silent(),
    dead: silent,
    remarks: silent,
    remark: () => Effect.void,
    view: (bucket) =>
      Effect.sync(() => {
        const own = (byOwner.get(bucket.owner) ?? []).filter(({ name }) =>
          bucket.roads.some((one) => one.name === name)
        )
        const rows = new Map<string, Row>(
          own.map(({ seq, ms, subject, about, body }) => [
            about,
            { seq, at: instant(ms), subject, data: bytes.encode(body) }
          ])
        )
        const upTo = own.reduce((newest, { seq }) => Math.max(newest, seq), 0)
        return { get: (about: string) => rows.get(about), rows: () => rows, upTo: () => upTo }
      })
  })
  return Effect.scoped(openBook(buckets, [])).pipe(Effect.provideService(Bus, still), Effect.orDie)
}
