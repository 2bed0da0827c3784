/** The command palette: a page by its name, or anything by its id. */
import { useNavigate } from "@solidjs/router"
import CornerDownLeft from "lucide-solid/icons/corner-down-left"
import { createEffect, createMemo, createSignal, createUniqueId, For } from "solid-js"
import { places } from "../routes.tsx"
import { explain } from "./explain.ts"
import { leadsOf } from "./leads.ts"
import { Modal } from "./modal.tsx"
import { useUrlState } from "./url-state.ts"

interface Choice {
  readonly name: string
  readonly says: string
  readonly go: () => void
}
const useChoices = (typed: () => string, close: () => void) => {
  const url = useUrlState()
  const navigate = useNavigate()
  const to = (path: string) => () => {
    close()
    navigate(path.includes("at=") ? path : url.link(path))
  }
  const about = (id: string) => () => {
    close()
    explain(id)
  }
  return createMemo((): ReadonlyArray<Choice> => {
    const words = typed().trim()
    const pages = places
      .filter(({ name }) => name.toLowerCase().includes(words.toLowerCase()))
      .map((place) => ({ name: place.name, says: `g ${place.key}`, go: to(place.path) }))
    const found = leadsOf(words).map(({ name, to: where }) => ({
      name: `${name} ${words.length > 28 ? `${words.slice(0, 28)}…` : words}`,
      says: "id",
      go: "path" in where ? to(where.path) : about(where.explain)
    }))
    return [...found, ...pages]
  })
}

/** One row of the list. */
const Row = (props: {
  readonly choice: Choice
  readonly id: string
  readonly isHere: boolean
  readonly onPoint: () => void
}) => {
  let row: HTMLLIElement | undefined
  const keep = (element: HTMLLIElement) => (row = element)
  // The arrows go further than the window shows.
  createEffect(() => props.isHere && row?.scrollIntoView({ block: "nearest" }))
  return (
    <li
      ref={keep}
      id={props.id}
      role="option"
      aria-selected={props.isHere}
      class="flex h-10 cursor-pointer items-center gap-3 rounded-lg px-3"
      classList={{ "bg-raised": props.isHere }}
      onPointerMove={() => props.onPoint()}
      onClick={() => props.choice.go()}
    >
      <span class="truncate">{props.choice.name}</span>
      <span class="ml-auto text-xs text-soft">{props.choice.says}</span>
      <CornerDownLeft class={`size-3.5 text-soft ${props.isHere ? "" : "invisible"}`} aria-hidden="true" />
    </li>
  )
}

/** The palette, open until something is chosen. */
export default function Palette(props: { readonly onClose: () => void }) {
  const [typed, setTyped] = createSignal("")
  const [here, setHere] = createSignal(0)
  const list = createUniqueId()
  const choices = useChoices(typed, () => props.onClose())
  const onKey = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0
    if (event.key === "Enter") choices()[here()]?.go()
    else if (step !== 0) setHere((i) => (i + step + choices().length) % Math.max(choices().length, 1))
    else return
    event.preventDefault()
  }
  return (
    <Modal open onClose={props.onClose} title="Go to" at="top">
      <input
        ref={(field) => queueMicrotask(() => field.focus())}
        class="field mb-3"
        placeholder="A page, an instance, account, ARN, swap, plan, moment"
        role="combobox"
        aria-label="Page or id"
        aria-expanded="true"
        aria-controls={list}
        aria-activedescendant={`${list}-${here()}`}
        value={typed()}
        onInput={(event) => (setTyped(event.currentTarget.value), setHere(0))}
        onKeyDown={onKey}
      />
      <ul id={list} role="listbox" aria-label="Where to" class="grid gap-0.5">
        <For each={choices()} fallback={<li class="px-3 py-2 text-soft">Nothing is called that.</li>}>
          {(choice, i) => (
            <Row choice={choice} id={`${list}-${i()}`} isHere={i() === here()} onPoint={() => setHere(i())} />
          )}
        </For>
      </ul>
    </Modal>
  )
}
