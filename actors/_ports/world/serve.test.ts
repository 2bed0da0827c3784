/** The same world from another process: what travels over the socket is what was answered. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { GroupName, type InstanceId, instant } from "../../../schemas/ids.ts"
import { CloudRefusal } from "../cloud-refusal.ts"
import { ec2Calls, Instance } from "../ec2.ts"
import { Group, groupCalls } from "../group.ts"
import { pricesCalls } from "../prices.ts"
import { openLog } from "./log.live.ts"
import { remoteInner } from "./remote.live.ts"
import { serve } from "./serve.live.ts"
import { aCaller, aGroup, aLaunch, codeOf, Stage } from "./stage.ts"

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "world-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)
const served = Effect.gen(function* () {
  const socket = join(yield* folder, "world.sock")
  const s = new Stage()
  yield* serve(socket, [
    { name: "ec2", calls: ec2Calls, inner: s.ec2 },
    { name: "group", calls: groupCalls, inner: s.groups },
    { name: "prices", calls: pricesCalls, inner: s.prices }
  ])
  const ec2 = remoteInner("ec2", ec2Calls, socket)
  const groups = remoteInner("group", groupCalls, socket)
  const prices = remoteInner("prices", pricesCalls, socket)
  return { s, socket, ec2, groups, prices }
})

it.effect("reads, writes and refusals are the same near and far", () =>
  Effect.gen(function* () {
    const { s, ec2, groups, prices } = yield* served
    const { instance } = yield* ec2.launchSpot(aLaunch(), aCaller(s))
    s.pass(60_000)
    const asked = { ids: [instance], saga: null, page: null }
    const far = yield* ec2.instances(asked, aCaller(s))
    assert.deepStrictEqual(far, yield* s.ec2.instances(asked, aCaller(s)))
    assert.instanceOf(far.instances[0], Instance)
    const { groups: found } = yield* groups.groups({ names: [], page: null }, aCaller(s))
    assert.instanceOf(found[0], Group)
    assert.deepStrictEqual(found[0], s.web())
    assert.isUndefined(yield* groups.attach({ group: GroupName.make("web"), instance }, aCaller(s)))
    const refused = yield* Effect.flip(groups.attach({ group: GroupName.make("web"), instance }, aCaller(s)))
    assert.instanceOf(refused, CloudRefusal)
    assert.include(refused, { call: "autoscaling:AttachInstances", code: "ValidationError", advice: "person" })
    const { rows } = yield* prices.types({}, aCaller(s))
    assert.isAbove(rows.length, 0)
  })
)

it.effect("the caller travels: a lease that has ended is refused at the far end, under the caller's name", () =>
  Effect.gen(function* () {
    const { s, ec2 } = yield* served
    const late = aCaller(s, { until: instant(s.now - 1), by: "executor-07:3" })
    assert.strictEqual((yield* Effect.flip(ec2.launchSpot(aLaunch(), late))).code, "AccessDenied")
    const [write] = [...s.world.ground.rows.writes.rows.values()]
    assert.include(write, { by: "executor-07:3", late: true })
  })
)

it.effect("a world that is not there, or breaks off, is no answer: it may have happened", () =>
  Effect.gen(function* () {
    const path = join(yield* folder, "none.sock")
    const ec2 = remoteInner("ec2", ec2Calls, path)
    const caller = aCaller({ now: 0 })
    const absent = yield* Effect.flip(ec2.terminate({ instance: "i-00000000" as InstanceId }, caller))
    assert.include(absent, { call: "ec2:TerminateInstances", code: "CloudOptim.NoAnswer", advice: "unknown" })
    const rude = createServer((request) => request.socket.destroy())
    yield* Effect.acquireRelease(
      Effect.callback<void>((resume) => void rude.listen(path, () => resume(Effect.void))),
      () => Effect.callback<void>((resume) => void rude.close(() => resume(Effect.void)))
    )
    const cut = yield* Effect.flip(ec2.terminate({ instance: "i-00000000" as InstanceId }, caller))
    assert.strictEqual(cut.code, "CloudOptim.NoAnswer")
  })
)

/** Time itself is not kept. */
const rowsOf = (s: Stage): unknown => JSON.parse(s.world.snapshot()).put

it.effect("a world that is restarted from its file goes on where it was, also after a torn line", () =>
  Effect.gen(function* () {
    const path = join(yield* folder, "world.ndjson")
    const log = openLog(path)
    const s = new Stage({ group: aGroup(6), keep: log.append })
    const launched = codeOf(s.ec2.launchSpot(aLaunch(), aCaller(s)))
    log.close()
    writeFileSync(path, `${readFileSync(path, "utf8")}{"at":1,"put":{"inst`)
    const again = openLog(path)
    const t = new Stage({ group: null, lines: again.lines, keep: again.append })
    assert.deepStrictEqual(codeOf(t.ec2.launchSpot(aLaunch(), aCaller(t))), launched)
    t.pass(60_000)
    const read = openLog(path)
    assert.deepStrictEqual(rowsOf(new Stage({ group: null, lines: read.lines })), rowsOf(t))
    read.close()
    again.rewrite([t.world.snapshot()])
    codeOf(t.groups.setMaxSize({ group: GroupName.make("web"), maxSize: 9 }, aCaller(t)))
    again.close()
    const last = openLog(path)
    const u = new Stage({ group: null, lines: last.lines })
    last.close()
    assert.strictEqual(u.web().maxSize, 9)
    assert.strictEqual(u.world.snapshot(), t.world.snapshot())
  })
)
