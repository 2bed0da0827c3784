/** What is not ours to end is left, with the reason, whatever the fact says: everything in it is read anew. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { tokenOf } from "../../actors/executor/group-swap.saga.ts"
import { sweeperName } from "../../actors/executor/sweeper.ts"
import { inner as ec2Of } from "../../actors/_ports/ec2.sim.ts"
import { managedByValue, ownTags } from "../../actors/_ports/ec2.ts"
import { aCaller, aLaunch, home, instantly } from "../../actors/_ports/world/stage.ts"
import { AccountId, GroupName, type InstanceId, instant, microUsd, Region, TenantId } from "../../schemas/ids.ts"
import { orphanLeft } from "../../schemas/orphan.ts"
import { SwapSettled, swapSettled } from "../../schemas/swap.ts"
import { minute } from "../builders.ts"
import {
  assertEnded,
  assertLeft,
  leftBehind,
  orphanIn,
  quarterMs,
  rowOf,
  saidOf,
  seen,
  soundFaults,
  sweep,
  sweepsIn,
  terminations
} from "./orphan-stage.ts"
import { through } from "./runs.ts"
import { type SwapStage, targetGroup } from "./stage.ts"

const isRunning = (stage: SwapStage, instance: InstanceId) => rowOf(stage, instance).state === "running"

/** A swap that was done, its replacement in service, half an hour ago. */
const done = (): SwapStage => {
  const stage = through({ group: { minSize: 1 } })
  assert.strictEqual(stage.phase, "Done")
  stage.sim.runFor(30 * minute)
  return stage
}

describe("a forged fact moves nothing that is not ours to end", () => {
  it("about a customer's own on-demand member, whatever saga it names", () => {
    const stage = done()
    for (const { id } of stage.before.members.filter((member) => member.id !== stage.old)) {
      sweep(stage, () => seen(stage, id, { saga: "s1" }))
      assert.isTrue(isRunning(stage, id))
    }
    assert.deepStrictEqual([...new Set(saidOf(stage))], ["not-ours"])
    assert.isEmpty(sweepsIn(stage))
  })
  it("about a healthy member of ours that serves in its group", () => {
    const stage = done()
    const [replacement] = stage.servesAtEnd
    sweep(stage, () => seen(stage, replacement!))
    assertLeft(stage, "in-a-group")
    assert.isTrue(isRunning(stage, replacement!))
  })
  it("about an account of another tenant: it is buried, and nobody is told anything about that account", () => {
    const stage = leftBehind()
    sweep(stage, () => seen(stage, orphanIn(stage).id, { tenant: TenantId.make("globex") }))
    assertLeft(stage, null)
    assert.lengthOf(stage.server.dead, 1)
    assert.isTrue(isRunning(stage, orphanIn(stage).id))
  })
  it("about an account that nobody has connected, or a region where it does not stand", () => {
    const stage = leftBehind()
    const { id } = orphanIn(stage)
    sweep(stage, () => seen(stage, id, { account: AccountId.make("999999999999") }))
    assertLeft(stage, null)
    sweep(stage, () => seen(stage, id, { region: Region.make("eu-west-1") }))
    assertLeft(stage, "refused")
    assert.isTrue(isRunning(stage, id))
  })
  it("that names another saga than the tag does", () => {
    const stage = leftBehind()
    sweep(stage, () => seen(stage, orphanIn(stage).id, { saga: "s2" }))
    assertLeft(stage, "not-ours")
  })
  it("while the sweep of a true one is under way: the true one is carried on with", () => {
    const stage = leftBehind()
    const { id } = orphanIn(stage)
    stage.onEntry = ({ saga, n, epoch }, proc) => {
      if (saga !== "orphan-sweep" || n !== 2 || epoch > 1) return
      proc.kill()
      seen(stage, id, { region: Region.make("eu-west-1"), saga: "s9" })
    }
    assertEnded(sweep(stage))
  })
})

describe("what its owner took out of the group after the swap is his", () => {
  for (const decrement of [true, false]) {
    it(`and is left for good, said once, ${decrement ? "one fewer being wanted" : "another one in its place"}`, () => {
      const stage = done()
      const [replacement] = stage.servesAtEnd
      assert.isTrue(stage.world.user({ edit: "detach", instance: replacement!, decrement }))
      for (let i = 0; i < 4; i++) {
        stage.sim.runFor(quarterMs)
        sweep(stage, () => seen(stage, replacement!))
      }
      assertLeft(stage, "handed-over")
      assert.deepStrictEqual(saidOf(stage), ["handed-over"])
      assert.isTrue(isRunning(stage, replacement!))
    })
  }
})

