/** Keeping one instance from every plan, and letting it go again: an edit of its account's policy, with a reason. */
import { createSignal, Show } from "solid-js"
import { call } from "../api/client.ts"
import { may } from "../api/session.ts"
import type { Instance } from "../parts/instance-columns.tsx"
import { Button } from "../shell/button.tsx"
import { Order } from "../shell/confirm.tsx"
import { useUrlState } from "../shell/url-state.ts"

const words = {
  keep: {
    verb: "Exclude",
    about:
      "No plan takes it away any more, and one that would is closed. A swap that is under way ends by its own rules."
  },
  let: {
    verb: "Let go",
    about: "The next look at its group may plan it again. Nothing moves without the approval that its account asks for."
  }
} as const

/** One order about the instance as it was when it was asked for: the answer turns the words beside it, not these. */
const Ask = (props: { readonly of: Instance; readonly onClose: () => void }) => {
  const { instance, excluded } = props.of
  const word = excluded ? words.let : words.keep
  return (
    <Order
      onClose={props.onClose}
      title={`${word.verb} ${instance}`}
      about={word.about}
      verb={word.verb}
      send={(because) =>
        call("PATCH /api/v1/instances/{id}", { params: { id: instance }, body: { excluded: !excluded, because } })
      }
    />
  )
}

/** The button with its question; nothing for whoever may not edit policies. */
export const InstanceKept = (props: { readonly of: Instance }) => {
  const url = useUrlState()
  const [isAsking, setAsking] = createSignal(false)
  return (
    <Show when={may("owner")}>
      <Button disabled={url.isReplay()} onClick={() => setAsking(true)}>
        {(props.of.excluded ? words.let : words.keep).verb}
      </Button>
      <Show when={isAsking()}>
        <Ask of={props.of} onClose={() => setAsking(false)} />
      </Show>
    </Show>
  )
}
