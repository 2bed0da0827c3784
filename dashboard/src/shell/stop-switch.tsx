/** The stop switch: always in reach. Pausing starts nothing new, halting also turns running swaps back. */
import { createSignal, For, Show } from "solid-js"
import { call } from "../api/client.ts"
import { useCommand } from "../api/command.ts"
import type { Reply } from "../api/client.ts"
import { Confirm } from "./confirm.tsx"

type Stop = "run" | "pause" | "halt"
export type Stopped = Reply<"GET /api/v1/summary">["stopped"]

const choices: ReadonlyArray<{ readonly stop: Stop; readonly name: string; readonly says: string }> = [
  { stop: "pause", name: "Pause", says: "No new swap starts. What runs comes to its end." },
  { stop: "halt", name: "Halt and turn back", says: "No new swap starts, and running ones are undone step by step." },
  { stop: "run", name: "Resume", says: "Swaps start again, as the policies say." }
]
const verbs: Readonly<Record<Stop, string>> = { pause: "Pause", halt: "Halt", run: "Resume" }

/** Which stop, as a group of radio buttons. */
const Choice = (props: { readonly value: Stop; readonly onPick: (stop: Stop) => void }) => (
  <fieldset class="grid gap-2">
    <legend class="label mb-1.5">What should happen</legend>
    <For each={choices}>
      {(one) => (
        <label class="choice" classList={{ "has-checked:border-bad! has-checked:bg-bad/10!": one.stop === "halt" }}>
          <input
            type="radio"
            name="stop"
            class="mt-1 accent-(--c-info)"
            checked={props.value === one.stop}
            onChange={() => props.onPick(one.stop)}
          />
          <span>
            <span class="block font-medium text-ink">{one.name}</span>
            <span class="block text-sm text-soft">{one.says}</span>
          </span>
        </label>
      )}
    </For>
  </fieldset>
)

/** The dialog, for one account or for all of the tenant. */
export default function StopSwitch(props: {
  readonly account: string | undefined
  readonly stopped: Stopped
  readonly onClose: () => void
}) {
  const command = useCommand()
  const [stop, setStop] = createSignal<Stop>(props.stopped.length > 0 ? "run" : "pause")
  const where = () => (props.account === undefined ? "every account" : `account ${props.account}`)
  const typed = () => (stop() === "pause" ? undefined : (props.account ?? (stop() === "halt" ? "halt" : "resume")))
  const send = (because: string) =>
    void command.run(async () => {
      const account = props.account === undefined ? {} : { account: props.account }
      return (await call("POST /api/v1/stop", { body: { ...account, stop: stop(), because } })).commands
    })
  return (
    <Confirm
      open
      onClose={props.onClose}
      title={`Stop switch: ${where()}`}
      about={
        <Show when={props.account === undefined} fallback="Pick another account in the scope bar to stop that one.">
          It holds for all accounts. Pick one in the scope bar to stop that alone.
        </Show>
      }
      verb={`${verbs[stop()]} ${props.account === undefined ? "all" : "it"}`}
      isDanger={stop() === "halt"}
      typed={typed()}
      command={command}
      onConfirm={send}
    >
      <Show when={props.stopped.length > 0}>
        <p class="rounded-xl border border-warn/40 bg-warn/10 px-3 py-2 text-sm text-warn">
          Stopped now: {props.stopped.join(", ")}
        </p>
      </Show>
      <Choice value={stop()} onPick={setStop} />
    </Confirm>
  )
}
