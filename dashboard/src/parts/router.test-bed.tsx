/** Shows a part at an address, with the shell's keys: for tests of what lives in the URL. */
import { createMemoryHistory, MemoryRouter, Route } from "@solidjs/router"
import { render } from "@solidjs/testing-library"
import type { Component } from "solid-js"
import { useKeyboard } from "../shell/keys.ts"

/** Gives the rendered part, and the address as it stands. */
export const renderAt = (address: string, part: Component) => {
  const history = createMemoryHistory()
  history.set({ value: address })
  const Page: Component = () => {
    useKeyboard()
    return part({})
  }
  const shown = render(() => (
    <MemoryRouter history={history}>
      <Route path="*" component={Page} />
    </MemoryRouter>
  ))
  return { ...shown, address: () => history.get() }
}
