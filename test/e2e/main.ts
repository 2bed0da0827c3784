/** `npm run e2e`: the built dashboard in a real Chromium, over the whole house, as people use it. */
import { parseArgs } from "node:util"
import { chromium } from "playwright-core"
import { dashboardFolder } from "../../deploy/window.ts"
import { overweight, weigh } from "./budget.ts"
import { browserArguments, findChromium } from "./chromium.ts"
import { enter, entering } from "./entering.ts"
import { openHouse } from "./house.ts"
import { looking } from "./looking.ts"
import { muting } from "./muting.ts"
import { Stories } from "./story.ts"
import { working } from "./working.ts"
import { bigTable } from "./big-table.ts"

const help = `npm run e2e -- [--shots DIR] [--clocks]

  --clocks      also hold the table to its milliseconds: for a machine that has nothing else to do
  --shots DIR   a picture of every page at 1440 and 390 px, in both themes

Ends with 69 where no Chromium is there and none can be fetched.`

const say = (line: string) => process.stdout.write(`${line}\n`)

const run = async (shots: string | undefined, isClocked: boolean): Promise<number> => {
  const { executablePath, env } = await findChromium()
  const folder = await dashboardFolder(say)
  if (folder === undefined) throw new Error("there is no dashboard to look at")
  const house = await openHouse()
  const ownEnv = { ...process.env, ...env } as Record<string, string>
  const browser = await chromium.launch({ executablePath, args: [...browserArguments], env: ownEnv })
  const stories = new Stories({ browser, url: house.url, shots, say })
  try {
    say(`the dashboard answered ${(house.readyMs / 1_000).toFixed(1)} s after the start`)
    await stories.holds("the dashboard is as small as promised", async () => {
      const over = overweight(await weigh(folder))
      if (over.length > 0) throw new Error(over.join("\n"))
    })
    const window = await entering(stories, house)
    const page = window.pages()[0] ?? (await window.newPage())
    await muting(stories, page)
    await working(stories, page)
    const saga = await page.evaluate(() => fetch("/api/v1/sagas?limit=1&status=done").then((answer) => answer.json()))
    const plan = await page.evaluate(() => fetch("/api/v1/approvals?limit=1").then((answer) => answer.json()))
    const also = [
      `/sagas/${saga.items[0]?.id}`,
      `/approvals/${plan.items[0]?.id}`,
      `/trace/${saga.items[0]?.id}`,
      `/ops?at=${saga.asOf}&tz=local`,
      `/history?explain=${saga.items[0]?.id}`
    ]
    await looking(stories, also)
    await bigTable(stories, () => stories.window(1440), enter, isClocked)
    await stories.holds("no page complained, of its policy or of anything else", async () => {
      const all = [...new Set(stories.complaints)]
      if (all.length > 0) throw new Error(all.slice(0, 10).join("\n"))
    })
  } finally {
    await browser.close()
    await house.end()
  }
  say(`${stories.kept} held, ${stories.broken.length} broke`)
  for (const one of stories.broken) say(`  broke: ${one}`)
  return stories.broken.length === 0 ? 0 : 1
}

const { values } = parseArgs({
  options: {
    shots: { type: "string" },
    clocks: { type: "boolean", default: false },
    help: { type: "boolean", default: false }
  }
})
if (values.help) say(help)
else {
  try {
    process.exitCode = await run(values.shots, values.clocks)
  } catch (cause) {
    say(cause instanceof Error ? cause.message : String(cause))
    process.exitCode = /^no browser|^CHROMIUM_BIN/.test(String((cause as Error).message)) ? 69 : 1
  }
}
