/** The application: who is there decides whether the door or the house is shown; the address stays what it was. */
import { Router } from "@solidjs/router"
import { QueryClientProvider } from "@tanstack/solid-query"
import { createEffect, ErrorBoundary, lazy, Match, on, onMount, type ParentProps, Suspense, Switch } from "solid-js"
import { ApiProblem } from "./api/client.ts"
import { makeQueryClient } from "./api/read.ts"
import { standing, startSession } from "./api/session.ts"
import { routes } from "./routes.tsx"
import { Mark } from "./shell/mark.tsx"
import { Problem } from "./shell/page.tsx"

const Frame = lazy(() => import("./shell/frame.tsx"))
const SignIn = lazy(() => import("./pages/sign-in.tsx"))

/** While it is not yet known who is there. */
const Waiting = () => (
  <div role="status" aria-label="Loading" class="grid min-h-dvh place-items-center">
    <Mark class="size-12 animate-pulse" />
  </div>
)
const Unreachable = (props: { readonly again: () => void }) => (
  <main class="mx-auto grid min-h-dvh max-w-lg content-center p-6">
    <h1 class="sr-only">CloudOptim</h1>
    <Problem
      error={new ApiProblem(0, { detail: "Either it is starting, or the network is down." })}
      again={props.again}
    />
  </main>
)

const Door = (props: ParentProps) => {
  onMount(() => void startSession())
  return (
    // The rest of the window may not come either: a blank one would say nothing.
    <ErrorBoundary fallback={<Unreachable again={() => window.location.reload()} />}>
      <Suspense fallback={<Waiting />}>
        <Switch fallback={<Waiting />}>
          <Match when={standing() === "signed-in"}>
            <Frame>{props.children}</Frame>
          </Match>
          <Match when={standing() === "signed-out"}>
            <SignIn />
          </Match>
          <Match when={standing() === "unreachable"}>
            <Unreachable again={() => void startSession()} />
          </Match>
        </Switch>
      </Suspense>
    </ErrorBoundary>
  )
}

export const App = () => {
  const client = makeQueryClient()
  // What one person has read is not for the next.
  createEffect(on(standing, (is) => is === "signed-out" && client.clear()))
  return (
    <QueryClientProvider client={client}>
      <Router root={Door}>{routes}</Router>
    </QueryClientProvider>
  )
}
