/** A list is read in the scope of the address, page after page when asked, and no row of it is lost or doubled. */
import { Route, Router } from "@solidjs/router"
import { cleanup, fireEvent, render, screen, waitFor } from "@solidjs/testing-library"
import { QueryClientProvider } from "@tanstack/solid-query"
import { afterEach, beforeEach, expect, it, vi } from "vitest"
import { makeQueryClient } from "../api/read.ts"
import { type UrlState, useUrlState } from "../shell/url-state.ts"
import { type List, useList } from "./list.ts"
import { DataTable } from "./table.tsx"

interface Page {
  readonly items: ReadonlyArray<{ readonly id: string }>
  readonly nextCursor: string | null
  readonly asOf: number
}
let asked: Array<string> = []
let pages: Readonly<Record<string, Page>> = {}
let list: List<"GET /api/v1/groups"> | undefined
let url: UrlState | undefined

const page = (ids: ReadonlyArray<string>, nextCursor: string | null): Page => ({
  items: ids.map((id) => ({ id })),
  nextCursor,
  asOf: 7
})

beforeEach(() => {
  asked = []
  vi.stubGlobal("fetch", (to: string) => {
    asked.push(to)
    const cursor = new URLSearchParams(to.split("?")[1]).get("cursor") ?? ""
    const found = pages[cursor]
    return Promise.resolve(
      found === undefined ? Response.json({ title: "Gone" }, { status: 404 }) : Response.json(found)
    )
  })
})
afterEach(() => {
  cleanup()
  window.history.replaceState({}, "", "/")
  vi.unstubAllGlobals()
})

const Groups = () => {
  url = useUrlState()
  list = useList("GET /api/v1/groups")
  return (
    <DataTable
      {...list.table}
      title="Groups"
      columns={[{ id: "id", title: "Group", value: (row) => row.id }]}
      key={(row) => row.id}
      empty={<p>none</p>}
    />
  )
}
const open = (address: string) => {
  window.history.replaceState({}, "", address)
  render(() => (
    <QueryClientProvider client={makeQueryClient()}>
      <Router>
        <Route path="*" component={Groups} />
      </Router>
    </QueryClientProvider>
  ))
}
const names = () => screen.queryAllByRole("rowheader").map((cell) => cell.textContent)

it("says where its rows came from: the scope, and nothing of how they are shown", async () => {
  pages = { "": page(["a"], null) }
  open("/?account=111122223333&q=a&sort=-id&tz=local")
  await waitFor(() => expect(names()).toEqual(["a"]))
  expect(list?.table.source).toBe("/api/v1/groups?account=111122223333&limit=500")
  expect(asked).toEqual([list?.table.source])
  expect([list?.table.isCut, list?.table.asOf]).toEqual([false, 7])
})

it("reads further pages when somebody asks, shows them at once, and each row once", async () => {
  pages = { "": page(["a", "b"], "after-b"), "after-b": page(["b", "c"], null) }
  open("/")
  await waitFor(() => expect(names()).toEqual(["a", "b"]))
  expect(screen.getByText(/more exist/)).toBeDefined()
  fireEvent.click(screen.getByRole("button", { name: "Read more" }))
  await waitFor(() => expect(names()).toEqual(["a", "b", "c"]))
  expect(screen.queryByRole("button", { name: "Read more" })).toBeNull()
})

it("keeps what was read when the first page has moved on, and lets go of it when that no longer joins", async () => {
  pages = { "": page(["b", "c"], "after-c"), "after-c": page(["d"], null) }
  open("/")
  await waitFor(() => expect(names()).toEqual(["b", "c"]))
  fireEvent.click(screen.getByRole("button", { name: "Read more" }))
  await waitFor(() => expect(names()).toEqual(["b", "c", "d"]))
  pages = { "": page(["a", "b"], "after-b") }
  list?.page.again()
  await waitFor(() => expect(list?.rows().map(({ id }) => id)).toEqual(["a", "b", "c", "d"]))
  pages = { "": page(["y", "z"], "after-z") }
  list?.page.again()
  await waitFor(() => expect(list?.rows().map(({ id }) => id)).toEqual(["y", "z"]))
  expect(list?.table.isCut).toBe(true)
})

it("forgets further pages when another scope is asked for", async () => {
  pages = { "": page(["a"], "after-a"), "after-a": page(["b"], null) }
  open("/")
  await waitFor(() => expect(names()).toEqual(["a"]))
  fireEvent.click(screen.getByRole("button", { name: "Read more" }))
  await waitFor(() => expect(names()).toEqual(["a", "b"]))
  url?.set({ region: "us-east-1" })
  await waitFor(() => expect(asked.at(-1)).toBe("/api/v1/groups?region=us-east-1&limit=500"))
  await waitFor(() => expect(list?.rows().map(({ id }) => id)).toEqual(["a"]))
})

it("keeps what is there when more cannot be read", async () => {
  pages = { "": page(["a"], "lost") }
  open("/")
  await waitFor(() => expect(names()).toEqual(["a"]))
  fireEvent.click(screen.getByRole("button", { name: "Read more" }))
  await waitFor(() => expect(asked).toHaveLength(2))
  await waitFor(() => expect(screen.getByRole("button", { name: "Read more" })).toBeDefined())
  expect(names()).toEqual(["a"])
})

it("is not there yet where it could not be read, rather than empty", async () => {
  pages = {}
  open("/")
  await waitFor(() => expect(list?.page.error?.title).toBe("Gone"))
  expect(list?.page.pending).toBe(true)
})
