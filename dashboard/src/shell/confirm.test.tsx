/** Asking before what matters: no reason, no order; no name, no grave one; `Done` only when the log says so. */
import { cleanup, fireEvent, render, screen, waitFor } from "@solidjs/testing-library"
import { createRoot } from "solid-js"
import { afterEach, describe, expect, it, vi } from "vitest"
import { useCommand } from "../api/command.ts"
import { Confirm } from "./confirm.tsx"

const open = (more: { readonly typed?: string; readonly send?: () => Promise<undefined> } = {}) => {
  const onConfirm = vi.fn<(because: string) => void>()
  const onClose = vi.fn<() => void>()
  const command = createRoot(() => useCommand())
  render(() => (
    <Confirm
      open
      onClose={onClose}
      title="Stop everything"
      verb="Pause"
      typed={more.typed}
      command={command}
      onConfirm={onConfirm}
    />
  ))
  return { onConfirm, onClose, command }
}
const write = (label: RegExp, text: string) =>
  fireEvent.input(screen.getByLabelText(label), { target: { value: text } })
const button = (name: string) => screen.getByRole<HTMLButtonElement>("button", { name, hidden: true })

afterEach(cleanup)

describe("a confirmation", () => {
  it("takes no order without ten characters of reason, blanks not counted", () => {
    open()
    expect(button("Pause").disabled).toBe(true)
    write(/Why/, "  short    ")
    expect(button("Pause").disabled).toBe(true)
    write(/Why/, "AWS is out")
    expect(button("Pause").disabled).toBe(false)
    write(/Why/, "AWS is ou")
    expect(screen.getByText(/^1 more character: /)).toBeDefined()
  })
  it("hands over the reason as it was meant", () => {
    const { onConfirm } = open()
    write(/Why/, "  AWS has an outage  ")
    fireEvent.submit(button("Pause").form ?? document.body)
    expect(onConfirm).toHaveBeenCalledExactlyOnceWith("AWS has an outage")
  })
  it("takes a grave order only when its name is typed to the letter", () => {
    const { onConfirm } = open({ typed: "halt" })
    write(/Why/, "AWS has an outage")
    write(/Type/, "Halt")
    fireEvent.submit(button("Pause").form ?? document.body)
    expect(onConfirm).not.toHaveBeenCalled()
    write(/Type/, "halt")
    fireEvent.submit(button("Pause").form ?? document.body)
    expect(onConfirm).toHaveBeenCalledTimes(1)
  })
  it("shows a refusal with its correlation id, and lets the person try again", async () => {
    const { command } = open()
    write(/Why/, "AWS has an outage")
    const { ApiProblem } = await import("../api/client.ts")
    const said = { title: "This may not be done by you", detail: "Ask an operator", correlationId: "c-42" }
    await command.run(() => Promise.reject(new ApiProblem(403, said)))
    await waitFor(() => expect(screen.getByText("This may not be done by you")).toBeDefined())
    expect(screen.getByText("c-42")).toBeDefined()
    expect(button("Pause").disabled).toBe(false)
  })
  it("says Requested until the log has answered, and cannot be pressed again meanwhile", async () => {
    const { command } = open()
    await command.run(() => Promise.resolve([{ command: "c1", seq: 7 }]))
    await waitFor(() => expect(screen.getByText("Requested")).toBeDefined())
    expect(screen.queryByRole("button", { name: "Pause", hidden: true })).toBeNull()
    expect(screen.queryByText("Done")).toBeNull()
  })
})
