/** One policy: edited, tried without saving, and saved only on the version that was read. */
import { createEffect, createSignal, For, on, Show } from "solid-js"
import { type ApiProblem, call, callWithVersion, problemOf } from "../api/client.ts"
import { useCommand } from "../api/command.ts"
import { may } from "../api/session.ts"
import { useSending } from "../parts/sending.ts"
import { Button } from "../shell/button.tsx"
import { CommandState } from "../shell/command-state.tsx"
import { reasonMin } from "../shell/confirm.tsx"
import { Modal } from "../shell/modal.tsx"
import { Problem, Skeleton } from "../shell/page.tsx"
import { useUrlState } from "../shell/url-state.ts"
import { counted } from "../words.ts"
import { type Draft, draftOf, policyOf } from "./policies-draft.ts"
import { PolicyForm } from "./policies-form.tsx"
import type { PolicyRow } from "./policies.tsx"

interface Standing {
  readonly row: PolicyRow
  readonly etag: string | undefined
}
const read = async (account: string): Promise<Standing> => {
  const { body, etag } = await callWithVersion("GET /api/v1/policies/{account}", { params: { account } })
  return { row: body, etag }
}

/** Trying and saving are the same call; only the second is meant. */
const send = (standing: Standing, draft: Draft, because: string, isTry: boolean) =>
  call("PUT /api/v1/policies/{account}", {
    params: { account: standing.row.account },
    query: isTry ? { dryRun: "true" } : {},
    body: { policy: policyOf(draft, standing.row.policy), because },
    headers: standing.etag === undefined ? {} : { "if-match": standing.etag }
  })

/** What would change, each line as `field: was -> becomes`. */
const Changes = (props: { readonly of: ReadonlyArray<string> }) => (
  <section class="rounded-xl border border-info/40 bg-info/10 p-3" role="status">
    <h3 class="label">
      {props.of.length === 0 ? "Nothing would change" : `${counted(props.of.length, "change")} if saved`}
    </h3>
    <ul class="mt-1 grid gap-0.5 font-mono text-xs wrap-anywhere text-ink">
      <For each={props.of}>{(line) => <li>{line}</li>}</For>
    </ul>
  </section>
)

const Moved = (props: { readonly problem: ApiProblem; readonly onTake: () => void }) => (
  <div class="grid gap-2 rounded-xl border border-warn/50 bg-warn/10 p-3" role="alert">
    <p class="text-[13px] text-warn">
      Somebody changed this policy since it was read; version {props.problem.currentVersion ?? "another"} stands. What
      you typed is kept: look at what stands, then try again.
    </p>
    <div>
      <Button size="small" onClick={() => props.onTake()}>
        Read what stands
      </Button>
    </div>
  </div>
)

const useEdit = (standing: () => Standing, reread: () => void) => {
  const [draft, setDraft] = createSignal(draftOf(standing().row.policy))
  const [because, setBecause] = createSignal("")
  const [changes, setChanges] = createSignal<ReadonlyArray<string>>()
  const trying = useSending()
  const command = useCommand()
  const ask = (isTry: boolean) => send(standing(), draft(), because().trim(), isTry)
  const tryOut = async () => {
    command.reset()
    setChanges((await trying.run(() => ask(true)))?.said.changes)
  }
  const change = (part: Partial<Draft>) => {
    setDraft({ ...draft(), ...part })
    setChanges()
  }
  const problem = () => trying.problem() ?? (command.state() === "failed" ? command.problem() : undefined)
  const takeStanding = () => {
    command.reset()
    trying.clear()
    setChanges()
    reread()
  }
  // What was saved is what stands now: the next edit is made on it.
  createEffect(on(command.state, (state) => state === "done" && (setChanges(), reread()), { defer: true }))
  return {
    draft,
    change,
    because,
    setBecause,
    changes,
    command,
    tryOut,
    problem,
    takeStanding,
    save: () => void command.run(() => ask(false)),
    isReasoned: () => because().trim().length >= reasonMin,
    isBusy: () => trying.isBusy() || command.isBusy(),
    isMoved: () => problem()?.status === 412
  }
}
type Edit = ReturnType<typeof useEdit>

