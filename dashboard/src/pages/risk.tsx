/** The risk map: types by zones, how safe each pool is, and what of ours runs in it. */
import { createMemo, For, Show } from "solid-js"
import { type AllPages, useAllPages } from "../parts/all-pages.ts"
import { FilterField } from "../parts/filter-field.tsx"
import { HeatMap } from "../parts/heat-map.tsx"
import { Chip } from "../shell/chip.tsx"
import { Modal } from "../shell/modal.tsx"
import { useNow } from "../shell/moment.tsx"
import { Empty, Page } from "../shell/page.tsx"
import { useUrlState } from "../shell/url-state.ts"
import { count, counted, mentions } from "../words.ts"
import { PoolDetails } from "./pool-details.tsx"
import {
  axesOf,
  cellOf,
  herdOf,
  isExposed,
  isPoisoned,
  isStale,
  type Layer,
  layers,
  type Pool
} from "./risk-layers.tsx"

/** The instant that ages are told from: now, or of an earlier moment what was newest then. */
const useThen = (pools: () => ReadonlyArray<Pool>): (() => number) => {
  const url = useUrlState()
  const now = useNow()
  // A map of a thousand cells is not drawn again each second.
  return createMemo(() =>
    url.isReplay() ? Math.max(0, ...pools().map(({ scoredAt }) => scoredAt)) : Math.floor(now() / 30_000) * 30_000
  )
}

const Legend = () => (
  <div class="flex flex-wrap items-center gap-x-4 gap-y-1 text-xs text-soft">
    <span class="inline-flex items-center gap-1.5">
      worse
      <span class="inline-flex" aria-hidden="true">
        <For each={[0, 1, 2, 3, 4, 5]}>{(step) => <span class={`heat-key heat-${step}`} />}</For>
      </span>
      better
    </span>
    <span>lock: poisoned, days left</span>
    <span>! uncertain, !! risky</span>
    <span>corner: instances of ours</span>
    <span>
      <span class="inline-block size-3 rounded-sm border-2 border-warn align-[-2px]" aria-hidden="true" /> exposed: ours
      runs where nothing would be launched
    </span>
    <span>hatched: scored over an hour ago</span>
  </div>
)

const Counts = (props: { readonly pools: ReadonlyArray<Pool>; readonly then: number }) => {
  const figures = createMemo(() => ({
    open: props.pools.filter((pool) => pool.isOpen).length,
    poisoned: props.pools.filter(isPoisoned).length,
    uncertain: props.pools.filter((pool) => herdOf(pool, props.then) === "UNCERTAIN").length,
    risky: props.pools.filter((pool) => herdOf(pool, props.then) === "RISKY").length,
    exposed: props.pools.filter((pool) => isExposed(pool, props.then)).reduce((sum, pool) => sum + pool.ours, 0),
    stale: props.pools.filter((pool) => isStale(pool, props.then)).length
  }))
  return (
    <div class="flex flex-wrap gap-2" role="status">
      <Chip tone="ok">{count(figures().open)} open</Chip>
      <Chip tone={figures().poisoned > 0 ? "bad" : "none"}>{count(figures().poisoned)} poisoned</Chip>
      <Chip tone={figures().uncertain > 0 ? "warn" : "none"}>{count(figures().uncertain)} uncertain</Chip>
      <Chip tone={figures().risky > 0 ? "bad" : "none"}>{count(figures().risky)} risky</Chip>
      <Chip tone={figures().exposed > 0 ? "warn" : "none"}>
        {counted(figures().exposed, "instance")} of ours exposed
      </Chip>
      <Chip tone={figures().stale > 0 ? "warn" : "none"}>{count(figures().stale)} stale</Chip>
    </div>
  )
}

