/** What a process reads from its environment stands in env.example; what runs the house runs all of it. */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { isTest, pathsOfHouse, readSource, root } from "./tree.ts"

const text = (path: string) => readFileSync(join(root, path), "utf8")

/** Names that a file reads through Config, or at an edge from the environment itself. */
const namesIn = (source: string): ReadonlyArray<string> => [
  ...[...source.matchAll(/\bConfig\.\w+\((?:[^()"]*?,\s*)?"([A-Z][A-Z_]+)"/g)].map((found) => found[1] ?? ""),
  ...[...source.matchAll(/\bConfig\.\w+\(\[[^\]]*\],\s*"([A-Z][A-Z_]+)"/g)].map((found) => found[1] ?? ""),
  ...[...source.matchAll(/process\.env\["([A-Z][A-Z_]+)"\]/g)].map((found) => found[1] ?? "")
]

/** Processes of the house; what starts them, and the command line, speaks of its own in its help. */
const read = new Set(
  pathsOfHouse()
    .filter((path) => /^(actors|bus|gateway)\/.*\.ts$/.test(path) && !isTest(path))
    .flatMap((path) => namesIn(readSource(path).text))
)
const listed = [...text("deploy/env.example").matchAll(/^([A-Z_]+)=/gm)].map((found) => found[1] ?? "")

describe("the environment", () => {
  it("is listed whole, each name once, and nothing is listed that nobody reads", () => {
    assert.isAbove(read.size, 20)
    assert.strictEqual(new Set(listed).size, listed.length)
    assert.deepStrictEqual([...read].sort(), [...listed].sort())
  })

  it("a composition of containers runs every actor, each once by its own main", () => {
    const actors = readdirSync(join(root, "actors"), { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith("_"))
      .map(({ name }) => name)
    const composed = [...text("docker-compose.yml").matchAll(/actors\/([a-z-]+)\/main\.ts/g)].map((found) => found[1])
    assert.deepStrictEqual(composed.sort(), actors.sort())
  })

  it("and its NATS servers acknowledge nothing that is not on a disk", () => {
    assert.match(text("deploy/nats/cluster.conf"), /^\s*sync_interval: always$/m)
  })
})
