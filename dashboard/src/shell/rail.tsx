/** The navigation: a rail at the side, on a phone a bar at the bottom with the rest in a drawer. */
import { A, useLocation } from "@solidjs/router"
import Menu from "lucide-solid/icons/menu"
import type { LucideIcon } from "lucide-solid"
import { createEffect, createSignal, For, on, Show } from "solid-js"
import { type Place, places } from "../routes.tsx"
import { Mark } from "./mark.tsx"
import { Modal } from "./modal.tsx"
import { ScopeBar } from "./scope-bar.tsx"
import { useUrlState } from "./url-state.ts"

const groups = [...new Set(places.map(({ group }) => group))]

const Icon = (props: { readonly of: LucideIcon; readonly class?: string }) => {
  const Drawn = props.of
  return <Drawn class={props.class ?? "size-[18px] shrink-0"} aria-hidden="true" />
}
const Count = (props: { readonly n: number }) => (
  <Show when={props.n > 0}>
    <span class="ml-auto rounded-full bg-warn/15 px-1.5 text-xs font-semibold text-warn tabular-nums">
      {props.n}
      <span class="sr-only"> waiting</span>
    </span>
  </Show>
)

interface RailProps {
  readonly waiting: number
}
const hidden = "sr-only xl:not-sr-only xl:px-2.5 xl:pb-1"
const groupName = "px-2.5 pb-1 text-[11px] font-medium text-faint"
/** Links of one group, under its name. */
const Group = (props: RailProps & { readonly name: Place["group"]; readonly narrow?: boolean }) => {
  const url = useUrlState()
  return (
    <div class="grid gap-0.5">
      <p class={props.narrow === true ? `${groupName} ${hidden}` : groupName}>{props.name}</p>
      <For each={places.filter(({ group }) => group === props.name)}>
        {(place) => (
          <A
            href={url.link(place.path)}
            end={place.path === "/"}
            title={place.name}
            class="relative flex h-9 items-center gap-2.5 rounded-lg px-2.5 text-[13px] font-medium"
            activeClass="bg-raised text-ink"
            inactiveClass="text-soft hover:bg-raised/60 hover:text-ink"
          >
            <Icon of={place.icon} />
            <span class={props.narrow === true ? "sr-only xl:not-sr-only" : ""}>{place.name}</span>
            <Show when={place.path === "/approvals"}>
              <Count n={props.waiting} />
            </Show>
          </A>
        )}
      </For>
    </div>
  )
}

/** The rail: icons on a middling screen, with names on a wide one. */
export const Rail = (props: RailProps) => (
  <nav aria-label="Pages" class="rail hidden md:flex">
    <A href="/" class="flex items-center gap-2.5 px-1 text-[15px] font-semibold tracking-tight">
      <Mark />
      <span class="sr-only xl:not-sr-only">CloudOptim</span>
    </A>
    <For each={groups}>{(name) => <Group name={name} waiting={props.waiting} narrow />}</For>
  </nav>
)

const badge = "absolute top-1 left-1/2 ml-2 rounded-full px-1 text-[10px] leading-4 font-bold"
/** Everything that has no place in the bar. */
const Drawer = (props: RailProps & { readonly open: boolean; readonly onClose: () => void }) => (
  <Modal open={props.open} onClose={props.onClose} title="CloudOptim" at="right">
    <div class="grid gap-5">
      <ScopeBar />
      <nav aria-label="All pages" class="grid gap-5">
        <For each={groups}>{(name) => <Group name={name} waiting={props.waiting} />}</For>
      </nav>
    </div>
  </Modal>
)

/** The bar at the bottom of a phone. */
export const BottomBar = (props: RailProps) => {
  const url = useUrlState()
  const location = useLocation()
  const [isOpen, setOpen] = createSignal(false)
  createEffect(
    on(
      () => location.pathname,
      () => setOpen(false),
      { defer: true }
    )
  )
  const cell = "relative grid min-w-0 grow basis-0 justify-items-center gap-0.5 py-2 text-[11px] font-medium"
  return (
    <nav
      aria-label="Pages"
      class="safe-bottom fixed inset-x-0 bottom-0 z-30 flex border-t border-line bg-surface md:hidden"
    >
      <For each={places.filter(({ isFirst }) => isFirst)}>
        {(place) => (
          <A
            href={url.link(place.path)}
            end={place.path === "/"}
            class={cell}
            activeClass="text-info"
            inactiveClass="text-soft"
          >
            <Icon of={place.icon} class="size-5" />
            {place.name}
            <Show when={place.path === "/approvals" && props.waiting > 0}>
              <span class={`${badge} bg-warn text-ground`}>{props.waiting}</span>
            </Show>
          </A>
        )}
      </For>
      <button type="button" class={`${cell} text-soft`} onClick={() => setOpen(true)} aria-expanded={isOpen()}>
        <Menu class="size-5" aria-hidden="true" />
        More
      </button>
      <Drawer open={isOpen()} onClose={() => setOpen(false)} waiting={props.waiting} />
    </nav>
  )
}
