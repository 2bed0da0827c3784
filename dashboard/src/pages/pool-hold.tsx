/** What a person says of a pool's gate: until when it is kept shut and why, and a super admin's two words on it. */
import { createSignal, Match, Show, Switch } from "solid-js"
import { call } from "../api/client.ts"
import { me } from "../api/session.ts"
import { TextField } from "../parts/form.tsx"
import { Button } from "../shell/button.tsx"
import { Order } from "../shell/confirm.tsx"
import { Countdown, Exactly } from "../shell/moment.tsx"
import { useUrlState } from "../shell/url-state.ts"
import { isPoisoned, type Pool } from "./risk-layers.tsx"

/** As the API has it. */
const daysMax = 90
const dayMs = 86_400_000

const quarantineSays =
  "No tenant launches in it until then; what runs there stays. " +
  "Who did it stands in the log, the reason is shown to every tenant."
const clearSays =
  "Every tenant may launch in it again. What was lost there until now counts no more for the gate; " +
  "the herd and the score stay. A new loss shuts it anew."

const nameOf = (pool: Pool) => `${pool.instanceType} in ${pool.zone}`

interface Asking {
  readonly of: Pool
  readonly onClose: () => void
  readonly onDone: (() => void) | undefined
}
/** It hurts nobody that runs there, and it ends by itself: a reason is enough. */
const Quarantine = (props: Asking) => {
  const [days, setDays] = createSignal("7")
  const send = (because: string) => {
    // the service's clock may be a little behind this one
    const until = Date.now() + Number(days()) * dayMs - (Number(days()) === daysMax ? 60_000 : 0)
    return call("POST /api/v1/pools/{key}/quarantine", { params: { key: props.of.key }, body: { until, because } })
  }
  return (
    <Order
      onClose={props.onClose}
      title={`Quarantine ${nameOf(props.of)}`}
      about={quarantineSays}
      verb="Quarantine"
      isDanger
      send={send}
      onDone={props.onDone}
    >
      <TextField
        label="For how many days"
        type="number"
        min={1}
        max={daysMax}
        step={1}
        value={days()}
        onInput={setDays}
        hint={`1 to ${daysMax}. A longer quarantine by evidence stays; an earlier one by a person is replaced.`}
      />
    </Order>
  )
}

/** It lets every tenant launch where instances were taken: the pool's name is typed. */
const Clear = (props: Asking) => (
  <Order
    onClose={props.onClose}
    title={`Clear ${nameOf(props.of)}`}
    about={clearSays}
    verb="Clear"
    isDanger
    typed={props.of.key}
    send={(because) => call("POST /api/v1/pools/{key}/clear", { params: { key: props.of.key }, body: { because } })}
    onDone={props.onDone}
  />
)

/** Until when a person keeps it shut, and why. */
const Held = (props: { readonly of: NonNullable<Pool["held"]> }) => (
  <p class="rounded-xl border border-warn/40 bg-warn/10 px-3 py-2 text-[13px] text-warn">
    A person keeps it shut until <Exactly at={props.of.until} />, <Countdown until={props.of.until} />:{" "}
    {props.of.because}
  </p>
)

/** `onDone`: the log has answered an order that was given here. */
export const PoolHold = (props: { readonly of: Pool; readonly onDone?: (() => void) | undefined }) => {
  const url = useUrlState()
  const [asks, setAsks] = createSignal<"quarantine" | "clear">()
  const close = () => setAsks()
  return (
    <>
      <Show when={props.of.held}>{(held) => <Held of={held()} />}</Show>
      <Show when={me()?.superAdmin === true}>
        <div class="flex flex-wrap gap-2">
          <Button size="small" weight="danger" disabled={url.isReplay()} onClick={() => setAsks("quarantine")}>
            Quarantine
          </Button>
          <Button size="small" disabled={url.isReplay() || !isPoisoned(props.of)} onClick={() => setAsks("clear")}>
            Clear
          </Button>
        </div>
      </Show>
      <Switch>
        <Match when={asks() === "quarantine"}>
          <Quarantine of={props.of} onClose={close} onDone={props.onDone} />
        </Match>
        <Match when={asks() === "clear"}>
          <Clear of={props.of} onClose={close} onDone={props.onDone} />
        </Match>
      </Switch>
    </>
  )
}
