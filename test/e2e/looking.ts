/** Every page as eyes and screen readers meet it: both themes, both widths, no violation, nothing cut off. */
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import type { Page } from "playwright-core"
import { enter } from "./entering.ts"
import { expect, type Stories, until } from "./story.ts"

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8")

export const pages = [
  "/",
  "/ops",
  "/ops?tab=sagas",
  "/ops?tab=safety",
  "/ops?tab=waste",
  "/ops?tab=security",
  "/approvals",
  "/risk",
  "/clusters",
  "/accounts",
  "/history",
  "/ledger",
  "/audit",
  "/monitor",
  "/policies",
  "/settings",
  "/nowhere"
] as const

interface Violation {
  readonly id: string
  readonly nodes: ReadonlyArray<{ readonly html: string; readonly failureSummary?: string }>
}

const violationsOn = async (page: Page): Promise<ReadonlyArray<string>> => {
  // the page's own policy forbids a script tag, as it should: the tool is run from outside
  const found = (await page.evaluate(`${axe}; axe.run(document, { resultTypes: ["violations"] })`)) as {
    readonly violations: ReadonlyArray<Violation>
  }
  return found.violations.map(
    ({ id, nodes }) => `${id}: ${nodes.length} x ${nodes[0]?.html.slice(0, 160)} ${nodes[0]?.failureSummary ?? ""}`
  )
}

const overflowOf = (page: Page): Promise<number> =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)

const named = (path: string) => path.replace(/[^\w]+/g, "-").replace(/^-|-$/g, "") || "dashboard"

/** A page at rest: drawn, and nothing asked for any more than the stream. */
const settle = async (page: Page, path: string) => {
  await page.goto(path)
  await page.getByRole("heading", { level: 1 }).first().waitFor()
  await until("what it shows", async () => (await page.locator(".skeleton").count()) === 0)
  await page.waitForTimeout(300)
}

export const looking = async (stories: Stories, also: ReadonlyArray<string>): Promise<void> => {
  for (const theme of ["dark", "light"] as const) {
    for (const width of [1440, 390] as const) {
      const window = await stories.window(width, width === 390 ? 844 : 900, theme)
      const page = await window.newPage()
      await enter(page)
      if (theme === "light") await page.keyboard.press("t")
      for (const path of [...pages, ...also]) {
        await stories.holds(`${path} at ${width} px in ${theme}`, async () => {
          await settle(page, path)
          await stories.picture(page, `${named(path).slice(0, 24)}-${width}-${theme}`)
          const is = await page.evaluate(() => document.documentElement.dataset["theme"])
          expect(is === theme, `it is drawn ${is}`)
          const wide = await overflowOf(page)
          expect(wide <= 0, `it is ${wide} px wider than the window`)
          // both themes at one width: a phone has the same colours and another order
          if (width === 1440 || theme === "dark") {
            const violations = await violationsOn(page)
            expect(violations.length === 0, violations.join("\n        "))
          }
        })
      }
      await window.close()
    }
  }
}
