/** Shows a part at an address, with the shell's keys: for tests of what lives in the URL. */
import { createMemoryHistory, MemoryRouter, Route, Router } from "@solidjs/router"
import { render } from "@solidjs/testing-library"
import { QueryClientProvider } from "@tanstack/solid-query"
import type { Component } from "solid-js"
import { makeQueryClient } from "../api/read.ts"
import { useKeyboard } from "../shell/keys.ts"

/** The part with the shell's keys around it. */
const keyed =
  (part: Component): Component =>
  () => {
    useKeyboard()
    return part({})
  }

/** Shows a part that reads, at an address of the window's own. */
export const openAt = (address: string, part: Component) => {
  window.history.replaceState({}, "", address)
  const client = makeQueryClient()
  return render(() => (
    <QueryClientProvider client={client}>
      <Router>
        <Route path="*" component={keyed(part)} />
      </Router>
    </QueryClientProvider>
  ))
}

/** Gives the rendered part, and the address as it stands. */
export const renderAt = (address: string, part: Component) => {
  const history = createMemoryHistory()
  history.set({ value: address })
  const shown = render(() => (
    <MemoryRouter history={history}>
      <Route path="*" component={keyed(part)} />
    </MemoryRouter>
  ))
  return { ...shown, address: () => history.get() }
}
