/** A secret that is shown once: to be copied now, never to be read again. */
import Copy from "lucide-solid/icons/copy"
import { Button } from "../shell/button.tsx"
import { byHand, useCopying } from "../shell/copying.ts"

export const Secret = (props: { readonly label: string; readonly value: string; readonly says: string }) => {
  const { says: done, copy } = useCopying(byHand)
  return (
    <div class="grid gap-2 rounded-xl border border-warn/50 bg-warn/10 p-3">
      <p class="text-[13px] text-warn">{props.says}</p>
      <div class="flex flex-wrap items-center gap-2">
        <output
          aria-label={props.label}
          class="min-w-0 grow rounded-lg border border-line bg-ground px-3 py-2 font-mono text-xs break-all select-all"
        >
          {props.value}
        </output>
        <Button icon={Copy} onClick={() => copy(props.value)}>
          Copy
        </Button>
      </div>
      <p role="status" class="text-xs text-soft">
        {done()}
      </p>
    </div>
  )
}
