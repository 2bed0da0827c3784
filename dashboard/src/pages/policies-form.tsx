/** The fields of a policy, in the order in which they matter: who says yes, the five floors, the brake, exceptions. */
import { createUniqueId, type ParentProps, Show } from "solid-js"
import { ChoiceField, TextField } from "../parts/form.tsx"
import type { Draft } from "./policies-draft.ts"

export interface PolicyFormProps {
  readonly of: Draft
  readonly onChange: (change: Partial<Draft>) => void
  readonly disabled: boolean
}

const Section = (props: ParentProps<{ readonly title: string }>) => (
  <fieldset class="grid gap-3 sm:grid-cols-2">
    <legend class="mb-2 text-xs font-semibold tracking-wide text-soft uppercase">{props.title}</legend>
    {props.children}
  </fieldset>
)

const Figure = (
  props: PolicyFormProps & {
    readonly name: { readonly [K in keyof Draft]: Draft[K] extends string ? K : never }[keyof Draft]
    readonly label: string
    readonly hint: string
    readonly min: number
    readonly max: number
  }
) => (
  <TextField
    label={props.label}
    hint={props.hint}
    type="number"
    value={props.of[props.name]}
    onInput={(value) => props.onChange({ [props.name]: value })}
    min={props.min}
    max={props.max}
    step="any"
    disabled={props.disabled}
  />
)

const Approval = (props: PolicyFormProps) => (
  <Section title="Who says yes">
    <ChoiceField
      label="Approval"
      value={props.of.approval}
      disabled={props.disabled}
      onPick={(value) => props.onChange({ approval: value as Draft["approval"] })}
      options={[
        ["manual", "A person says yes to every plan"],
        ["auto-below", "Nobody is asked below a saving"],
        ["auto", "Nobody is asked"]
      ]}
    />
    <Show when={props.of.approval === "auto-below"}>
      <Figure
        {...props}
        name="monthlyUsd"
        label="Asked from, dollars a month"
        hint="Plans that save less run by themselves."
        min={0}
        max={1_000_000}
      />
    </Show>
  </Section>
)

const SmallGroups = (props: PolicyFormProps) => (
  <label class="flex items-start gap-2 text-[13px]">
    <input
      type="checkbox"
      class="mt-1 accent-(--c-info)"
      checked={props.of.smallGroup}
      disabled={props.disabled}
      onChange={(event) => props.onChange({ smallGroup: event.currentTarget.checked })}
    />
    <span>
      Small groups may be moved
      <span class="block text-xs text-faint">
        Of 3 to 5 members: one member a pool, one stays on-demand. Every such plan says so.
      </span>
    </span>
  </label>
)

const FloorFields = (props: PolicyFormProps) => (
  <Section title="The five floors: only tighter than the product's">
    <Figure {...props} name="scoreMin" label="Safety score at least" hint="Product: 0.75." min={0.75} max={1} />
    <Figure {...props} name="zonesMin" label="Zones at least" hint="Product: 3." min={3} max={6} />
    <Figure
      {...props}
      name="zoneSharePercent"
      label="A zone counts from, %"
      hint="Product: 5 % of the vCPU."
      min={5}
      max={33}
    />
    <Figure
      {...props}
      name="poolSharePercent"
      label="A pool at most, %"
      hint="Product: 20 % of the vCPU."
      min={1}
      max={20}
    />
    <Figure
      {...props}
      name="onDemandSharePercent"
      label="On-demand at least, %"
      hint="Product: 15 % of the vCPU."
      min={15}
      max={100}
    />
    <SmallGroups {...props} />
  </Section>
)

const Brake = (props: PolicyFormProps) => (
  <Section title="The brake">
    <Figure
      {...props}
      name="swapsPerWindow"
      label="Swaps at most"
      hint="Product: 10 in 10 minutes."
      min={1}
      max={1_000}
    />
    <Figure {...props} name="windowSeconds" label="in so many seconds" hint="Product: 600." min={1} max={3_600} />
    <Figure
      {...props}
      name="inFlightPercent"
      label="In flight at once, % of a group"
      hint="Product: 10 %, at least one member."
      min={0}
      max={50}
    />
    <Figure
      {...props}
      name="bakeSeconds"
      label="The first swap serves, seconds"
      hint="Beside the old member, before there is no way back. Product: 300."
      min={0}
      max={3_600}
    />
  </Section>
)

const Lines = (
  props: PolicyFormProps & { readonly field: "excludedGroups" | "excludedInstances"; readonly label: string }
) => {
  const id = createUniqueId()
  return (
    <div class="grid gap-1.5">
      <label class="label" for={id}>
        {props.label}, one a line
      </label>
      <textarea
        id={id}
        class="field font-mono"
        rows="3"
        value={props.of[props.field]}
        disabled={props.disabled}
        onInput={(event) => props.onChange({ [props.field]: event.currentTarget.value })}
      />
    </div>
  )
}

const Exceptions = (props: PolicyFormProps) => (
  <>
    <Lines {...props} field="excludedGroups" label="Groups that nobody but people may touch" />
    <Lines {...props} field="excludedInstances" label="Instances that nobody but people may take away, by id" />
  </>
)

export const PolicyForm = (props: PolicyFormProps) => (
  <div class="grid gap-6">
    <Approval {...props} />
    <FloorFields {...props} />
    <Brake {...props} />
    <Exceptions {...props} />
  </div>
)
