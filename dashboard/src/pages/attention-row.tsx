/** One thing that needs a person: why it is here, by when, the way to it, and silence for a while. */
import { A } from "@solidjs/router"
import BellOff from "lucide-solid/icons/bell-off"
import ChevronRight from "lucide-solid/icons/chevron-right"
import Ellipsis from "lucide-solid/icons/ellipsis"
import { createSignal, For, Show } from "solid-js"
import { may } from "../api/session.ts"
import { Button } from "../shell/button.tsx"
import { ToneIcon, toneOf } from "../shell/chip.tsx"
import { Ago, Countdown } from "../shell/moment.tsx"
import { useUrlState } from "../shell/url-state.ts"
import { isMutable, type Item, type Muting, type Span, spans, usualSpan } from "./attention-muting.ts"

/** Whoever muted by keyboard goes on from the row that took its place, or from the line of the muted ones. */
const goOn = (line: HTMLElement | undefined): void => {
  if (line?.contains(document.activeElement) !== true) return
  const next = line.nextElementSibling ?? line.previousElementSibling
  queueMicrotask(() => (next?.querySelector("a") ?? document.getElementById("attention-muted"))?.focus())
}

const Link = (props: { readonly item: Item }) => {
  const url = useUrlState()
  return (
    <A
      href={url.link(props.item.link)}
      data-row="attention"
      class="group flex min-w-0 grow items-start gap-3 py-3 pr-2 pl-4 hover:bg-raised/60"
    >
      <ToneIcon tone={toneOf(props.item.severity)} label={props.item.severity} class="mt-0.5 size-4" />
      <span class="min-w-0 grow">
        <span class="font-medium max-sm:line-clamp-2 sm:block sm:truncate">{props.item.title}</span>
        <span class="mt-0.5 line-clamp-2 text-[13px] text-soft">{props.item.why}</span>
      </span>
      <span class="shrink-0 text-right text-[13px]">
        <Show when={props.item.deadlineAt} fallback={<Ago at={props.item.since} class="text-soft" />}>
          {(at) => <Countdown until={at()} class="font-semibold" />}
        </Show>
      </span>
      <ChevronRight class="mt-0.5 size-4 shrink-0 text-faint group-hover:text-ink max-sm:hidden" aria-hidden="true" />
    </A>
  )
}

interface Asked {
  readonly item: Item
  readonly onMute: (hours: Span) => void
}

/** Muting at once for as long as is usual, and the way to another time. */
const MuteButtons = (props: Asked & { readonly isChoosing: boolean; readonly onChoosing: (is: boolean) => void }) => {
  const url = useUrlState()
  return (
    <div class="flex shrink-0 items-start gap-0.5 py-2 pr-2 max-sm:flex-col">
      <Button
        weight="quiet"
        size="small"
        icon={BellOff}
        disabled={url.isReplay()}
        aria-label={`Mute for ${usualSpan} h: ${props.item.title}`}
        title={`Mute for ${usualSpan} h, for the whole team`}
        onClick={() => props.onMute(usualSpan)}
      />
      <Button
        weight="quiet"
        size="small"
        icon={Ellipsis}
        disabled={url.isReplay()}
        aria-label={`Mute for longer or shorter: ${props.item.title}`}
        title="Mute for longer or shorter"
        aria-expanded={props.isChoosing}
        onClick={() => props.onChoosing(!props.isChoosing)}
      />
    </div>
  )
}

/** In the row's own line: the list scrolls, and a box over it would be cut off. */
const Spans = (props: Pick<Asked, "onMute">) => (
  <div role="group" aria-label="Mute for" class="flex flex-wrap items-center justify-end gap-2 px-4 pb-3 text-[13px]">
    <span class="text-soft">For the whole team</span>
    <For each={spans}>
      {(hours) => (
        <Button size="small" onClick={() => props.onMute(hours)}>
          {hours} h
        </Button>
      )}
    </For>
  </div>
)

export const AttentionRow = (props: { readonly item: Item; readonly muting: Muting }) => {
  const [isChoosing, setChoosing] = createSignal(false)
  const [line, setLine] = createSignal<HTMLLIElement>()
  const mute = (hours: Span) => {
    goOn(line())
    props.muting.mute(props.item, hours)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || !isChoosing()) return
    event.stopPropagation()
    setChoosing(false)
    line()?.querySelector<HTMLElement>("[aria-expanded]")?.focus()
  }
  return (
    <li ref={setLine} class="border-b border-line/60 last:border-0" onKeyDown={onKeyDown}>
      <div class="flex items-stretch">
        <Link item={props.item} />
        <Show when={isMutable(props.item) && may("operator")}>
          <MuteButtons item={props.item} onMute={mute} isChoosing={isChoosing()} onChoosing={setChoosing} />
        </Show>
      </div>
      <Show when={isChoosing()}>
        <Spans onMute={mute} />
      </Show>
    </li>
  )
}
