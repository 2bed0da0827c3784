/** What a person may say to one swap: turn back while it can still turn, or, once it is stuck, go on. */
import { createSignal, type JSX, Match, Show, Switch } from "solid-js"
import { call } from "../api/client.ts"
import { may } from "../api/session.ts"
import { Button } from "../shell/button.tsx"
import { Order } from "../shell/confirm.tsx"
import { useUrlState } from "../shell/url-state.ts"
import type { SagaDetail } from "./saga.tsx"

const abortSays =
  "Its replacement is taken out again and the old instance keeps serving. Its plan ends with it: what remains of it " +
  "is planned anew and asks for a new approval."
const retrySays =
  "For when what stopped it is mended, as a right that the role lacked. Where somebody has put the group right by " +
  "hand instead, reject its plan: that sets the group free and touches nothing."

/** What it would do now, by the step in which it is stuck. */
const next = ({ way, steps, step }: SagaDetail) => {
  const label = steps.find((one) => one.step === step && one.way === way)?.label ?? step
  return way === "back" ? `It goes on turning back, from: ${label}.` : `It goes on to its end, from: ${label}.`
}

/** Both are of the third tier: they move machines, so the swap's name is typed. */
const Word = (props: {
  readonly saga: SagaDetail
  readonly path: "POST /api/v1/sagas/{id}/abort" | "POST /api/v1/sagas/{id}/retry"
  readonly verb: string
  readonly isDanger?: boolean
  readonly about: JSX.Element
}) => {
  const url = useUrlState()
  const [isAsking, setAsking] = createSignal(false)
  return (
    <>
      <Button disabled={url.isReplay()} onClick={() => setAsking(true)}>
        {props.verb}
      </Button>
      <Show when={isAsking()}>
        <Order
          onClose={() => setAsking(false)}
          title={`${props.verb}: swap ${props.saga.id}`}
          about={props.about}
          verb={props.verb}
          isDanger={props.isDanger}
          typed={props.saga.id}
          send={(because) => call(props.path, { params: { id: props.saga.id }, body: { because } })}
        />
      </Show>
    </>
  )
}

/** The button with its question; nothing where it has ended, turns already or can only be finished. */
export const SagaWords = (props: { readonly saga: SagaDetail }) => {
  const canTurn = () => props.saga.status === "running" && props.saga.way === "forward" && !props.saga.committed
  return (
    <Show when={may("operator")}>
      <Switch>
        <Match when={canTurn()}>
          <Word saga={props.saga} path="POST /api/v1/sagas/{id}/abort" verb="Turn back" isDanger about={abortSays} />
        </Match>
        <Match when={props.saga.status === "stuck"}>
          <Word
            saga={props.saga}
            path="POST /api/v1/sagas/{id}/retry"
            verb="Go on"
            about={`${retrySays} ${next(props.saga)}`}
          />
        </Match>
      </Switch>
    </Show>
  )
}
