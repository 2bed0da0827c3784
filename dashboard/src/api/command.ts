/** An order and what becomes of it: `requested` once it is taken, `done` only when the log says so. */
import { createSignal, onCleanup } from "solid-js"
import { type ApiProblem, call, type Reply } from "./client.ts"
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

/** Follows orders to their end for as long as the component lives. An order is answered by events that it caused. */
export const useCommand = (): Command => {
  const [state, setState] = createSignal<CommandState>("idle")
  const [problem, setProblem] = createSignal<ApiProblem | undefined>(undefined)
  let stop: () => void = () => undefined
  const follow = (receipts: ReadonlyArray<Receipt>) => {
    const open = new Map(receipts.map((receipt) => [receipt.seq, receipt.command]))
    const settle = (seq: number, how: "done" | "no-change") => {
      if (open.delete(seq) && open.size === 0) {
        stop()
        setState(how)
      }
    }
    const forget = onEvents(undefined, (events) => {
      for (const event of events) if (event.cause !== null) settle(event.cause, "done")
    })
    let asked = 0
    const ask = async () => {
      for (const [seq, command] of open) {
        const is = await call("GET /api/v1/commands/{id}", { params: { id: command } }).catch(() => undefined)
        if (is?.status === "answered") settle(seq, "done")
        else if (is?.status === "no-change") settle(seq, "no-change")
      }
      if (++asked >= askTimesMax) stop()
    }
    const timer = setInterval(() => void ask(), askEveryMs)
    stop = () => {
      clearInterval(timer)
      forget()
    }
  }
  const run: Command["run"] = async (send) => {
    stop()
    setProblem(undefined)
    setState("sending")
    try {
      const said = await send()
      const receipts = said === undefined ? [] : "seq" in said ? [said] : said
      setState(receipts.length === 0 ? "done" : "requested")
      if (receipts.length > 0) follow(receipts)
      return true
    } catch (refusal) {
      setProblem(refusal as ApiProblem)
      setState("failed")
      return false
    }
  }
  onCleanup(() => stop())
  const isBusy = () => state() === "sending" || state() === "requested"
  return { state, problem, isBusy, run, reset: () => setState("idle") }
}
