/** Room and layers are two sides of one rule: each move that fits leaves a safe composition safe, and no other does. */
import { assert, it } from "@effect/vitest"
import { Schema } from "effect"
import { score, type, zone } from "../test/builders.ts"
import { Lifecycle } from "./ids.ts"
import { roomIn } from "./room.ts"
import { Part, Preset, productFloors, violationsOf } from "./safe-plan.ts"

const upTo = (max: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: max }))
const families = ["m5", "m6i", "c5"]
const Recipe = Schema.Struct({ zone: upTo(3), family: upTo(2), size: upTo(2), lifecycle: Lifecycle, count: upTo(5) })
const partOf = ({ zone: z, family, size, lifecycle, count }: typeof Recipe.Type) =>
  new Part({
    zone: zone(z + 1),
    instanceType: type(`${families[family]}.${["large", "xlarge", "2xlarge"][size]}`),
    lifecycle,
    vcpu: 2 ** (size + 1),
    count: count + 1,
    score: lifecycle === "spot" ? score(0.9) : null
  })

/** One on-demand member of the part, in its zone, becomes one of another family. */
const moved = (parts: ReadonlyArray<Part>, from: Part, to: Part["instanceType"]) => [
  ...parts.flatMap((part) =>
    part !== from ? [part] : part.count === 1 ? [] : [new Part({ ...part, count: part.count - 1 })]
  ),
  new Part({ ...from, lifecycle: "spot", instanceType: to, count: 1, score: score(0.9) })
]

it.prop(
  "a move fits exactly where the composition after it is inside the layers",
  { recipes: Schema.Array(Recipe), bulk: upTo(40), family: upTo(2), preset: Preset },
  ({ recipes, bulk, family, preset }) => {
    const ordinary = [0, 1, 2].map((z) => partOf({ zone: z, family: 0, size: 0, lifecycle: "on-demand", count: bulk }))
    const parts = [...recipes.map(partOf), ...ordinary]
    const others = (found: ReadonlyArray<Part>) =>
      violationsOf(found, productFloors, preset).filter((one) => one.type !== "az_distribution")
    if (others(parts).length > 0) return
    for (const from of parts.filter((part) => part.lifecycle === "on-demand")) {
      const to = type(`${families[family]}.${from.instanceType.split(".")[1]}`)
      const room = roomIn(parts, productFloors, preset)
      const fits = room.full({ zone: from.zone, instanceType: to, vcpu: from.vcpu }) === undefined
      assert.strictEqual(fits, others(moved(parts, from, to)).length === 0)
    }
  }
)

it("what was taken is counted: fifteen alike in three zones take three of each pool and leave three on demand", () => {
  const parts = [0, 1, 2].map((z) => partOf({ zone: z, family: 0, size: 0, lifecycle: "on-demand", count: 4 }))
  const room = roomIn(parts, productFloors, "strict")
  const take = (z: number, name: string) => {
    const need = { zone: zone(z), instanceType: type(`${name}.large`), vcpu: 2 }
    const full = room.full(need)
    if (full === undefined) room.take(need)
    return full
  }
  assert.deepStrictEqual(
    Array.from({ length: 4 }, () => take(1, "m6i")),
    [undefined, undefined, undefined, "pool"]
  )
  assert.isUndefined(take(1, "c5"))
  for (let n = 0; n < 8; n++) assert.isUndefined(take((n % 2) + 2, n < 4 ? "m6i" : "c5"))
  assert.strictEqual(take(3, "m6a"), "on-demand")
})
