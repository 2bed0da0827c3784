/** The scope bar: which account, region and time all pages speak of. It lives in the URL. */
import Filter from "lucide-solid/icons/list-filter"
import X from "lucide-solid/icons/x"
import { createMemo, createUniqueId, For, type JSX, Show } from "solid-js"
import { useRead } from "../api/read.ts"
import { type Zone, zone } from "../zone.ts"
import { Button } from "./button.tsx"
import { useUrlState } from "./url-state.ts"

/** Windows of time that figures and charts are asked for. */
const windows: ReadonlyArray<readonly [from: string, name: string]> = [
  ["now-1h", "Last hour"],
  ["now-24h", "Last 24 hours"],
  ["now-7d", "Last 7 days"],
  ["now-30d", "Last 30 days"],
  ["now-90d", "Last 90 days"]
]

const Pick = (props: {
  readonly label: string
  readonly value: string
  readonly onPick: (value: string) => void
  readonly children: JSX.Element
}) => {
  const id = createUniqueId()
  return (
    <div class="min-w-0">
      <label for={id} class="sr-only">
        {props.label}
      </label>
      <select
        id={id}
        class="field h-8 max-w-44 truncate bg-surface pr-7 pl-2.5 text-[13px]"
        value={props.value}
        onChange={(event) => props.onPick(event.currentTarget.value)}
      >
        {props.children}
      </select>
    </div>
  )
}

const useAccounts = () =>
  useRead(() => ["GET /api/v1/accounts", { query: { limit: "500" } }], {
    topics: ["account-connected", "account-marked"],
    scope: false,
    key: "account"
  })
const usual = "now-30d"
const TimePick = () => {
  const url = useUrlState()
  const from = () => url.from() ?? usual
  return (
    <Pick label="Time" value={from()} onPick={(picked) => url.set({ from: picked === usual ? null : picked })}>
      <Show when={windows.every(([value]) => value !== from())}>
        <option value={from()} selected>
          since {from()}
        </option>
      </Show>
      <For each={windows}>
        {([value, name]) => (
          <option value={value} selected={value === from()}>
            {name}
          </option>
        )}
      </For>
    </Pick>
  )
}

/** UTC, as the log has it and as whoever gets a link reads it; or what the clock on the wall says. */
const zones: ReadonlyArray<readonly [zone: Zone, name: string]> = [
  ["utc", "UTC"],
  ["local", "Local"]
]
const ZonePick = () => {
  const url = useUrlState()
  return (
    <Pick label="Time zone" value={zone()} onPick={(picked) => url.set({ tz: picked === "utc" ? null : picked })}>
      <For each={zones}>
        {([value, name]) => (
          <option value={value} selected={value === zone()}>
            {name}
          </option>
        )}
      </For>
    </Pick>
  )
}

/** The bar's fields, in a row, or below each other where there is no room. */
export const ScopeBar = () => {
  const url = useUrlState()
  const accounts = useAccounts()
  const regions = createMemo(() => {
    const chosen = accounts.data?.items.filter((one) => url.account() === undefined || one.account === url.account())
    return [...new Set(chosen?.flatMap((one) => one.regions))].sort()
  })
  const isNarrowed = () => url.account() !== undefined || url.region() !== undefined || url.from() !== undefined
  return (
    <div class="flex min-w-0 flex-wrap items-center gap-2" role="group" aria-label="Scope">
      <Filter class="hidden size-4 shrink-0 text-faint xl:block" aria-hidden="true" />
      <Pick
        label="Account"
        value={url.account() ?? ""}
        onPick={(account) => url.set({ account, region: null }, { push: true })}
      >
        <option value="">All accounts</option>
        <For each={accounts.data?.items}>
          {(one) => (
            <option value={one.account} selected={one.account === url.account()}>
              {one.name || one.account}
            </option>
          )}
        </For>
      </Pick>
      <Pick label="Region" value={url.region() ?? ""} onPick={(region) => url.set({ region }, { push: true })}>
        <option value="">All regions</option>
        <For each={regions()}>
          {(region) => (
            <option value={region} selected={region === url.region()}>
              {region}
            </option>
          )}
        </For>
      </Pick>
      <TimePick />
      <ZonePick />
      <Show when={isNarrowed()}>
        <Button
          weight="quiet"
          size="small"
          icon={X}
          aria-label="Show everything"
          onClick={() => url.set({ account: null, region: null, from: null }, { push: true })}
        />
      </Show>
    </div>
  )
}
