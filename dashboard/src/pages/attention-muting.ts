/** Muting a row and letting it speak: shown at once, sent as the presses came, taken back where it is refused. */
import { useQueryClient } from "@tanstack/solid-query"
import { createSignal } from "solid-js"
import { call, problemOf, type Reply } from "../api/client.ts"
import { toast } from "../shell/toast.tsx"

const attention = "GET /api/v1/attention"
export type Item = Reply<typeof attention>["items"][number]
type Muted = Item["muted"]

/** Hours for which a row can be muted; the one that is meant where none is chosen. */
export const spans = [1, 8, 24] as const
export type Span = (typeof spans)[number]
export const usualSpan: Span = 8

export interface Muting {
  /** As it was asked for here, and otherwise as it was read. */
  readonly mutedOf: (item: Item) => Muted
  readonly mute: (item: Item, hours: Span) => void
  readonly letSpeak: (item: Item) => void
}

/** What AWS takes within two minutes nobody can mute. */
export const isMutable = ({ kind }: Item): boolean => kind !== "interruption"

const tellRefusal = (problem: unknown) => void toast(problemOf(problem).title, { tone: "bad" })

interface Wish {
  readonly to: Muted
}

export const useMuting = (): Muting => {
  const client = useQueryClient()
  const [wishes, setWishes] = createSignal<ReadonlyMap<string, Wish>>(new Map())
  let before: Promise<unknown> = Promise.resolve()
  /** A wish stands until the rows have been read after its answer; a later one about the same row stands instead. */
  const apply = async (id: string, to: Muted, send: () => Promise<unknown>) => {
    const wish = { to }
    setWishes((all) => new Map(all).set(id, wish))
    try {
      const sent = before.then(send)
      before = sent.catch(() => undefined)
      await sent
      await client.invalidateQueries({ queryKey: [attention] })
    } finally {
      setWishes((all) => (all.get(id) === wish ? new Map([...all].filter(([one]) => one !== id)) : all))
    }
  }
  const letSpeak = ({ id }: Item) => {
    apply(id, null, () => call("DELETE /api/v1/attention/{id}/mute", { params: { id } })).catch(tellRefusal)
  }
  const mute = (item: Item, hours: Span) => {
    const { id } = item
    const until = Date.now() + hours * 3_600_000
    const sent = apply(id, { by: "you", until }, () =>
      call("PUT /api/v1/attention/{id}/mute", { params: { id }, body: { hours } })
    )
    const dismiss = toast(`Muted for ${hours} h`, { undo: () => letSpeak(item) })
    sent.catch((problem: unknown) => {
      dismiss()
      tellRefusal(problem)
    })
  }
  return {
    mutedOf: (item) => {
      const wish = wishes().get(item.id)
      return wish === undefined ? item.muted : wish.to
    },
    mute,
    letSpeak
  }
}
