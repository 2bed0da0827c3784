/** What is shown is not the newest: because somebody paused, or because the connection is lost. It says since when. */
import CirclePause from "lucide-solid/icons/circle-pause"
import WifiOff from "lucide-solid/icons/wifi-off"
import { createEffect, createSignal, Match, on, onCleanup, Switch } from "solid-js"
import { connection, setPaused } from "../api/live.ts"
import { counted } from "../words.ts"
import { Button } from "./button.tsx"
import { Ago } from "./moment.tsx"
import { useUrlState } from "./url-state.ts"

/** A connection that is back so soon was not missed by anybody. */
const missedMs = 3_000

/** True once the connection has been lost for longer than anybody overlooks. */
const useLost = () => {
  const [isLost, setLost] = createSignal(false)
  createEffect(
    on(
      () => connection().state === "reconnecting",
      (is) => {
        setLost(false)
        if (!is) return
        const timer = setTimeout(() => setLost(true), missedMs)
        onCleanup(() => clearTimeout(timer))
      }
    )
  )
  return isLost
}

const look = "flex flex-wrap items-center gap-x-3 gap-y-1 border-b px-4 py-2 text-[13px] md:px-6"

/** The strip under the header; nothing while what is shown follows the log, or an earlier moment is shown anyway. */
export const StaleStrip = () => {
  const url = useUrlState()
  const isLost = useLost()
  return (
    <Switch>
      <Match when={url.isReplay()}>{null}</Match>
      <Match when={isLost()}>
        <div role="status" class={`${look} border-bad/40 bg-bad/10 text-bad`}>
          <WifiOff class="size-4 shrink-0" aria-hidden="true" />
          <span class="font-medium">No connection</span>
          <span>
            What is shown may be old: the newest event was heard <Ago at={connection().heardAt} />. It is tried again by
            itself.
          </span>
        </div>
      </Match>
      <Match when={connection().state === "paused"}>
        <div role="status" class={`${look} border-warn/40 bg-warn/10 text-warn`}>
          <CirclePause class="size-4 shrink-0" aria-hidden="true" />
          <span class="font-medium">Paused</span>
          <span>Everything stands still; {counted(connection().waiting, "event")} waiting.</span>
          <Button size="small" class="ml-auto" onClick={() => setPaused(false)}>
            Go on <kbd class="ml-1 text-faint">p</kbd>
          </Button>
        </div>
      </Match>
    </Switch>
  )
}
