/** A state in a word: icon, shape and colour say the same, so that none of them is needed alone. */
import CircleCheck from "lucide-solid/icons/circle-check"
import CircleDashed from "lucide-solid/icons/circle-dashed"
import Info from "lucide-solid/icons/info"
import OctagonAlert from "lucide-solid/icons/octagon-alert"
import TriangleAlert from "lucide-solid/icons/triangle-alert"
import type { LucideIcon } from "lucide-solid"
import { type ParentProps, Show } from "solid-js"
import { Dynamic } from "solid-js/web"

export type Tone = "ok" | "info" | "warn" | "bad" | "predicted" | "none"

const looks: Readonly<Record<Tone, { readonly icon: LucideIcon; readonly class: string }>> = {
  ok: { icon: CircleCheck, class: "border-ok/35 bg-ok/10 text-ok" },
  info: { icon: Info, class: "border-info/35 bg-info/10 text-info" },
  warn: { icon: TriangleAlert, class: "border-warn/35 bg-warn/10 text-warn" },
  bad: { icon: OctagonAlert, class: "border-bad/40 bg-bad/10 text-bad" },
  predicted: { icon: CircleDashed, class: "border-predicted/35 bg-predicted/10 text-predicted border-dashed" },
  none: { icon: CircleDashed, class: "border-line bg-raised text-soft" }
}

/** The tone of an event's severity. */
export const toneOf = (severity: "info" | "good" | "warning" | "critical"): Tone =>
  (({ info: "info", good: "ok", warning: "warn", critical: "bad" }) as const)[severity]

/** The icon of a tone, for places where the word stands beside it. */
export const ToneIcon = (props: { readonly tone: Tone; readonly label?: string; readonly class?: string }) => {
  const colour = () => (props.tone === "none" ? "text-soft" : `text-${props.tone}`)
  return (
    <span class={`inline-grid shrink-0 place-items-center ${colour()} ${props.class ?? "size-4"}`}>
      <Dynamic component={looks[props.tone].icon} class="size-full" aria-hidden="true" />
      <span class="sr-only">{props.label ?? props.tone}</span>
    </span>
  )
}

/** A chip. `icon={false}` where many of them stand in a row and the word suffices. */
export const Chip = (
  props: ParentProps<{ readonly tone?: Tone | undefined; readonly icon?: LucideIcon | false | undefined }>
) => {
  const look = () => looks[props.tone ?? "none"]
  return (
    <span class={`chip ${look().class}`}>
      <Show when={props.icon !== false && (props.icon ?? look().icon)}>
        {(icon) => <Dynamic component={icon()} class="size-3.5 shrink-0" aria-hidden="true" />}
      </Show>
      {props.children}
    </span>
  )
}
