/** Asks before what matters is done: what it will do, why, and for the gravest that its name is typed. */
import { createEffect, createSignal, createUniqueId, type JSX, on, type ParentProps, Show } from "solid-js"
import { type Command, useCommand } from "../api/command.ts"
import { counted } from "../words.ts"
import { Button } from "./button.tsx"
import { CommandState } from "./command-state.tsx"
import { Modal } from "./modal.tsx"
import { Problem } from "./page.tsx"

/** The shortest reason that still means something; the API asks for the same. */
export const reasonMin = 10

export interface ConfirmProps {
  readonly open: boolean
  readonly onClose: () => void
  readonly title: string
  readonly about?: JSX.Element
  /** The word on the button, as `Pause`. */
  readonly verb: string
  readonly isDanger?: boolean | undefined
  /** What has to be typed before it can be done (third tier); absent = the reason suffices (second tier). */
  readonly typed?: string | undefined
  /** Stands in place of the fields where there is nothing to confirm any more, as after a change by somebody else. */
  readonly instead?: JSX.Element
  readonly command: Command
  readonly onConfirm: (because: string) => void
}

/** Where the reason is written, with how much is missing. */
const Reason = (props: {
  readonly value: string
  readonly onWrite: (text: string) => void
  readonly isSent: boolean
}) => {
  const id = createUniqueId()
  const left = () => Math.max(0, reasonMin - props.value.trim().length)
  return (
    <div class="grid gap-1.5">
      <label class="label" for={id}>
        Why
      </label>
      <textarea
        id={id}
        class="field"
        autofocus
        rows="3"
        maxlength="1000"
        aria-describedby={`${id}-hint`}
        disabled={props.isSent}
        value={props.value}
        onInput={(event) => props.onWrite(event.currentTarget.value)}
      />
      <p id={`${id}-hint`} class="text-xs text-faint">
        {left() > 0
          ? `${counted(left(), "more character")}: it stands in the audit trail for good.`
          : "It stands in the audit trail for good."}
      </p>
    </div>
  )
}

/** Where the name is typed: nobody types it by accident. */
const Typed = (props: { readonly name: string; readonly value: string; readonly onWrite: (text: string) => void }) => {
  const id = createUniqueId()
  return (
    <div class="grid gap-1.5">
      <label class="label" for={id}>
        Type <code class="font-mono text-ink">{props.name}</code> to confirm
      </label>
      <input
        id={id}
        class="field font-mono"
        autocomplete="off"
        spellcheck={false}
        value={props.value}
        onInput={(event) => props.onWrite(event.currentTarget.value)}
      />
    </div>
  )
}

/** The dialog. It stays until it is closed by hand: what it says of the order is the log's word. */
export const Confirm = (props: ParentProps<ConfirmProps>) => {
  const [because, setBecause] = createSignal("")
  const [typed, setTyped] = createSignal("")
  const form = createUniqueId()
  const isReady = () =>
    because().trim().length >= reasonMin && (props.typed === undefined || typed().trim() === props.typed)
  const isSent = () => ["requested", "done", "no-change"].includes(props.command.state())
  const isOver = () => props.instead !== undefined && props.instead !== false
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    if (isReady() && !isOver() && !props.command.isBusy()) props.onConfirm(because().trim())
  }
  const buttons = () => (
    <>
      <CommandState command={props.command} />
      <Button onClick={() => props.onClose()}>{isSent() || isOver() ? "Close" : "Cancel"}</Button>
      <Show when={!isSent() && !isOver()}>
        <Button
          type="submit"
          form={form}
          weight={props.isDanger === true ? "danger" : "primary"}
          disabled={!isReady() || props.command.isBusy()}
        >
          {props.verb}
        </Button>
      </Show>
    </>
  )
  return (
    <Modal open={props.open} onClose={() => props.onClose()} title={props.title} about={props.about} footer={buttons()}>
      <form id={form} class="grid grid-cols-[minmax(0,1fr)] gap-4" onSubmit={submit}>
        <Show when={!isOver()} fallback={props.instead}>
          {props.children}
          <Reason value={because()} onWrite={setBecause} isSent={isSent()} />
          <Show when={props.typed}>{(name) => <Typed name={name()} value={typed()} onWrite={setTyped} />}</Show>
          <Show when={props.command.problem()}>{(problem) => <Problem error={problem()} />}</Show>
        </Show>
      </form>
    </Modal>
  )
}

export interface OrderProps extends Omit<ConfirmProps, "open" | "instead" | "command" | "onConfirm"> {
  readonly send: (because: string) => ReturnType<Parameters<Command["run"]>[0]>
  /** The log has answered it. */
  readonly onDone?: (() => void) | undefined
}

/** A confirmation of one order, followed to its end. The next order is a dialog of its own. */
export const Order = (props: ParentProps<OrderProps>) => {
  const command = useCommand()
  createEffect(on(command.state, (state) => state === "done" && props.onDone?.()))
  const confirm = (because: string) => void command.run(() => props.send(because))
  return <Confirm {...props} open command={command} onConfirm={confirm} />
}
