/** The queue of plans: those that expire first on top, and of these the most valuable. */
import { A } from "@solidjs/router"
import ChevronRight from "lucide-solid/icons/chevron-right"
import UserCheck from "lucide-solid/icons/user-check"
import { createMemo, For, Match, Show, Switch } from "solid-js"
import type { Reply } from "../api/client.ts"
import { FilterField } from "../parts/filter-field.tsx"
import { useList } from "../parts/list.ts"
import { ReadMore } from "../parts/read-more.tsx"
import { Button } from "../shell/button.tsx"
import { Chip, type Tone } from "../shell/chip.tsx"
import { Ago, Countdown } from "../shell/moment.tsx"
import { Empty, Problem, Skeleton } from "../shell/page.tsx"
import { useListKeys } from "../shell/list-keys.ts"
import { Facet } from "../shell/tabs.tsx"
import { useUrlState } from "../shell/url-state.ts"
import { counted, mentions, perMonth, plainly, short } from "../words.ts"

type Approval = Reply<"GET /api/v1/approvals">["items"][number]
const statuses = ["pending", "open", "closing", "stuck", "closed"] as const
type Status = (typeof statuses)[number]

const tones: Readonly<Record<Status, Tone>> = {
  pending: "warn",
  open: "info",
  closing: "info",
  stuck: "bad",
  closed: "none"
}
const words: Readonly<Record<Status, string>> = {
  pending: "waits for you",
  open: "under way",
  closing: "ending",
  stuck: "stuck",
  closed: "closed"
}
export const ApprovalStatus = (props: { readonly approval: Pick<Approval, "status" | "closedBecause"> }) => (
  <Chip tone={props.approval.closedBecause === "complete" ? "ok" : tones[props.approval.status]}>
    {props.approval.closedBecause === null ? words[props.approval.status] : plainly(props.approval.closedBecause)}
  </Chip>
)

const progress = (one: Approval) =>
  one.status === "pending"
    ? counted(one.moves, "swap")
    : `${one.done} of ${counted(one.moves, "swap")} done${one.undone > 0 ? `, ${one.undone} undone` : ""}`

const Row = (props: { readonly approval: Approval }) => {
  const url = useUrlState()
  return (
    <li>
      <A
        href={url.link(`/approvals/${props.approval.id}`)}
        data-explain={props.approval.id}
        class="plan-row hover:bg-raised/60"
      >
        <span class="min-w-0">
          <span class="block truncate font-medium">{props.approval.group}</span>
          <span class="block truncate text-xs text-soft">
            {props.approval.account} · {props.approval.region} ·{" "}
            <code class="font-mono">{short(props.approval.id, 8)}</code>
          </span>
        </span>
        <span class="text-right font-semibold text-ok tabular-nums lg:text-left">
          {perMonth(props.approval.monthlySavings)}
        </span>
        <span class="text-[13px] text-soft">{progress(props.approval)}</span>
        <span class="text-right text-[13px] lg:text-left">
          <Show
            when={props.approval.status === "pending"}
            fallback={
              <span class="text-soft">
                asked <Ago at={props.approval.requestedAt} />
              </span>
            }
          >
            <span class="sr-only">expires in </span>
            <Countdown until={props.approval.expiresAt} class="font-semibold" />
          </Show>
        </span>
        <span>
          <ApprovalStatus approval={props.approval} />
        </span>
        <ChevronRight class="hidden size-4 text-faint lg:block" aria-hidden="true" />
      </A>
    </li>
  )
}

const Heading = () => (
  <div class="plan-heading border-b border-line" aria-hidden="true">
    <span>Group</span>
    <span>Saves</span>
    <span>Swaps</span>
    <span>Expires</span>
    <span>Status</span>
  </div>
)
const Nothing = () => (
  <Empty title="No plan waits" icon={UserCheck}>
    A plan comes here when the optimizer finds a cheaper composition that holds all five safety layers, and the
    account's policy asks a person.
  </Empty>
)

/** What narrows the queue: its status, and words that a plan's group, account, region or hash contain. */
const Tools = (props: { readonly status: Status | undefined }) => {
  const url = useUrlState()
  return (
    <div class="flex flex-wrap items-center gap-x-4 gap-y-2">
      <FilterField label="Words that plans contain" />
      <div class="flex flex-wrap gap-1.5" role="group" aria-label="Status">
        <Facet name="all" isOn={props.status === undefined} onPick={() => url.set({ status: null })} />
        <For each={statuses}>
          {(one) => (
            <Facet
              name={one === "pending" ? "waiting" : one}
              isOn={props.status === one}
              onPick={() => url.set({ status: one })}
            />
          )}
        </For>
      </div>
    </div>
  )
}

/** Plans are there, but none that was asked for. */
const NoMatch = () => {
  const url = useUrlState()
  return (
    <Empty
      title="No plan matches"
      icon={UserCheck}
      action={<Button onClick={() => url.set({ q: null, status: null })}>Show all plans</Button>}
    >
      The words or the status above hide those that are there.
    </Empty>
  )
}

/** There are more plans than were read: the words above narrow those alone that are here. */
const More = (props: { readonly isReading: boolean; readonly onMore: () => void }) => (
  <p class="flex flex-wrap items-center justify-center gap-3 border-t border-line p-3 text-[13px] text-soft">
    There are more plans than were read.
    <ReadMore isReading={props.isReading} onMore={props.onMore} />
  </p>
)

/** The queue, with its status as facets in the URL. Without one: what is not closed. */
export const ApprovalList = () => {
  const url = useUrlState()
  const status = (): Status | undefined => statuses.find((one) => one === url.get("status"))
  const list = useList("GET /api/v1/approvals", { topics: ["approval-desk", "swap-settled"] }, () => ({
    status: status()
  }))
  const shown = createMemo(() => {
    const holds = mentions(url.q() ?? "")
    return list.rows().filter(({ group, account, region, id }) => holds(`${group} ${account} ${region} ${id}`))
  })
  const isNarrowed = () => url.q() !== undefined || status() !== undefined
  useListKeys("a.plan-row")
  return (
    <div class="grid gap-3">
      <Tools status={status()} />
      <section class="panel overflow-hidden" aria-label="Plans">
        <Switch>
          <Match when={list.page.pending && list.page.error}>
            {(error) => <Problem error={error()} again={list.page.again} />}
          </Match>
          <Match when={list.page.pending}>
            <Skeleton rows={5} />
          </Match>
          <Match when={shown().length === 0}>
            <Show when={isNarrowed()} fallback={<Nothing />}>
              <NoMatch />
            </Show>
          </Match>
          <Match when={shown().length > 0}>
            <Heading />
            <ul class="divide-y divide-line/60">
              <For each={shown()}>{(one) => <Row approval={one} />}</For>
            </ul>
          </Match>
        </Switch>
        <Show when={list.table.isCut}>
          <More isReading={list.table.isGrowing} onMore={list.table.onMore} />
        </Show>
      </section>
    </div>
  )
}
