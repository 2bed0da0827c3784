/** For whoever runs this installation: every tenant, making one, and letting none of one in. */
import Building from "lucide-solid/icons/building"
import { createSignal, Show } from "solid-js"
import { call, type Reply } from "../api/client.ts"
import { Awaited } from "../parts/awaited.tsx"
import { timeColumn } from "../parts/columns.tsx"
import { TextField } from "../parts/form.tsx"
import { useList } from "../parts/list.ts"
import { type Column, DataTable } from "../parts/table.tsx"
import { Button } from "../shell/button.tsx"
import { Chip } from "../shell/chip.tsx"
import { Order } from "../shell/confirm.tsx"
import { Modal } from "../shell/modal.tsx"
import { Empty, Problem } from "../shell/page.tsx"
import { Secret } from "./settings-secret.tsx"
import { useSending } from "../parts/sending.ts"

type Tenant = Reply<"GET /api/v1/tenants">["items"][number]

const columnsOf = (onChange: (tenant: Tenant) => void): ReadonlyArray<Column<Tenant>> => [
  { id: "companyName", title: "Company", value: (row) => row.companyName, width: 200 },
  { id: "id", title: "Tenant", value: (row) => row.id, width: 140 },
  { id: "email", title: "Address", value: (row) => row.email, width: 220 },
  {
    id: "status",
    title: "State",
    value: (row) => row.status,
    cell: (row) => <Chip tone={row.status === "active" ? "ok" : "warn"}>{row.status}</Chip>,
    width: 120
  },
  timeColumn("createdAt", "Since", (row) => row.createdAt, { width: 120 }),
  {
    id: "change",
    title: "Access",
    value: () => null,
    cell: (row) => (
      <Button size="small" weight={row.status === "active" ? "danger" : "plain"} onClick={() => onChange(row)}>
        {row.status === "active" ? "Suspend" : "Resume"}
        <span class="sr-only"> {row.companyName}</span>
      </Button>
    ),
    width: 120
  }
]

const Change = (props: { readonly of: Tenant; readonly onClose: () => void }) => {
  // As it was when it was asked for: the answer changes the tenant under this dialog.
  const isSuspending = props.of.status === "active"
  const verb = isSuspending ? "Suspend" : "Resume"
  const send = async (because: string) => {
    const asked = { params: { id: props.of.id }, body: { because } }
    await (isSuspending
      ? call("POST /api/v1/tenants/{id}/suspend", asked)
      : call("POST /api/v1/tenants/{id}/resume", asked))
    return undefined
  }
  return (
    <Order
      onClose={props.onClose}
      title={`${verb} ${props.of.companyName}`}
      about={
        isSuspending
          ? "Every session of it ends and nobody of it is let in. What runs goes on."
          : "Its people are let in again."
      }
      verb={verb}
      isDanger={isSuspending}
      typed={isSuspending ? props.of.id : undefined}
      send={send}
    />
  )
}

const Create = (props: { readonly onClose: () => void }) => {
  const sending = useSending()
  const [id, setId] = createSignal("")
  const [companyName, setCompanyName] = createSignal("")
  const [email, setEmail] = createSignal("")
  const [token, setToken] = createSignal<string>()
  const submit = async (event: SubmitEvent) => {
    event.preventDefault()
    const body = { id: id().trim(), companyName: companyName().trim(), email: email().trim() }
    setToken((await sending.run(() => call("POST /api/v1/tenants", { body })))?.said.token)
  }
  const form = () => (
    <form id="tenant" class="grid gap-4" onSubmit={(event) => void submit(event)}>
      <TextField label="Company" value={companyName()} onInput={setCompanyName} maxlength={200} />
      <TextField
        label="Tenant"
        value={id()}
        onInput={setId}
        pattern="[a-z0-9][a-z0-9\-]{0,62}"
        hint="Lower-case letters, digits and hyphens."
        isMono
      />
      <TextField label="Its owner's address" type="email" value={email()} onInput={setEmail} maxlength={254} />
      <Show when={sending.problem()}>{(problem) => <Problem error={problem()} />}</Show>
    </form>
  )
  const buttons = () => (
    <>
      <Button onClick={() => props.onClose()}>{token() === undefined ? "Cancel" : "Close"}</Button>
      <Show when={token() === undefined}>
        <Button type="submit" form="tenant" weight="primary" disabled={sending.isBusy()}>
          Make it
        </Button>
      </Show>
    </>
  )
  return (
    <Modal open onClose={props.onClose} title="Make a tenant" footer={buttons()}>
      <Show when={token()} fallback={form()}>
        {(value) => (
          <Secret label="Invitation token" value={value()} says={`Give this to ${email()}: it is shown once.`} />
        )}
      </Show>
    </Modal>
  )
}

export const Tenants = () => {
  const list = useList("GET /api/v1/tenants", { scope: false })
  const [isCreating, setCreating] = createSignal(false)
  const [changing, setChanging] = createSignal<Tenant>()
  const columns = columnsOf(setChanging)
  const create = () => (
    <Button icon={Building} weight="primary" onClick={() => setCreating(true)}>
      Make a tenant
    </Button>
  )
  const close = () => {
    setCreating(false)
    setChanging()
    list.page.again()
  }
  return (
    <div class="grid min-w-0 gap-4">
      <Show when={list.rows().length > 0}>
        <div>{create()}</div>
      </Show>
      <Awaited of={list.page} label="Loading tenants" rows={4}>
        <DataTable
          {...list.table}
          title="Tenants"
          columns={columns}
          key={(row) => row.id}
          empty={
            <Empty title="No tenant" action={create()}>
              Make one and hand its owner the token.
            </Empty>
          }
        />
      </Awaited>
      <Show when={isCreating()}>
        <Create onClose={close} />
      </Show>
      <Show when={changing()}>{(tenant) => <Change of={tenant()} onClose={close} />}</Show>
    </div>
  )
}
