/** An order and what becomes of it: `requested` once it is taken, `done` only when the log says so. */
import { createSignal, onCleanup } from "solid-js"
import { type ApiProblem, call, problemOf, type Reply } from "./client.ts"
import { onEvents } from "./live.ts"

export type Receipt = Pick<Reply<"POST /api/v1/approvals/{id}/decision">, "command" | "seq">
export type CommandState = "idle" | "sending" | "requested" | "done" | "no-change" | "failed"

export interface Command {
  readonly state: () => CommandState
  readonly problem: () => ApiProblem | undefined
  readonly isBusy: () => boolean
  /** Sends; gives whether it was taken. A refusal is in `problem`. */
  readonly run: (send: () => Promise<Receipt | ReadonlyArray<Receipt> | undefined>) => Promise<boolean>
  readonly reset: () => void
}

/** How often the service is asked what became of an order, should its event not come. */
const askEveryMs = 3_000
const askTimesMax = 40

/** What a button shows of an order. */
export const wordOf: Readonly<Record<CommandState, string>> = {
  idle: "",
  sending: "Sending",
  requested: "Requested",
  done: "Done",
  "no-change": "No change",
  failed: "Refused"
}

/** Listens and asks until every order is answered, then tells how; what it gives back ends it before. */
const follow = (receipts: ReadonlyArray<Receipt>, answered: (how: "done" | "no-change") => void): (() => void) => {
  const open = new Map(receipts.map((receipt) => [receipt.seq, receipt.command]))
  let asked = 0
  const stop = () => {
    open.clear()
    clearInterval(timer)
    forget()
  }
  const settle = (seq: number, how: "done" | "no-change") => {
    if (!open.delete(seq) || open.size > 0) return
    stop()
    answered(how)
  }
  const forget = onEvents(undefined, (events) => {
    for (const event of events) if (event.cause !== null) settle(event.cause, "done")
  })
  const ask = async () => {
    for (const [seq, command] of open) {
      const is = await call("GET /api/v1/commands/{id}", { params: { id: command } }).catch(() => undefined)
      if (is?.status === "answered") settle(seq, "done")
      else if (is?.status === "no-change") settle(seq, "no-change")
    }
    if (++asked >= askTimesMax) stop()
  }
  const timer = setInterval(() => void ask(), askEveryMs)
  return stop
}

/** Follows orders to their end for as long as the component lives. An order is answered by events that it caused. */
export const useCommand = (): Command => {
  const [state, setState] = createSignal<CommandState>("idle")
  const [problem, setProblem] = createSignal<ApiProblem | undefined>(undefined)
  let stop: () => void = () => undefined
  let isGone = false
  const run: Command["run"] = async (send) => {
    stop()
    setProblem(undefined)
    setState("sending")
    try {
      const said = await send()
      const receipts = said === undefined ? [] : "seq" in said ? [said] : said
      setState(receipts.length === 0 ? "done" : "requested")
      // Whoever asked may have gone while it was sent.
      if (receipts.length > 0 && !isGone) stop = follow(receipts, setState)
      return true
    } catch (refusal) {
      setProblem(problemOf(refusal))
      setState("failed")
      return false
    }
  }
  onCleanup(() => {
    isGone = true
    stop()
  })
  const isBusy = () => state() === "sending" || state() === "requested"
  return { state, problem, isBusy, run, reset: () => setState("idle") }
}
