/** One labelled field of a form, with its hint tied to it. */
import { createUniqueId, Show } from "solid-js"

export interface FieldProps {
  readonly name: string
  readonly label: string
  readonly type?: "text" | "email" | "password"
  readonly hint?: string
  readonly autocomplete?: string
  readonly autofocus?: boolean
  readonly minLength?: number
  /** What stands in it to begin with. */
  readonly value?: string
}

/** A required field. */
export const Field = (props: FieldProps) => {
  const id = createUniqueId()
  const focus = (field: HTMLInputElement) => {
    if (props.autofocus === true) queueMicrotask(() => field.focus())
  }
  return (
    <div class="grid gap-1.5">
      <label class="label" for={id}>
        {props.label}
      </label>
      <input
        ref={focus}
        id={id}
        name={props.name}
        type={props.type ?? "text"}
        class="field"
        required
        minLength={props.minLength}
        value={props.value ?? ""}
        autocomplete={props.autocomplete}
        aria-describedby={props.hint === undefined ? undefined : `${id}-hint`}
      />
      <Show when={props.hint}>
        <p id={`${id}-hint`} class="text-xs text-faint">
          {props.hint}
        </p>
      </Show>
    </div>
  )
}
