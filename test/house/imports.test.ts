/** Nobody imports from where they may not, and the inspector has seen the whole house. */
import { readdirSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { impuritiesIn, importsIn, pureFiles, roomOf, rooms, strangersIn } from "./imports.ts"
import { isCode, pathsOfHouse, readSource, report, root } from "./tree.ts"

const sources = pathsOfHouse().filter(isCode).map(readSource)

describe("the house", () => {
  it("keeps to the table of who may import whom", () => {
    assert.strictEqual(report(sources.flatMap(strangersIn)), "")
  })

  it("has policies that know neither clock nor chance nor the world", () => {
    const pure = pureFiles(sources)
    assert.strictEqual(report(sources.filter(({ path }) => pure.has(path)).flatMap(impuritiesIn)), "")
  })

  it("was seen whole: files in every room that exists, and their imports", () => {
    const folders = new Set(readdirSync(root))
    for (const { name, owns } of rooms.filter((room) => room.name !== "root")) {
      const seen = sources.filter(({ path }) => owns.test(path) && roomOf(path)?.name === name).length
      const folder = name === "_ports" || name === "actor" ? "actors" : name === "explain" ? "gateway" : name
      const isThere =
        folders.has(folder) && (name !== "actor" || readdirSync(`${root}/actors`).some((x) => !x.startsWith("_")))
      if (isThere) assert.isAbove(seen, 0, `no file seen in ${name}`)
    }
    assert.isAbove(sources.filter(({ path }) => path.startsWith("schemas/")).length, 10)
    assert.isAbove(sources.flatMap(({ text }) => importsIn(text)).length, 100)
  })
})

/** What is said of one made-up line at this place. */
const said = (path: string, text: string) => strangersIn({ path, text }).map(({ says }) => says)
const impure = (text: string, path = "actors/risk-manager/policy.ts") =>
  impuritiesIn({ path, text }).map(({ says }) => says)

describe("the inspector refuses", () => {
  it.each([
    ["schemas/pool.ts", `import { Bus } from "../bus/bus.ts"`],
    ["schemas/pool.ts", `import { EC2 } from "@aws-sdk/client-ec2"`],
    ["schemas/pool.ts", `export * from "../bus/bus.ts"`],
    ["schemas/pool.ts", `import { readFileSync } from "node:fs"`],
    ["bus/actor.ts", `import { Ec2 } from "../actors/_ports/ec2.ts"`],
    ["bus/actor.ts", `import { connect } from "nats"`],
    ["bus/actor.ts", `import * as live from "./nats.live.ts"`],
    ["bus/nats.live.ts", `import { layer } from "../actors/_ports/ec2.live.ts"`],
    ["actors/_ports/ec2.ts", `import type { Instance } from "@aws-sdk/client-ec2"`],
    ["actors/_ports/ec2.ts", `import { Bus } from "../../bus/bus.ts"`],
    ["actors/_ports/ec2.ts", `import { world } from "./world/world.ts"`],
    ["actors/_ports/ec2.live.ts", `import { decide } from "../risk-manager/policy.ts"`],
    ["actors/executor/actor.ts", `import { decide } from "../risk-manager/policy.ts"`],
    ["actors/executor/actor.ts", `import { layer } from "../_ports/ec2.live.ts"`],
    ["actors/executor/actor.ts", `const { layer } = await import("../_ports/ec2.sim.ts")`],
    ["actors/executor/main.ts", `import { EC2 } from "@aws-sdk/client-ec2"`],
    ["actors/executor/main.ts", `import { x } from "../../gateway/serve.ts"`],
    ["gateway/serve.ts", `import { Ec2 } from "../actors/_ports/ec2.ts"`],
    ["gateway/main.ts", `import { EC2 } from "@aws-sdk/client-ec2"`],
    ["gateway/explain/ground.ts", `import { judge } from "../../actors/safety-enforcer/policy.ts"`],
    ["gateway/explain/rerun.ts", `import { safetyEnforcer } from "../../actors/safety-enforcer/actor.ts"`],
    ["gateway/warehouse.live.ts", `import { EC2 } from "@aws-sdk/client-ec2"`],
    ["dashboard/src/api.ts", `import { Bus } from "../../bus/bus.ts"`],
    ["dashboard/src/api.ts", `import { readFileSync } from "node:fs"`],
    ["lib/things.ts", `export const x = 1`]
  ])("in %s: %s", (path, text) => {
    assert.lengthOf(said(path, text), 1)
  })

  it.each([
    `import { Effect } from "effect"`,
    `import { Clock, Schema } from "effect"`,
    `import * as Random from "effect/Random"`,
    `import * as everything from "effect"`,
    `import { Bus } from "../../bus/bus.ts"`,
    `import { Ec2 } from "../_ports/ec2.ts"`,
    `import { createHash } from "node:crypto"`
  ])("in a policy: %s", (text) => {
    assert.lengthOf(impure(text), 1)
  })

  it("an impure file that a policy leans on", () => {
    const policy = { path: "actors/binder/policy.ts", text: `import { odds } from "./odds.ts"` }
    const odds = { path: "actors/binder/odds.ts", text: `import { Random } from "effect"` }
    const actor = { path: "actors/binder/actor.ts", text: `import { Effect } from "effect"` }
    const pure = pureFiles([policy, odds, actor])
    assert.deepStrictEqual([...pure].sort(), ["actors/binder/odds.ts", "actors/binder/policy.ts"])
    assert.lengthOf(impuritiesIn(odds), 1)
  })
})

describe("the inspector allows", () => {
  it.each([
    ["schemas/pool.ts", `import { Schema } from "effect"\nimport { ZoneId } from "./ids.ts"`],
    ["bus/nats.live.ts", `import { connect } from "nats"\nimport { setTimeout } from "node:timers/promises"`],
    ["bus/memory.sim.ts", `import { Bus } from "./bus.ts"`],
    ["actors/_ports/ec2.sim.ts", `import { world } from "./world/world.ts"`],
    [
      "actors/executor/main.ts",
      `import { layer } from "../_ports/ec2.live.ts"\nimport { sim } from "../_ports/ec2.sim.ts"`
    ],
    [
      "actors/executor/actor.test.ts",
      `import { sim } from "../_ports/ec2.sim.ts"\nimport { aPool } from "../../test/builders.ts"`
    ],
    ["gateway/main.ts", `import { layer } from "../actors/_ports/warehouse.live.ts"`],
    ["gateway/explain/rerun.ts", `import { judge } from "../../actors/safety-enforcer/policy.ts"`],
    ["test/sim/house.ts", `import { decide } from "../../actors/risk-manager/policy.ts"`],
    ["bus/actor.ts", `// import { connect } from "nats"\n/* import { EC2 } from "@aws-sdk/client-ec2" */`]
  ])("in %s: %s", (path, text) => {
    assert.deepStrictEqual(said(path, text), [])
  })

  it("a policy that computes", () => {
    const text = `import { DateTime, Option, pipe, Schema } from "effect"\nimport { Pool } from "../../schemas/pool.ts"`
    assert.deepStrictEqual(impure(text), [])
  })
})

it("an import is found over several lines, renamed, re-exported and at run time", () => {
  const text = [
    `import {\n  a,\n  type b as c\n} from "one"`,
    `export { d } from "two"`,
    `import "three"`,
    `const x = await import("four")`,
    `export const y = 1`
  ].join("\n")
  assert.deepStrictEqual(
    importsIn(text).map(({ specifier, names }) => [specifier, ...names]),
    [
      ["one", "a", "b"],
      ["two", "d"],
      ["three", "*"],
      ["four", "*"]
    ]
  )
})