describe("its own saga decides first", () => {
  it("while it is at work, nothing is done, however old the instance is", () => {
    const stage = through({}, (stage) => {
      stage.onEntry = ({ phase, step, epoch }) => {
        if (phase !== "Outcome" || step !== "launch" || epoch > 1) return
        // the whole house sleeps, and finds both when it wakes
        for (const proc of stage.procs.values()) {
          proc.pause()
          stage.sim.after(30 * minute, () => proc.resume())
        }
        stage.sim.after(25 * minute, () => seen(stage, orphanIn(stage).id))
      }
    })
    assert.deepStrictEqual(saidOf(stage), ["saga-open"])
    assert.isEmpty(sweepsIn(stage))
    assert.isTrue(stage.isEnded)
  })
  it("stuck, it is a person's", () => {
    const stage = through({}, (stage) => {
      stage.onEntry = ({ phase, step }) => {
        if (phase === "Outcome" && step === "launch")
          stage.sim.after(500, () => stage.world.setAccount(home.account, { refuses: "AccessDenied" }))
      }
    })
    assert.strictEqual(stage.phase, "Stuck")
    stage.world.setAccount(home.account, { refuses: null })
    const { id } = orphanIn(stage)
    stage.world.user({ edit: "detach", instance: id, decrement: false })
    stage.sim.runFor(20 * minute)
    sweep(stage)
    assertLeft(stage, "stuck")
    assert.isTrue(isRunning(stage, id))
  })
  it("a quarter of an hour after its end, and not before, it is ended", () => {
    const stage = leftBehind()
    const { at } = stage.entries.at(-1)!
    const young = leftBehind({}, (one) => {
      one.sim.after(at + quarterMs - 1_000 - one.sim.now, () => seen(one, orphanIn(one).id))
      one.sim.after(at + quarterMs + 1_000 - one.sim.now, () => seen(one, orphanIn(one).id))
    })
    young.sim.runFor(10 * minute)
    assert.deepStrictEqual(saidOf(young), ["young", "ended"])
    assertEnded(young)
  })
})

describe("whoever uses it, or says that it is to stay, is heard", () => {
  const cases: ReadonlyArray<
    readonly [name: string, because: string, act: (stage: SwapStage, id: InstanceId) => void]
  > = [
    [
      "protected from termination",
      "protected",
      ({ world }, instance) => world.user({ edit: "protect", instance, from: "termination", isOn: true })
    ],
    [
      "given an address",
      "in-use",
      ({ world }, instance) => world.user({ edit: "bind", instance, what: ["an Elastic IP"] })
    ],
    [
      "without our tag",
      "not-ours",
      ({ world }, instance) => world.user({ edit: "untag", instance, tag: ownTags.saga })
    ],
    ["in a halted account", "stopped", (stage) => stage.stop("halt")],
    ["in a paused account", "stopped", (stage) => stage.stop("pause")],
    ["in an account whose tenant has left", "not-acting", (stage) => stage.disconnect()]
  ]
  it.each(cases)("%s, it is left as %s; freed again, it is ended", (_, because, act) => {
    const stage = leftBehind()
    const { id } = orphanIn(stage)
    act(stage, id)
    sweep(stage)
    sweep(stage)
    assertLeft(stage, because)
    assert.deepStrictEqual(saidOf(stage), [because])
    assert.isTrue(isRunning(stage, id))
    if (because !== "protected" && because !== "stopped") return
    stage.world.user({ edit: "protect", instance: id, from: "termination", isOn: false })
    stage.stop("run")
    assertEnded(sweep(stage))
  })
  it("registered with a target group of its group, it serves somebody", () => {
    const stage = leftBehind()
    const { id } = orphanIn(stage)
    const row = rowOf(stage, id)
    // as its owner does by hand, past the group
    const member = { group: "elsewhere", state: "InService", healthy: true, protectedFromScaleIn: false, weight: 1 }
    row.member = { ...member, targets: { [targetGroup]: "healthy" } }
    sweep(stage)
    assertLeft(stage, "serving")
  })
  it.each(["", "confirm", "end"])("where the balancer may not be asked, at %j: it may be serving somebody", (step) => {
    const denied = { step, part: "do", call: "health.target", k: 1, how: "refused", times: 9 } as const
    const stage = leftBehind({ breaks: [denied] })
    const { id } = orphanIn(stage)
    sweep(stage)
    assert.deepStrictEqual([saidOf(stage), isRunning(stage, id)], [["refused"], true])
    assert.isEmpty(terminations(stage, id))
  })
  it("protected just as the call leaves: the call is not made, and the record says why", () => {
    const stage = leftBehind()
    const { id } = orphanIn(stage)
    stage.onEntry = ({ saga, phase }) => {
      if (saga === "orphan-sweep" && phase === "Intent")
        stage.world.user({ edit: "protect", instance: id, from: "termination", isOn: true })
    }
    sweep(stage)
    assert.deepStrictEqual(saidOf(stage), ["protected"])
    assert.isEmpty(terminations(stage, id))
    assert.strictEqual(sweepsIn(stage).at(-1)?.phase, "RolledBack")
    assert.deepStrictEqual(soundFaults(stage), [])
  })
  it("its owner ends it meanwhile: there is nothing to do, and nothing to say", () => {
    const stage = leftBehind()
    stage.world.user({ edit: "terminate", instance: orphanIn(stage).id })
    sweep(stage)
    assertLeft(stage, null)
  })
})

