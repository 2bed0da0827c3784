/** An earlier moment is shown: an amber frame around everything says so, and what it is, and leads back. */
import History from "lucide-solid/icons/rotate-ccw-clock"
import { Show } from "solid-js"
import { useRead } from "../api/read.ts"
import { count } from "../words.ts"
import { Button } from "./button.tsx"
import { useKeys } from "./keys.ts"
import { Ago, Clock } from "./moment.tsx"
import { useUrlState } from "./url-state.ts"

const sequence = /^\d+$/

/** The moment that is shown: its sequence, also where a time was asked for, and when its newest event was written. */
const useMoment = () => {
  const url = useUrlState()
  const read = useRead(
    () => {
      const at = url.at()
      return at === undefined ? undefined : ["GET /api/v1/events", { query: { limit: "1", at } }]
    },
    { scope: false, key: "seq" }
  )
  const newest = () => read.data?.items[0]
  const seq = () => {
    const at = url.at() ?? ""
    return sequence.test(at) ? Number(at) : newest()?.seq
  }
  return { newest, seq }
}

/** The banner with the frame; nothing while the present is shown. */
export const ReplayFrame = () => {
  const url = useUrlState()
  const moment = useMoment()
  const step = (by: number) => {
    const from = moment.seq()
    if (url.isReplay() && from !== undefined) url.set({ at: String(Math.max(1, from + by)) })
  }
  useKeys([
    { key: "[", says: "Replay: one event back", act: () => step(-1) },
    { key: "]", says: "Replay: one event on", act: () => step(1) }
  ])
  const name = (at: string) => (sequence.test(at) ? `seq ${count(Number(at))}` : at)
  return (
    <Show when={url.at()}>
      {(at) => (
        <>
          <div class="pointer-events-none fixed inset-0 z-40 border-[3px] border-warn/80" aria-hidden="true" />
          <div
            role="status"
            class="flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-warn/40 bg-warn/10 px-6 py-2 text-warn"
          >
            <History class="size-4" aria-hidden="true" />
            <span class="font-medium">Replay at {name(at())}</span>
            <Show when={moment.newest()}>
              {(event) => (
                <span class="text-sm">
                  <Clock at={event().at} />, <Ago at={event().at} />
                </span>
              )}
            </Show>
            <span class="hidden text-sm xl:inline">Everything as it was known then. Nothing can be done here.</span>
            <span class="grow" />
            <Show when={moment.seq() !== undefined}>
              <Button size="small" onClick={() => step(-1)} aria-label="One event back">
                [
              </Button>
              <Button size="small" onClick={() => step(1)} aria-label="One event on">
                ]
              </Button>
            </Show>
            <Button size="small" onClick={() => url.set({ at: null }, { push: true })}>
              Return to live
            </Button>
          </div>
        </>
      )}
    </Show>
  )
}