const Buttons = (props: {
  readonly edit: Edit
  readonly isAllowed: boolean
  readonly formId: string
  readonly onClose: () => void
}) => (
  <>
    <CommandState command={props.edit.command} />
    <Button onClick={() => props.onClose()}>Close</Button>
    <Button
      type="submit"
      form={props.formId}
      disabled={!props.isAllowed || props.edit.isBusy() || !props.edit.isReasoned()}
    >
      Show what would change
    </Button>
    <Button
      weight="primary"
      disabled={
        !props.isAllowed || props.edit.isBusy() || (props.edit.changes()?.length ?? 0) === 0 || props.edit.isMoved()
      }
      onClick={props.edit.save}
    >
      Save
    </Button>
  </>
)

const Why = (props: { readonly edit: Edit }) => (
  <label class="grid gap-1.5">
    <span class="label">Why (at least {reasonMin} characters; it stands in the audit trail)</span>
    <textarea
      class="field"
      rows="2"
      maxlength="1000"
      value={props.edit.because()}
      onInput={(event) => props.edit.setBecause(event.currentTarget.value)}
    />
  </label>
)

const Refusal = (props: { readonly edit: Edit }) => (
  <Show when={props.edit.problem()}>
    {(problem) => (
      <Show when={props.edit.isMoved()} fallback={<Problem error={problem()} />}>
        <Moved problem={problem()} onTake={props.edit.takeStanding} />
      </Show>
    )}
  </Show>
)

const sayVersion = ({ policy, by }: PolicyRow) => {
  if (policy.version === 0) return "The product's own: nobody has set another."
  return by === null ? `Version ${policy.version}.` : `Version ${policy.version}, set by ${by}.`
}

const Editor = (props: { readonly of: Standing; readonly reread: () => void; readonly onClose: () => void }) => {
  const url = useUrlState()
  const edit = useEdit(() => props.of, props.reread)
  const isAllowed = () => may("owner") && !url.isReplay()
  const submit = (event: SubmitEvent) => {
    event.preventDefault()
    void edit.tryOut()
  }
  return (
    <Modal
      at="right"
      wide
      open
      onClose={props.onClose}
      title={`Policy of ${props.of.row.account}`}
      about={sayVersion(props.of.row)}
      footer={<Buttons edit={edit} isAllowed={isAllowed()} formId="policy" onClose={props.onClose} />}
    >
      <form id="policy" class="grid gap-6" onSubmit={submit}>
        <PolicyForm of={edit.draft()} onChange={edit.change} disabled={!isAllowed()} />
        <Show
          when={isAllowed()}
          fallback={<p class="text-xs text-faint">Only an owner may change it, and only of now.</p>}
        >
          <Why edit={edit} />
        </Show>
        <Show when={edit.changes()}>{(changes) => <Changes of={changes()} />}</Show>
        <Refusal edit={edit} />
      </form>
    </Modal>
  )
}

/** What stands, with its version; read by itself, as an edit must not move under its writer. */
const useStanding = (account: () => string) => {
  const [standing, setStanding] = createSignal<Standing>()
  const [problem, setProblem] = createSignal<ApiProblem>()
  const reread = async () => {
    setProblem()
    await read(account()).then(setStanding, (cause) => setProblem(problemOf(cause)))
  }
  createEffect(
    on(account, () => {
      setStanding()
      void reread()
    })
  )
  return { standing, problem, reread: () => void reread() }
}

/** The drawer of an account's policy. */
export const PolicyPane = (props: { readonly account: string; readonly onClose: () => void }) => {
  const { standing, problem, reread } = useStanding(() => props.account)
  const waiting = () => (
    <Modal at="right" wide open onClose={props.onClose} title={`Policy of ${props.account}`}>
      <Show when={problem()} fallback={<Skeleton rows={6} label="Loading the policy" />}>
        {(refused) => <Problem error={refused()} again={reread} />}
      </Show>
    </Modal>
  )
  return (
    <Show when={standing()} fallback={waiting()}>
      {(now) => <Editor of={now()} reread={reread} onClose={props.onClose} />}
    </Show>
  )
}
