/** Text as a machine wrote it, in a box of its own that scrolls, also by keys. */
import "./parts.css"

export const Raw = (props: { readonly label: string; readonly text: string; readonly class?: string | undefined }) => (
  <pre
    class={`scroll-box rounded-xl border border-line bg-ground p-3 font-mono text-xs ${props.class ?? "max-h-[60dvh]"}`}
    tabindex="0"
    role="region"
    aria-label={props.label}
  >
    {props.text}
  </pre>
)
