/** How an order stands, in a word: `Requested` at once, `Done` only when the log says so. */
import CircleCheck from "lucide-solid/icons/circle-check"
import CircleX from "lucide-solid/icons/circle-x"
import LoaderCircle from "lucide-solid/icons/loader-circle"
import { Match, Show, Switch } from "solid-js"
import { type Command, wordOf } from "../api/command.ts"

export const CommandState = (props: { readonly command: Command }) => (
  <span role="status" class="mr-auto text-sm text-soft">
    <Show when={props.command.state() !== "idle"}>
      <span class="rise inline-flex items-center gap-1.5">
        <Switch fallback={<LoaderCircle class="size-4 animate-spin text-info" aria-hidden="true" />}>
          <Match when={props.command.state() === "failed"}>
            <CircleX class="size-4 text-bad" aria-hidden="true" />
          </Match>
          <Match when={!props.command.isBusy()}>
            <CircleCheck class="size-4 text-ok" aria-hidden="true" />
          </Match>
        </Switch>
        {wordOf[props.command.state()]}
      </span>
    </Show>
  </span>
)
