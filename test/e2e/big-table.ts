/** Ten thousand instances in the node grid: how soon the first row stands there, and how soon they are sorted. */
import type { BrowserContext, Page, Route } from "playwright-core"
import { expect, type Stories } from "./story.ts"

const rows = 10_000
/** Most milliseconds until the first row is drawn, and until a sort is. */
const most = { firstRow: 500, sort: 400 } as const

const instanceOf = (i: number) => ({
  instance: `i-${i.toString(16).padStart(17, "0")}`,
  account: "111122223333",
  region: "us-east-1",
  group: `group-${i % 40}`,
  groupId: `111122223333=-us-east-1=-group-${i % 40}`,
  zone: `use1-az${1 + (i % 6)}`,
  instanceType: ["m5.large", "c5.xlarge", "r6i.2xlarge"][i % 3],
  product: "linux",
  lifecycle: i % 4 === 0 ? "on-demand" : "spot",
  state: "InService",
  healthy: true,
  protectedFromScaleIn: false,
  saga: null,
  bound: [],
  pool: "use1-az1_m5_large_linux",
  gate: "open",
  safetyScore: ((i * 7919) % 1_000) / 1_000,
  hourly: 10_000 + ((i * 104_729) % 90_000),
  hourlyOnDemand: 96_000,
  readAt: 1_795_264_253_718
})

/** The gateway's own pages of 500, of a fleet larger than the demonstration's. */
const answer = (route: Route) => {
  const url = new URL(route.request().url())
  const limit = Number(url.searchParams.get("limit") ?? "100")
  const from = Number(url.searchParams.get("cursor") ?? "0")
  const items = Array.from({ length: Math.min(limit, rows - from) }, (_, i) => instanceOf(from + i))
  const nextCursor = from + limit < rows ? String(from + limit) : null
  return route.fulfill({ json: { items, nextCursor, asOf: 1 } })
}

/** From the click in the navigation until a row stands there; the page's own code comes with it. */
const firstRowTime = (page: Page): Promise<number> =>
  page.evaluate(async () => {
    const link = document.querySelector<HTMLElement>('a[href^="/monitor"]')
    const from = performance.now()
    link?.click()
    const isThere = () =>
      [...document.querySelectorAll("table")].some((table) => /i-0{6}/.test(table.textContent ?? ""))
    for (let frame = 0; frame < 1_000 && !isThere(); frame++) await new Promise(requestAnimationFrame)
    return performance.now() - from
  })

/** From the click until the first row is another one and drawn. */
const sortTime = (page: Page): Promise<number> =>
  page.evaluate(async () => {
    const grid = [...document.querySelectorAll("table")].find((table) => /i-0{6}/.test(table.textContent ?? ""))
    const button = [...(grid?.querySelectorAll("thead button") ?? [])].find((one) =>
      /^costs/i.test(one.textContent ?? "")
    )
    const first = () => grid?.querySelector("tbody tr")?.textContent
    const before = first()
    const from = performance.now()
    ;(button as HTMLElement).click()
    for (let frame = 0; frame < 300 && first() === before; frame++) await new Promise(requestAnimationFrame)
    await new Promise(requestAnimationFrame)
    return performance.now() - from
  })

export const bigTable = async (
  stories: Stories,
  window: () => Promise<BrowserContext>,
  enter: (page: Page) => Promise<void>,
  isClocked: boolean
): Promise<void> => {
  const within = (took: number, limit: number) =>
    expect(!isClocked || took < limit, `it took ${took.toFixed(0)} ms, at most ${limit}`)
  const context = await window()
  const page = await context.newPage()
  await enter(page)
  await page.route("**/api/v1/instances?**", answer)
  await stories.holds(`the first of ${rows} rows is drawn (${most.firstRow} ms after the click at most)`, async () => {
    await page.goto("/settings")
    await page.getByRole("heading", { level: 1 }).first().waitFor()
    const took = await firstRowTime(page)
    stories.stage.say(`        drawn in ${took.toFixed(0)} ms`)
    within(took, most.firstRow)
  })
  await stories.holds(`of ${rows} rows few are in the document, and the first stands there at once`, async () => {
    await page.goto("/monitor")
    await page.getByRole("table").filter({ hasText: "i-0000" }).first().waitFor()
    await page.getByText("10,000 rows").waitFor()
    const drawn = await page.locator("table tbody tr").count()
    expect(drawn < 200, `${drawn} rows are drawn`)
    await stories.picture(page, "monitor-10k")
  })
  await stories.holds(`they are sorted and drawn (${most.sort} ms after the click at most)`, async () => {
    const took = Math.min(await sortTime(page), await sortTime(page), await sortTime(page))
    within(took, most.sort)
    stories.stage.say(`        sorted in ${took.toFixed(0)} ms`)
  })
  await context.close()
}
