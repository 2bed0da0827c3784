/** Style that a machine can judge, judged: on the whole house, and on made-up offenders to show that it notices. */
import { assert, describe, it } from "@effect/vitest"
import { bannedIn, bans, isOurs, linesMax, namelessIn, shapeOf, testLinesMax, unfinishedActors } from "./tidy.ts"
import { isCode, pathsOfHouse, readSource, report, withoutComments } from "./tree.ts"

const paths = pathsOfHouse()
const sources = paths.filter(isOurs).map(readSource)
const code = sources.filter(({ path }) => isCode(path))

describe("the house", () => {
  it("says nothing that is banned where it is banned", () => {
    assert.strictEqual(report(sources.flatMap(bannedIn)), "")
  })

  it("opens every file with a sentence, and keeps within width and length", () => {
    assert.strictEqual(report(code.flatMap(shapeOf)), "")
  })

  it("names its files by what is in them", () => {
    assert.strictEqual(report(paths.flatMap(namelessIn)), "")
  })

  it("gives every actor its README, its wiring and its start", () => {
    assert.strictEqual(report(unfinishedActors(paths)), "")
  })

  it("was seen: dozens of files, thousands of lines", () => {
    assert.isAbove(code.length, 30)
    assert.isAbove(
      code.reduce((sum, { text }) => sum + text.split("\n").length, 0),
      2000
    )
    assert.includeMembers(
      sources.map(({ path }) => path),
      [".ci/run", "test/house/tidy.test.ts", "schemas/ids.ts"]
    )
  })

  it("has an exception only where a file or folder of ours may need it", () => {
    assert.isTrue(bans.every(({ except }) => except.every(({ because }) => because.length > 10)))
  })
})

const said = (path: string, text: string) => bannedIn({ path, text }).map(({ says }) => says)

describe("a ban", () => {
  it.each([
    ["Clock", `const at = Date.now()`],
    ["DateTime.now", `const at = new Date()`],
    ["Clock", `const start = performance.now()`],
    ["DateTime.now", `const at = DateTime.nowUnsafe()`],
    ["Random", `const lot = Math.random()`],
    ["Random", `const id = crypto.randomUUID()`],
    ["Effect.sleep", `setTimeout(f, 1000)`],
    ["Effect.sleep", `setInterval(f, 1000)`],
    ["Config", `const url = process.env["NATS_URL"]`],
    ["Effect.log", `console.log("here")`],
    ["event()", "const subject = `evt.all.risk-manager.${name}`"],
    ["command()", `const subject = "cmd.all.x"`],
    ["decode", `const plan = answer as any`],
    ["unsafe plan", `new SafePlan(value, { disableChecks: true })`],
    ["mend", `// @ts-expect-error it is fine\nconst x: number = "1"`],
    ["do it", `// TODO: the other half`],
    ["do it", `// FIXME`],
    ["import.meta.dirname", `const data = "/root/data/prices.csv"`],
    ["the machine", `// from https://registry.npmjs.org/x`]
  ])("names its replacement, %s, for: %s", (replacement, text) => {
    const [only, ...more] = said("actors/risk-manager/actor.ts", text)
    assert.include(only ?? "", replacement)
    assert.isEmpty(more)
  })

  it.each(["it.only", "it.skip", "describe.only", "it.effect.skip", "test.todo"])("catches %s in a test", (call) => {
    assert.lengthOf(said("actors/risk-manager/policy.test.ts", `${call}("x", () => {})`), 1)
  })

  it("is shown by example, each of them", () => {
    const shown = (ban: (typeof bans)[number]) =>
      new RegExp(ban.pattern.source).test(readSource("test/house/tidy.test.ts").text)
    assert.deepStrictEqual(
      bans.filter((ban) => !shown(ban)).map(({ what }) => what),
      []
    )
  })

  it("holds in a policy, and not at the edges", () => {
    const text = `const at = Date.now(); console.log(process.env["A"], Math.random())`
    assert.lengthOf(said("actors/risk-manager/policy.ts", text), 4)
    for (const edge of ["bus/nats.live.ts", "actors/executor/main.ts", "deploy/up.ts", "test/run.ts"]) {
      assert.isEmpty(said(edge, text), edge)
    }
  })

  it("a subject may be typed in schemas/message.ts, and not in a live layer", () => {
    const text = `const filter = "jrn.*.executor.*.*"`
    assert.isEmpty(said("schemas/message.ts", text))
    assert.lengthOf(said("bus/nats.live.ts", text), 1)
  })

  it("on calls leaves prose alone, one on words does not", () => {
    assert.isEmpty(said("README.md", "no `Date.now`, subjects as in `evt.>`"))
    assert.lengthOf(said("README.md", "TODO: the flags"), 1)
  })

  it("does not mind what a comment explains", () => {
    assert.isEmpty(said("bus/actor.ts", `/** Never Date.now: the clock is given. */\n// console.log would be lost\n`))
  })

  it("is not fooled by a comment's mark inside a string or a pattern", () => {
    assert.lengthOf(said("bus/actor.ts", `const url = "http://x"; console.log(url)`), 1)
    assert.lengthOf(said("bus/actor.ts", `const slashes = /\\/\\/["'*]/; console.log(slashes)`), 1)
    assert.lengthOf(said("bus/actor.ts", "const a = `/* ${b} `; console.log(a)"), 1)
  })
})

