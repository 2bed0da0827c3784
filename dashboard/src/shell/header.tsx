/** The header: scope, connection, what waits for a person, the stop switch, and whoever is signed in. */
import CircleUser from "lucide-solid/icons/circle-user-round"
import Link2 from "lucide-solid/icons/link-2"
import Moon from "lucide-solid/icons/moon"
import OctagonPause from "lucide-solid/icons/octagon-pause"
import Search from "lucide-solid/icons/search"
import Sun from "lucide-solid/icons/sun"
import UserCheck from "lucide-solid/icons/user-check"
import { type ParentProps, Show } from "solid-js"
import { may, me, nameOf, signOut } from "../api/session.ts"
import { Button, ButtonLink } from "./button.tsx"
import { ConnectionPill } from "./connection-pill.tsx"
import { copyLink } from "./copy-link.ts"
import { Disclosure } from "./disclosure.tsx"
import { Mark } from "./mark.tsx"
import { ScopeBar } from "./scope-bar.tsx"
import { theme, toggleTheme } from "./theme.ts"
import { useUrlState } from "./url-state.ts"

export interface HeaderProps {
  readonly waiting: number
  readonly stopped: ReadonlyArray<string>
  readonly onPalette: () => void
  readonly onStop: () => void
  readonly onHelp: () => void
}

const Item = (props: ParentProps<{ readonly act: () => void; readonly key?: string }>) => (
  <button
    type="button"
    class="flex h-9 w-full items-center gap-2 rounded-lg px-2.5 text-sm hover:bg-raised"
    onClick={() => props.act()}
  >
    {props.children}
    <Show when={props.key}>
      <kbd class="ml-auto text-xs text-faint">{props.key}</kbd>
    </Show>
  </button>
)

/** Who one is, and what concerns oneself. */
const UserMenu = (props: { readonly onHelp: () => void }) => (
  <Disclosure
    title="You"
    label="You"
    class="grid size-9 place-items-center rounded-lg text-soft hover:bg-raised hover:text-ink"
    button={<CircleUser class="size-4" aria-hidden="true" />}
    width="w-60"
  >
    <Show when={me()}>
      {(who) => (
        <div class="border-b border-line px-4 py-3">
          <p class="truncate font-medium">{nameOf(who())}</p>
          <p class="truncate text-xs text-soft">
            {who().role} of {who().tenant}
          </p>
        </div>
      )}
    </Show>
    <div class="p-1.5">
      <Item act={toggleTheme} key="t">
        {theme() === "dark" ? "Light theme" : "Dark theme"}
      </Item>
      <Item act={() => props.onHelp()} key="?">
        Keys
      </Item>
      <Item act={() => window.open("/docs", "_blank", "noopener")}>API reference</Item>
      <Item act={() => void signOut()}>Sign out</Item>
    </div>
  </Disclosure>
)

/** The switch's button: says what is stopped, and can be pressed by whoever may operate. */
const StopButton = (props: HeaderProps) => {
  const url = useUrlState()
  const isStopped = () => props.stopped.length > 0
  return (
    <Button
      size="small"
      weight="danger"
      icon={OctagonPause}
      disabled={url.isReplay() || !may("operator")}
      class={isStopped() ? "bg-bad/15" : ""}
      onClick={() => props.onStop()}
      title={isStopped() ? `Stopped: ${props.stopped.join(", ")}` : "Pause or halt all swaps"}
    >
      {isStopped() ? `Stopped (${props.stopped.length})` : "Stop"}
    </Button>
  )
}

/** The header. */
export const Header = (props: HeaderProps) => {
  const url = useUrlState()
  return (
    <header class="header sticky top-0 z-20 flex min-h-14 items-center gap-2 px-4 py-2 md:px-6">
      <span class="md:hidden">
        <Mark />
      </span>
      <div class="hidden min-w-0 md:block">
        <ScopeBar />
      </div>
      <div class="grow" />
      <Button
        size="small"
        weight="plain"
        icon={Search}
        onClick={() => props.onPalette()}
        title="Find a page or an id"
        class="lg:w-auto! lg:px-2.5"
      >
        <span class="sr-only text-soft lg:not-sr-only">
          Find <kbd class="ml-1 font-sans text-xs text-faint">Ctrl K</kbd>
        </span>
      </Button>
      <ConnectionPill />
      <ButtonLink
        href={url.link("/approvals")}
        size="small"
        icon={UserCheck}
        class={`hidden sm:inline-flex ${props.waiting > 0 ? "text-warn" : ""}`}
      >
        <span class="hidden lg:inline">Approvals</span>
        <span class="tabular-nums">{props.waiting}</span>
        <span class="sr-only"> waiting</span>
      </ButtonLink>
      <StopButton {...props} />
      <span class="hidden md:inline-flex">
        <Button size="small" weight="quiet" icon={Link2} aria-label="Copy a link to this view" onClick={copyLink} />
        <Button
          size="small"
          weight="quiet"
          icon={theme() === "dark" ? Sun : Moon}
          aria-label={theme() === "dark" ? "Light theme" : "Dark theme"}
          onClick={toggleTheme}
        />
      </span>
      <UserMenu onHelp={props.onHelp} />
    </header>
  )
}
