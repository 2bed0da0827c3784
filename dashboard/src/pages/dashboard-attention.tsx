/** What needs a person, most urgent first: why it is here, by when, and the way to it. */
import { A } from "@solidjs/router"
import ChevronRight from "lucide-solid/icons/chevron-right"
import ShieldCheck from "lucide-solid/icons/shield-check"
import { For, Show } from "solid-js"
import { useRead } from "../api/read.ts"
import type { Reply } from "../api/client.ts"
import { ToneIcon, toneOf } from "../shell/chip.tsx"
import { Ago, Countdown } from "../shell/moment.tsx"
import { useListKeys } from "../shell/list-keys.ts"
import { Empty } from "../shell/page.tsx"
import { Panel } from "../shell/panel.tsx"
import { useUrlState } from "../shell/url-state.ts"

type Item = Reply<"GET /api/v1/attention">["items"][number]
const topics = [
  "approval-desk",
  "swap-settled",
  "spot-interrupted",
  "pool-poisoned",
  "pool-held",
  "pool-cleared",
  "account-marked",
  "sweep-done"
]

const Row = (props: { readonly item: Item }) => {
  const url = useUrlState()
  return (
    <li class="border-b border-line/60 last:border-0">
      <A
        href={url.link(props.item.link)}
        data-row="attention"
        class="group flex items-start gap-3 px-4 py-3 hover:bg-raised/60"
      >
        <ToneIcon tone={toneOf(props.item.severity)} label={props.item.severity} class="mt-0.5 size-4" />
        <span class="min-w-0 grow">
          <span class="block truncate font-medium">{props.item.title}</span>
          <span class="mt-0.5 line-clamp-2 text-[13px] text-soft">{props.item.why}</span>
        </span>
        <span class="shrink-0 text-right text-[13px]">
          <Show when={props.item.deadlineAt} fallback={<Ago at={props.item.since} class="text-soft" />}>
            {(at) => <Countdown until={at()} class="font-semibold" />}
          </Show>
        </span>
        <ChevronRight class="mt-0.5 size-4 shrink-0 text-faint group-hover:text-ink" aria-hidden="true" />
      </A>
    </li>
  )
}

export const AttentionPanel = (props: { readonly class?: string }) => {
  useListKeys('[data-row="attention"]')
  const read = useRead(() => ["GET /api/v1/attention", { query: { limit: "50" } }], { topics })
  return (
    <Panel
      title="Needs attention"
      class={props.class}
      read={read}
      rows={4}
      aside={<Show when={read.data?.items.length}>{(n) => <span class="tabular-nums">{n()}</span>}</Show>}
      empty={
        read.data?.items.length === 0 && (
          <Empty title="Nothing needs you" icon={ShieldCheck}>
            No approval waits, nothing is stuck, every account answers and every region was swept in time.
          </Empty>
        )
      }
    >
      <ul class="max-h-[340px] overflow-y-auto">
        <For each={read.data?.items}>{(item) => <Row item={item} />}</For>
      </ul>
    </Panel>
  )
}
