/** Swaps that run from their order to their end, each entry on the way, and what befalls them there. */
import { home } from "../../actors/_ports/world/stage.ts"
import type { InstanceId } from "../../schemas/ids.ts"
import type { Entry } from "../../schemas/saga.ts"
import { swapSettled } from "../../schemas/swap.ts"
import type { Proc } from "../sim/engine.ts"
import type { Ending } from "./clean.ts"
import { alarm, type StageOptions, SwapStage } from "./stage.ts"

/** The group of the stage, as its owner names it. */
export const web = { ...home, group: "web" }

/** An alarm that rings as the bake begins: everything before it is to be undone. */
export const ringing = (stage: SwapStage): void => {
  stage.onEntry = ({ phase, step }) => {
    if (phase === "Intent" && step === "bake") stage.world.setAlarm(home.account, home.region, alarm, "ALARM")
  }
}

/** One swap from its order to its end, with what meddles in it. */
export const through = (options: StageOptions = {}, meddle: (stage: SwapStage) => void = () => {}): SwapStage => {
  const stage = new SwapStage(options)
  meddle(stage)
  stage.order()
  return stage.finish()
}

/** Meddles once: in the moment when the first entry that is meant is stored. */
export const atFirst =
  (is: (entry: Entry) => boolean, act: (stage: SwapStage, entry: Entry, proc: Proc) => void) =>
  (stage: SwapStage): void => {
    let isDone = false
    stage.onEntry = (entry, proc) => {
      if (isDone || !is(entry)) return
      isDone = true
      act(stage, entry, proc)
    }
  }

/** A swap that something befalls a millisecond after its n-th entry is stored. */
export const struckAt = (n: number, act: (stage: SwapStage, entry: Entry) => void): SwapStage =>
  through(
    {},
    atFirst(
      (entry) => entry.n === n,
      (stage, entry) => void stage.sim.after(1, () => act(stage, entry))
    )
  )

/** As titles name it: `Outcome launch`, or `beat launch` where it is no move. */
export const nameOf = ({ phase, step, mark }: Entry): string => `${mark === "move" ? phase : mark} ${step}`.trim()

/** Each entry of a swap but its ending, as a case of a test. */
export const entriesOf = ({ entries }: SwapStage): ReadonlyArray<{ readonly n: number; readonly at: string }> =>
  entries.slice(0, -1).map((entry) => ({ n: entry.n, at: nameOf(entry) }))

/**
 * How a swap may end that was to turn back as its n-th entry was stored, going by one that nothing befell: before its
 * pivot as in `back`, from there on Done. What is told just before the pivot may find it passed already.
 */
export const endingsAt = (
  { entries }: SwapStage,
  n: number,
  back: ReadonlyArray<Ending> = ["RolledBack"]
): ReadonlyArray<Ending> => {
  const pivotAt = entries.find(({ committed }) => committed)?.n
  if (pivotAt === undefined) throw new Error("it has passed no pivot")
  if (n >= pivotAt) return ["Done"]
  return n === pivotAt - 1 ? ["Done", "RolledBack"] : back
}

/** What was launched first for the swap. */
export const replacementOf = (stage: SwapStage): InstanceId => {
  const [one] = stage.replacements
  if (one === undefined) throw new Error("nothing was launched yet")
  return one.id
}

/** The ends that were said, each with its code. */
export const settledAs = (stage: SwapStage): ReadonlyArray<string> =>
  stage.said(swapSettled).map(({ end, code }) => `${end} ${code}`)
