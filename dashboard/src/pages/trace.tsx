/** The trace of one thing: everything that it came from and led to, with what each hop waited for. */
import { useParams } from "@solidjs/router"
import { createMemo, Show } from "solid-js"
import { urlOf } from "../api/client.ts"
import { useRead } from "../api/read.ts"
import { Facts } from "../parts/facts.tsx"
import { KeepMenu } from "../parts/menu.tsx"
import { Raw } from "../parts/raw.tsx"
import { saveNdjson } from "../parts/table-export.ts"
import { type Hop, TraceTree } from "../parts/trace-tree.tsx"
import { Button, ButtonLink } from "../shell/button.tsx"
import { useListKeys } from "../shell/list-keys.ts"
import { explainParameter } from "../shell/explain.ts"
import { Modal } from "../shell/modal.tsx"
import { Exactly } from "../shell/moment.tsx"
import { Empty, Page } from "../shell/page.tsx"
import { useUrlState } from "../shell/url-state.ts"
import { counted, lasting, plainly, short, unknown } from "../words.ts"

/** From the first to the last, and the longest wait. */
const say = (hops: ReadonlyArray<Hop>, isCutOff: boolean): string => {
  const [first] = hops
  if (first === undefined) return ""
  const ats = hops.map(({ event }) => event.at)
  const longest = hops.reduce((max, hop) => ((hop.waitedMs ?? 0) > (max.waitedMs ?? 0) ? hop : max), first)
  return `${counted(hops.length, "hop")}${isCutOff ? " (cut off: there are more)" : ""} in ${lasting(
    Math.max(...ats) - Math.min(...ats)
  )}; the longest wait was ${lasting(longest.waitedMs ?? 0)}, for “${plainly(longest.event.name)}”.`
}

const Details = (props: { readonly of: Hop; readonly onClose: () => void }) => {
  const event = () => props.of.event
  const url = useUrlState()
  const why = () => url.set({ open: null, [explainParameter]: String(event().seq) }, { push: true })
  const waited = () =>
    props.of.waitedMs === null ? unknown : `${lasting(props.of.waitedMs)} from its cause until it was said`
  return (
    <Modal
      at="right"
      wide
      open
      onClose={props.onClose}
      title={plainly(event().name)}
      about={event().says}
      footer={
        <>
          <ButtonLink href={url.link("/", { at: String(event().seq) })}>Everything as it was then</ButtonLink>
          <Button onClick={why}>Explain</Button>
        </>
      }
    >
      <div class="grid gap-4">
        <Facts
          of={[
            ["Said", <Exactly at={event().at} />],
            ["By", event().owner],
            ["Kind", event().kind],
            ["About", <span class="font-mono">{event().about}</span>],
            ["Account", event().account],
            ["Sequence", `#${event().seq}`],
            ["Caused by", event().cause === null ? "nothing in the log: an origin" : `#${event().cause}`],
            ["Waited", waited()]
          ]}
        />
        <div>
          <h3 class="label mb-1">As it stands in the log</h3>
          <Raw label="As it stands in the log" text={JSON.stringify(event().body, null, 2)} />
        </div>
      </div>
    </Modal>
  )
}

const Ways = (props: {
  readonly id: string
  readonly hops: ReadonlyArray<Hop>
  readonly asOf: number | undefined
  readonly source: string
}) => {
  const keep = () => {
    const told = { trace: props.id, asOf: props.asOf, source: props.source, hops: props.hops.length }
    saveNdjson(`trace-${short(props.id, 24)}`, told, props.hops)
  }
  return <KeepMenu onSave={keep} />
}

export default function TracePage() {
  const params = useParams<{ readonly id: string }>()
  const url = useUrlState()
  const id = () => decodeURIComponent(params.id)
  const read = useRead(() => ["GET /api/v1/traces/{id}", { params: { id: id() } }], { key: "seq" })
  const hops = createMemo(() => read.data?.hops ?? [])
  useListKeys('[data-rows="trace"] button')
  const open = createMemo(() => hops().find(({ event }) => String(event.seq) === url.get("open")))
  const source = () => urlOf("GET /api/v1/traces/{id}", { params: { id: id() }, query: url.scope() })
  return (
    <Page
      title={`Trace of ${short(id(), 28)}`}
      about={say(hops(), read.data?.isCutOff ?? false)}
      pending={read.data === undefined}
      error={read.error}
      again={read.again}
      actions={<Ways id={id()} hops={hops()} asOf={read.data?.asOf} source={source()} />}
      empty={
        hops().length === 0 && (
          <Empty title="Nothing is known of it">
            A trace is asked for by a swap's name, a plan's hash, an instance or a sequence of the log. What nobody has
            said anything about has none.
          </Empty>
        )
      }
    >
      <section class="panel min-w-0 overflow-hidden" aria-label="Hops">
        <TraceTree
          hops={hops()}
          chosen={open()?.event.seq}
          onOpen={(hop) => url.set({ open: String(hop.event.seq) })}
        />
      </section>
      <Show when={open()}>{(hop) => <Details of={hop()} onClose={() => url.set({ open: null })} />}</Show>
    </Page>
  )
}
