/** Which machine may stand in for which: an order in which nothing gets less. */
import { assert, it } from "@effect/vitest"
import { Schema } from "effect"
import { aSpec, type } from "../test/builders.ts"
import { unfitBecause } from "./fitness.ts"
import { TypeSpec } from "./pool.ts"

const oneOf = (max: number) => Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: max }))
const Machine = Schema.Struct({ ...TypeSpec.fields, vcpu: oneOf(2), memoryMib: oneOf(2), instanceStoreGb: oneOf(2) })

it.prop("a machine stands in for itself", { machine: Machine }, ({ machine }) => {
  assert.isUndefined(unfitBecause(new TypeSpec(machine), new TypeSpec(machine)))
})

it.prop("who stands in for a stand-in stands in for the first", { a: Machine, b: Machine, c: Machine }, (given) => {
  const [a, b, c] = [new TypeSpec(given.a), new TypeSpec(given.b), new TypeSpec(given.c)]
  if (unfitBecause(a, b) === undefined && unfitBecause(b, c) === undefined) assert.isUndefined(unfitBecause(a, c))
})

it("each thing that an image or a workload may miss has its own words", () => {
  const old = aSpec({ instanceType: type("m5.large"), instanceStoreGb: 75 })
  const next = { instanceType: type("m6i.large"), instanceStoreGb: 75 }
  const words = (over: Partial<TypeSpec>, of = old) => unfitBecause(of, aSpec({ ...next, ...over }))
  assert.isUndefined(words({}))
  assert.strictEqual(words({ architecture: "arm64" }), "not x86_64, as m5.large is")
  assert.strictEqual(words({ bareMetal: true }), "bare metal stands in for nothing else")
  assert.strictEqual(words({ hypervisor: "xen" }), "not on nitro: disks would have other names")
  assert.strictEqual(words({ bootModes: ["uefi"] }), "does not boot all that m5.large boots")
  assert.strictEqual(words({ vcpu: 4 }), "not 2 vCPU, as m5.large has")
  assert.strictEqual(words({ memoryMib: 4096 }), "less memory than m5.large")
  assert.strictEqual(words({ instanceStoreGb: 0 }), "less local disk than m5.large")
  assert.strictEqual(words({ instanceType: type("t3.large") }), "burstable, which m5.large is not")
  assert.strictEqual(words({ instanceType: type("m7i-flex.large") }), "burstable, which m5.large is not")
  assert.strictEqual(words({}, aSpec({ ...old, enaRequired: false })), "needs ENA, which m5.large does not")
  assert.strictEqual(words({}, aSpec({ ...old, nvmeRequired: false })), "needs NVMe, which m5.large does not")
})
