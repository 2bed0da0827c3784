/** A group swap that may not be begins nothing: the look refuses it and says why; a false order is not looked at. */
import { assert, describe, it } from "@effect/vitest"
import { home } from "../../actors/_ports/world/stage.ts"
import { minute } from "../builders.ts"
import { assertClean } from "./clean.ts"
import { settledAs, through, web } from "./runs.ts"
import { type StageOptions, SwapStage } from "./stage.ts"

describe("nothing is begun, and it is said why", () => {
  const at = (stage: SwapStage) => stage.sim.now
  const cases: ReadonlyArray<readonly [string, string, StageOptions, (stage: SwapStage) => unknown]> = [
    [
      "in a pool in quarantine",
      "Poisoned",
      {},
      (stage) => stage.score({ gate: { _tag: "poisoned", until: (at(stage) + minute) as never } })
    ],
    ["in a pool that nobody has scored", "Unscored", { risk: null }, () => {}],
    ["in a pool with a poor score", "Unsafe", {}, (stage) => stage.score({ score: 0.5 as never })],
    ["with a warm pool", "Obstacle", { group: { warmPool: true } }, () => {}],
    [
      "in a mixed group",
      "Obstacle",
      {
        group: {
          mixed: {
            onDemandBase: 0,
            onDemandPercentAboveBase: 0,
            types: ["m5.large"] as never,
            weighted: false,
            weights: {}
          }
        }
      },
      () => {}
    ],
    ["without a launch template", "Obstacle", { group: { hasTemplate: false } }, () => {}],
    [
      "for a member protected from scale-in",
      "Obstacle",
      {},
      (stage) => stage.world.user({ edit: "protect", instance: stage.old, from: "scale-in", isOn: true })
    ],
    [
      "for a member with termination protection",
      "Obstacle",
      {},
      (stage) => stage.world.user({ edit: "protect", instance: stage.old, from: "termination", isOn: true })
    ],
    ["for a member that another service manages", "NotMovable", { group: { operatorManaged: true } }, () => {}],
    [
      "for a member that is gone",
      "Obstacle",
      {},
      (stage) => stage.world.user({ edit: "detach", instance: stage.old, decrement: false })
    ],
    [
      "in a group that is being deleted",
      "Obstacle",
      {},
      (stage) => stage.world.user({ edit: "delete-group", group: web })
    ],
    ["in a group that never was", "GroupGone", { order: { group: "nobody" as never } }, () => {}],
    [
      "where Launch is suspended",
      "Obstacle",
      {},
      (stage) => stage.world.user({ edit: "suspend", group: web, process: "Launch" })
    ],
    ["where a knob must be turned and others swap too", "NotAlone", { order: { alone: false } }, () => {}],
    ["after its time", "Expired", { order: { notAfter: 1_000 as never } }, () => {}],
    [
      "where the subnet is full",
      "InsufficientFreeAddressesInSubnet",
      {},
      (stage) => stage.world.setAddresses(home, "subnet-3333-use1-az1", 3)
    ]
  ]
  it.each(cases)("%s: %s", (_, code, options, prepare) => {
    const stage = through(options, prepare)
    const { reason } = stage.entries.at(-1) ?? {}
    assert.deepStrictEqual(settledAs(stage), [`refused ${code}`], String(reason))
    assert.strictEqual(stage.writes.length, 0)
    assert.strictEqual(stage.replacements.length, 0)
  })

  const forged: ReadonlyArray<readonly [string, RegExp, Parameters<SwapStage["order"]>]> = [
    ["a signature that is not the desk's", /forged/, [{}, { signature: "AAAA" }]],
    ["more than was signed", /forged/, [{}, { bakeMs: 0 }]],
    ["another tenant's account", /foreign/, [{ tenant: "globex" as never }]]
  ]
  it.each(forged)("an order with %s is buried, and nothing moves", (_, reason, args) => {
    const stage = new SwapStage()
    stage.order(...args)
    stage.finish()
    assert.strictEqual(stage.server.dead.length, 1)
    assert.match(new TextDecoder().decode(stage.server.dead[0]?.data), reason)
    assert.deepStrictEqual([stage.entries.length, stage.sent.length, stage.open], [0, 0, 0])
  })

  it("an order repeated after the end is settled without a call", () => {
    const stage = through()
    const { length } = stage.sent
    stage.order()
    stage.finish()
    assert.strictEqual(stage.sent.length, length)
    assertClean(stage, ["Done"])
  })
})
