/** Buttons and links that look like buttons: four weights, two sizes, an icon before the word. */
import { A } from "@solidjs/router"
import type { LucideIcon } from "lucide-solid"
import { type JSX, type ParentProps, Show, splitProps } from "solid-js"
import { Dynamic } from "solid-js/web"

interface Look {
  /** `plain` has an outline; `quiet` none; `primary` is the one thing to do; `danger` what cannot be taken back. */
  readonly weight?: "plain" | "quiet" | "primary" | "danger" | undefined
  readonly size?: "normal" | "small" | undefined
  readonly icon?: LucideIcon | undefined
}

const weights = {
  plain: "border border-line bg-surface text-ink hover:bg-raised",
  quiet: "border border-transparent text-soft hover:bg-raised hover:text-ink",
  primary: "border border-transparent bg-primary text-on-primary hover:brightness-110",
  danger: "border border-bad/60 text-bad hover:bg-bad/10"
}
const classOf = (look: Look, square: boolean) =>
  [
    "inline-flex shrink-0 select-none items-center justify-center gap-1.5 rounded-lg font-medium whitespace-nowrap",
    "transition-colors disabled:cursor-not-allowed disabled:opacity-50 aria-disabled:opacity-50",
    look.size === "small" ? "h-8 text-[13px]" : "h-9 text-sm",
    square ? (look.size === "small" ? "w-8" : "w-9") : look.size === "small" ? "px-2.5" : "px-3.5",
    weights[look.weight ?? "plain"]
  ].join(" ")

const Inside = (props: ParentProps<Look>) => (
  <>
    <Show when={props.icon}>
      {(icon) => (
        <Dynamic component={icon()} class={props.size === "small" ? "size-3.5" : "size-4"} aria-hidden="true" />
      )}
    </Show>
    {props.children}
  </>
)

export type ButtonProps = Look & Omit<JSX.ButtonHTMLAttributes<HTMLButtonElement>, "size">

/** A button. One without a word needs an `aria-label`; it is then square. */
export const Button = (props: ButtonProps) => {
  const [look, rest] = splitProps(props, ["weight", "size", "icon", "children", "class"])
  return (
    <button type="button" {...rest} class={`${classOf(look, !("children" in props))} ${look.class ?? ""}`}>
      <Inside {...look}>{look.children}</Inside>
    </button>
  )
}

export type ButtonLinkProps = ParentProps<Look & { readonly href: string; readonly class?: string | undefined }>

/** A link to another page that looks like a button. */
export const ButtonLink = (props: ButtonLinkProps) => (
  <A href={props.href} class={`${classOf(props, false)} ${props.class ?? ""}`}>
    <Inside weight={props.weight} size={props.size} icon={props.icon}>
      {props.children}
    </Inside>
  </A>
)
