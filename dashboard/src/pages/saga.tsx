/** A swap as it runs: its steps over time, the capacity of its group meanwhile, its journal and its calls. */
import { useParams } from "@solidjs/router"
import Download from "lucide-solid/icons/download"
import Lightbulb from "lucide-solid/icons/lightbulb"
import Route from "lucide-solid/icons/route"
import { Match, Show, Switch } from "solid-js"
import { useRead } from "../api/read.ts"
import type { Reply } from "../api/client.ts"
import { SwapStatus } from "../parts/swap-status.tsx"
import { save } from "../parts/table-export.ts"
import { Button, ButtonLink } from "../shell/button.tsx"
import { explain } from "../shell/explain.ts"
import { Ago } from "../shell/moment.tsx"
import { Page } from "../shell/page.tsx"
import { type Tab, Tabs } from "../shell/tabs.tsx"
import { useUrlState } from "../shell/url-state.ts"
import { lasting, perHour, short } from "../words.ts"
import { SagaWords } from "./saga-words.tsx"
import { Calls, Journal } from "./saga-journal.tsx"
import { Timeline } from "./saga-timeline.tsx"

export type SagaDetail = Reply<"GET /api/v1/sagas/{id}">

const Pair = (props: {
  readonly name: string
  readonly value: string | null
  readonly isId?: boolean
  readonly says?: string
}) => (
  <div class="min-w-0">
    <dt class="label">{props.name}</dt>
    <dd
      class={`mt-1 truncate ${props.isId === true ? "font-mono text-xs leading-6" : "font-medium"}`}
      title={props.value ?? ""}
    >
      {props.value ?? "not yet"}
      <Show when={props.says}>
        <span class="ml-1.5 font-normal text-soft">{props.says}</span>
      </Show>
    </dd>
  </div>
)

/** What becomes what, in whose name. */
const Facts = (props: { readonly saga: SagaDetail }) => (
  <dl class="panel grid grid-cols-2 gap-x-6 gap-y-4 p-4 sm:grid-cols-3 xl:grid-cols-6">
    <Pair name="Old instance" value={props.saga.old} isId />
    <Pair name="Replacement" value={props.saga.replacement} isId />
    <Pair name="Types" value={`${props.saga.oldType} → ${props.saga.newType}`} />
    <Pair name="Zone" value={props.saga.zone} />
    <Pair name="Saves" value={perHour(props.saga.hourlySavings)} says={props.saga.canary ? "first of its plan" : ""} />
    <Pair name="Approved by" value={props.saga.approvedBy} />
  </dl>
)

const Trouble = (props: { readonly saga: SagaDetail }) => (
  <Show when={props.saga.reason ?? props.saga.code}>
    <div class="panel border-warn/40 bg-warn/10 px-4 py-3">
      <p class="font-medium text-warn">
        {props.saga.status === "stuck" ? "Stuck: it touches nothing until a person has looked" : "Why it turned"}
      </p>
      <p class="mt-1 text-soft">
        {props.saga.reason}{" "}
        <Show when={props.saga.code}>
          <code class="font-mono text-xs text-ink">{props.saga.code}</code>
        </Show>
      </p>
    </div>
  </Show>
)

const views = ["timeline", "journal", "calls", "json"] as const
const titles = { timeline: "Timeline", journal: "Journal", calls: "Calls", json: "JSON" } as const

const Views = (props: { readonly saga: SagaDetail }) => {
  const url = useUrlState()
  const here = () => views.find((view) => view === url.get("view")) ?? "timeline"
  const path = () => `/sagas/${encodeURIComponent(props.saga.id)}`
  const tabs = (): ReadonlyArray<Tab> =>
    views.map((view) => ({
      name: titles[view],
      href: url.link(path(), view === "timeline" ? {} : { view }),
      isHere: view === here()
    }))
  return (
    <>
      <Tabs label="Views of this swap" tabs={tabs()} />
      <Switch>
        <Match when={here() === "timeline"}>
          <Timeline saga={props.saga} />
        </Match>
        <Match when={here() === "journal"}>
          <Journal saga={props.saga} />
        </Match>
        <Match when={here() === "calls"}>
          <Calls saga={props.saga} />
        </Match>
        <Match when={here() === "json"}>
          <div class="flex justify-end">
            <Button size="small" icon={Download} onClick={() => keep(props.saga)}>
              Save as JSON
            </Button>
          </div>
          <pre class="panel max-h-[70dvh] overflow-auto p-4 font-mono text-xs leading-5 text-soft" tabindex="0">
            {JSON.stringify(props.saga, null, 2)}
          </pre>
        </Match>
      </Switch>
    </>
  )
}

/** All that is known of it, as a file that says by its name which swap and which moment it is of. */
const keep = (saga: SagaDetail) =>
  save(`swap-${short(saga.id, 24)}-${saga.asOf}.json`, "application/json", `${JSON.stringify(saga, null, 2)}\n`)

const Standing = (props: { readonly saga: SagaDetail }) => (
  <span class="flex flex-wrap items-center gap-x-2.5 gap-y-1">
    <SwapStatus swap={props.saga} />
    <code class="font-mono text-xs">{short(props.saga.id, 36)}</code>
    <span>
      began <Ago at={props.saga.startedAt} />
      {props.saga.status === "running" ? "" : `, took ${lasting(props.saga.at - props.saga.startedAt)}`}
    </span>
  </span>
)

export default function SagaPage() {
  const params = useParams<{ id: string }>()
  const url = useUrlState()
  // The router leaves what stands in the path as it is.
  const id = () => decodeURIComponent(params.id)
  const read = useRead(() => ["GET /api/v1/sagas/{id}", { params: { id: id() } }], {
    topics: ["executor", "swap-settled"],
    key: "seq"
  })
  return (
    <Page
      title={read.data === undefined ? "Swap" : `Swap in ${read.data.group}`}
      about={<Show when={read.data}>{(saga) => <Standing saga={saga()} />}</Show>}
      actions={
        <>
          <Show when={read.data}>{(saga) => <SagaWords saga={saga()} />}</Show>
          <Button icon={Lightbulb} onClick={() => explain(id())} title="Explain (e)">
            Explain
          </Button>
          <ButtonLink icon={Route} href={url.link(`/trace/${encodeURIComponent(id())}`)}>
            Trace
          </ButtonLink>
        </>
      }
      pending={read.isPending}
      error={read.data === undefined ? read.error : undefined}
      again={read.again}
    >
      <Show when={read.data}>
        {(saga) => (
          <div class="grid gap-4" data-explain={id()}>
            <Facts saga={saga()} />
            <Trouble saga={saga()} />
            <Views saga={saga()} />
          </div>
        )}
      </Show>
    </Page>
  )
}
