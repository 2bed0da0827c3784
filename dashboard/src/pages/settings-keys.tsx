/** API keys of programs: what each may do, until when, and when it was last used. */
import KeyRound from "lucide-solid/icons/key-round"
import { createSignal, For, Show } from "solid-js"
import { call, type Reply } from "../api/client.ts"
import { Awaited } from "../parts/awaited.tsx"
import { timeColumn } from "../parts/columns.tsx"
import { TextField } from "../parts/form.tsx"
import { useList } from "../parts/list.ts"
import { type Column, DataTable } from "../parts/table.tsx"
import { notify } from "../shell/announce.tsx"
import { Button } from "../shell/button.tsx"
import { Chip } from "../shell/chip.tsx"
import { Modal } from "../shell/modal.tsx"
import { Ago } from "../shell/moment.tsx"
import { Empty, Problem } from "../shell/page.tsx"
import { Secret } from "./settings-secret.tsx"
import { useSending } from "../parts/sending.ts"

type Key = Reply<"GET /api/v1/keys">["items"][number]
type Scope = Key["scopes"][number]
const scopes: ReadonlyArray<readonly [Scope, string]> = [
  ["read", "read: everything that a viewer sees"],
  ["operate", "operate: also stop, start and look again"],
  ["approve", "approve: also say yes or no to plans"]
]

const stateOf = (row: Key): "revoked" | "ended" | "valid" =>
  row.revokedAt !== null ? "revoked" : row.expiresAt !== null && row.expiresAt < Date.now() ? "ended" : "valid"

const columnsOf = (onRevoke: (key: Key) => void): ReadonlyArray<Column<Key>> => [
  { id: "name", title: "Name", value: (row) => row.name, width: 180 },
  { id: "scopes", title: "May", value: (row) => row.scopes.join(" "), width: 160 },
  {
    id: "state",
    title: "State",
    value: stateOf,
    cell: (row) => <Chip tone={stateOf(row) === "valid" ? "ok" : "none"}>{stateOf(row)}</Chip>,
    width: 110
  },
  timeColumn("expiresAt", "Ends", (row) => row.expiresAt, { width: 120 }),
  timeColumn("lastUsedAt", "Last used", (row) => row.lastUsedAt, { width: 120 }),
  { id: "createdBy", title: "Issued by", value: (row) => row.createdBy, width: 180 },
  { id: "id", title: "Id", value: (row) => row.id, width: 190, isExtra: true },
  {
    id: "revoke",
    title: "Access",
    value: () => null,
    cell: (row) => (
      <Show when={stateOf(row) === "valid"}>
        <Button size="small" weight="danger" onClick={() => onRevoke(row)}>
          Revoke<span class="sr-only"> {row.name}</span>
        </Button>
      </Show>
    ),
    width: 110
  }
]

const Scopes = (props: {
  readonly value: ReadonlyArray<Scope>
  readonly onChange: (scopes: ReadonlyArray<Scope>) => void
}) => (
  <fieldset class="grid gap-2">
    <legend class="label mb-1">What it may do</legend>
    <For each={scopes}>
      {([scope, says]) => (
        <label class="flex items-center gap-2 text-[13px]">
          <input
            type="checkbox"
            class="accent-(--c-info)"
            checked={props.value.includes(scope)}
            onChange={(event) =>
              props.onChange(
                event.currentTarget.checked ? [...props.value, scope] : props.value.filter((one) => one !== scope)
              )
            }
          />
          {says}
        </label>
      )}
    </For>
  </fieldset>
)

const Issue = (props: { readonly onClose: () => void }) => {
  const sending = useSending()
  const [name, setName] = createSignal("")
  const [chosen, setChosen] = createSignal<ReadonlyArray<Scope>>(["read"])
  const [days, setDays] = createSignal("90")
  const [secret, setSecret] = createSignal<string>()
  const submit = async (event: SubmitEvent) => {
    event.preventDefault()
    const body = { name: name().trim(), scopes: chosen(), days: Number(days()) }
    setSecret((await sending.run(() => call("POST /api/v1/keys", { body })))?.said.secret)
  }
  const buttons = () => (
    <>
      <Button onClick={() => props.onClose()}>{secret() === undefined ? "Cancel" : "Close"}</Button>
      <Show when={secret() === undefined}>
        <Button type="submit" form="issue" weight="primary" disabled={sending.isBusy() || chosen().length === 0}>
          Issue
        </Button>
      </Show>
    </>
  )
  const form = () => (
    <form id="issue" class="grid gap-4" onSubmit={(event) => void submit(event)}>
      <TextField label="Name" value={name()} onInput={setName} maxlength={100} hint="Which program it is for." />
      <Scopes value={chosen()} onChange={setChosen} />
      <TextField label="Valid for, days" type="number" value={days()} onInput={setDays} min={1} max={365} />
      <Show when={sending.problem()}>{(problem) => <Problem error={problem()} />}</Show>
    </form>
  )
  return (
    <Modal open onClose={props.onClose} title="Issue an API key" footer={buttons()}>
      <Show when={secret()} fallback={form()}>
        {(value) => (
          <Secret label="API key" value={value()} says="It is shown once: only its digest is kept. Copy it now." />
        )}
      </Show>
    </Modal>
  )
}

const Revoke = (props: { readonly of: Key; readonly onClose: () => void }) => {
  const sending = useSending()
  const revoke = async () => {
    if ((await sending.run(() => call("DELETE /api/v1/keys/{id}", { params: { id: props.of.id } }))) === undefined)
      return
    notify(`The key ${props.of.name} is revoked`)
    props.onClose()
  }
  return (
    <Modal
      open
      onClose={props.onClose}
      title={`Revoke ${props.of.name}`}
      about="At once, and for good: whatever uses it is refused from now on."
      footer={
        <>
          <Button onClick={() => props.onClose()}>Cancel</Button>
          <Button weight="danger" disabled={sending.isBusy()} onClick={() => void revoke()}>
            Revoke
          </Button>
        </>
      }
    >
      <Show
        when={sending.problem()}
        fallback={
          <p class="text-sm text-soft">
            Last used <Ago at={props.of.lastUsedAt} />.
          </p>
        }
      >
        {(problem) => <Problem error={problem()} />}
      </Show>
    </Modal>
  )
}

export const Keys = () => {
  const list = useList("GET /api/v1/keys", { scope: false, topics: ["identity-changed"] })
  const [isIssuing, setIssuing] = createSignal(false)
  const [revoking, setRevoking] = createSignal<Key>()
  const columns = columnsOf(setRevoking)
  const issue = () => (
    <Button icon={KeyRound} weight="primary" onClick={() => setIssuing(true)}>
      Issue a key
    </Button>
  )
  const close = () => {
    setIssuing(false)
    setRevoking()
    list.page.again()
  }
  return (
    <div class="grid min-w-0 gap-4">
      <Show when={list.rows().length > 0}>
        <div>{issue()}</div>
      </Show>
      <Awaited of={list.page} label="Loading keys" rows={4}>
        <DataTable
          {...list.table}
          title="API keys"
          columns={columns}
          key={(row) => row.id}
          empty={
            <Empty title="No key was issued" action={issue()}>
              Programs come in with a key instead of a password: it may do only what it was given, and never manages
              people or other keys.
            </Empty>
          }
        />
      </Awaited>
      <Show when={isIssuing()}>
        <Issue onClose={close} />
      </Show>
      <Show when={revoking()}>{(key) => <Revoke of={key()} onClose={close} />}</Show>
    </div>
  )
}