describe("a file", () => {
  const opened = "/** The pools, and how they are priced. */\n"
  const shape = (text: string, path = "bus/pools.ts") => shapeOf({ path, text }).map(({ says }) => says)

  it("opens with a sentence", () => {
    assert.isEmpty(shape(`${opened}export const x = 1\n`))
    assert.isEmpty(shape(`#!/usr/bin/env node\n/**\n * Several lines of it,\n * and one stop.\n */\n`))
    for (const text of [
      "export const x = 1\n",
      "// A line.\n",
      "/** short. */\n",
      "/** without any end */\n",
      "\n" + opened
    ]) {
      assert.lengthOf(shape(text), 1, text)
    }
  })

  it("is at most 120 wide", () => {
    assert.isEmpty(shape(`${opened}${"x".repeat(120)}\n`))
    assert.deepStrictEqual(shape(`${opened}${"x".repeat(121)}\n`), ["is 121 wide, at most 120"])
  })

  it("ends at its wall, which is further away for tests", () => {
    const long = (lines: number) => opened + "x\n".repeat(lines - 1)
    assert.isEmpty(shape(long(linesMax)))
    assert.lengthOf(shape(long(linesMax + 1)), 1)
    assert.isEmpty(shape(long(testLinesMax), "bus/pools.test.ts"))
    assert.lengthOf(shape(long(testLinesMax + 1), "test/sim/house.ts"), 1)
  })

  it("is not called after nothing", () => {
    for (const path of ["bus/utils.ts", "bus/helpers/x.ts", "test/common.ts", "schemas/types.ts", "bus/misc.test.ts"]) {
      assert.lengthOf(namelessIn(path), 1, path)
    }
    assert.isEmpty(namelessIn("deploy/market/instance-types.csv"))
  })
})

it("an actor's folder without one of its three files is named", () => {
  const complete = ["README.md", "actor.ts", "main.ts"].map((name) => `actors/ledger/${name}`)
  assert.isEmpty(unfinishedActors([...complete, "actors/_ports/ec2.ts"]))
  assert.deepStrictEqual(
    unfinishedActors(["actors/ledger/actor.ts"]).map(({ path, says }) => `${path} ${says}`),
    ["actors/ledger/ has no README.md", "actors/ledger/ has no main.ts"]
  )
})

it("comments are blanked line for line", () => {
  assert.strictEqual(withoutComments(`a /* b\nc */ d // e\nf`), `a     \n     d     \nf`)
})
