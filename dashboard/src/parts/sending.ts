/** A change that is answered at once: whether it is being sent, what it said, and why it was refused. */
import { createSignal } from "solid-js"
import { type ApiProblem, problemOf } from "../api/client.ts"

export interface Sending {
  readonly isBusy: () => boolean
  readonly problem: () => ApiProblem | undefined
  /** Sends; gives what was answered, or undefined where it was refused and `problem` says why. */
  readonly run: <A>(act: () => Promise<A>) => Promise<{ readonly said: A } | undefined>
  readonly clear: () => void
}

export const useSending = (): Sending => {
  const [isBusy, setBusy] = createSignal(false)
  const [problem, setProblem] = createSignal<ApiProblem>()
  return {
    isBusy,
    problem,
    clear: () => void setProblem(),
    run: async (act) => {
      setBusy(true)
      setProblem()
      try {
        return { said: await act() }
      } catch (cause) {
        setProblem(problemOf(cause))
        return undefined
      } finally {
        setBusy(false)
      }
    }
  }
}
