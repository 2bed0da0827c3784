/** One pool: its state and since when, what its score is made of, how it went, and where one could go instead. */
import { A } from "@solidjs/router"
import { createMemo, Show } from "solid-js"
import { Facts } from "../parts/facts.tsx"
import { Money } from "../parts/money.tsx"
import { type PlainColumn, PlainTable } from "../parts/plain-table.tsx"
import { Chip } from "../shell/chip.tsx"
import { Ago, Countdown, Exactly, useNow } from "../shell/moment.tsx"
import { useUrlState } from "../shell/url-state.ts"
import { count, counted, perHour, score, share, unknown } from "../words.ts"
import { PoolHold } from "./pool-hold.tsx"
import { PoolHistory } from "./pool-history.tsx"
import { PoolTerms } from "./pool-terms.tsx"
import { discountOf, gateMin, herdOf, isHeld, isPoisoned, type Pool } from "./risk-layers.tsx"

const herdTones = { NORMAL: "ok", UNCERTAIN: "warn", RISKY: "bad" } as const
const bands = ["under 5 %", "5 to 10 %", "10 to 15 %", "15 to 20 %", "over 20 %"]

const evidenceOf = (pool: Pool) => {
  const witnesses = counted(pool.distinctWitnesses, "witness", "witnesses")
  return `${counted(pool.interruptionCount, "interruption")} on record, ${witnesses}.`
}

const gateWord = (pool: Pool) => (isPoisoned(pool) ? (isHeld(pool) ? "held shut" : "poisoned") : "gate open")

const State = (props: { readonly of: Pool; readonly onDone: (() => void) | undefined }) => {
  const now = useNow()
  const until = () => (props.of.gate._tag === "poisoned" ? props.of.gate.until : 0)
  return (
    <div class="grid gap-2">
      <div class="flex flex-wrap items-center gap-2">
        <Chip tone={isPoisoned(props.of) ? "bad" : "ok"}>{gateWord(props.of)}</Chip>
        <Chip tone={herdTones[herdOf(props.of, now())]}>herd {herdOf(props.of, now()).toLowerCase()}</Chip>
        <Chip tone={(props.of.safetyScore ?? 0) >= gateMin ? "ok" : "bad"}>
          Safety {score(props.of.safetyScore)}, gate {gateMin}
        </Chip>
      </div>
      <p class="text-[13px] text-soft">
        <Show when={isPoisoned(props.of) && !isHeld(props.of)} fallback={evidenceOf(props.of)}>
          An instance was taken here: nobody launches in it until <Exactly at={until()} />,{" "}
          <Countdown until={until()} />.
        </Show>
      </p>
      <PoolHold of={props.of} onDone={props.onDone} />
    </div>
  )
}

/** Open pools that score over the gate and are not smaller, cheapest first. */
export const alternativesOf = (pool: Pool, among: ReadonlyArray<Pool>): ReadonlyArray<Pool> =>
  among
    .filter(
      (other) =>
        other.key !== pool.key &&
        other.product === pool.product &&
        other.region === pool.region &&
        other.isOpen &&
        (other.safetyScore ?? 0) >= gateMin &&
        (other.vcpu ?? 0) >= (pool.vcpu ?? 0) &&
        (other.memoryMib ?? 0) >= (pool.memoryMib ?? 0) &&
        other.spotPerHour !== null
    )
    .sort((a, b) => (a.spotPerHour ?? 0) - (b.spotPerHour ?? 0))
    .slice(0, 6)

/** Leads to the other pool's page. */
const PoolName = (props: { readonly of: Pool }) => {
  const url = useUrlState()
  return (
    <A class="link font-mono" href={url.link(`/risk/${encodeURIComponent(props.of.key)}`)}>
      {props.of.instanceType} in {props.of.zone}
    </A>
  )
}
const columns: ReadonlyArray<PlainColumn<Pool>> = [
  { title: "Pool", cell: (one) => <PoolName of={one} /> },
  { title: "Safety", cell: (one) => score(one.safetyScore), class: "tabular-nums" },
  { title: "Spot", cell: (one) => perHour(one.spotPerHour), class: "tabular-nums" },
  { title: "Ours", cell: (one) => count(one.ours), class: "tabular-nums" }
]

const Alternatives = (props: { readonly of: Pool; readonly among: ReadonlyArray<Pool> }) => {
  const found = createMemo(() => alternativesOf(props.of, props.among))
  return (
    <section class="grid gap-2">
      <h3 class="label">Alternatives: open, over the gate, not smaller; cheapest first</h3>
      <Show
        when={found().length > 0}
        fallback={<p class="empty-box">None among the pools that are shown. “All pools” may know more.</p>}
      >
        <PlainTable label="Alternatives" columns={columns} rows={found()} />
      </Show>
    </section>
  )
}

interface Details {
  readonly of: Pool
  readonly among: ReadonlyArray<Pool>
  /** The log has answered an order about it that was given here. */
  readonly onDone?: (() => void) | undefined
}

export const PoolDetails = (props: Details) => (
  <div class="grid gap-6">
    <State of={props.of} onDone={props.onDone} />
    <Facts
      of={[
        ["Ours", `${counted(props.of.ours, "instance")} running in it`],
        ["Spot", <Money micros={props.of.spotPerHour} per="hour" />],
        ["On-demand", <Money micros={props.of.onDemandPerHour} per="hour" />],
        ["Less", share(discountOf(props.of))],
        ["AWS's band", props.of.band === null ? unknown : `${bands[props.of.band] ?? unknown} interrupted in a month`],
        [
          "Size",
          `${count(props.of.vcpu)} vCPU, ${count(props.of.memoryMib === null ? null : props.of.memoryMib / 1024)} GiB`
        ],
        ["Last interruption", <Ago at={props.of.lastInterruptionAt} />],
        ["Scored", <Ago at={props.of.scoredAt} />],
        ["Price read", <Ago at={props.of.priceReadAt} />],
        ["List price from", props.of.origin ?? unknown]
      ]}
    />
    <PoolTerms of={props.of} />
    <PoolHistory pool={props.of.key} />
    <Show when={props.among.length > 0}>
      <Alternatives of={props.of} among={props.among} />
    </Show>
  </div>
)
