/** The door of an account: trying it now, check by check, and leaving the account for good reasons. */
import { For, Show } from "solid-js"
import { call } from "../api/client.ts"
import { useCommand } from "../api/command.ts"
import { may } from "../api/session.ts"
import { Button } from "../shell/button.tsx"
import { Chip } from "../shell/chip.tsx"
import { CommandState } from "../shell/command-state.tsx"
import { Order } from "../shell/confirm.tsx"
import { Ago } from "../shell/moment.tsx"
import { Problem } from "../shell/page.tsx"
import { useUrlState } from "../shell/url-state.ts"
import type { Account } from "./accounts.tsx"

type Check = NonNullable<Account["verified"]>["checks"][number]

/** Null: it was not tried, and its details say why. */
const Outcome = (props: { readonly of: Check }) => (
  <Show when={props.of.ok !== null} fallback={<Chip>not tried</Chip>}>
    <Chip tone={props.of.ok === true ? "ok" : "bad"}>{props.of.ok === true ? "passed" : "failed"}</Chip>
  </Show>
)

const Checks = (props: { readonly of: NonNullable<Account["verified"]> }) => (
  <>
    <p class="text-xs text-soft">
      Tried <Ago at={props.of.at} /> by {props.of.by}
    </p>
    <ul class="grid gap-2">
      <For each={props.of.checks}>
        {(check) => (
          <li class="grid gap-1 rounded-xl border border-line px-3 py-2 text-[13px]">
            <p class="flex items-center gap-2">
              <span class="min-w-0 grow font-medium">{check.check}</span>
              <Outcome of={check} />
            </p>
            <p class="wrap-anywhere text-soft">{check.details}</p>
            <Show when={check.mend}>{(mend) => <p class="wrap-anywhere text-bad">{mend()}</p>}</Show>
          </li>
        )}
      </For>
    </ul>
  </>
)

/** What was last tried, and a button to try it now. */
export const AccountDoor = (props: { readonly of: Account }) => {
  const url = useUrlState()
  const command = useCommand()
  const params = () => ({ account: props.of.account })
  const verify = () => void command.run(() => call("POST /api/v1/accounts/{account}/verify", { params: params() }))
  const isShut = () => !may("operator") || url.isReplay() || command.isBusy() || props.of.status === "disconnected"
  return (
    <div class="grid gap-2">
      <div class="flex items-center gap-3">
        <h3 class="label grow">Door</h3>
        <CommandState command={command} />
        <Button size="small" disabled={isShut()} onClick={verify}>
          Verify
        </Button>
      </div>
      <Show
        when={props.of.verified}
        fallback={
          <p class="text-xs text-soft">
            Nobody has tried it yet: whether the role lets us in, refuses a wrong external id, and each region is read.
          </p>
        }
      >
        {(verified) => <Checks of={verified()} />}
      </Show>
      <Show when={command.problem()}>{(problem) => <Problem error={problem()} />}</Show>
    </div>
  )
}

/** Leaving takes a reason and the account's number; what is under way is refused by the service, with what to do. */
export const LeaveAccount = (props: { readonly of: Account; readonly onClose: () => void }) => (
  <Order
    onClose={props.onClose}
    title={`Disconnect ${props.of.name || props.of.account}`}
    about="Nobody reads it any more and nothing begins in it. Its history, audit trail and ledger stay."
    verb="Disconnect"
    isDanger
    typed={props.of.account}
    send={(because) =>
      call("DELETE /api/v1/accounts/{account}", { params: { account: props.of.account }, body: { because } })
    }
  >
    <p class="text-sm text-soft">
      Its groups leave the lists. Take the role back afterwards, not before: what is under way ends by it.
    </p>
  </Order>
)
