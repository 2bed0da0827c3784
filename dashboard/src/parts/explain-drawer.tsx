/** Why, and why not: what a decision rested on, what each layer said, what would have changed it, and its proof. */
import { createMemo, For, Match, type ParentProps, Show, Switch } from "solid-js"
import type { Reply } from "../api/client.ts"
import { useRead } from "../api/read.ts"
import { Chip } from "../shell/chip.tsx"
import { Modal } from "../shell/modal.tsx"
import { Ago } from "../shell/moment.tsx"
import { Problem, Skeleton } from "../shell/page.tsx"
import { counted, lasting, perHour, plainly, score, short } from "../words.ts"
import { type PlainColumn, PlainTable } from "./plain-table.tsx"

export type Explanation = Reply<"GET /api/v1/explain/{id}">
type Layer = Explanation["layers"][number]

export interface ExplainDrawerProps {
  /** A sequence, a plan's hash, a group's id or a swap's name. */
  readonly id: string
  readonly onClose: () => void
}

const Part = (props: ParentProps<{ readonly title: string; readonly isShown: boolean }>) => (
  <Show when={props.isShown}>
    <section class="grid gap-2">
      <h3 class="text-xs font-semibold tracking-wide text-soft uppercase">{props.title}</h3>
      {props.children}
    </section>
  </Show>
)

const inputColumns: ReadonlyArray<PlainColumn<Explanation["inputs"][number]>> = [
  { title: "Input", cell: (input) => input.name },
  { title: "Value", cell: (input) => input.value, class: "wrap-anywhere" },
  {
    title: "Said by",
    cell: (input) => (
      <>
        {input.source}
        <Show when={input.seq !== null}>
          <span class="text-faint tabular-nums"> #{input.seq}</span>
        </Show>
      </>
    ),
    class: "whitespace-nowrap"
  },
  { title: "Age then", cell: (input) => lasting(input.ageMs), class: "whitespace-nowrap tabular-nums" }
]

const candidateColumns: ReadonlyArray<PlainColumn<Explanation["candidates"][number]>> = [
  {
    title: "Pool",
    cell: (one) => (
      <>
        <span class="font-mono">{one.instanceType}</span> in {one.zone}
      </>
    ),
    class: "whitespace-nowrap"
  },
  { title: "Safety", cell: (one) => score(one.score), class: "tabular-nums" },
  { title: "Spot price", cell: (one) => perHour(one.spotPerHour), class: "whitespace-nowrap tabular-nums" },
  {
    title: "Taken",
    cell: (one) => (
      <Show when={one.taken > 0} fallback="0">
        <Chip tone="ok">{one.taken}</Chip>
      </Show>
    ),
    class: "whitespace-nowrap"
  },
  { title: "Because", cell: (one) => one.reason, class: "min-w-48" }
]

/** The first figure of a text, as a share: `18.3 %` is 0.183, `0.75` is itself; undefined where it is no share. */
export const shareIn = (text: string): number | undefined => {
  const found = /(\d+(?:\.\d+)?)\s*(%?)/.exec(text)
  if (found === null) return undefined
  const figure = Number(found[1]) / (found[2] === "%" ? 100 : 1)
  return figure <= 1 ? figure : undefined
}

const Bar = (props: { readonly layer: Layer }) => {
  const actual = () => shareIn(props.layer.actual)
  const limit = () => shareIn(props.layer.threshold)
  return (
    <Show when={actual() !== undefined && limit() !== undefined}>
      <svg viewBox="0 0 100 8" preserveAspectRatio="none" class="h-2 w-full rounded-sm bg-raised" aria-hidden="true">
        <rect width={(actual() ?? 0) * 100} height="8" class={props.layer.passed ? "fill-ok" : "fill-bad"} />
        <line
          x1={(limit() ?? 0) * 100}
          x2={(limit() ?? 0) * 100}
          y1="0"
          y2="8"
          class="stroke-ink [stroke-width:2]"
          vector-effect="non-scaling-stroke"
        />
      </svg>
    </Show>
  )
}

const Layers = (props: { readonly layers: ReadonlyArray<Layer> }) => (
  <ol class="grid gap-2">
    <For each={props.layers}>
      {(layer) => (
        <li class="grid gap-1 rounded-xl border border-line p-2.5">
          <div class="flex flex-wrap items-center gap-x-2 gap-y-1">
            <span class="grid size-5 place-items-center rounded-full bg-raised text-xs tabular-nums">
              {layer.layer}
            </span>
            <span class="grow text-[13px]">{layer.rule}</span>
            <Chip tone={layer.passed ? "ok" : "bad"}>{layer.passed ? "passed" : "failed"}</Chip>
          </div>
          <Bar layer={layer} />
          <p class="text-xs text-soft">
            is <span class="text-ink">{layer.actual}</span>, limit <span class="text-ink">{layer.threshold}</span>
          </p>
        </li>
      )}
    </For>
  </ol>
)

