/** One instance: what it is and costs, and everything that was ever said about it. */
import { A } from "@solidjs/router"
import { Show } from "solid-js"
import { useRead } from "../api/read.ts"
import { Facts } from "../parts/facts.tsx"
import { type Instance, Lifecycle, PoolState } from "../parts/instance-columns.tsx"
import { LiveFeed } from "../parts/live-feed.tsx"
import { Money } from "../parts/money.tsx"
import { ButtonLink } from "../shell/button.tsx"
import { Modal } from "../shell/modal.tsx"
import { Ago } from "../shell/moment.tsx"
import { Problem, Skeleton } from "../shell/page.tsx"
import { useUrlState } from "../shell/url-state.ts"
import { InstanceKept } from "./instance-kept.tsx"

/** What was said that carries the instance's own name, newest first. */
const Story = (props: { readonly instance: string }) => {
  const read = useRead(() => ["GET /api/v1/traces/{id}", { params: { id: props.instance } }], { key: "seq" })
  const events = () => (read.data?.hops ?? []).map(({ event }) => event).toReversed()
  return (
    <Show when={!read.isPending} fallback={<Skeleton rows={3} label="Loading what was said of it" />}>
      <Show
        when={read.error === undefined || read.error.status === 404}
        fallback={<Show when={read.error}>{(error) => <Problem error={error()} again={read.again} />}</Show>}
      >
        <LiveFeed
          label="What was said of it, newest first"
          events={events()}
          empty={<p class="empty-box">Nothing happened to it: it was seen by the sweeps, and nobody has touched it.</p>}
        />
      </Show>
    </Show>
  )
}

const Known = (props: { readonly of: Instance }) => {
  const url = useUrlState()
  const saved = () =>
    props.of.hourly === null || props.of.hourlyOnDemand === null ? null : props.of.hourlyOnDemand - props.of.hourly
  const pool = () => (
    <A class="link font-mono" href={url.link(`/risk/${encodeURIComponent(props.of.pool)}`)}>
      {props.of.pool}
    </A>
  )
  const launcher = () => (
    <Show when={props.of.saga} fallback="its group">
      {(saga) => (
        <A class="link" href={url.link(`/sagas/${encodeURIComponent(saga())}`)}>
          {saga()}
        </A>
      )}
    </Show>
  )
  return (
    <Facts
      of={[
        ["Bought as", <Lifecycle of={props.of.lifecycle} />],
        ["Costs", <Money micros={props.of.hourly} per="hour" />],
        ["On-demand", <Money micros={props.of.hourlyOnDemand} per="hour" />],
        ["Difference", <Money micros={saved()} per="hour" />],
        ["Pool's Safety", <PoolState of={props.of} />],
        ["Pool", pool()],
        ["Group", props.of.group],
        ["Launched by", launcher()],
        ["Would be lost with it", props.of.bound.length === 0 ? "nothing" : props.of.bound.join(", ")],
        ["Excluded by policy", props.of.excluded ? "yes" : "no"],
        ["Protected from scale-in", props.of.protectedFromScaleIn ? "yes" : "no"],
        ["Read", <Ago at={props.of.readAt} />]
      ]}
    />
  )
}

/** The drawer of an instance. */
export const InstancePane = (props: { readonly of: Instance; readonly onClose: () => void }) => {
  const url = useUrlState()
  const links = () => (
    <>
      <ButtonLink href={url.link(`/clusters/${encodeURIComponent(props.of.groupId)}`)}>Its group</ButtonLink>
      <InstanceKept of={props.of} />
      <ButtonLink href={url.link(`/trace/${encodeURIComponent(props.of.instance)}`)}>Its trace</ButtonLink>
    </>
  )
  return (
    <Modal
      at="right"
      wide
      open
      onClose={props.onClose}
      title={props.of.instance}
      about={`${props.of.instanceType} in ${props.of.zone}, ${props.of.state}`}
      footer={links()}
    >
      <div class="grid gap-5">
        <Known of={props.of} />
        <section>
          <h3 class="label mb-1">Its story</h3>
          <Story instance={props.of.instance} />
        </section>
      </div>
    </Modal>
  )
}
