/** A story is what somebody does in the browser, in sentences; each is kept or broken, and the next one goes on. */
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import type { Browser, BrowserContext, Page } from "playwright-core"

export interface Stage {
  readonly browser: Browser
  readonly url: string
  /** Folder for pictures; undefined = none are taken. */
  readonly shots: string | undefined
  readonly say: (line: string) => void
}

export class Stories {
  kept = 0
  readonly broken: Array<string> = []
  /** What pages complained of: nothing of it may be there. */
  readonly complaints: Array<string> = []
  readonly stage: Stage

  constructor(stage: Stage) {
    this.stage = stage
  }

  /** One sentence that a person could dispute. */
  async holds(sentence: string, test: () => Promise<unknown>): Promise<boolean> {
    const from = Date.now()
    try {
      await test()
      this.kept++
      this.stage.say(`  ok    ${sentence} (${Date.now() - from} ms)`)
      return true
    } catch (cause) {
      const why =
        cause instanceof Error ? (cause.message.split("\n").slice(0, 6).join("\n        ") ?? "") : String(cause)
      this.broken.push(sentence)
      this.stage.say(`  BROKE ${sentence}\n        ${why}`)
      return false
    }
  }

  /** A window of one's own. Whatever its pages complain of is noted, with where. */
  async window(width: number, height = 900, colorScheme: "dark" | "light" = "dark"): Promise<BrowserContext> {
    const context = await this.stage.browser.newContext({
      viewport: { width, height },
      colorScheme,
      reducedMotion: "reduce",
      baseURL: this.stage.url
    })
    context.setDefaultTimeout(15_000)
    context.on("page", (page) => this.listen(page))
    return context
  }

  private listen(page: Page) {
    const note = (what: string) => void this.complaints.push(`${new URL(page.url()).pathname}: ${what}`.slice(0, 400))
    page.on("console", (message) => {
      if (message.type() !== "error") return
      // a browser writes down every answer that is no success, wanted or not: the stories judge those themselves
      if (message.text().startsWith("Failed to load resource")) return
      note(message.text())
    })
    page.on("pageerror", (error) => note(error.message))
  }

  async picture(page: Page, name: string): Promise<void> {
    const { shots } = this.stage
    if (shots === undefined) return
    mkdirSync(shots, { recursive: true })
    await page.screenshot({ path: join(shots, `${name}.png`) })
  }
}

/** Says no with what was seen. */
export const expect = (is: boolean, says: string): void => {
  if (!is) throw new Error(says)
}

/** Asks until it holds. */
export const until = async (what: string, test: () => Promise<boolean>, withinMs = 20_000): Promise<void> => {
  for (const from = Date.now(); Date.now() - from < withinMs; ) {
    if (await test()) return
    await new Promise((resolve) => setTimeout(resolve, 150))
  }
  throw new Error(`not within ${withinMs} ms: ${what}`)
}
