/** One account: what it answers, its sweeps, and what may be done there, changed only with a reason and its number. */
import { createSignal, For, Show } from "solid-js"
import { call } from "../api/client.ts"
import { may } from "../api/session.ts"
import { Facts } from "../parts/facts.tsx"
import { type Mode, ModeChip, modes } from "../parts/mode-chip.tsx"
import { type PlainColumn, PlainTable } from "../parts/plain-table.tsx"
import { Button, ButtonLink } from "../shell/button.tsx"
import { Chip } from "../shell/chip.tsx"
import { Order } from "../shell/confirm.tsx"
import { Modal } from "../shell/modal.tsx"
import { Ago } from "../shell/moment.tsx"
import StopSwitch from "../shell/stop-switch.tsx"
import { useUrlState } from "../shell/url-state.ts"
import { count, counted, lasting, unknown } from "../words.ts"
import type { Account } from "./accounts.tsx"
import { AccountDoor, LeaveAccount } from "./accounts-door.tsx"

const rank = (mode: Mode) => modes.findIndex((one) => one.mode === mode)

/** Raising the mode gives rights in the account: its number is typed. Lowering takes a reason. */
const ChangeMode = (props: { readonly of: Account; readonly to: Mode; readonly onClose: () => void }) => {
  const [awaits, setAwaits] = createSignal(false)
  // As it was when it was asked for: the answer changes the account under this dialog.
  const from = props.of.mode
  const verb = () => (rank(props.to) > rank(from) ? "Raise" : "Lower")
  const send = async (because: string) => {
    const body = { mode: props.to, because }
    const receipt = await call("PUT /api/v1/accounts/{account}/mode", { params: { account: props.of.account }, body })
    setAwaits(receipt.awaiting === "second-person")
    return receipt
  }
  return (
    <Order
      onClose={props.onClose}
      title={`${verb()} ${props.of.name || props.of.account} to ${props.to}`}
      about={modes.find(({ mode }) => mode === props.to)?.says}
      verb={`${verb()} to ${props.to}`}
      isDanger={props.to === "act"}
      typed={verb() === "Raise" ? props.of.account : undefined}
      send={send}
    >
      <p class="flex items-center gap-2 text-sm text-soft">
        Now <ModeChip mode={from} /> afterwards <ModeChip mode={props.to} />
      </p>
      <Show when={props.to === "act"}>
        <p class="text-sm text-soft">
          Where the tenant has more than one person, a second one has to ask for the same.
        </p>
      </Show>
      <Show when={awaits()}>
        <p role="status" class="rounded-xl border border-info/40 bg-info/10 px-3 py-2 text-sm text-info">
          It is noted. A second owner has to raise this account to act before it holds.
        </p>
      </Show>
    </Order>
  )
}

interface Swept {
  readonly region: string
  /** Undefined: not swept yet. */
  readonly sweep: Account["sweeps"][number] | undefined
}
type Sweep = NonNullable<Swept["sweep"]>
const ofSweep = (title: string, figure: (sweep: Sweep) => string): PlainColumn<Swept> => ({
  title,
  cell: ({ sweep }) => (sweep === undefined ? unknown : figure(sweep)),
  class: "tabular-nums"
})
const sweepColumns: ReadonlyArray<PlainColumn<Swept>> = [
  { title: "Region", cell: ({ region }) => region },
  { title: "Read", cell: ({ sweep }) => (sweep === undefined ? "not swept yet" : <Ago at={sweep.startedAt} />) },
  ofSweep("Took", ({ startedAt, endedAt }) => lasting(endedAt - startedAt)),
  ofSweep("Groups", ({ groups }) => count(groups)),
  ofSweep("Instances", ({ instances }) => count(instances)),
  ofSweep("Calls", ({ calls }) => count(calls))
]

const Sweeps = (props: { readonly of: Account }) => {
  const rows = () =>
    props.of.regions.map((region) => ({ region, sweep: props.of.sweeps.find((one) => one.region === region) }))
  return (
    <section>
      <h3 class="label mb-1">Sweeps: when each region was last read whole</h3>
      <PlainTable label="Sweeps" columns={sweepColumns} rows={rows()} />
    </section>
  )
}

