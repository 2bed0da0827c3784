/** How a swap ended, or which way it runs, in a word: the same on every page. */
import Undo from "lucide-solid/icons/undo-2"
import type { Reply } from "../api/client.ts"
import { Chip } from "../shell/chip.tsx"

export type Swap = Reply<"GET /api/v1/sagas">["items"][number]

const looks = {
  running: { tone: "info", says: "running" },
  done: { tone: "ok", says: "done" },
  undone: { tone: "warn", says: "turned back" },
  refused: { tone: "none", says: "refused" },
  stuck: { tone: "bad", says: "stuck" }
} as const
const turning = { tone: "warn", says: "turning back" } as const

/** A status in the words of the pages. */
export const saysOf = (status: Swap["status"]): string => looks[status].says

export const SwapStatus = (props: { readonly swap: Pick<Swap, "status" | "way"> }) => {
  const look = () => (props.swap.status === "running" && props.swap.way === "back" ? turning : looks[props.swap.status])
  return (
    <Chip tone={look().tone} icon={props.swap.status === "undone" ? Undo : undefined}>
      {look().says}
    </Chip>
  )
}
