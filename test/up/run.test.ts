/** The whole house in one command: to its end, after being stopped and killed, with everything against it, and dead. */
import { assert, it } from "@effect/vitest"
import { execFileSync } from "node:child_process"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { decidedAgain } from "./again.ts"
import { assertAllWell } from "./figures.ts"
import { figuresIn, processesOf, run, scratch, start } from "./program.ts"

const toTheEnd = ["--until-idle", "--json"]

it("from nothing to idle in two minutes: every group inside the five layers or with a reason", {
  timeout: 300_000
}, async () => {
  using place = scratch()
  const ended = await run([...toTheEnd, "--data", place.folder])
  const figures = figuresIn(ended)
  assert.strictEqual(ended.code, 0, ended.stderr)
  assertAllWell(figures)
  assert.isAtLeast(figures.tenants, 2)
  assert.strictEqual(figures.accounts, 4)
  assert.isAtLeast(figures.groups, 12)
  assert.isAtLeast(figures.on_demand_before, 240)
  assert.isAtLeast(figures.swaps_done, 100)
  assert.isAtLeast(figures.spot_after, figures.swaps_done)
  assert.isAbove(figures.monthly_savings_usd, 5_000)
  assert.isAtLeast(figures.proposals, figures.approved + figures.safe_alternatives + figures.rejected)
  assert.strictEqual(figures.unknown_outcomes, 0)
  assert.isBelow(figures.seconds, 120)
  assert.isBelow(figures.peak_rss_mb ?? 0, 1_500)
  // one is told from time to time, in units, and never a stack
  assert.match(ended.stderr, /\d+ s {2}\d+ of \d+ instances on Spot, saves \$\d+ a month/)
  assert.notMatch(ended.stderr, /^\s+at /m)
  assert.deepStrictEqual(processesOf(place.folder), [])
  const again = await decidedAgain(place.folder)
  assert.deepStrictEqual(again.otherwise, [])
  assert.isAtLeast(again.alike, figures.proposals + figures.approved + figures.safe_alternatives)
})

it("stopped, then killed whole, then under chaos: the swaps that were open come to their end", {
  timeout: 400_000
}, async () => {
  using place = scratch()
  const flags = [...toTheEnd, "--actors", "processes", "--seed", "3", "--data", place.folder]
  const stopped = start(flags)
  await stopped.says(/[1-9]\d* under way, [1-9]\d* done/)
  stopped.signal("SIGINT")
  const first = await stopped.ended
  assert.strictEqual(first.code, 0, first.stderr)
  assert.isBelow(first.tookMs, 10_000)
  assert.match(first.stderr, /stopped; everything is kept in .* goes on from there\n$/)
  assert.strictEqual(first.stdout, "")
  assert.deepStrictEqual(processesOf(place.folder), [])

  const killed = start(flags)
  await killed.says(/[1-9]\d* under way, \d{2,} done/)
  for (const pid of [killed.child.pid ?? 0, ...processesOf(place.folder)]) {
    try {
      process.kill(pid, "SIGKILL")
    } catch {
      // it went with the one before
    }
  }
  assert.strictEqual((await killed.ended).signal, "SIGKILL")

  const last = await run([...flags, "--chaos"])
  const figures = figuresIn(last)
  assert.match(last.stderr, /going on from /)
  assertAllWell(figures)
  assert.strictEqual(last.code, 0, last.stderr)
  assert.isAtLeast(figures.restarts, 4)
  assert.isAtLeast(figures.swaps_done, 100)
  assert.deepStrictEqual(processesOf(place.folder), [])
  const again = await decidedAgain(place.folder)
  assert.deepStrictEqual(again.otherwise, [])
  assert.isAtLeast(again.alike, 20)
})

it("killed alone, its actors notice and end by themselves; a second Ctrl-C ends all at once", {
  timeout: 200_000
}, async () => {
  using place = scratch()
  const flags = ["--actors", "processes", "--data", place.folder]
  const alone = start(flags)
  await alone.says(/[1-9]\d* under way/)
  alone.child.kill("SIGKILL")
  await alone.ended
  const isActor = (pid: number) => {
    try {
      return execFileSync("ps", ["-o", "args=", "-p", String(pid)], { encoding: "utf8" }).includes("main.ts")
    } catch {
      return false
    }
  }
  let actors = processesOf(place.folder).filter(isActor)
  for (let waited = 0; actors.length > 0 && waited < 20_000; waited += 250) {
    await sleep(250)
    actors = actors.filter(isActor)
  }
  assert.deepStrictEqual(actors, [])

  const again = start(flags)
  await again.says(/[1-9]\d* under way/)
  again.signal("SIGINT")
  again.signal("SIGINT")
  const { code, tookMs } = await again.ended
  assert.include([0, 130], code)
  assert.isBelow(tookMs, 10_000)
  assert.deepStrictEqual(processesOf(place.folder), [])
})

it("all of ours dead for ever: no group stays below what it asks for", { timeout: 200_000 }, async () => {
  using place = scratch()
  const ended = await run([
    ...toTheEnd,
    "--scenario",
    "dead-operator",
    "--seed",
    "2",
    "--data",
    join(place.folder, "data")
  ])
  const figures = figuresIn(ended)
  assert.strictEqual(ended.code, 0, ended.stderr)
  assert.strictEqual(figures.below_desired, 0)
  assert.strictEqual(figures.capacity_violations, 0)
  assert.isAtLeast(figures.swaps_done, 5)
  assert.match(ended.stderr, /killing everything of ours for ever, [1-9]\d* swaps under way/)
  assert.deepStrictEqual(processesOf(place.folder), [])
})
