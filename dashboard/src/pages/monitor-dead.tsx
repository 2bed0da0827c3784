/** Messages that nobody could read: why, whose they were to hear, and a super admin's word to have one heard again. */
import { createSignal, For, Show } from "solid-js"
import { call, type Reply } from "../api/client.ts"
import { me } from "../api/session.ts"
import { Awaited } from "../parts/awaited.tsx"
import { useList } from "../parts/list.ts"
import { Raw } from "../parts/raw.tsx"
import { ReadMore } from "../parts/read-more.tsx"
import { Button } from "../shell/button.tsx"
import { Chip } from "../shell/chip.tsx"
import { Order } from "../shell/confirm.tsx"
import { Ago } from "../shell/moment.tsx"
import { Empty } from "../shell/page.tsx"
import { useUrlState } from "../shell/url-state.ts"
import { count, plainly } from "../words.ts"
import { MonitorCard } from "./monitor-card.tsx"

type Letter = Reply<"GET /api/v1/system/dead">["items"][number]

const hearSays =
  "It acts on it as if it heard it for the first time, whosever it is. " +
  "What it still cannot read, or has acted on already, changes nothing."
const isOver = "It hears no message a second time: what it was about is asked for anew."

/** `wrong-shape: pool: missing` as the word that it begins with and what stands behind it. */
const wordsOf = (reason: string) => {
  const [, word, details] = /^([a-z-]+)(?:: ([^]*))?$/.exec(reason) ?? []
  return word === undefined ? { word: "unreadable", details: reason } : { word: plainly(word), details: details ?? "" }
}

/** A subject without what every one of them has: who said or was asked what, in which account. */
const shortOf = (subject: string): string => {
  const [, account, owner, name] = subject.split(".")
  if (name === undefined) return subject
  return `${name} of ${owner}${account === "all" ? "" : `, account ${account}`}`
}

/** It is every tenant's world: only who runs the installation has it heard again, and reads what stands in it. */
const isRoot = () => me()?.superAdmin === true

const Head = (props: { readonly of: Letter }) => (
  <p class="wrap-anywhere flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1">
    <Chip tone="bad">{wordsOf(props.of.reason).word}</Chip>
    <span class="font-medium">{props.of.consumer ?? "nobody known"}</span>
    <Show when={props.of.subject}>
      {(subject) => (
        <span class="text-[13px] text-soft" title={subject()}>
          {shortOf(subject())}
        </span>
      )}
    </Show>
    <Ago at={props.of.at} class="text-[13px] text-soft" />
  </p>
)

const Row = (props: { readonly of: Letter; readonly onHear: () => void }) => {
  const url = useUrlState()
  const [isOpen, setOpen] = createSignal(false)
  const name = () => `message ${props.of.logSeq ?? props.of.seq}`
  return (
    <li class="grid min-w-0 gap-1.5 border-t border-line/60 px-3 py-2 first:border-t-0">
      <Head of={props.of} />
      <Show when={wordsOf(props.of.reason).details}>
        {(details) => <p class="wrap-anywhere line-clamp-3 text-[13px] text-soft">{details()}</p>}
      </Show>
      <Show when={isRoot()}>
        <div class="flex flex-wrap gap-2">
          <Button
            size="small"
            disabled={url.isReplay() || !props.of.canBeHeardAgain}
            title={props.of.canBeHeardAgain ? undefined : isOver}
            aria-label={`Hear again: ${name()}`}
            onClick={() => props.onHear()}
          >
            Hear again
          </Button>
          <Show when={props.of.head}>
            <Button
              size="small"
              weight="quiet"
              aria-expanded={isOpen()}
              aria-label={`How it begins: ${name()}`}
              onClick={() => setOpen(!isOpen())}
            >
              How it begins
            </Button>
          </Show>
        </div>
      </Show>
      <Show when={isOpen() && props.of.head}>
        {(head) => (
          <Raw
            label={`How ${name()} begins, of ${count(props.of.bytes)} bytes`}
            text={head().text === "" ? "It is empty." : head().text}
            class="max-h-40 whitespace-pre-wrap wrap-anywhere"
          />
        )}
      </Show>
    </li>
  )
}

const HearAgain = (props: { readonly of: Letter; readonly onClose: () => void; readonly onDone: () => void }) => (
  <Order
    onClose={props.onClose}
    title={`Have ${props.of.consumer ?? "it"} hear message ${props.of.logSeq ?? ""} again`}
    about={hearSays}
    verb="Hear again"
    send={(because) =>
      call("POST /api/v1/system/dead/{seq}/redrive", { params: { seq: String(props.of.seq) }, body: { because } })
    }
    onDone={props.onDone}
  />
)

const NoLetter = () => (
  <Empty title="Everything that was said could be read">
    What an actor cannot read is put aside here with the reason, so that it stops nobody: after a bad upgrade, say, or a
    hand-written message.
  </Empty>
)

export const MonitorDead = () => {
  // nothing is said where a message is put aside: the list is read as often as the rest of the monitor
  const list = useList("GET /api/v1/system/dead", { topics: ["sweep-done", "market-read"], key: "seq" }, () => ({
    limit: "20"
  }))
  const [heard, setHeard] = createSignal<Letter>()
  return (
    <MonitorCard title="Messages nobody could read">
      <Awaited of={list.page} label="Loading messages that nobody could read" rows={2}>
        <Show when={list.rows().length > 0} fallback={<NoLetter />}>
          <ul>
            <For each={list.rows()}>{(letter) => <Row of={letter} onHear={() => setHeard({ ...letter })} />}</For>
          </ul>
        </Show>
        <Show when={list.table.isCut}>
          <div class="border-t border-line/60 p-2">
            <ReadMore isReading={list.table.isGrowing} onMore={list.table.onMore} />
          </div>
        </Show>
      </Awaited>
      <Show when={heard()} keyed>
        {(letter) => <HearAgain of={letter} onClose={() => setHeard()} onDone={list.page.again} />}
      </Show>
    </MonitorCard>
  )
}
