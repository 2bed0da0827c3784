/** The steps of each kind of saga as people see them: in order, with a label, and which one cannot be taken back. */

/** `look` reads; `step` can be undone; `pivot` cannot; `finish` goes on behind the pivot. */
export interface StepLabel {
  readonly step: string
  readonly label: string
  readonly kind: "look" | "step" | "pivot" | "finish"
}

/** A swap of a group's member. The saga itself is the executor's; a test holds this against it. */
const groupSwap: ReadonlyArray<StepLabel> = [
  { step: "look", label: "Look at the group", kind: "look" },
  { step: "max", label: "Make room in the group", kind: "step" },
  { step: "hold", label: "Hold rebalancing", kind: "step" },
  { step: "launch", label: "Launch the replacement", kind: "step" },
  { step: "attach", label: "Attach it to the group", kind: "step" },
  { step: "bake", label: "Serve side by side", kind: "step" },
  { step: "retire", label: "Retire the old instance", kind: "pivot" },
  { step: "restore", label: "Restore the group's settings", kind: "finish" },
  { step: "gone", label: "See the old instance gone", kind: "finish" },
  { step: "kept", label: "See the replacement serving", kind: "finish" }
]

/** The end of an instance that a swap left behind. */
const orphanSweep: ReadonlyArray<StepLabel> = [
  { step: "confirm", label: "Confirm that it is ours to end", kind: "look" },
  { step: "end", label: "End the instance left behind", kind: "step" }
]

const steps: Readonly<Record<string, ReadonlyArray<StepLabel>>> = {
  "group-swap": groupSwap,
  "orphan-sweep": orphanSweep
}

/** The steps of a kind of saga, in the order in which it walks forward; none where the kind is not known. */
export const stepsOf = (saga: string): ReadonlyArray<StepLabel> =>
  Object.hasOwn(steps, saga) ? (steps[saga] ?? []) : []

/** What a step is called on screen; its own name where nobody gave it another. */
export const labelOf = (saga: string, step: string): string =>
  stepsOf(saga).find((one) => one.step === step)?.label ?? step
