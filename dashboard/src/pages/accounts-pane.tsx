/** One account: what it answers, its sweeps, and what may be done there, changed only with a reason and its number. */
import { createSignal, For, Show } from "solid-js"
import { call } from "../api/client.ts"
import { useCommand } from "../api/command.ts"
import { may } from "../api/session.ts"
import { Facts } from "../parts/facts.tsx"
import { type Mode, ModeChip, modes } from "../parts/mode-chip.tsx"
import { Button, ButtonLink } from "../shell/button.tsx"
import { Chip } from "../shell/chip.tsx"
import { Confirm } from "../shell/confirm.tsx"
import { Modal } from "../shell/modal.tsx"
import { Ago } from "../shell/moment.tsx"
import StopSwitch from "../shell/stop-switch.tsx"
import { useUrlState } from "../shell/url-state.ts"
import { count, lasting, unknown } from "../words.ts"
import type { Account } from "./accounts.tsx"
import { AccountDoor, LeaveAccount } from "./accounts-door.tsx"

const rank = (mode: Mode) => modes.findIndex((one) => one.mode === mode)

/** Raising the mode gives rights in the account: its number is typed. Lowering takes a reason. */
const ChangeMode = (props: { readonly of: Account; readonly to: Mode; readonly onClose: () => void }) => {
  const command = useCommand()
  const [awaits, setAwaits] = createSignal(false)
  const isRaise = () => rank(props.to) > rank(props.of.mode)
  const send = (because: string) =>
    void command.run(async () => {
      const body = { mode: props.to, because }
      const receipt = await call("PUT /api/v1/accounts/{account}/mode", { params: { account: props.of.account }, body })
      setAwaits(receipt.awaiting === "second-person")
      return receipt
    })
  return (
    <Confirm
      open
      onClose={props.onClose}
      title={`${isRaise() ? "Raise" : "Lower"} ${props.of.name || props.of.account} to ${props.to}`}
      about={modes.find(({ mode }) => mode === props.to)?.says}
      verb={`${isRaise() ? "Raise" : "Lower"} to ${props.to}`}
      isDanger={props.to === "act"}
      typed={isRaise() ? props.of.account : undefined}
      command={command}
      onConfirm={send}
    >
      <p class="flex items-center gap-2 text-sm text-soft">
        Now <ModeChip mode={props.of.mode} /> afterwards <ModeChip mode={props.to} />
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
    </Confirm>
  )
}

const Sweeps = (props: { readonly of: Account }) => (
  <div class="scroll-box" tabindex="0" role="region" aria-label="Sweeps">
    <table class="table">
      <caption class="label mb-1 text-left">Sweeps: when each region was last read whole</caption>
      <thead>
        <tr>
          <th scope="col">Region</th>
          <th scope="col">Read</th>
          <th scope="col">Took</th>
          <th scope="col">Groups</th>
          <th scope="col">Instances</th>
          <th scope="col">Calls</th>
        </tr>
      </thead>
      <tbody>
        <For each={props.of.regions}>
          {(region) => {
            const sweep = () => props.of.sweeps.find((one) => one.region === region)
            return (
              <tr>
                <td>{region}</td>
                <Show when={sweep()} fallback={<td colspan="5">not swept yet</td>}>
                  {(done) => (
                    <>
                      <td>
                        <Ago at={done().startedAt} />
                      </td>
                      <td class="tabular-nums">{lasting(done().endedAt - done().startedAt)}</td>
                      <td class="tabular-nums">{count(done().groups)}</td>
                      <td class="tabular-nums">{count(done().instances)}</td>
                      <td class="tabular-nums">{count(done().calls)}</td>
                    </>
                  )}
                </Show>
              </tr>
            )
          }}
        </For>
      </tbody>
    </table>
  </div>
)

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
  const fleet = () =>
    `${count(props.of.groups)} groups, ${count(props.of.instances)} instances, ${count(props.of.spot)} of them Spot`
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
