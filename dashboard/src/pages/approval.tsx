/** One plan: what is, what would be, every move, why it is safe, and the yes or no to exactly that. */
import { useParams } from "@solidjs/router"
import { createMemo, createSignal, lazy, Match, Show, Suspense, Switch } from "solid-js"
import { useRead } from "../api/read.ts"
import type { Reply } from "../api/client.ts"
import { may } from "../api/session.ts"
import { explain } from "../shell/explain.ts"
import { Button } from "../shell/button.tsx"
import { useKeys } from "../shell/keys.ts"
import { Ago, Countdown } from "../shell/moment.tsx"
import { Page } from "../shell/page.tsx"
import { useUrlState } from "../shell/url-state.ts"
import { counted, perMonth, savingsLabel, short } from "../words.ts"
import { ApprovalStatus } from "./approvals-list.tsx"
import { Layers } from "./approval-layers.tsx"
import { Moves } from "./approval-moves.tsx"
import { Compositions } from "./approval-composition.tsx"
import Check from "lucide-solid/icons/check"
import Lightbulb from "lucide-solid/icons/lightbulb"
import X from "lucide-solid/icons/x"

export type ApprovalDetail = Reply<"GET /api/v1/approvals/{id}">
export type Decision = "approve" | "reject"
const DecisionDialog = lazy(() => import("./approval-decision.tsx"))

/** Facts of the plan that are read first. */
const Facts = (props: { readonly plan: ApprovalDetail }) => (
  <dl class="panel grid grid-cols-2 gap-x-6 gap-y-4 p-4 sm:grid-cols-3 lg:grid-cols-6">
    <div>
      <dt class="label">Saves, if every swap is done</dt>
      <dd class="figure mt-1 text-lg text-ok">{perMonth(props.plan.monthlySavings)}</dd>
      <dd class="text-xs text-faint">{savingsLabel}</dd>
    </div>
    <div>
      <dt class="label">Swaps</dt>
      <dd class="figure mt-1 text-lg">{props.plan.moves}</dd>
    </div>
    <div>
      <dt class="label">{props.plan.status === "pending" ? "Expires in" : "Decided by"}</dt>
      <dd class="figure mt-1 truncate text-lg" title={props.plan.approvedBy ?? undefined}>
        <Show when={props.plan.status === "pending"} fallback={props.plan.approvedBy ?? "nobody"}>
          <Countdown until={props.plan.expiresAt} />
        </Show>
      </dd>
    </div>
    <div>
      <dt class="label">Asked</dt>
      <dd class="mt-1.5">
        <Ago at={props.plan.requestedAt} />
      </dd>
    </div>
    <div>
      <dt class="label">Rules</dt>
      <dd class="mt-1.5">{props.plan.preset}</dd>
    </div>
    <div>
      <dt class="label">Plan</dt>
      <dd class="mt-1.5 font-mono text-xs" title={props.plan.id}>
        {short(props.plan.id, 12)}
      </dd>
    </div>
  </dl>
)

const useDecisions = (plan: () => ApprovalDetail | undefined) => {
  const url = useUrlState()
  const [asking, setAsking] = createSignal<Decision | undefined>()
  const canDecide = createMemo(() => may("approver") && !url.isReplay() && plan()?.status === "pending")
  const ask = (decision: Decision) => canDecide() && setAsking(decision)
  useKeys([
    { key: "a", says: "Approve this plan", act: () => ask("approve") },
    { key: "x", says: "Reject this plan", act: () => ask("reject") }
  ])
  const whyNot = () =>
    url.isReplay() ? "An earlier moment is shown" : may("approver") ? undefined : "Deciding takes the role approver"
  return { asking, setAsking, ask, canDecide, whyNot }
}
type Decisions = ReturnType<typeof useDecisions>

const Actions = (props: { readonly plan: ApprovalDetail; readonly decisions: Decisions }) => (
  <>
    <Button icon={Lightbulb} onClick={() => explain(props.plan.id)} title="Explain (e)">
      Explain
    </Button>
    <Show when={props.plan.status === "pending"}>
      <Button
        icon={X}
        weight="danger"
        disabled={!props.decisions.canDecide()}
        title={props.decisions.whyNot() ?? "Reject (x)"}
        onClick={() => props.decisions.ask("reject")}
      >
        Reject
      </Button>
      <Button
        icon={Check}
        weight="primary"
        disabled={!props.decisions.canDecide()}
        title={props.decisions.whyNot() ?? "Approve (a)"}
        onClick={() => props.decisions.ask("approve")}
      >
        Approve {counted(props.plan.moves, "swap")}
      </Button>
    </Show>
  </>
)

const Where = (props: { readonly plan: ApprovalDetail }) => (
  <span class="flex flex-wrap items-center gap-2">
    <ApprovalStatus approval={props.plan} />
    {props.plan.account} · {props.plan.region}
  </span>
)

export default function ApprovalPage() {
  const params = useParams<{ id: string }>()
  const read = useRead(() => ["GET /api/v1/approvals/{id}", { params: { id: params.id } }], {
    topics: ["approval-desk", "swap-settled"],
    key: "swap"
  })
  const decisions = useDecisions(() => read.data)
  return (
    <Page
      title={read.data === undefined ? "Plan" : `Plan for ${read.data.group}`}
      about={<Show when={read.data}>{(plan) => <Where plan={plan()} />}</Show>}
      actions={<Show when={read.data}>{(plan) => <Actions plan={plan()} decisions={decisions} />}</Show>}
      pending={read.isPending}
      error={read.data === undefined ? read.error : undefined}
      again={read.again}
    >
      <Switch>
        <Match when={read.data}>
          {(plan) => (
            <div class="grid gap-4" data-explain={plan().id}>
              <Facts plan={plan()} />
              <div class="grid gap-4 xl:grid-cols-12">
                <Compositions plan={plan()} class="xl:col-span-7" />
                <Layers id={plan().id} class="xl:col-span-5" />
              </div>
              <Moves moves={plan().swaps} />
              <Suspense>
                <Show when={decisions.asking()}>
                  {(decision) => (
                    <DecisionDialog
                      plan={plan()}
                      version={read.etag}
                      decision={decision()}
                      onStale={read.again}
                      onClose={() => decisions.setAsking(undefined)}
                    />
                  )}
                </Show>
              </Suspense>
            </div>
          )}
        </Match>
      </Switch>
    </Page>
  )
}
