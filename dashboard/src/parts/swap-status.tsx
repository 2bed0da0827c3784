/** How a swap ended, or that it runs, in a word. */
import Undo from "lucide-solid/icons/undo-2"
import { Chip } from "../shell/chip.tsx"
import type { Reply } from "../api/client.ts"

export type Swap = Reply<"GET /api/v1/sagas">["items"][number]

const looks = {
  running: { tone: "info", says: "running" },
  done: { tone: "ok", says: "done" },
  undone: { tone: "warn", says: "taken back" },
  refused: { tone: "none", says: "refused" },
  stuck: { tone: "bad", says: "stuck" }
} as const

export const SwapStatus = (props: { readonly status: Swap["status"] }) => (
  <Chip tone={looks[props.status].tone} icon={props.status === "undone" ? Undo : undefined}>
    {looks[props.status].says}
  </Chip>
)
