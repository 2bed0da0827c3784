/** A group swap ends clean, whichever of its calls goes wrong and however: every step, forward and back. */
import { assert, describe, it } from "@effect/vitest"
import { groupSwap } from "../../actors/executor/group-swap.saga.ts"
import { assertClean, type Ending } from "./clean.ts"
import { ringing, through } from "./runs.ts"
import type { Break, Part, Place, SwapStage } from "./stage.ts"
import { forGood, type How, howsOf } from "./wire.ts"

const forward = through()
const back = through({}, ringing)

/** The distinct calls of a run, each at its first time and, where it is repeated, at its third. */
const placesOf = (stage: SwapStage, parts: ReadonlyArray<Part>): ReadonlyArray<Place & { readonly isWrite: boolean }> =>
  stage.sent
    .filter(({ part, k }) => parts.includes(part) && (k === 1 || k === 3))
    .map(({ step, part, call, k, isWrite }) => ({ step, part, call, k, isWrite }))

const words: Readonly<Record<How, string>> = {
  well: "goes well",
  refused: "is refused for good",
  throttled: "is refused for now",
  "refused-after": "has its effect and is refused for good",
  "failed-after": "has its effect and fails for now",
  lost: "never arrives",
  unanswered: "has its effect and nobody answers",
  late: "arrives when nobody waits for it any more",
  twice: "arrives twice",
  "crash-before": "is the last thing that a process tries",
  "crash-after": "has its effect as its process dies",
  "pause-before": "is sent by a process that slept past its lease",
  "pause-after": "is answered to a process that sleeps past its lease"
}
const isPast = (step: string) => {
  const kinds = groupSwap.steps.find(({ name }) => name === step)?.kind
  return kinds === "pivot" || kinds === "finish"
}

/** A no for good ends the way that the saga was on; whatever else goes wrong once, does not. */
const endingOf = ({ step, part }: Place, how: How, otherwise: Ending): Ending => {
  if (how !== "refused" && how !== "refused-after") return otherwise
  if (part === "look") return "Refused"
  return part === "undo" || isPast(step) ? "Stuck" : "RolledBack"
}

const times = { 1: "first", 3: "third" } as Readonly<Record<number, string>>
const casesOf = (stage: SwapStage, parts: ReadonlyArray<Part>, otherwise: Ending) =>
  placesOf(stage, parts).flatMap((place) =>
    howsOf(place).map((how) => {
      const { step, part, call, k } = place
      const ending = endingOf(place, how, otherwise)
      const title = `${step}: when the ${times[k]} ${call} to ${part} it ${words[how]}, the swap is ${ending}`
      return { title, how, ending, place: { step, part, call, k } satisfies Place }
    })
  )

const holds = (stage: SwapStage, broken: Break, ending: Ending) => {
  assert.deepStrictEqual(stage.broken, [broken], "the break did not happen")
  const isFinal = broken.how === "refused" || broken.how === "refused-after"
  assertClean(stage, [ending], isFinal ? { code: forGood } : {})
  const isAway = /^(crash|pause)/.test(broken.how)
  const epoch = stage.entries.at(-1)?.epoch ?? 0
  if (broken.part !== "look") assert.strictEqual(epoch, isAway ? 2 : 1, "how often the saga changed hands")
}

describe("without any trouble", () => {
  it("a swap is Done, and every step of the saga did something", () => {
    assertClean(forward, ["Done"], { code: null })
    for (const { name, needs } of groupSwap.steps) {
      const acted = forward.sent.some(({ step, isWrite }) => step === name && isWrite)
      assert.strictEqual(acted, needs.length > 0, name)
    }
  })
  it("an alarm in the bake takes it all back, and every undo did something", () => {
    assertClean(back, ["RolledBack"], { code: "Alarm" })
    for (const { name, kind, needs } of groupSwap.steps) {
      if (kind !== "step") continue
      const acted = back.sent.some(({ step, part, isWrite }) => step === name && part === "undo" && isWrite)
      assert.strictEqual(acted, needs.length > 0, name)
    }
  })
  it("the same seed is the same history", () => {
    assert.strictEqual(through().server.hash(), forward.server.hash())
  })
})

describe("on the way forward", () => {
  it.each(casesOf(forward, ["look", "do", "verify"], "Done"))("$title", ({ how, ending, place }) => {
    holds(through({ breaks: [{ ...place, how }] }), { ...place, how }, ending)
  })
})

describe("on the way back", () => {
  it.each(casesOf(back, ["undo"], "RolledBack"))("$title", ({ how, ending, place }) => {
    holds(through({ breaks: [{ ...place, how }] }, ringing), { ...place, how }, ending)
  })
})
