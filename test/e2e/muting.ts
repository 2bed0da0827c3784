/** What needs attention and nobody can do anything about now: silenced for a while, and let speak. */
import type { Page } from "playwright-core"
import { type Stories, until } from "./story.ts"
import { ask } from "./working.ts"

interface NeedsAttention {
  readonly id: string
  readonly kind: string
  readonly link: string
  readonly muted: { readonly by: string } | null
}

export const muting = async (stories: Stories, page: Page): Promise<void> => {
  const rows = async () => (await ask<{ items: ReadonlyArray<NeedsAttention> }>(page, "/api/v1/attention")).items
  await stories.holds("what needs attention is muted at one press, taken back by a key, and folded away", async () => {
    let row: NeedsAttention | undefined
    const find = async () => (row = (await rows()).find(({ kind }) => kind === "approval")) !== undefined
    await page.goto("/")
    await until("a plan that waits", find, 60_000)
    const { id = "", link = "" } = row ?? {}
    const panel = page.getByRole("region", { name: "Needs attention" })
    const line = panel.getByRole("listitem").filter({ has: page.locator(`a[href*="${link}"]`) })
    const isMuted = async () => ((await rows()).find((one) => one.id === id)?.muted ?? null) !== null
    const mute = line.getByRole("button", { name: /^Mute for 8 h/ })
    await mute.click()
    await page.getByRole("status").getByText("Muted for 8 h").waitFor()
    await until("it is muted for everybody", isMuted)
    await stories.picture(page, "muted")
    await page.keyboard.press("u")
    await until("it speaks again", async () => !(await isMuted()))
    await mute.click()
    await until("it is muted again", isMuted)
    await page.reload()
    await panel.getByRole("button", { name: /^1 muted/ }).click()
    await line.getByText(/by .* until/).waitFor()
    await stories.picture(page, "muted-open")
    await line.getByRole("button", { name: /^Let it speak/ }).click()
    await mute.waitFor()
    await until("it speaks for everybody", async () => !(await isMuted()))
  })
}
