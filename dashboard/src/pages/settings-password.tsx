/** Changes one's own password; every other session of one's own ends. */
import { createSignal, Show } from "solid-js"
import { call } from "../api/client.ts"
import { TextField } from "../parts/form.tsx"
import { notify } from "../shell/announce.tsx"
import { Button } from "../shell/button.tsx"
import { Problem } from "../shell/page.tsx"
import { useSending } from "../parts/sending.ts"

/** Length is what counts; nothing is asked of the characters. */
const lengthMin = 12
interface Typed {
  readonly old: string
  readonly fresh: string
  readonly again: string
}
const nothing: Typed = { old: "", fresh: "", again: "" }

const Fields = (props: { readonly of: Typed; readonly onChange: (part: Partial<Typed>) => void }) => (
  <>
    <TextField
      label="Your password now"
      type="password"
      autocomplete="current-password"
      value={props.of.old}
      onInput={(old) => props.onChange({ old })}
      maxlength={256}
    />
    <TextField
      label="The new one"
      type="password"
      autocomplete="new-password"
      value={props.of.fresh}
      onInput={(fresh) => props.onChange({ fresh })}
      minlength={lengthMin}
      maxlength={256}
      hint={`At least ${lengthMin} characters; a sentence is easier to keep than a riddle.`}
    />
    <TextField
      label="The new one again"
      type="password"
      autocomplete="new-password"
      value={props.of.again}
      onInput={(again) => props.onChange({ again })}
      maxlength={256}
      error={props.of.again !== "" && props.of.again !== props.of.fresh ? "It is not the same as above." : undefined}
    />
  </>
)

export const ChangePassword = () => {
  const sending = useSending()
  const [typed, setTyped] = createSignal(nothing)
  const isReady = () => typed().fresh !== "" && typed().fresh === typed().again
  const submit = async (event: SubmitEvent) => {
    event.preventDefault()
    if (!isReady()) return
    const body = { old: typed().old, new: typed().fresh }
    if ((await sending.run(() => call("POST /api/v1/auth/change-password", { body }))) === undefined) return
    setTyped(nothing)
    notify("Your password is changed. Your other sessions have ended.")
  }
  return (
    <form class="panel grid content-start gap-4 p-4" aria-label="Change your password" onSubmit={(e) => void submit(e)}>
      <Fields of={typed()} onChange={(part) => setTyped({ ...typed(), ...part })} />
      <Show when={sending.problem()}>{(problem) => <Problem error={problem()} />}</Show>
      <div>
        <Button type="submit" weight="primary" disabled={sending.isBusy() || !isReady()}>
          Change it
        </Button>
      </div>
    </form>
  )
}
