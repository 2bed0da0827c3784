/** The front page's figures, each a way to what it is made of. */
import { A } from "@solidjs/router"
import ArrowUpRight from "lucide-solid/icons/arrow-up-right"
import { createEffect, For, type JSX, on, Show } from "solid-js"
import type { Read } from "../api/read.ts"
import { Ago } from "../shell/moment.tsx"
import type { Summary } from "../shell/summary.ts"
import { useUrlState } from "../shell/url-state.ts"
import { change, count, counted, money, perHour, perMonth, share } from "../words.ts"

interface CardProps {
  readonly label: string
  readonly value: string
  readonly tone?: "ok" | "warn" | "bad" | undefined
  readonly href: string
  readonly children?: JSX.Element
}
const tones = { none: "text-ink", ok: "text-ok", warn: "text-warn", bad: "text-bad" }

/** One figure. It flashes when it changes. */
const Card = (props: CardProps) => {
  const url = useUrlState()
  let figure: HTMLElement | undefined
  const keep = (element: HTMLElement) => (figure = element)
  createEffect(
    on(
      () => props.value,
      () => {
        figure?.classList.remove("flash")
        requestAnimationFrame(() => figure?.classList.add("flash"))
      },
      { defer: true }
    )
  )
  return (
    <A
      href={url.link(props.href)}
      class="panel card group grid min-w-0 content-start gap-1 p-3.5 hover:border-faint/60 sm:p-4"
    >
      <span class="flex min-w-0 items-center justify-between gap-1 text-[13px] text-soft">
        <span class="line-clamp-2">{props.label}</span>
        <ArrowUpRight class="hidden size-3.5 shrink-0 opacity-0 group-hover:opacity-100 sm:block" aria-hidden="true" />
      </span>
      <span
        ref={keep}
        class={`figure -mx-1 truncate rounded-md px-1 text-2xl leading-8 ${tones[props.tone ?? "none"]}`}
      >
        {props.value}
      </span>
      <span class="min-h-4 line-clamp-2 text-xs text-soft">{props.children}</span>
    </A>
  )
}

/** How many of all run on Spot, with the share that must stay on demand as a line. */
const SpotBar = (props: { readonly spot: number; readonly onDemand: number }) => {
  const width = () => (props.spot * 100) / Math.max(1, props.spot + props.onDemand)
  return (
    <span class="relative mt-1.5 block h-1.5 overflow-hidden rounded-full bg-info/70" aria-hidden="true">
      <span class="block h-full rounded-r-full bg-ok" style={{ width: `${width()}%` }} />
      <span class="absolute inset-y-0 left-[85%] w-0.5 bg-ground" />
    </span>
  )
}

/** `+12 % on last month`, or why there is nothing to compare with. */
const Against = (props: { readonly now: number; readonly before: number | null }) => (
  <Show when={change(props.now, props.before)} fallback="no month before to compare with">
    {(by) => (
      <>
        <span class="font-medium text-ink">{by()}</span> on last month
      </>
    )}
  </Show>
)

/** The eight figures; outlines stand there until they are known. */
export const Cards = (props: { readonly summary: Read<Summary> }) => (
  <div class="grid grid-cols-2 gap-3 lg:grid-cols-4">
    <Show
      when={props.summary.data}
      fallback={<For each={Array.from({ length: 8 })}>{() => <div class="panel skeleton h-[108px]" />}</For>}
    >
      {(is) => (
        <>
          <Standing is={is()} />
          <Doing is={is()} />
        </>
      )}
    </Show>
  </div>
)

/** Is it paying, is it safe, does it need somebody? */
const Standing = (props: { readonly is: Summary }) => {
  const all = () => props.is.spotInstances + props.is.onDemandInstances
  return (
    <>
      <Card label="Saved this month" value={money(props.is.savedThisMonth.now)} tone="ok" href="/ledger">
        {perMonth(props.is.savingsRate)} now
        <Show when={change(props.is.savedThisMonth.now, props.is.savedThisMonth.lastMonth)}>
          {(by) => <>, {by()} on last month</>}
        </Show>
      </Card>
      <Card
        label="Uncovered risk"
        value={perHour(props.is.uncoveredPerHour)}
        tone={props.is.uncoveredPerHour > 0 ? "warn" : "ok"}
        href="/risk"
      >
        on Spot in pools below the gate
      </Card>
      <Card label="Spot instances" value={`${count(props.is.spotInstances)} of ${count(all())}`} href="/clusters">
        <SpotBar spot={props.is.spotInstances} onDemand={props.is.onDemandInstances} />
        <span class="sr-only">{share(props.is.onDemandShare)} on demand, at least 15 % of each group</span>
      </Card>
      <Card
        label="Approvals waiting"
        value={count(props.is.approvalsWaiting)}
        tone={props.is.approvalsWaiting > 0 ? "warn" : undefined}
        href="/approvals"
      >
        <Show when={props.is.oldestApprovalAt} fallback="nobody waits for you">
          {(at) => (
            <>
              oldest asked <Ago at={at()} />
            </>
          )}
        </Show>
      </Card>
    </>
  )
}

/** What is being done, and how it went. */
const Doing = (props: { readonly is: Summary }) => {
  return (
    <>
      <Card label="Active optimisations" value={count(props.is.activeOptimisations)} href="/ops?tab=sagas">
        {counted(props.is.accounts, "account")}, {counted(props.is.groups, "group")} watched
      </Card>
      <Card label="Optimisations this month" value={count(props.is.optimisationsThisMonth.now)} href="/history">
        <Against now={props.is.optimisationsThisMonth.now} before={props.is.optimisationsThisMonth.lastMonth} />
      </Card>
      <Card label="Success rate, 30 days" value={share(props.is.successRate)} href="/history">
        {props.is.successRate === null ? "no swap has ended yet" : "of all swaps that ended"}
      </Card>
      <Card
        label="Spot warnings, 24 h"
        value={count(props.is.spotWarnings24h)}
        tone={props.is.interruptions24h > 0 ? "warn" : undefined}
        href="/ops?q=interrupted"
      >
        {props.is.interruptions24h === 0
          ? "no instance was lost"
          : `${counted(props.is.interruptions24h, "instance")} lost`}
      </Card>
    </>
  )
}
