/** A page's frame: heading and actions, and what stands there while nothing can be shown, or something failed. */
import CircleAlert from "lucide-solid/icons/circle-alert"
import Inbox from "lucide-solid/icons/inbox"
import RotateCw from "lucide-solid/icons/rotate-cw"
import { createEffect, For, type JSX, Match, type ParentProps, Show, Switch } from "solid-js"
import type { ApiProblem } from "../api/client.ts"
import { Button } from "./button.tsx"

/** Stands where rows will be: as high as they, and still where motion is not wanted. */
export const Skeleton = (props: { readonly rows?: number; readonly label?: string }) => (
  <div role="status" aria-label={props.label ?? "Loading"} class="grid gap-2 p-4">
    <For each={Array.from({ length: props.rows ?? 5 })}>
      {(_, i) => <div class="skeleton h-9" classList={{ "opacity-60": i() % 2 === 1 }} />}
    </For>
  </div>
)

/** Why something could not be read, with what support needs to find it, and a way to try again. */
export const Problem = (props: { readonly error: ApiProblem; readonly again?: (() => void) | undefined }) => (
  <div role="alert" class="panel flex flex-wrap items-start gap-3 border-bad/50 p-4">
    <CircleAlert class="mt-0.5 size-5 shrink-0 text-bad" aria-hidden="true" />
    <div class="min-w-0 grow">
      <p class="font-medium text-ink">{props.error.title}</p>
      <Show when={props.error.detail}>
        <p class="mt-1 text-sm text-soft">{props.error.detail}</p>
      </Show>
      <For each={props.error.errors}>
        {(one) => (
          <p class="mt-1 text-sm text-soft">
            <span class="font-mono text-xs">{one.path}</span>: {one.message}
          </p>
        )}
      </For>
      <Show when={props.error.correlationId}>
        <p class="mt-2 text-xs text-faint">
          Correlation id <code class="select-all break-all font-mono text-soft">{props.error.correlationId}</code>
        </p>
      </Show>
    </div>
    <Show when={props.again}>
      {(again) => (
        <Button size="small" onClick={() => again()()} icon={RotateCw}>
          Try again
        </Button>
      )}
    </Show>
  </div>
)

/** Says why nothing is there and what would bring something: silence that is proven healthy looks unlike a fault. */
export const Empty = (
  props: ParentProps<{ readonly title: string; readonly icon?: typeof Inbox; readonly action?: JSX.Element }>
) => {
  const Icon = props.icon ?? Inbox
  return (
    <div class="grid justify-items-center gap-1.5 px-6 py-10 text-center">
      <div class="mb-1 grid size-10 place-items-center rounded-full bg-raised text-soft">
        <Icon class="size-5" aria-hidden="true" />
      </div>
      <p class="font-medium text-ink">{props.title}</p>
      <div class="max-w-prose text-sm text-soft">{props.children}</div>
      <Show when={props.action}>
        <div class="mt-3">{props.action}</div>
      </Show>
    </div>
  )
}

export interface PageProps {
  readonly title: string
  /** One line under the title. */
  readonly about?: JSX.Element
  readonly actions?: JSX.Element
  /** Nothing has been read yet: a skeleton stands there. */
  readonly pending?: boolean | undefined
  /** Shown in place of the page while there is nothing else, above it otherwise. */
  readonly error?: ApiProblem | undefined
  readonly again?: (() => void) | undefined
  /** What stands there in place of the children, where there is nothing to list. */
  readonly empty?: JSX.Element | false | undefined
}

/** A page. Its heading takes the focus when one comes to it, so that a screen reader says where one is. */
export const Page = (props: ParentProps<PageProps>) => {
  createEffect(() => {
    document.title = `${props.title} · CloudOptim`
  })
  return (
    <div class="mx-auto grid w-full max-w-[1680px] gap-4 px-4 py-5 md:px-6">
      <div class="flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
        <div class="min-w-0">
          <h1
            tabindex="-1"
            id="page-title"
            class="wrap-anywhere text-xl font-semibold tracking-tight text-ink outline-none"
          >
            {props.title}
          </h1>
          <Show when={props.about}>
            <div class="mt-0.5 text-sm text-soft">{props.about}</div>
          </Show>
        </div>
        <Show when={props.actions}>
          <div class="flex flex-wrap items-center gap-2">{props.actions}</div>
        </Show>
      </div>
      <Show when={props.error}>{(error) => <Problem error={error()} again={props.again} />}</Show>
      <Switch fallback={props.children}>
        <Match when={props.pending === true && props.error === undefined}>
          <div class="panel">
            <Skeleton rows={8} label={`Loading ${props.title}`} />
          </div>
        </Match>
        <Match when={props.pending === true}>{null}</Match>
        <Match when={props.empty}>
          <div class="panel">{props.empty}</div>
        </Match>
      </Switch>
    </div>
  )
}