const ModeButtons = (props: { readonly of: Account; readonly onPick: (mode: Mode) => void }) => {
  const url = useUrlState()
  return (
    <div class="grid gap-2">
      <h3 class="label">Mode</h3>
      <For each={modes}>
        {({ mode, says }) => (
          <div
            class="flex items-center gap-3 rounded-xl border border-line p-3"
            classList={{ "border-info!": mode === props.of.mode }}
          >
            <div class="min-w-0 grow">
              <p class="font-medium">{mode}</p>
              <p class="text-xs text-soft">{says}</p>
            </div>
            <Show when={mode !== props.of.mode} fallback={<Chip tone="info">in force</Chip>}>
              <Button size="small" disabled={!may("owner") || url.isReplay()} onClick={() => props.onPick(mode)}>
                {rank(mode) > rank(props.of.mode) ? "Raise" : "Lower"}
                <span class="sr-only"> to {mode}</span>
              </Button>
            </Show>
          </div>
        )}
      </For>
      <Show when={!may("owner")}>
        <p class="text-xs text-faint">Only an owner may change the mode.</p>
      </Show>
    </div>
  )
}

const Known = (props: { readonly of: Account }) => {
  const fleet = () => {
    const groups = counted(props.of.groups, "group")
    return `${groups}, ${counted(props.of.instances, "instance")}, ${count(props.of.spot)} of them Spot`
  }
  return (
    <>
      <Show when={props.of.status === "disconnected"}>
        <p role="status" class="rounded-xl border border-line px-3 py-2 text-sm text-soft">
          Disconnected: {props.of.reason}. Nobody reads it; to have it back, connect it again.
        </p>
      </Show>
      <Show when={props.of.status === "refused" && props.of.reason}>
        {(reason) => (
          <p role="alert" class="rounded-xl border border-bad/50 bg-bad/10 px-3 py-2 text-sm text-bad">
            {reason()}
          </p>
        )}
      </Show>
      <Facts
        of={[
          [props.of.status === "disconnected" ? "Disconnected" : "Connected", <Ago at={props.of.since} />],
          ["Role", props.of.roleArn ?? "the service's own credentials"],
          ["External id", props.of.externalIdEndsWith === null ? unknown : `ends with ${props.of.externalIdEndsWith}`],
          ["Fleet", fleet()]
        ]}
      />
    </>
  )
}

interface ButtonsProps {
  readonly of: Account
  readonly onStop: () => void
  readonly onLeave: () => void
}
const Buttons = (props: ButtonsProps) => {
  const url = useUrlState()
  return (
    <>
      <ButtonLink href={url.link("/policies", { open: props.of.account })}>Policy</ButtonLink>
      <Button weight="danger" disabled={!may("operator") || url.isReplay()} onClick={() => props.onStop()}>
        Stop switch
      </Button>
      <Show when={props.of.status !== "disconnected"}>
        <Button weight="danger" disabled={!may("owner") || url.isReplay()} onClick={() => props.onLeave()}>
          Disconnect
        </Button>
      </Show>
    </>
  )
}

/** The drawer of an account. */
export const AccountPane = (props: { readonly of: Account; readonly onClose: () => void }) => {
  const [to, setTo] = createSignal<Mode>()
  const [isStopping, setStopping] = createSignal(false)
  const [isLeaving, setLeaving] = createSignal(false)
  const buttons = () => <Buttons of={props.of} onStop={() => setStopping(true)} onLeave={() => setLeaving(true)} />
  return (
    <>
      <Modal
        at="right"
        wide
        open={to() === undefined && !isStopping() && !isLeaving()}
        onClose={props.onClose}
        title={props.of.name || props.of.account}
        about={`${props.of.account}, ${props.of.environment}`}
        footer={buttons()}
      >
        <div class="grid gap-5">
          <Known of={props.of} />
          <AccountDoor of={props.of} />
          <Show when={props.of.status !== "disconnected"}>
            <ModeButtons of={props.of} onPick={setTo} />
          </Show>
          <Sweeps of={props.of} />
        </div>
      </Modal>
      <Show when={to()}>{(mode) => <ChangeMode of={props.of} to={mode()} onClose={() => setTo()} />}</Show>
      <Show when={isLeaving()}>
        <LeaveAccount of={props.of} onClose={() => setLeaving(false)} />
      </Show>
      <Show when={isStopping()}>
        <StopSwitch
          account={props.of.account}
          stopped={props.of.stop === "run" ? [] : [props.of.account]}
          onClose={() => setStopping(false)}
        />
      </Show>
    </>
  )
}
