/** The day's work: a swap as it runs, why it was decided, a yes by keyboard alone, the switch, trace and replay. */
import type { Page } from "playwright-core"
import { heading } from "./entering.ts"
import { expect, type Stories, until } from "./story.ts"

interface Saga {
  readonly id: string
  readonly status: string
}
/** The account whose brake and bake pass as fast as its simulated cloud; the other's take their minutes. */
const hurried = "222233334444"
/** Asks the API as the page's own person. */
export const ask = <A>(page: Page, path: string): Promise<A> =>
  page.evaluate((url) => fetch(url).then((answer) => answer.json()), path) as Promise<A>

const someSaga = async (page: Page, status: string): Promise<Saga> => {
  let found: Saga | undefined
  await until(
    `a swap that is ${status}`,
    async () => {
      found = (
        await ask<{ items: ReadonlyArray<Saga> }>(page, `/api/v1/sagas?limit=1&account=${hurried}&status=${status}`)
      ).items[0]
      return found !== undefined
    },
    90_000
  )
  return found as Saga
}

const watching = async (stories: Stories, page: Page) => {
  await stories.holds("a swap is seen running, step by step, and then done, without a reload", async () => {
    const saga = await someSaga(page, "running")
    await page.goto(`/sagas/${saga.id}`)
    await page.getByText("Steps over time").waitFor()
    await stories.picture(page, "saga-running")
    let status = "running"
    await until(
      "its end",
      async () => {
        status = (await ask<Saga>(page, `/api/v1/sagas/${saga.id}`)).status
        return status !== "running"
      },
      60_000
    )
    await page.getByRole("main").getByText(status, { exact: true }).first().waitFor()
    await stories.picture(page, "saga-done")
  })
  await stories.holds(
    "it explains itself: the layers with their figures, and the same digest when run again",
    async () => {
      await page.keyboard.press("e")
      const drawer = page.getByRole("dialog")
      await drawer.waitFor()
      await drawer.getByRole("table").first().waitFor()
      await drawer.getByText("same result", { exact: true }).waitFor()
      const passed = await drawer.getByText("passed", { exact: true }).count()
      expect(passed === 5, `${passed} layers passed, not 5`)
      await stories.picture(page, "explain")
      await page.keyboard.press("Escape")
      await until("the drawer is gone", async () => (await page.getByRole("dialog").count()) === 0)
    }
  )
  await stories.holds("its trace leads from the decision to the settlement", async () => {
    const saga = await someSaga(page, "done")
    await page.goto(`/trace/${saga.id}`)
    await until(
      "its hops",
      async () => (await page.getByRole("listitem").count()) + (await page.getByRole("treeitem").count()) > 5
    )
    await stories.picture(page, "trace")
  })
}

const approving = async (stories: Stories, page: Page) => {
  await stories.holds("a plan is approved by keyboard alone, with a reason, and its swaps begin", async () => {
    await until(
      "a plan that waits",
      async () => {
        const { items } = await ask<{ items: ReadonlyArray<unknown> }>(page, "/api/v1/approvals?status=pending&limit=1")
        return items.length > 0
      },
      60_000
    )
    const { items } = await ask<{ items: ReadonlyArray<{ id: string }> }>(
      page,
      "/api/v1/approvals?status=pending&limit=1"
    )
    const id = items[0]?.id ?? ""
    await page.goto(`/approvals/${id}`)
    await page
      .getByRole("button", { name: /Approve/ })
      .first()
      .waitFor()
    await stories.picture(page, "approval")
    await page.keyboard.press("a")
    await page.getByRole("dialog").waitFor()
    for (let tabs = 0; tabs < 12; tabs++) {
      const isReason = await page.evaluate(() => document.activeElement?.tagName === "TEXTAREA")
      if (isReason) break
      await page.keyboard.press("Tab")
    }
    await page.keyboard.type("All five layers hold, and it is worth it")
    for (let tabs = 0; tabs < 12; tabs++) {
      await page.keyboard.press("Tab")
      const isYes = await page.evaluate(() => (document.activeElement?.textContent ?? "").startsWith("Approve"))
      if (isYes) break
    }
    await page.keyboard.press("Enter")
    await until("the plan is open", async () => {
      const plan = await ask<{ status: string; approvedBy: string | null }>(page, `/api/v1/approvals/${id}`)
      return plan.status !== "pending" && plan.approvedBy !== null
    })
    await stories.picture(page, "approved")
  })
}

const stopping = async (stories: Stories, page: Page) => {
  const stopsOf = async () =>
    (await ask<{ items: ReadonlyArray<{ stop: string }> }>(page, "/api/v1/policies")).items.map(({ stop }) => stop)
  await stories.holds("the stop switch is pressed, and holds: nothing new starts", async () => {
    await page.goto("/")
    await page.getByRole("button", { name: /^Stop/ }).first().click()
    const dialog = page.getByRole("dialog")
    await dialog.getByLabel("Why").fill("A test of the switch, nothing else")
    await dialog.getByRole("button", { name: "Pause all" }).click()
    await until("every account is paused", async () => (await stopsOf()).every((stop) => stop === "pause"))
    await stories.picture(page, "stopped")
    await page.keyboard.press("Escape")
    await page.waitForTimeout(2_000)
    const newest = async () =>
      (await ask<{ items: ReadonlyArray<{ startedAt: number }> }>(page, "/api/v1/sagas?limit=1")).items[0]?.startedAt
    const before = await newest()
    await page.waitForTimeout(5_000)
    expect(before === (await newest()), "a swap began while everything was stopped")
  })
  await stories.holds("it is lifted by typing what it is, and work goes on", async () => {
    await page.goto("/")
    await page
      .getByRole("button", { name: /^(Stop|Paused|Resume)/ })
      .first()
      .click()
    const dialog = page.getByRole("dialog")
    await dialog.getByRole("radio", { name: /Resume/ }).check()
    await dialog.getByLabel("Why").fill("The test of the switch is over")
    await dialog.getByLabel(/Type resume/).fill("resume")
    await dialog.getByRole("button", { name: "Resume all" }).click()
    await until("every account runs", async () => (await stopsOf()).every((stop) => stop === "run"))
    await page.keyboard.press("Escape")
  })
}

