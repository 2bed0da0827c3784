/** The contract of Auto Scaling groups: the arithmetic of a swap, processes, pages. */
import { assert, it } from "@effect/vitest"
import type { groupCalls } from "../../actors/_ports/group.ts"
import { GroupName, InstanceId } from "../../schemas/ids.ts"
import type { Desk } from "./ports-desk.ts"

export const grouping = (at: () => Desk) => {
  it("traps 1 and 3: attach raises desired, retire lowers it again and the old member leaves", async () => {
    const desk = at()
    const web = await desk.cloud.seedGroup("swapping", 6)
    const before = await desk.group(web.group)
    assert.deepStrictEqual([before.desired, before.maxSize, before.members.length], [6, 8, 6])
    assert.strictEqual(new Set(before.members.map((member) => member.zone)).size, 3)
    const { instance } = await desk.get(desk.launch(web, "token-swap"))
    await desk.cloud.settle()
    await desk.get((ports) => ports.groups.attach({ group: web.group, instance }))
    await desk.cloud.settle()
    const during = await desk.group(web.group)
    assert.strictEqual(during.desired, 7)
    assert.strictEqual(during.members.find((member) => member.instance === instance)?.state, "InService")

    const again = await desk.refusal((ports) => ports.groups.attach({ group: web.group, instance }))
    assert.strictEqual(again.code, "ValidationError")
    assert.strictEqual((await desk.group(web.group)).desired, 7)

    const [old] = web.members
    if (old === undefined) throw new Error("no member")
    await desk.get((ports) => ports.groups.retire({ group: web.group, instance: old }))
    await desk.cloud.settle()
    const after = await desk.group(web.group)
    assert.deepStrictEqual([after.desired, after.members.length], [6, 6])
    assert.isFalse(after.members.some((member) => member.instance === old))
    assert.include([undefined, "terminated", "shutting-down"], (await desk.instance(old))?.state)
  })

  it("the group's record tells who came and who went by our word, and what that did to desired", async () => {
    const desk = at()
    const web = await desk.cloud.seedGroup("recorded", 3)
    const { group, members } = web
    const { instance } = await desk.get(desk.launch(web, "token-recorded"))
    const about = (one: InstanceId) => desk.get((ports) => ports.groups.activities({ group, instance: one }))
    const brief = (all: Awaited<ReturnType<typeof about>>) =>
      all.map(({ kind, desiredBy, isVoid }) => [kind, desiredBy, isVoid])
    assert.isEmpty(await about(instance))
    await desk.cloud.settle()
    const began = desk.cloud.now()
    await desk.get((ports) => ports.groups.attach({ group, instance }))
    await desk.cloud.settle()
    assert.deepStrictEqual(brief(await about(instance)), [["attach", 1, false]])
    await desk.get((ports) => ports.groups.retire({ group, instance }))
    await desk.cloud.settle()
    const record = await about(instance)
    assert.deepStrictEqual(brief(record), [
      ["terminate", -1, false],
      ["attach", 1, false]
    ])
    for (const { startedAt } of record) assert.isAtLeast(startedAt, began - 1_000)
    // of others it tells nothing, and a refused call leaves no trace
    const other = members[0] as InstanceId
    assert.isEmpty(brief(await about(other)).filter(([kind]) => kind !== "launch"))
    assert.strictEqual(await desk.code((ports) => ports.groups.attach({ group, instance: other })), "ValidationError")
    assert.isEmpty(brief(await about(other)).filter(([kind]) => kind === "attach"))
  })

  it("trap 1: attach over the maximum is refused until there is room", async () => {
    const desk = at()
    const web = await desk.cloud.seedGroup("full", 3)
    const { group } = web
    await desk.get((ports) => ports.groups.setMaxSize({ group, maxSize: 3 }))
    const { instance } = await desk.get(desk.launch(web, "token-full"))
    await desk.cloud.settle()
    assert.strictEqual(await desk.code((ports) => ports.groups.attach({ group, instance })), "ValidationError")
    assert.strictEqual((await desk.group(group)).desired, 3)
    await desk.get((ports) => ports.groups.setMaxSize({ group, maxSize: 4 }))
    await desk.get((ports) => ports.groups.attach({ group, instance }))
    const { desired, maxSize } = await desk.group(group)
    assert.deepStrictEqual([desired, maxSize], [4, 4])
  })

  it("a group is never retired below its minimum, nor somebody retired who is no member", async () => {
    const desk = at()
    const { group, members } = await desk.cloud.seedGroup("least", 1)
    const instance = members[0] as InstanceId
    assert.strictEqual(await desk.code((ports) => ports.groups.retire({ group, instance })), "ValidationError")
    const stranger = InstanceId.make("i-0123456789abcdef1")
    assert.strictEqual(
      await desk.code((ports) => ports.groups.retire({ group, instance: stranger })),
      "ValidationError"
    )
    assert.strictEqual((await desk.group(group)).desired, 1)
  })

  it("trap 5: suspended processes are seen, and resumed ones are not", async () => {
    const desk = at()
    const { group } = await desk.cloud.seedGroup("held", 1)
    await desk.get((ports) => ports.groups.suspend({ group, process: "AZRebalance" }))
    assert.deepStrictEqual((await desk.group(group)).suspended, ["AZRebalance"])
    await desk.get((ports) => ports.groups.resume({ group, process: "AZRebalance" }))
    assert.isEmpty((await desk.group(group)).suspended)
    assert.isFalse(await desk.get((ports) => ports.groups.refreshing({ group })))
    assert.deepStrictEqual(await desk.get((ports) => ports.groups.hooks({ group })), { launching: 0, terminating: 0 })
  })

  it("trap 21: more groups than fit on a page are all there, once each", async () => {
    const desk = at()
    await desk.cloud.seedEmpty("many", 105)
    const names: Array<string> = []
    let page: string | null = null
    let pages = 0
    do {
      const from: string | null = page
      const read: typeof groupCalls.groups.gives.Type = await desk.get((ports) =>
        ports.groups.groups({ names: [], page: from })
      )
      assert.isAtMost(read.groups.length, 100)
      names.push(...read.groups.map((each) => each.group))
      page = read.next
      pages++
    } while (page !== null)
    assert.isAtLeast(pages, 2)
    const many = names.filter((each) => each.startsWith("many-"))
    assert.strictEqual(new Set(many).size, 105)
    assert.strictEqual(many.length, 105)
    const gone = await desk.get((ports) =>
      ports.groups.groups({ names: [GroupName.make("no-such-group")], page: null })
    )
    assert.isEmpty(gone.groups)
  })
}
