/** The tenant's people: their roles, who was invited, and who may no longer come in. */
import UserPlus from "lucide-solid/icons/user-plus"
import { createSignal, Show } from "solid-js"
import { call, type Reply } from "../api/client.ts"
import { may, me, type Role } from "../api/session.ts"
import { Awaited } from "../parts/awaited.tsx"
import { timeColumn } from "../parts/columns.tsx"
import { useList } from "../parts/list.ts"
import { type Column, DataTable } from "../parts/table.tsx"
import { notify } from "../shell/announce.tsx"
import { Button } from "../shell/button.tsx"
import { Chip } from "../shell/chip.tsx"
import { Empty, Problem } from "../shell/page.tsx"
import { Invite } from "./settings-invite.tsx"
import { roles } from "./settings-roles.ts"
import { type Sending, useSending } from "../parts/sending.ts"

type User = Reply<"GET /api/v1/users">["items"][number]
type Invitation = Reply<"GET /api/v1/invitations">["items"][number]

const RoleOf = (props: { readonly of: User; readonly sending: Sending; readonly again: () => void }) => {
  const change = async (field: HTMLSelectElement) => {
    const asked = { params: { id: props.of.id }, body: { role: field.value as Role } }
    if ((await props.sending.run(() => call("PATCH /api/v1/users/{id}", asked))) === undefined)
      // Refused: what stands is what it says.
      field.value = props.of.role
    else notify(`${props.of.name} is now ${asked.body.role}`)
    props.again()
  }
  return (
    <Show when={may("owner") && props.of.id !== me()?.user?.id} fallback={props.of.role}>
      <select
        class="field h-7 py-0"
        aria-label={`Role of ${props.of.name}`}
        disabled={props.sending.isBusy()}
        onChange={(event) => void change(event.currentTarget)}
      >
        {roles.map(([role]) => (
          <option value={role} selected={role === props.of.role}>
            {role}
          </option>
        ))}
      </select>
    </Show>
  )
}

const Disable = (props: { readonly of: User; readonly sending: Sending; readonly again: () => void }) => {
  const next = () => (props.of.status === "active" ? "disabled" : "active")
  const change = async () => {
    const asked = { params: { id: props.of.id }, body: { status: next() } } as const
    if ((await props.sending.run(() => call("PATCH /api/v1/users/{id}", asked))) !== undefined)
      notify(`${props.of.name} is ${next()}`)
    props.again()
  }
  return (
    <Show when={may("owner") && props.of.id !== me()?.user?.id}>
      <Button size="small" disabled={props.sending.isBusy()} onClick={() => void change()}>
        {props.of.status === "active" ? "Disable" : "Let in again"}
        <span class="sr-only"> {props.of.name}</span>
      </Button>
    </Show>
  )
}

const userColumns = (sending: Sending, again: () => void): ReadonlyArray<Column<User>> => [
  { id: "name", title: "Name", value: (row) => row.name, width: 170 },
  { id: "email", title: "Address", value: (row) => row.email, width: 220 },
  {
    id: "role",
    title: "Role",
    value: (row) => row.role,
    cell: (row) => <RoleOf of={row} sending={sending} again={again} />,
    width: 130
  },
  {
    id: "status",
    title: "State",
    value: (row) => row.status,
    cell: (row) => <Chip tone={row.status === "active" ? "ok" : "none"}>{row.status}</Chip>,
    width: 110
  },
  { id: "signsInWith", title: "Signs in with", value: (row) => row.signsInWith.join(" "), width: 140 },
  timeColumn("lastSeenAt", "Last seen", (row) => row.lastSeenAt, { width: 120 }),
  {
    id: "change",
    title: "Access",
    value: () => null,
    cell: (row) => <Disable of={row} sending={sending} again={again} />,
    width: 130
  }
]

const invitationColumns: ReadonlyArray<Column<Invitation>> = [
  { id: "email", title: "Address", value: (row) => row.email, width: 220 },
  { id: "role", title: "Role", value: (row) => row.role, width: 110 },
  { id: "by", title: "Invited by", value: (row) => row.by, width: 180 },
  {
    id: "state",
    title: "State",
    value: (row) => (row.usedAt === null ? "open" : "used"),
    cell: (row) => <Chip tone={row.usedAt === null ? "info" : "ok"}>{row.usedAt === null ? "open" : "used"}</Chip>,
    width: 100
  },
  timeColumn("expiresAt", "Ends", (row) => row.expiresAt, { width: 120 })
]

const Invitations = () => {
  const list = useList("GET /api/v1/invitations", { scope: false, topics: ["identity-changed"] })
  const [isInviting, setInviting] = createSignal(false)
  const invite = () => (
    <Button icon={UserPlus} weight="primary" onClick={() => setInviting(true)}>
      Invite somebody
    </Button>
  )
  return (
    <>
      <div class="flex items-center justify-between gap-2">
        <h2 class="text-sm font-medium">Invitations</h2>
        <Show when={list.rows().length > 0}>{invite()}</Show>
      </div>
      <Awaited of={list.page} label="Loading invitations" rows={2}>
        <DataTable
          {...list.table}
          title="Invitations"
          name="invitations"
          columns={invitationColumns}
          key={(row) => row.id}
          empty={
            <Empty title="Nobody is invited" action={invite()}>
              An invitation is a token that you hand over yourself; whoever has it becomes a user of this tenant once.
            </Empty>
          }
        />
      </Awaited>
      <Show when={isInviting()}>
        <Invite
          onClose={() => {
            setInviting(false)
            list.page.again()
          }}
        />
      </Show>
    </>
  )
}

export const People = () => {
  const sending = useSending()
  const list = useList("GET /api/v1/users", { scope: false, topics: ["identity-changed"] })
  const columns = userColumns(sending, list.page.again)
  return (
    <div class="grid min-w-0 gap-4">
      <Show when={sending.problem()}>{(refusal) => <Problem error={refusal()} />}</Show>
      <Awaited of={list.page} label="Loading people" rows={4}>
        <DataTable
          {...list.table}
          title="People"
          columns={columns}
          key={(row) => row.id}
          empty={<Empty title="No people">The service did not name anybody, not even you: sign in again.</Empty>}
        />
      </Awaited>
      <Show when={may("owner")}>
        <Invitations />
      </Show>
    </div>
  )
}