const returning = async (stories: Stories, page: Page) => {
  await stories.holds("a reload leads back into the same view", async () => {
    await page.goto("/ops?tab=sagas&account=222233334444")
    await page.getByRole("heading", { level: 1 }).waitFor()
    await page.reload()
    await until("the same address", async () => page.url().includes("account=222233334444"))
    await until("the same tab", async () =>
      (await page.locator('[aria-current="page"], [aria-selected="true"]').allInnerTexts()).some((text) =>
        /swaps|sagas/i.test(text)
      )
    )
  })
  await stories.holds("an earlier moment is shown as it was, and nothing can be done in it", async () => {
    const { head } = await ask<{ head: number }>(page, "/api/v1/system")
    const early = Math.floor(head / 3)
    await page.goto(`/?at=${early}`)
    await page.getByText(/Replay at seq/).waitFor()
    const then = await ask<{ spotInstances: number }>(page, `/api/v1/summary?at=${early}`)
    const now = await ask<{ spotInstances: number }>(page, "/api/v1/summary")
    expect(then.spotInstances < now.spotInstances, `${then.spotInstances} then, ${now.spotInstances} now`)
    await stories.picture(page, "replay")
    await page.getByRole("button", { name: "Return to live" }).click()
    await until("the present", async () => !page.url().includes("at="))
    expect((await heading(page)) === "Dashboard", "it left the page")
  })
  await stories.holds("the dashboard's figures are the ledger's, to the cent", async () => {
    const all = await page.evaluate(async () => {
      const [summary, ledger] = await Promise.all(
        ["/api/v1/summary", "/api/v1/ledger?limit=1"].map((path) => fetch(path).then((answer) => answer.json()))
      )
      return { rate: summary.savingsRate, monthly: ledger.totals.monthlySavings }
    })
    expect(Math.abs(all.rate - all.monthly) < 10_000, JSON.stringify(all))
  })
}

/** What one looks at, handed to somebody else as an address. */
const sharing = async (stories: Stories, page: Page) => {
  await stories.holds("times say whose they are, and follow the zone of the address from page to page", async () => {
    await page.goto("/ops")
    const first = page.getByRole("main").locator("time").first()
    await until("a time in UTC", async () => (await first.innerText()).endsWith(" UTC"))
    await page.getByLabel("Time zone").first().selectOption("local")
    await until("the zone in the address", async () => page.url().includes("tz=local"))
    await page.getByRole("link", { name: "History" }).first().click()
    await until("the same zone there", async () => /history\?.*tz=local/.test(page.url()))
  })
  await stories.holds("a narrowed feed is as narrow after a reload, and can be widened again", async () => {
    await page.goto("/ops")
    await page.getByRole("button", { name: "warning", exact: true }).click()
    await page.keyboard.press("/")
    await page.keyboard.type("nobody says this")
    await page.getByText("No event matches").waitFor()
    await page.reload()
    await page.getByText("No event matches").waitFor()
    const pressed = await page.getByRole("button", { name: "warning", exact: true }).getAttribute("aria-pressed")
    expect(pressed === "true", `the facet is ${pressed}`)
    await page.getByRole("button", { name: "Clear the filter" }).click()
    await until("events", async () => (await page.getByRole("listitem").count()) > 3)
  })
  await stories.holds("an explanation is asked for by keyboard, and is a link to whoever gets it", async () => {
    await page.goto("/history")
    await page.getByRole("rowheader").first().waitFor()
    await page.keyboard.press("j")
    await page.keyboard.press("e")
    const drawer = page.getByRole("dialog")
    await drawer.getByText(/Proof/).waitFor()
    await page.reload()
    await drawer.getByText(/Proof/).waitFor()
    await page.keyboard.press("Escape")
    await until("the address without it", async () => !page.url().includes("explain="))
  })
  await stories.holds(
    "a pause is said across the page, and of an earlier moment only what was said by then is shown",
    async () => {
      await page.goto("/ops")
      await page.getByRole("heading", { level: 1 }).waitFor()
      await page.keyboard.press("p")
      await page.getByText("Everything stands still").waitFor()
      await stories.picture(page, "paused")
      await page.keyboard.press("p")
      const { head } = await ask<{ head: number }>(page, "/api/v1/system")
      const early = Math.floor(head / 2)
      await page.goto(`/ops?at=${early}`)
      await until("the feed of then", async () => (await page.getByRole("listitem").count()) > 3)
      const seqs = await ask<{ items: ReadonlyArray<{ seq: number; says: string }> }>(
        page,
        `/api/v1/events?limit=1&at=${early}`
      )
      const newest = seqs.items[0]
      expect((newest?.seq ?? early + 1) <= early, `the log gave ${newest?.seq} of ${early}`)
      await page
        .getByRole("listitem")
        .first()
        .getByText(newest?.says ?? "nothing")
        .waitFor()
      await stories.picture(page, "feed-then")
    }
  )
}

export const working = async (stories: Stories, page: Page): Promise<void> => {
  await approving(stories, page)
  await watching(stories, page)
  await stopping(stories, page)
  await returning(stories, page)
  await sharing(stories, page)
}
