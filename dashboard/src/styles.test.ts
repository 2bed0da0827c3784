/** Colours by name: one that the theme does not have would show nothing, and nobody would be told. */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"

const own = import.meta.dirname
const theme = new Set(readFileSync(join(own, "styles.css"), "utf8").match(/(?<=--color-)[a-z-]+(?=:)/g))
/** What stands for no colour of ours. */
for (const word of ["none", "current", "transparent"]) theme.add(word)

const sources = readdirSync(own, { recursive: true, encoding: "utf8" }).filter((file) => /(?<!test)\.tsx$/.test(file))

it("are all of the theme", () => {
  expect(theme.size).toBeGreaterThan(15)
  const unknown = sources.flatMap((file) =>
    [
      ...readFileSync(join(own, file), "utf8").matchAll(
        /["'`\s:](?:bg|fill|stroke|accent)-([a-z]+(?:-[a-z]+)*)(?=[\s"'`/!])/g
      )
    ]
      .map(([, colour = ""]) => colour)
      .filter((colour) => !theme.has(colour) && !/^(width|line|dash)/.test(colour))
      .map((colour) => `${file}: ${colour}`)
  )
  expect(unknown).toEqual([])
})
