/** Invites somebody: an address and a role; the token is shown once, to be handed over. */
import { createSignal, Show } from "solid-js"
import { call } from "../api/client.ts"
import type { Role } from "../api/session.ts"
import { ChoiceField, TextField } from "../parts/form.tsx"
import { Button } from "../shell/button.tsx"
import { Modal } from "../shell/modal.tsx"
import { Problem } from "../shell/page.tsx"
import { roles } from "./settings-roles.ts"
import { Secret } from "./settings-secret.tsx"
import { useSending } from "../parts/sending.ts"

export const Invite = (props: { readonly onClose: () => void }) => {
  const sending = useSending()
  const [email, setEmail] = createSignal("")
  const [role, setRole] = createSignal<Role>("viewer")
  const [token, setToken] = createSignal<string>()
  const submit = async (event: SubmitEvent) => {
    event.preventDefault()
    const answer = await sending.run(() =>
      call("POST /api/v1/invitations", { body: { email: email().trim(), role: role() } })
    )
    setToken(answer?.said.token)
  }
  return (
    <Modal
      open
      onClose={props.onClose}
      title="Invite somebody"
      footer={
        <>
          <Button onClick={() => props.onClose()}>{token() === undefined ? "Cancel" : "Close"}</Button>
          <Show when={token() === undefined}>
            <Button type="submit" form="invite" weight="primary" disabled={sending.isBusy()}>
              Invite
            </Button>
          </Show>
        </>
      }
    >
      <Show
        when={token()}
        fallback={
          <form id="invite" class="grid gap-4" onSubmit={(event) => void submit(event)}>
            <TextField label="Address" type="email" value={email()} onInput={setEmail} maxlength={254} />
            <ChoiceField label="Role" value={role()} onPick={(value) => setRole(value as Role)} options={roles} />
            <Show when={sending.problem()}>{(problem) => <Problem error={problem()} />}</Show>
          </form>
        }
      >
        {(secret) => (
          <Secret
            label="Invitation token"
            value={secret()}
            says={`Give this to ${email()}: it is shown once, and whoever has it may come in as ${role()}.`}
          />
        )}
      </Show>
    </Modal>
  )
}
