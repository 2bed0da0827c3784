/** What counts as missing, and when missing is a failure. */
import { assert, describe, it } from "@effect/vitest"
import { areAllWanted, names, standIns } from "./stand-ins.ts"

describe("stand-ins", () => {
  it("are all wanted on a build server and when asked for, and only then", () => {
    for (const env of [{ CI: "1" }, { CI: "true" }, { STAND_INS: "all" }]) assert.isTrue(areAllWanted(env))
    for (const env of [{}, { CI: "" }, { CI: "false" }, { STAND_INS: "some" }]) assert.isFalse(areAllWanted(env))
  })

  it("are each found with a version, or missing with a reason", async () => {
    const all = await standIns()
    assert.deepStrictEqual(
      all.map(({ name }) => name),
      [...names]
    )
    for (const one of all) {
      if (one.isMissing) assert.isAbove(one.why.length, 10)
      else assert.match(one.version, /^\d+\.\d+/)
    }
    if (areAllWanted()) assert.isEmpty(all.filter(({ isMissing }) => isMissing))
  })
})
