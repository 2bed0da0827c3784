/** Connects an account: who it is, where it is looked at, and which role trusts us. It starts in observe. */
import { createSignal, Show } from "solid-js"
import { call } from "../api/client.ts"
import { useCommand } from "../api/command.ts"
import { me } from "../api/session.ts"
import { ChoiceField, TextField } from "../parts/form.tsx"
import { Button } from "../shell/button.tsx"
import { CommandState } from "../shell/command-state.tsx"
import { Modal } from "../shell/modal.tsx"
import { Problem } from "../shell/page.tsx"
import { RoleTrust } from "./accounts-trust.tsx"

const formId = "connect-account"
type Body = NonNullable<Parameters<typeof call<"POST /api/v1/accounts">>[1]>["body"]

interface Draft {
  readonly account: string
  readonly name: string
  readonly regions: string
  readonly environment: Body["environment"]
  readonly roleArn: string
}
const blank: Draft = { account: "", name: "", regions: "us-east-1", environment: "PROD", roleArn: "" }
const orNull = (text: string) => (text.trim() === "" ? null : text.trim())
const bodyOf = (draft: Draft): Body => ({
  account: draft.account.trim(),
  name: draft.name.trim(),
  regions: draft.regions.split(/[\s,]+/).filter(Boolean),
  environment: draft.environment,
  roleArn: orNull(draft.roleArn)
})

interface FieldsProps {
  readonly of: Draft
  readonly onChange: (change: Partial<Draft>) => void
}

const Where = (props: FieldsProps) => (
  <>
    <TextField
      label="Account number"
      value={props.of.account}
      onInput={(account) => props.onChange({ account })}
      pattern="\d{12}"
      hint="Twelve digits."
      isMono
    />
    <TextField
      label="Name"
      value={props.of.name}
      onInput={(name) => props.onChange({ name })}
      maxlength={200}
      hint="As people here call it."
    />
    <TextField
      label="Regions"
      value={props.of.regions}
      onInput={(regions) => props.onChange({ regions })}
      pattern="\s*[a-z]{2}(-[a-z]+)+-\d{1,2}([\s,]+[a-z]{2}(-[a-z]+)+-\d{1,2})*\s*"
      hint="By space or comma, as us-east-1 eu-west-1."
      isMono
    />
  </>
)

const By = (props: FieldsProps) => (
  <>
    <ChoiceField
      label="Environment"
      value={props.of.environment}
      onPick={(value) => props.onChange({ environment: value === "LAB" ? "LAB" : "PROD" })}
      options={[
        ["PROD", "PROD: its interruptions teach every account"],
        ["LAB", "LAB: experiments, they teach nobody"]
      ]}
    />
    <TextField
      label="Role"
      value={props.of.roleArn}
      onInput={(roleArn) => props.onChange({ roleArn })}
      optional={me()?.superAdmin === true}
      pattern="arn:aws[a-z\-]*:iam::\d{12}:role/.+"
      hint={
        me()?.superAdmin === true
          ? "ARN of the role that we assume. Empty: the service's own credentials."
          : "ARN of the role that we assume."
      }
      isMono
    />
  </>
)

export const ConnectAccount = (props: { readonly onClose: () => void }) => {
  const command = useCommand()
  const [draft, setDraft] = createSignal(blank)
  const change = (part: Partial<Draft>) => setDraft({ ...draft(), ...part })
  const isSent = () => command.isBusy() || command.state() === "done" || command.state() === "no-change"
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    if (!isSent()) void command.run(() => call("POST /api/v1/accounts", { body: bodyOf(draft()) }))
  }
  return (
    <Modal
      open
      onClose={props.onClose}
      title="Connect an AWS account"
      about="It starts in observe: we read, nothing can be changed. Raise its mode when you trust what you see."
      footer={
        <>
          <CommandState command={command} />
          <Button onClick={() => props.onClose()}>{isSent() ? "Close" : "Cancel"}</Button>
          <Button type="submit" form={formId} weight="primary" disabled={isSent()}>
            Connect
          </Button>
        </>
      }
    >
      <form id={formId} class="grid gap-4" onSubmit={submit}>
        <RoleTrust />
        <Where of={draft()} onChange={change} />
        <By of={draft()} onChange={change} />
        <Show when={command.state() === "no-change"}>
          <p role="status" class="text-sm text-soft">
            Nothing changed: it is connected just so already, or it cannot be connected here. If it is yours and not in
            the list, ask whoever runs this service.
          </p>
        </Show>
        <Show when={command.problem()}>{(problem) => <Problem error={problem()} />}</Show>
      </form>
    </Modal>
  )
}
