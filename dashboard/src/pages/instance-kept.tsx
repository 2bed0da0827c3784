/** Keeping one instance from every plan, and letting it go again: an edit of its account's policy, with a reason. */
import { createSignal, Show } from "solid-js"
import { call } from "../api/client.ts"
import { useCommand } from "../api/command.ts"
import { may } from "../api/session.ts"
import type { Instance } from "../parts/instance-columns.tsx"
import { Button } from "../shell/button.tsx"
import { Confirm } from "../shell/confirm.tsx"
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

/** The button with its question; nothing for whoever may not edit policies. */
export const InstanceKept = (props: { readonly of: Instance }) => {
  const url = useUrlState()
  const command = useCommand()
  const [isAsking, setAsking] = createSignal(false)
  const word = () => (props.of.excluded ? words.let : words.keep)
  const send = (because: string) =>
    void command.run(() =>
      call("PATCH /api/v1/instances/{id}", {
        params: { id: props.of.instance },
        body: { excluded: !props.of.excluded, because }
      })
    )
  return (
    <Show when={may("owner")}>
      <Button disabled={url.isReplay()} onClick={() => setAsking(true)}>
        {word().verb}
      </Button>
      <Show when={isAsking()}>
        <Confirm
          open
          onClose={() => setAsking(false)}
          title={`${word().verb} ${props.of.instance}`}
          about={word().about}
          verb={word().verb}
          command={command}
          onConfirm={send}
        />
      </Show>
    </Show>
  )
}