const Choices = () => {
  const url = useUrlState()
  const layer = () => url.get("layer") ?? "safety"
  return (
    <>
      <FilterField label="Words that types and zones contain" hint="Type or zone" />
      <div role="group" aria-label="Layer" class="flex flex-wrap gap-2">
        <For each={layers}>
          {(one) => (
            <button
              type="button"
              class="tool-button"
              aria-pressed={layer() === one.layer}
              title={one.says}
              onClick={() => url.set({ layer: one.layer === "safety" ? null : one.layer })}
            >
              {one.name}
            </button>
          )}
        </For>
      </div>
      <button
        type="button"
        class="tool-button"
        aria-pressed={url.get("pools") === "all"}
        onClick={() => url.set({ pools: url.get("pools") === "all" ? null : "all" })}
      >
        All pools
      </button>
    </>
  )
}

const NoneNamed = () => {
  const url = useUrlState()
  return (
    <p class="p-6 text-center text-sm text-soft">
      No pool here is called “{url.q()}”.{" "}
      <button type="button" class="link" onClick={() => url.set({ q: null })}>
        Clear the filter
      </button>
    </p>
  )
}

/** The drawer of the cell that is open. */
const OpenPool = (props: { readonly of: Pool; readonly among: ReadonlyArray<Pool>; readonly onDone: () => void }) => {
  const url = useUrlState()
  return (
    <Modal
      at="right"
      wide
      open
      onClose={() => url.set({ pool: null })}
      title={`${props.of.instanceType} in ${props.of.zone}`}
      about={`${props.of.region}, ${props.of.product}`}
    >
      <PoolDetails of={props.of} among={props.among} onDone={props.onDone} />
    </Modal>
  )
}

const PoolMap = (props: { readonly read: AllPages<Pool>; readonly layer: Layer }) => {
  const url = useUrlState()
  const pools = () => props.read.items()
  const then = useThen(pools)
  const named = createMemo(() => {
    const holds = mentions(url.q() ?? "")
    return pools().filter(({ instanceType, zone, product }) => holds(`${instanceType} ${zone} ${product}`))
  })
  const axes = createMemo(() => axesOf(named()))
  const at = (row: string, column: string) => `${row} ${column}`
  const byPlace = createMemo(() => new Map(pools().map((p) => [at(`${p.instanceType} ${p.product}`, p.zone), p])))
  const open = createMemo(() => pools().find(({ key }) => key === url.get("pool")))
  const cell = (row: string, column: string) => {
    const pool = byPlace().get(at(row, column))
    return pool === undefined ? undefined : cellOf(pool, props.layer, then())
  }
  const chosen = () => {
    const pool = open()
    return pool === undefined ? undefined : { row: `${pool.instanceType} ${pool.product}`, column: pool.zone }
  }
  return (
    <div class="panel grid min-w-0 gap-3 p-3">
      <Counts pools={pools()} then={then()} />
      <Show when={axes().rows.length > 0} fallback={<NoneNamed />}>
        <HeatMap
          label={layers.find(({ layer }) => layer === props.layer)?.name ?? "Risk"}
          rows={axes().rows}
          columns={axes().columns}
          cell={cell}
          chosen={chosen()}
          onOpen={(row, column) => url.set({ pool: byPlace().get(at(row, column))?.key }, { push: true })}
        />
      </Show>
      <Legend />
      <Show when={open()}>{(pool) => <OpenPool of={pool()} among={pools()} onDone={props.read.again} />}</Show>
    </div>
  )
}

export default function RiskPage() {
  const url = useUrlState()
  const query = (): Readonly<Record<string, string>> => (url.get("pools") === "all" ? {} : { mine: "true" })
  const read = useAllPages("GET /api/v1/pools", query, ["risk-manager"])
  const layer = (): Layer => layers.find((one) => one.layer === url.get("layer"))?.layer ?? "safety"
  return (
    <Page
      title="Risk map"
      about={layers.find((one) => one.layer === layer())?.says}
      pending={read.isPending()}
      error={read.error()}
      again={read.again}
      actions={<Choices />}
      empty={
        read.items().length === 0 && (
          <Empty title="No pool concerns you yet">
            The map shows pools in which something of yours runs or could be moved to. It fills with the first sweep of
            an account and the first reading of prices; “All pools” shows every pool that is known.
          </Empty>
        )
      }
    >
      <Show when={read.items().length > 0}>
        <PoolMap read={read} layer={layer()} />
      </Show>
    </Page>
  )
}
