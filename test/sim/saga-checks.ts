/** How a saga house is begun, hurt at one place and judged. */
import { assert } from "@effect/vitest"
import { matches } from "../../schemas/message.ts"
import type { Entry } from "../../schemas/saga.ts"
import type { Proc } from "./engine.ts"
import { type HouseOptions, SagaHouse, toySettled } from "./saga-house.ts"

/** The saga was carried out as if nothing had happened, or nothing is left of it; and it was said once. */
export const assertClean = (house: SagaHouse, expected: "Done" | "RolledBack" | "either", what: string) => {
  assert.deepStrictEqual(house.wrongs, [], what)
  assert.isTrue(house.isEnded, `${what}: not ended but ${house.phase}`)
  if (expected !== "either") assert.strictEqual(house.phase, expected, `${what}: ${house.entries.at(-1)?.reason}`)
  const { world, entries, server } = house
  const { id } = entries[0]!
  const done = [`${id} runs`, `${id} is attached`, "the old machine is gone"]
  assert.include(["Done", "RolledBack"], house.phase, `${what}: ${entries.at(-1)?.reason}`)
  assert.deepStrictEqual(world.traces, house.phase === "Done" ? done : [], what)
  assert.deepStrictEqual(
    house.settled.map(({ phase }) => phase),
    [house.phase],
    `${what}: said`
  )
  // the fact stands right behind the ending entry: they are one batch
  const last = server.log.at(server.log.lastSeq)!
  assert.isTrue(matches(toySettled.filter, last.subject), what)
  assert.isTrue(matches("jrn.>", server.log.at(last.seq - 1)!.subject), what)
  assert.strictEqual(house.open, 0, `${what}: the order is not settled`)
}

export const begin = (options: HouseOptions = {}, names: ReadonlyArray<string> = ["a", "b"]) => {
  const house = new SagaHouse(options)
  for (const name of names) house.process(name)
  house.order("s1")
  return house
}
export const through = (options: HouseOptions = {}, names?: ReadonlyArray<string>) => {
  const house = begin(options, names)
  house.finish()
  return house
}
/** Does something to the process in the moment when the n-th entry is stored, or a little later. */
export const at = (n: number, ms: number, act: (house: SagaHouse, proc: Proc) => void, house = begin()) => {
  house.onEntry = (entry: Entry, proc) => {
    if (entry.n !== n) return
    house.onEntry = () => {}
    house.sim.after(ms, () => act(house, proc))
  }
  house.finish()
  return house
}
/** Before the writer hears of it; as it hears; while the next call is on its way; while its answer is. */
export const moments = [0, 3, 15, 45]
