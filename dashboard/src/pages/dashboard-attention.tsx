/** What needs a person, most urgent first; what somebody has muted stands folded under it, and counts no more. */
import ShieldCheck from "lucide-solid/icons/shield-check"
import { createMemo, For, Show } from "solid-js"
import { useRead } from "../api/read.ts"
import { useListKeys } from "../shell/list-keys.ts"
import { useNow } from "../shell/moment.tsx"
import { Empty } from "../shell/page.tsx"
import { Panel } from "../shell/panel.tsx"
import { count } from "../words.ts"
import { MutedRows } from "./attention-muted.tsx"
import { type Item, type Muting, useMuting } from "./attention-muting.ts"
import { AttentionRow } from "./attention-row.tsx"

const topics = [
  "approval-desk",
  "swap-settled",
  "spot-interrupted",
  "pool-poisoned",
  "pool-held",
  "pool-cleared",
  "account-marked",
  "sweep-done",
  "identity-changed"
]

/** Those that speak and those that do not; one speaks again when its time is over, whoever looks. */
const useParted = (items: () => ReadonlyArray<Item>, { mutedOf }: Muting) => {
  const now = useNow()
  const isMuted = (item: Item) => (mutedOf(item)?.until ?? 0) > now()
  const silent = createMemo(() => items().filter(isMuted), [], { equals: isSame })
  const speaking = createMemo(() => items().filter((item) => !isMuted(item)), [], { equals: isSame })
  return { silent, speaking }
}
const isSame = (a: ReadonlyArray<Item>, b: ReadonlyArray<Item>) =>
  a.length === b.length && a.every((item, i) => item === b[i])

export const AttentionPanel = (props: { readonly class?: string }) => {
  useListKeys('[data-row="attention"]')
  const read = useRead(() => ["GET /api/v1/attention", { query: { limit: "50" } }], { topics })
  const muting = useMuting()
  const { silent, speaking } = useParted(() => read.data?.items ?? [], muting)
  const counted = () =>
    [speaking().length > 0 && count(speaking().length), silent().length > 0 && `${count(silent().length)} muted`]
      .filter((part) => part !== false)
      .join(", ")
  return (
    <Panel
      title="Needs attention"
      class={props.class}
      read={read}
      rows={4}
      aside={<Show when={counted()}>{(text) => <span class="tabular-nums">{text()}</span>}</Show>}
      empty={
        read.data?.items.length === 0 && (
          <Empty title="Nothing needs you" icon={ShieldCheck}>
            No approval waits, nothing is stuck, every account answers and every region was swept in time.
          </Empty>
        )
      }
    >
      <ul class="max-h-[340px] overflow-y-auto">
        <For each={speaking()} fallback={<li class="px-4 py-6 text-sm text-soft">Nothing else needs you.</li>}>
          {(item) => <AttentionRow item={item} muting={muting} />}
        </For>
      </ul>
      <Show when={silent().length > 0}>
        <MutedRows items={silent()} muting={muting} />
      </Show>
    </Panel>
  )
}
