/** Getting in: by the first secret, by password, through the identity provider; and not getting in. */
import type { BrowserContext, Page } from "playwright-core"
import type { House } from "./house.ts"
import { expect, type Stories, until } from "./story.ts"

export const admin = { email: "ada@acme.example", password: "a long enough passphrase" } as const

export const heading = (page: Page) => page.getByRole("heading", { level: 1 }).first().innerText()

/** Signs in at the door and waits for the house. */
export const enter = async (page: Page, to = "/"): Promise<void> => {
  await page.goto(to)
  await page.getByLabel("E-mail").fill(admin.email)
  await page.getByLabel("Password").fill(admin.password)
  await page.getByRole("button", { name: "Sign in" }).click()
  await page.getByRole("navigation").first().waitFor()
}

const asFirst = async (page: Page, house: House) => {
  await page.goto(house.welcome)
  await page.getByLabel("Your name").fill("Ada")
  await page.getByLabel("E-mail").fill(admin.email)
  await page.getByLabel("Password").fill(admin.password)
  await page.getByRole("button", { name: "Create the administrator" }).click()
  await until("the dashboard", async () => (await heading(page)) === "Dashboard")
}

const byProvider = async (page: Page) => {
  await page.goto("/risk")
  await page.getByRole("link", { name: /^Continue with/ }).click()
  await until("the page that was asked for", async () => new URL(page.url()).pathname === "/risk")
  await page.getByRole("navigation").first().waitFor()
}

export const entering = async (stories: Stories, house: House): Promise<BrowserContext> => {
  const window = await stories.window(1440)
  const page = await window.newPage()
  await stories.holds("the printed link makes the first administrator, who then sees the fleet", () =>
    asFirst(page, house)
  )
  await stories.holds("the link makes nobody a second time", async () => {
    const other = await stories.window(1440)
    const again = await other.newPage()
    await again.goto(house.welcome)
    await again.getByRole("button", { name: "Sign in" }).waitFor()
    await other.close()
  })
  await stories.holds(
    "a wrong password is refused in words, the right one opens the page that was asked for",
    async () => {
      const other = await stories.window(1440)
      const door = await other.newPage()
      await door.goto("/ledger")
      await door.getByLabel("E-mail").fill(admin.email)
      await door.getByLabel("Password").fill("not the passphrase")
      await door.getByRole("button", { name: "Sign in" }).click()
      await door.getByRole("alert").waitFor()
      await stories.picture(door, "sign-in-refused")
      await door.getByLabel("Password").fill(admin.password)
      await door.getByRole("button", { name: "Sign in" }).click()
      await until("the ledger", async () => (await heading(door)) === "Savings ledger")
      await other.close()
    }
  )
  await stories.holds("the identity provider lets in whoever it knows, with the role of his group", async () => {
    const other = await stories.window(1440)
    const door = await other.newPage()
    await byProvider(door)
    const me = await door.evaluate(() => fetch("/api/v1/auth/me").then((answer) => answer.json()))
    expect(me.role === "viewer" && me.tenant === "acme", JSON.stringify(me))
    await other.close()
  })
  await stories.holds("whoever is in no mapped group stays outside, and is told so", async () => {
    house.provider.person = { ...house.provider.person, sub: "p-2", email: "nobody@acme.example", groups: ["others"] }
    const other = await stories.window(1440)
    const door = await other.newPage()
    await door.goto("/")
    await door.getByRole("link", { name: /^Continue with/ }).click()
    await door.getByRole("alert").getByText("None of your groups has a role here").waitFor()
    await stories.picture(door, "sign-in-no-role")
    const status = await door.evaluate(() => fetch("/api/v1/auth/me").then((answer) => answer.status))
    expect(status === 401, `he is ${status}`)
    await other.close()
  })
  return window
}