describe("a saga that the log has forgotten", () => {
  /** Launched by hand as a swap named `ghost` would have, with its token or another one. */
  const ghost = (token?: string): readonly [SwapStage, InstanceId] => {
    const stage = through()
    const { subnet, instanceType } = orphanIn(stage)
    const tags = { [ownTags.managedBy]: managedByValue, [ownTags.saga]: "ghost", [ownTags.step]: "launch" }
    const launch = aLaunch({
      token: token ?? tokenOf("ghost", { subnet, instanceType }),
      template: stage.world.ground.rows.templates.rows.values().next().value!.id,
      subnet,
      instanceType,
      tags
    })
    const caller = aCaller({ now: stage.sim.now }, { saga: "ghost" })
    const { instance } = Effect.runSync(ec2Of(stage.world, instantly).launchSpot(launch, caller))
    stage.sim.runFor(20 * minute)
    return [stage, instance]
  }
  const settle = (stage: SwapStage, end: SwapSettled["end"]) => {
    const [known] = stage.said(swapSettled)
    const at = instant(Math.floor(stage.sim.now))
    const nothing = { replacement: null, hourlySavings: microUsd(0), code: null, reason: null }
    const fact = new SwapSettled({ ...known!, ...nothing, group: GroupName.make("web"), swap: "ghost", end, at })
    stage.say(swapSettled, fact)
    stage.sim.runFor(20 * minute)
  }
  const look = ([stage, instance]: readonly [SwapStage, InstanceId]) => sweep(stage, () => seen(stage, instance))

  it("is nobody's to guess about: its token proves who launched it, not who uses it by now", () => {
    const all = ghost()
    assertLeft(look(all), "journal-lost")
    assert.isTrue(isRunning(...all))
  })
  it.each(["done", "stuck", "refused"] as const)("and of which only %s is known is left", (end) => {
    const all = ghost()
    settle(all[0], end)
    look(all)
    assert.isTrue(isRunning(...all))
    assert.lengthOf(all[0].said(orphanLeft), 1)
  })
  it("and of which only its being undone is known is ended by its token, and left with any other one", () => {
    const ours = ghost()
    settle(ours[0], "undone")
    look(ours)
    assert.deepStrictEqual(saidOf(ours[0]), ["ended"])
    assert.isFalse(isRunning(...ours))
    const theirs = ghost("somebody-elses")
    settle(theirs[0], "undone")
    assertLeft(look(theirs), "unconfirmed")
    assert.isTrue(isRunning(...theirs))
  })
})

describe("tries", () => {
  it("are four, a quarter of an hour apart; then it is a person's", () => {
    const breaks = [{ step: "end", part: "do", call: "ec2.terminate", k: 1, how: "refused", times: 9 } as const]
    const stage = leftBehind({ breaks })
    for (let i = 0; i < 7; i++) {
      sweep(stage)
      sweep(stage)
      stage.sim.runFor(16 * minute)
    }
    assert.strictEqual(new Set(sweepsIn(stage).map(({ id }) => id)).size, 4)
    assert.strictEqual(stage.said(orphanLeft).at(-1)?.because, "given-up")
    assert.deepStrictEqual(soundFaults(stage), [])
    assert.strictEqual(stage.server.standing(sweeperName)?.unsettled.length, 0)
  })
})
