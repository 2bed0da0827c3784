/** A small menu behind a button, over whatever stands under it. */
import ChevronDown from "lucide-solid/icons/chevron-down"
import type { ParentProps } from "solid-js"
import { copyLink } from "../shell/copy-link.ts"
import { Disclosure } from "../shell/disclosure.tsx"
import "./parts.css"

export const Menu = (props: ParentProps<{ readonly label: string; readonly hint?: string | undefined }>) => (
  <Disclosure
    class="tool-button"
    box="menu-box"
    title={props.label}
    hint={props.hint}
    button={
      <>
        {props.label}
        <ChevronDown class="size-3.5" aria-hidden="true" />
      </>
    }
  >
    {props.children}
  </Disclosure>
)

/** The ways out of what is shown: a file of it, and a link to it. */
export const KeepMenu = (props: { readonly onSave: () => void }) => (
  <Menu label="Export">
    <button type="button" class="menu-item" onClick={() => props.onSave()}>
      Save as NDJSON
    </button>
    <button type="button" class="menu-item" onClick={copyLink}>
      Copy link
    </button>
  </Menu>
)
