/** The memory log's indexes against looking through all of it. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { entityFilter, matches } from "../schemas/message.ts"
import { MemoryLog } from "./memory-log.sim.ts"

describe("the index", () => {
  const token = Schema.Literals(["a", "b", "c"])
  const Said = Schema.Struct({
    kind: Schema.Literals(["evt", "cmd", "jrn"]),
    account: token,
    owner: token,
    name: token
  })
  const wild = Schema.Literals(["a", "b", "c", "*"])
  const asked = { kind: Schema.Literals(["evt", "cmd", "*"]), account: wild, owner: wild, name: wild, about: wild }

  it.prop(
    "gives the same last message as looking through the whole log, whatever the filter",
    { said: Schema.Array(Schema.Struct({ ...Said.fields, about: token })), filter: Schema.Struct(asked) },
    ({ said, filter }) => {
      const log = new MemoryLog()
      const subjectOf = (of: Record<"kind" | "account" | "owner" | "name" | "about", string>) =>
        [of.kind, of.account, of.owner, of.name, of.about].join(".")
      log.store(
        said.map((of) => ({ subject: subjectOf(of), data: new Uint8Array() })),
        0
      )
      for (const wanted of [subjectOf(filter), entityFilter(filter.owner, filter.about)]) {
        const last = said.findLastIndex((of) => matches(wanted, subjectOf(of))) + 1
        assert.strictEqual(log.lastOf(wanted), last, wanted)
      }
    }
  )
})
