/** The door: signing in, becoming the first administrator, or taking up an invitation. */
import { useLocation, useNavigate, useSearchParams } from "@solidjs/router"
import { Match, onMount, type ParentProps, Show, Switch } from "solid-js"
import { call } from "../api/client.ts"
import { config, readConfig, signedIn } from "../api/session.ts"
import type { Me } from "../api/session.ts"
import { useSending } from "../parts/sending.ts"
import { Button } from "../shell/button.tsx"
import { Mark } from "../shell/mark.tsx"
import { Problem } from "../shell/page.tsx"
import { Field } from "./sign-in-field.tsx"
import { SignInProblem } from "./sign-in-problem.tsx"

/** What every form of the door does: send, show why not, or let in. */
const useDoor = (send: (of: (name: string) => string) => Promise<{ readonly me: Me }>, then?: () => void) => {
  const { problem, isBusy, run } = useSending()
  const submit = async (event: SubmitEvent & { readonly currentTarget: HTMLFormElement }) => {
    event.preventDefault()
    const fields = new FormData(event.currentTarget)
    const answer = await run(() => send((name) => String(fields.get(name) ?? "")))
    if (answer === undefined) return
    then?.()
    signedIn(answer.said.me)
  }
  return { problem, isBusy, submit: (event: SubmitEvent & { currentTarget: HTMLFormElement }) => void submit(event) }
}
type DoorForm = ReturnType<typeof useDoor>

const Form = (props: ParentProps<{ readonly door: DoorForm; readonly verb: string }>) => (
  <form class="grid gap-4" onSubmit={props.door.submit}>
    {props.children}
    <Show when={props.door.problem()}>{(problem) => <Problem error={problem()} />}</Show>
    <Button type="submit" weight="primary" class="w-full" disabled={props.door.isBusy()}>
      {props.door.isBusy() ? "One moment" : props.verb}
    </Button>
  </form>
)

/** Where somebody makes up a password: the first one, or that of an invitation. */
const NewPassword = () => (
  <Field
    name="password"
    type="password"
    label="Password"
    autocomplete="new-password"
    hint="At least 12 characters. Length is what counts."
    minLength={12}
  />
)

const PasswordForm = () => {
  const door = useDoor((of) =>
    call("POST /api/v1/auth/login", { body: { email: of("email").trim(), password: of("password") } })
  )
  return (
    <Form door={door} verb="Sign in">
      <Field name="email" type="email" label="E-mail" autocomplete="username" autofocus />
      <Field name="password" type="password" label="Password" autocomplete="current-password" />
    </Form>
  )
}

/** The secret that the printed address carries behind its #, which no server ever gets to see. */
const carriedSecret = (): string => {
  try {
    return decodeURIComponent(window.location.hash.slice(1))
  } catch {
    // Cut off or written by hand: it is then asked for.
    return ""
  }
}

const FirstAdminForm = () => {
  const navigate = useNavigate()
  const carried = carriedSecret()
  const door = useDoor(
    (of) =>
      call("POST /api/v1/auth/first-admin", {
        body: {
          secret: carried === "" ? of("secret").trim() : carried,
          email: of("email").trim(),
          name: of("name").trim(),
          password: of("password")
        }
      }),
    () => {
      // It is spent, and an address is easily passed on.
      navigate("/", { replace: true })
      void readConfig()
    }
  )
  return (
    <Form door={door} verb="Create the administrator">
      <Show when={carried === ""}>
        <Field
          name="secret"
          label="One-time secret"
          hint="It was printed where the service was started. It works once."
          autocomplete="one-time-code"
          autofocus
        />
      </Show>
      <Field name="name" label="Your name" autocomplete="name" autofocus={carried !== ""} />
      <Field name="email" type="email" label="E-mail" autocomplete="username" />
      <NewPassword />
    </Form>
  )
}

const InvitationForm = (props: { readonly token: string }) => {
  const navigate = useNavigate()
  const door = useDoor(
    (of) =>
      call("POST /api/v1/auth/accept-invitation", {
        body: { token: props.token, name: of("name").trim(), password: of("password") }
      }),
    () => navigate("/", { replace: true })
  )
  return (
    <Form door={door} verb="Join">
      <Field name="name" label="Your name" autocomplete="name" autofocus />
      <NewPassword />
    </Form>
  )
}

/** A link to the identity provider: a whole navigation, as it leaves this page. */
const ProviderLink = (props: { readonly name: string }) => {
  const location = useLocation()
  const href = () => `/api/v1/auth/oidc/start?next=${encodeURIComponent(location.pathname + location.search)}`
  return (
    <>
      <div class="flex items-center gap-3 text-xs text-faint">
        <span class="h-px grow bg-line" />
        or
        <span class="h-px grow bg-line" />
      </div>
      <a
        href={href()}
        rel="external"
        class="flex h-9 items-center justify-center rounded-lg border border-line font-medium hover:bg-raised"
      >
        Continue with {props.name}
      </a>
    </>
  )
}

/** The page. */
export default function SignInPage() {
  const location = useLocation()
  const [params] = useSearchParams()
  const token = () => (location.pathname === "/accept-invitation" ? String(params["token"] ?? "") : "")
  const title = () =>
    token() !== ""
      ? "Join your team"
      : config()?.needsFirstAdmin === true
        ? "Create the first administrator"
        : "Sign in"
  onMount(() => (document.title = `${title()} · CloudOptim`))
  return (
    <main class="grid min-h-dvh place-items-center p-4">
      <div class="w-full max-w-sm">
        <div class="mb-6 flex items-center gap-3">
          <Mark class="size-10" />
          <div>
            <p class="text-lg leading-tight font-semibold tracking-tight">CloudOptim</p>
            <p class="text-sm text-soft">Cheaper clouds, never at their expense</p>
          </div>
        </div>
        <div class="panel grid gap-5 p-6">
          <h1 class="text-base font-semibold">{title()}</h1>
          <SignInProblem />
          <Switch fallback={<PasswordForm />}>
            <Match when={token() !== ""}>
              <InvitationForm token={token()} />
            </Match>
            <Match when={config()?.needsFirstAdmin}>
              <FirstAdminForm />
            </Match>
          </Switch>
          <Show when={token() === "" && config()?.needsFirstAdmin === false && config()?.oidc}>
            {(oidc) => <ProviderLink name={oidc().name} />}
          </Show>
        </div>
        <Show when={config()}>
          {(is) => (
            <p class="mt-4 text-center text-xs text-faint">
              Version {is().version}, {is().environment}
              {is().simulated ? ", simulated cloud" : ""}
            </p>
          )}
        </Show>
      </div>
    </main>
  )
}
