/** Fields of a form: a label, the field, what it wants, and what is wrong with it. */
import { createUniqueId, For, type JSX, Show } from "solid-js"

interface About {
  readonly label: string
  readonly hint?: JSX.Element
  readonly error?: string | undefined
}

const Around = (props: About & { readonly id: string; readonly children: JSX.Element }) => (
  <div class="grid content-start gap-1.5">
    <label class="label" for={props.id}>
      {props.label}
    </label>
    {props.children}
    <Show when={props.error ?? props.hint}>
      <p id={`${props.id}-hint`} class={`text-xs ${props.error === undefined ? "text-faint" : "text-bad"}`}>
        {props.error ?? props.hint}
      </p>
    </Show>
  </div>
)

export interface TextFieldProps extends About {
  readonly value: string
  readonly onInput: (value: string) => void
  readonly type?: "text" | "email" | "password" | "number" | undefined
  readonly autocomplete?: string | undefined
  readonly pattern?: string | undefined
  readonly minlength?: number | undefined
  readonly maxlength?: number | undefined
  readonly min?: number | undefined
  readonly max?: number | undefined
  readonly step?: number | "any" | undefined
  readonly optional?: boolean | undefined
  readonly isMono?: boolean | undefined
  readonly disabled?: boolean | undefined
}

export const TextField = (props: TextFieldProps) => {
  const id = createUniqueId()
  return (
    <Around id={id} label={props.label} hint={props.hint} error={props.error}>
      <input
        id={id}
        class="field"
        classList={{ "font-mono": props.isMono === true }}
        type={props.type ?? "text"}
        value={props.value}
        onInput={(event) => props.onInput(event.currentTarget.value)}
        autocomplete={props.autocomplete ?? "off"}
        spellcheck={false}
        required={props.optional !== true}
        pattern={props.pattern}
        minlength={props.minlength}
        maxlength={props.maxlength}
        min={props.min}
        max={props.max}
        step={props.step}
        disabled={props.disabled}
        aria-describedby={props.hint === undefined && props.error === undefined ? undefined : `${id}-hint`}
        aria-invalid={props.error !== undefined}
      />
    </Around>
  )
}

export interface ChoiceFieldProps extends About {
  readonly value: string
  readonly onPick: (value: string) => void
  readonly options: ReadonlyArray<readonly [value: string, name: string]>
  readonly disabled?: boolean | undefined
}

export const ChoiceField = (props: ChoiceFieldProps) => {
  const id = createUniqueId()
  return (
    <Around id={id} label={props.label} hint={props.hint} error={props.error}>
      <select
        id={id}
        class="field"
        disabled={props.disabled}
        aria-describedby={props.hint === undefined && props.error === undefined ? undefined : `${id}-hint`}
        onChange={(event) => props.onPick(event.currentTarget.value)}
      >
        <For each={props.options}>
          {([value, name]) => (
            <option value={value} selected={value === props.value}>
              {name}
            </option>
          )}
        </For>
      </select>
    </Around>
  )
}
