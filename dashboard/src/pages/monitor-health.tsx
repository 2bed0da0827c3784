/** How far each copy of the log is behind, how old each region is, and how everything it stands on is. */
import { For, type JSX, type ParentProps, Show } from "solid-js"
import type { Reply } from "../api/client.ts"
import { Facts } from "../parts/facts.tsx"
import { Chip } from "../shell/chip.tsx"
import { Ago } from "../shell/moment.tsx"
import { count, counted, lasting } from "../words.ts"
import "../parts/parts.css"

export type System = Reply<"GET /api/v1/system">

const tones = { ok: "ok", degraded: "warn", down: "bad" } as const
/** A copy that is so far behind shows an earlier world. */
const lagMsMax = 5_000
const isBehind = (one: System["projections"][number]) => (one.lagMs ?? 0) > lagMsMax

/** So many things a person should look at. */
export const troublesOf = (system: System): number =>
  system.projections.filter((one) => isBehind(one) || one.unreadable > 0).length +
  system.sweeps.filter(({ isStale }) => isStale).length +
  system.dependencies.filter(({ status }) => status !== "ok").length

const Card = (props: ParentProps<{ readonly title: string; readonly end?: JSX.Element }>) => (
  <section class="panel min-w-0 overflow-hidden">
    <div class="flex flex-wrap items-center justify-between gap-2 px-3 pt-3">
      <h2 class="text-sm font-medium">{props.title}</h2>
      {props.end}
    </div>
    <div class="scroll-box max-h-72" tabindex="0" role="region" aria-label={props.title}>
      {props.children}
    </div>
  </section>
)

const Projections = (props: { readonly of: System["projections"] }) => (
  <Card title="Copies of the log">
    <table class="table">
      <thead>
        <tr>
          <th scope="col">Copy</th>
          <th scope="col">Behind</th>
          <th scope="col">Lag</th>
          <th scope="col">Rows</th>
          <th scope="col">Unreadable</th>
        </tr>
      </thead>
      <tbody>
        <For each={props.of}>
          {(one) => (
            <tr>
              <td title={`applied up to ${one.applied}`}>{one.name}</td>
              <td>
                <Chip tone={isBehind(one) ? "warn" : "ok"}>
                  {one.behind === 0 ? "caught up" : counted(one.behind, "event")}
                </Chip>
              </td>
              <td class="tabular-nums">{one.behind === 0 ? "0 s" : lasting(one.lagMs)}</td>
              <td class="tabular-nums">{count(one.rows)}</td>
              <td class="tabular-nums">
                <Show when={one.unreadable > 0} fallback="0">
                  <Chip tone="bad">{count(one.unreadable)}</Chip>
                </Show>
              </td>
            </tr>
          )}
        </For>
      </tbody>
    </table>
  </Card>
)

const Dependencies = (props: { readonly of: System["dependencies"] }) => (
  <Card title="What it stands on">
    <table class="table">
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">State</th>
          <th scope="col">Answers in</th>
          <th scope="col">Details</th>
        </tr>
      </thead>
      <tbody>
        <For each={props.of}>
          {(one) => (
            <tr>
              <td>{one.name}</td>
              <td>
                <Chip tone={tones[one.status]}>{one.status}</Chip>
              </td>
              <td class="tabular-nums">{lasting(one.latencyMs)}</td>
              <td class="text-soft">{one.details}</td>
            </tr>
          )}
        </For>
      </tbody>
    </table>
  </Card>
)

const Sweeps = (props: { readonly of: System["sweeps"] }) => (
  <Card title="Sweeps of regions">
    <Show
      when={props.of.length > 0}
      fallback={
        <p class="p-3 text-[13px] text-soft">
          No region has been swept yet: no account is connected, or the first sweep is under way.
        </p>
      }
    >
      <table class="table">
        <thead>
          <tr>
            <th scope="col">Account</th>
            <th scope="col">Region</th>
            <th scope="col">Age</th>
            <th scope="col">State</th>
          </tr>
        </thead>
        <tbody>
          <For each={props.of}>
            {(one) => (
              <tr>
                <td class="font-mono text-xs">{one.account}</td>
                <td>{one.region}</td>
                <td class="tabular-nums">{lasting(one.ageMs)}</td>
                <td>
                  <Chip tone={one.isStale ? "warn" : "ok"}>{one.isStale ? "stale" : "fresh"}</Chip>
                </td>
              </tr>
            )}
          </For>
        </tbody>
      </table>
    </Show>
  </Card>
)

export const MonitorHealth = (props: { readonly of: System }) => (
  <div class="grid min-w-0 gap-4 lg:grid-cols-2">
    <Projections of={props.of.projections} />
    <Dependencies of={props.of.dependencies} />
    <Sweeps of={props.of.sweeps} />
    <section class="panel p-3">
      <h2 class="mb-2 text-sm font-medium">Event stream and process</h2>
      <Facts
        of={[
          [
            "Newest of the log",
            <>
              #{count(props.of.head)}, <Ago at={props.of.headAt} />
            </>
          ],
          ["Open streams", count(props.of.stream.clients)],
          ["Kept for who comes back", counted(props.of.stream.ring, "event")],
          ["Cut off as too slow", count(props.of.stream.evicted)],
          ["Told to read again", count(props.of.stream.resets)],
          ["Version", props.of.process.version],
          ["Started", <Ago at={props.of.process.startedAt} />],
          ["Memory", `${count(Math.round(props.of.process.rssMb))} MB`]
        ]}
      />
    </section>
  </div>
)
