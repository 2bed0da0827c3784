/** Taking one swap back while it can still turn: the gravest of the three words about a swap, so its name is typed. */
import { createSignal, Show } from "solid-js"
import { call } from "../api/client.ts"
import { useCommand } from "../api/command.ts"
import { may } from "../api/session.ts"
import { Button } from "../shell/button.tsx"
import { Confirm } from "../shell/confirm.tsx"
import { useUrlState } from "../shell/url-state.ts"
import type { SagaDetail } from "./saga.tsx"

const says =
  "Its replacement is taken out again and the old instance keeps serving. Its plan ends with it: what remains of it " +
  "is planned anew and asks for a new approval."

/** The button with its question; nothing where the swap has ended, turns already or can only be finished. */
export const SagaAbort = (props: { readonly saga: SagaDetail }) => {
  const url = useUrlState()
  const command = useCommand()
  const [isAsking, setAsking] = createSignal(false)
  const canTurn = () => props.saga.status === "running" && props.saga.way === "forward" && !props.saga.committed
  const send = (because: string) =>
    void command.run(() => call("POST /api/v1/sagas/{id}/abort", { params: { id: props.saga.id }, body: { because } }))
  return (
    <>
      <Show when={may("operator") && canTurn()}>
        <Button disabled={url.isReplay()} onClick={() => setAsking(true)}>
          Turn back
        </Button>
      </Show>
      <Show when={isAsking()}>
        <Confirm
          open
          onClose={() => setAsking(false)}
          title={`Turn back swap ${props.saga.id}`}
          about={says}
          verb="Turn back"
          isDanger
          typed={props.saga.id}
          command={command}
          onConfirm={send}
        />
      </Show>
    </>
  )
}
