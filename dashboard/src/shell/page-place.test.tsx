/** A page that fails takes nothing with it: it says so, and the next address is tried for itself. */
import { Route, Router, useNavigate } from "@solidjs/router"
import { cleanup, fireEvent, render, screen } from "@solidjs/testing-library"
import { createSignal, type JSX, lazy, type ParentProps, Show } from "solid-js"
import { afterEach, expect, it } from "vitest"
import { OverPlace, PagePlace } from "./page-place.tsx"

const Frame = (props: ParentProps) => {
  const navigate = useNavigate()
  return (
    <>
      <button type="button" onClick={() => navigate("/well")}>
        elsewhere
      </button>
      <PagePlace>{props.children}</PagePlace>
    </>
  )
}
const Gone = lazy(() => Promise.reject(new Error("Failed to fetch dynamically imported module")))
const Bad = (): JSX.Element => decodeURIComponent(window.location.search.slice(1))

afterEach(() => {
  cleanup()
  window.history.replaceState({}, "", "/")
})

it.each(["/gone", "/bad?%zz"])("says that the page of %s failed, and shows another one", async (address) => {
  window.history.replaceState({}, "", address)
  render(() => (
    <Router root={Frame}>
      <Route path="/gone" component={Gone} />
      <Route path="/bad" component={Bad} />
      <Route path="/well" component={() => <p>all is well</p>} />
    </Router>
  ))
  await screen.findByText("This could not be shown")
  expect(screen.getByRole("button", { name: "Try again" })).toBeTruthy()
  fireEvent.click(screen.getByRole("button", { name: "elsewhere" }))
  await screen.findByText("all is well")
  expect(screen.queryByRole("alert")).toBeNull()
})

it("says that the stop switch did not come, and leaves the page to be used", async () => {
  const [isOpen, setOpen] = createSignal(false)
  render(() => (
    <>
      <p>the page</p>
      <OverPlace onLeave={() => setOpen(false)}>
        <Show when={isOpen()}>
          <Gone />
        </Show>
      </OverPlace>
    </>
  ))
  setOpen(true)
  await screen.findByText("This could not be shown")
  fireEvent.click(screen.getByRole("button", { name: "Close", hidden: true }))
  expect(screen.queryByText("This could not be shown")).toBeNull()
  expect(screen.getByText("the page")).toBeTruthy()
})
