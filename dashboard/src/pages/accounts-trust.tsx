/** What a role has to trust before its account is connected: the tenant's external id, and the policy to paste. */
import Copy from "lucide-solid/icons/copy"
import { createSignal, onMount, Show } from "solid-js"
import { type ApiProblem, call, problemOf, type Reply } from "../api/client.ts"
import { Button } from "../shell/button.tsx"
import { byHand, useCopying } from "../shell/copying.ts"
import { Problem, Skeleton } from "../shell/page.tsx"

type Trust = Reply<"GET /api/v1/accounts/trust">

/** Text that is taken elsewhere as it stands. */
const Copied = (props: { readonly label: string; readonly value: string }) => {
  const { says: done, copy } = useCopying(byHand)
  return (
    <div class="grid gap-1.5">
      <div class="flex items-center gap-2">
        <p class="label grow">{props.label}</p>
        <span role="status" class="text-xs text-soft">
          {done()}
        </span>
        <Button size="small" icon={Copy} onClick={() => copy(props.value)}>
          Copy<span class="sr-only"> {props.label.toLowerCase()}</span>
        </Button>
      </div>
      <output aria-label={props.label} class="max-h-56 overflow-auto rounded-lg border border-line bg-ground px-3 py-2">
        <code class="font-mono text-xs break-all whitespace-pre-wrap select-all">{props.value}</code>
      </output>
    </div>
  )
}

const Known = (props: { readonly of: Trust }) => (
  <>
    <Copied label="Your external id" value={props.of.externalId} />
    <Show
      when={props.of.trustPolicy}
      fallback={
        <p class="text-xs text-soft">
          Whom the role has to let in is not set here: ask whoever runs this service (TRUST_PRINCIPAL).
        </p>
      }
    >
      {(policy) => <Copied label="Trust policy of the role" value={policy()} />}
    </Show>
  </>
)

/** It is made by the service and cannot be chosen: with a chosen one, others could have their role used by us. */
export const RoleTrust = () => {
  const [trust, setTrust] = createSignal<Trust>()
  const [problem, setProblem] = createSignal<ApiProblem>()
  const ask = () => {
    setProblem()
    void call("GET /api/v1/accounts/trust").then(setTrust, (cause) => setProblem(problemOf(cause)))
  }
  onMount(ask)
  return (
    <div class="grid gap-3 rounded-xl border border-line p-3">
      <p class="text-xs text-soft">Give the role this trust policy first. We come under this external id alone.</p>
      <Show
        when={trust()}
        fallback={
          <Show when={problem()} fallback={<Skeleton rows={2} label="Loading your external id" />}>
            {(no) => <Problem error={no()} again={ask} />}
          </Show>
        }
      >
        {(known) => <Known of={known()} />}
      </Show>
    </div>
  )
}
