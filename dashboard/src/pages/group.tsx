/** One group: what it is made of against the floors, why it is as it is, its settings, and every member. */
import { useParams } from "@solidjs/router"
import RefreshCw from "lucide-solid/icons/refresh-cw"
import { createMemo, For, Show } from "solid-js"
import { call, type Reply } from "../api/client.ts"
import { useCommand } from "../api/command.ts"
import { useRead } from "../api/read.ts"
import { may } from "../api/session.ts"
import { Composition, type CompositionPart } from "../parts/composition.tsx"
import { Facts } from "../parts/facts.tsx"
import { ModeChip } from "../parts/mode-chip.tsx"
import { Money } from "../parts/money.tsx"
import { Button } from "../shell/button.tsx"
import { CommandState } from "../shell/command-state.tsx"
import { explain } from "../shell/explain.ts"
import { Ago } from "../shell/moment.tsx"
import { Page, Problem } from "../shell/page.tsx"
import { useUrlState } from "../shell/url-state.ts"
import { count, perMonth, savingsLabel, unknown } from "../words.ts"
import { Because } from "./groups-list.tsx"
import { GroupMembers } from "./group-members.tsx"

export type GroupDetail = Reply<"GET /api/v1/groups/{id}">

/** Members that are there or come, alike ones together; whoever leaves is no capacity. */
const partsOf = (members: GroupDetail["members"]): ReadonlyArray<CompositionPart> => {
  const parts = new Map<string, CompositionPart>()
  for (const { zone, instanceType, lifecycle, state } of members) {
    if (state !== "InService" && !state.startsWith("Pending")) continue
    const name = `${zone} ${instanceType} ${lifecycle}`
    parts.set(name, { zone, instanceType, lifecycle, count: (parts.get(name)?.count ?? 0) + 1 })
  }
  return [...parts.values()]
}

const Why = (props: { readonly of: GroupDetail }) => (
  <section class="panel grid content-start gap-3 p-4" aria-label="Why it is as it is" data-explain={props.of.id}>
    <div class="flex flex-wrap items-center justify-between gap-2">
      <Because of={props.of} />
      <Button size="small" onClick={() => explain(props.of.id)}>
        Explain
      </Button>
    </div>
    <p class="text-[13px]">{props.of.details || "Nothing has been decided about it yet."}</p>
    <Show when={props.of.proposedMonthlySavings > 0}>
      <p class="text-[13px] text-soft">
        The newest proposal would save <span class="figure text-ok">{perMonth(props.of.proposedMonthlySavings)}</span>,
        {savingsLabel}.
      </p>
    </Show>
    <Show when={props.of.obstacles.length > 0}>
      <div>
        <h2 class="label">What holds it</h2>
        <ul class="list-disc pl-5 text-[13px]">
          <For each={props.of.obstacles}>{(obstacle) => <li>{obstacle}</li>}</For>
        </ul>
      </div>
    </Show>
  </section>
)

const listed = (names: ReadonlyArray<string>) => (names.length === 0 ? "none" : names.join(", "))

const sizeWords = ({ minSize, maxSize, desired, inService }: GroupDetail) =>
  `${count(minSize)} to ${count(maxSize)}, desired ${count(desired)}, in service ${count(inService)}`

const Settings = (props: { readonly of: GroupDetail }) => (
  <section class="panel p-4" aria-label="Settings">
    <Facts
      of={[
        ["Mode", <ModeChip mode={props.of.mode} />],
        ["Size", sizeWords(props.of)],
        ["Costs now", <Money micros={props.of.hourlyCost} per="hour" />],
        ["All on-demand", <Money micros={props.of.hourlyOnDemand} per="hour" />],
        ["Managed by", props.of.owner],
        ["Product", props.of.product],
        ["Subnets in", listed([...new Set(props.of.subnets.map(({ zone }) => zone))].sort())],
        ["Target groups", listed(props.of.targetGroups)],
        ["Alarms", listed(props.of.alarms)],
        ["Suspended", listed(props.of.suspended)],
        ["Environment", props.of.environment],
        ["Read", <Ago at={props.of.readAt} />]
      ]}
    />
  </section>
)

const LookAgain = (props: { readonly group: string }) => {
  const command = useCommand()
  const url = useUrlState()
  const ask = () =>
    void command.run(() => call("POST /api/v1/optimization/trigger", { body: { groupId: props.group } }))
  return (
    <>
      <CommandState command={command} />
      <Button icon={RefreshCw} disabled={!may("operator") || command.isBusy() || url.isReplay()} onClick={ask}>
        Look again now
      </Button>
      <Show when={command.problem()}>{(problem) => <Problem error={problem()} />}</Show>
    </>
  )
}

export default function GroupPage() {
  const params = useParams<{ readonly id: string }>()
  const id = () => decodeURIComponent(params.id)
  const read = useRead(() => ["GET /api/v1/groups/{id}", { params: { id: id() } }], {
    topics: ["group-seen", "spot-optimizer", "swap-settled", "swaps-released", "policy-set"],
    key: "instance"
  })
  const parts = createMemo(() => partsOf(read.data?.members ?? []))
  return (
    <Page
      title={read.data?.group ?? "Group"}
      about={read.data === undefined ? unknown : `${read.data.account}, ${read.data.region}, ${read.data.owner}`}
      pending={read.isPending}
      error={read.error}
      again={read.again}
      actions={<LookAgain group={id()} />}
    >
      <Show when={read.data}>
        {(group) => (
          <div class="grid min-w-0 gap-4">
            <div class="grid gap-4 lg:grid-cols-2 xl:grid-cols-3">
              <section class="panel p-4" aria-label="Composition">
                <Composition parts={parts()} title="What it is made of" />
              </section>
              <Why of={group()} />
              <Settings of={group()} />
            </div>
            <GroupMembers of={group()} />
          </div>
        )}
      </Show>
    </Page>
  )
}
