/** What may be done in an account, in a word: read, ask people, or act. */
import Eye from "lucide-solid/icons/eye"
import MessageCircleQuestion from "lucide-solid/icons/message-circle-question-mark"
import Zap from "lucide-solid/icons/zap"
import type { Reply } from "../api/client.ts"
import { Chip } from "../shell/chip.tsx"

export type Mode = Reply<"GET /api/v1/accounts/{account}">["mode"]
export const modes: ReadonlyArray<{ readonly mode: Mode; readonly says: string }> = [
  { mode: "observe", says: "Reads only. Nothing in the account can be changed." },
  { mode: "recommend", says: "Plans are made and judged, and wait for people. Nothing is changed." },
  { mode: "act", says: "Approved plans are carried out: instances are launched, attached and terminated." }
]
const looks = {
  observe: { tone: "none", icon: Eye },
  recommend: { tone: "info", icon: MessageCircleQuestion },
  act: { tone: "ok", icon: Zap }
} as const

export const ModeChip = (props: { readonly mode: Mode }) => (
  <Chip tone={looks[props.mode].tone} icon={looks[props.mode].icon}>
    {props.mode}
  </Chip>
)