/** The same inputs through the same rules: the digest that was carried, and the one that they give again. */
const Proof = (props: { readonly of: Explanation }) => (
  <div class="grid gap-1 text-[13px]">
    <Switch fallback={<p class="text-soft">This decision carried no digest.</p>}>
      <Match when={props.of.rerunAgrees === true}>
        <p>
          <Chip tone="ok">same result</Chip> {props.of.rerunSays}
        </p>
      </Match>
      <Match when={props.of.rerunAgrees === false}>
        <p>
          <Chip tone="bad">mismatch</Chip> {props.of.rerunSays}. Either the rules have changed since, or it is not what
          was decided: do not rely on it.
        </p>
      </Match>
      <Match when={props.of.hash !== null}>
        <p class="text-soft">It could not be run again here.</p>
      </Match>
    </Switch>
    <dl class="grid grid-cols-[auto_1fr] gap-x-3 font-mono text-xs text-soft">
      <For
        each={[
          ["carried", props.of.hash],
          ["again", props.of.rerunHash]
        ]}
      >
        {([name, hash]) => (
          <Show when={hash}>
            {(text) => (
              <>
                <dt>{name}</dt>
                <dd class="truncate" title={text()}>
                  {short(text(), 40)}
                </dd>
              </>
            )}
          </Show>
        )}
      </For>
    </dl>
  </div>
)

const tones = {
  proposal: "info",
  "left-alone": "none",
  verdict: "info",
  approval: "info",
  settlement: "ok",
  other: "none"
} as const

export const Explained = (props: { readonly of: Explanation }) => {
  const failed = createMemo(() => props.of.layers.filter(({ passed }) => !passed).length)
  const layersTitle = () =>
    failed() === 0 ? "Safety layers: all passed" : `Safety layers: ${counted(failed(), "layer")} failed`
  return (
    <div class="grid gap-5">
      <div class="grid gap-1.5">
        <p class="text-[15px] text-ink">{props.of.outcome}</p>
        <p class="flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-soft">
          <Chip tone={tones[props.of.kind]}>{plainly(props.of.kind)}</Chip>
          <span class="tabular-nums">#{props.of.seq}</span>
          <Ago at={props.of.at} />
          <span>{[props.of.group, props.of.region, props.of.account].filter((part) => part !== null).join(", ")}</span>
        </p>
      </div>
      <Part title="What would have changed it" isShown={props.of.counterfactual !== ""}>
        <p class="rounded-xl border border-predicted/40 bg-predicted/10 px-3 py-2 text-[13px] text-predicted">
          {props.of.counterfactual}
        </p>
      </Part>
      <Part title={layersTitle()} isShown={props.of.layers.length > 0}>
        <Layers layers={props.of.layers} />
      </Part>
      <Part title={`Candidates (${props.of.candidates.length})`} isShown={props.of.candidates.length > 0}>
        <PlainTable
          label="Candidates"
          class="max-h-80"
          columns={candidateColumns}
          rows={props.of.candidates}
          rowClass={(one) => (one.taken === 0 ? "text-soft" : "")}
        />
      </Part>
      <Part title="What it rested on" isShown={props.of.inputs.length > 0}>
        <PlainTable label="What it rested on" columns={inputColumns} rows={props.of.inputs} />
      </Part>
      <Part title="Policy" isShown={props.of.policy !== null}>
        <p class="text-[13px]">
          Version {props.of.policy?.version},{" "}
          {props.of.policy?.by === null ? "the product's own" : `set by ${props.of.policy?.by}`}:{" "}
          {props.of.policy?.rule}
        </p>
      </Part>
      <Part title="Proof" isShown>
        <Proof of={props.of} />
      </Part>
    </div>
  )
}

/** The drawer. What it shows is of the moment that the page shows. */
export default function ExplainDrawer(props: ExplainDrawerProps) {
  const read = useRead(() => ["GET /api/v1/explain/{id}", { params: { id: props.id } }])
  return (
    <Modal open onClose={() => props.onClose()} title="Why" about={props.id} at="right" wide>
      <Switch fallback={<Skeleton rows={6} label="Loading the explanation" />}>
        <Match when={read.data === undefined && read.error}>
          {(error) => <Problem error={error()} again={read.again} />}
        </Match>
        <Match when={read.data}>{(data) => <Explained of={data()} />}</Match>
      </Switch>
    </Modal>
  )
}
