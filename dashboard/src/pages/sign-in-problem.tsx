/** Why the identity provider's word let nobody in: the address names the kind, the words are ours. */
import { useSearchParams } from "@solidjs/router"
import { Show } from "solid-js"

/** Kinds as the gateway sends them back. Anything else is said in general: an address is no place for words. */
const words: Readonly<Record<string, string>> = {
  "no-role": "None of your groups has a role here. Ask whoever runs this installation.",
  "unproven-address": "The identity provider does not vouch for your e-mail address.",
  "address-taken": "Somebody has your e-mail address here already and signs in another way.",
  "not-admitted": "You may not sign in here. Ask whoever runs this installation.",
  "not-begun": "This browser began no sign-in here, or too long ago. Begin again.",
  "not-held": "The sign-in did not hold. Begin again.",
  "at-once": "You are signing in twice at this moment. Try again in a minute.",
  unavailable: "The identity provider does not answer. Try again in a moment."
}

/** Nothing where nobody was turned away. */
export const SignInProblem = () => {
  const [params] = useSearchParams()
  const kind = () => params["signInProblem"]
  return (
    <Show when={kind()}>
      {(is) => (
        <p role="alert" class="rounded-xl border border-bad/50 bg-bad/10 px-3 py-2 text-sm text-ink">
          {words[String(is())] ?? "You could not be signed in. Begin again."}
        </p>
      )}
    </Show>
  )
}
