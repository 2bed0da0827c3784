/** Where a page stands, and what opens over it: why one failed is said there, and all around it stays as it was. */
import { useLocation } from "@solidjs/router"
import { createEffect, ErrorBoundary, on, type ParentProps, Suspense } from "solid-js"
import { ApiProblem } from "../api/client.ts"
import { Modal } from "./modal.tsx"
import { Problem, Skeleton } from "./page.tsx"

/** Pages are files of one version: a window that is older than the service asks for files that are gone. */
const mend = "Try again loads this window anew, which it needs where the service has got a new version."

const Failed = (props: { readonly cause: unknown }) => {
  const said = () => (props.cause instanceof Error ? ` It said: ${props.cause.message}` : "")
  const problem = () => new ApiProblem(0, { title: "This could not be shown", detail: `${mend}${said()}` })
  return <Problem error={problem()} again={() => window.location.reload()} />
}

const FailedPage = (props: { readonly cause: unknown; readonly onLeave: () => void }) => {
  const location = useLocation()
  createEffect(
    on(
      () => location.pathname,
      () => props.onLeave(),
      { defer: true }
    )
  )
  return (
    <div class="p-4 md:p-6">
      <Failed cause={props.cause} />
    </div>
  )
}

/** Whatever is thrown within a page ends here; another address is tried for itself. */
export const PagePlace = (props: ParentProps) => (
  <ErrorBoundary fallback={(cause, reset) => <FailedPage cause={cause} onLeave={reset} />}>
    <Suspense fallback={<Skeleton rows={8} />}>{props.children}</Suspense>
  </ErrorBoundary>
)

/** The same for what opens over pages: `onLeave` closes whatever it was. */
export const OverPlace = (props: ParentProps<{ readonly onLeave: () => void }>) => (
  <ErrorBoundary
    fallback={(cause, reset) => (
      <Modal open title="Something has failed" onClose={() => (props.onLeave(), reset())}>
        <Failed cause={cause} />
      </Modal>
    )}
  >
    <Suspense>{props.children}</Suspense>
  </ErrorBoundary>
)
