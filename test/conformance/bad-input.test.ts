/** Whatever anybody puts on the bus ends in DEAD with its reason, or is stepped over, and nobody stops for it. */
import { generateKeyPairSync } from "node:crypto"
import { appendFile, cp, mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { sealWith } from "../../actors/_ports/ed25519.ts"
import { inner as ec2 } from "../../actors/_ports/ec2.sim.ts"
import { inner as groups } from "../../actors/_ports/group.sim.ts"
import { inner as health } from "../../actors/_ports/health.sim.ts"
import { inner as prices } from "../../actors/_ports/prices.sim.ts"
import { inner as sts } from "../../actors/_ports/sts.sim.ts"
import type { Wire } from "../../actors/_ports/world/inner.ts"
import type { Fleet } from "../../actors/_ports/world/plant.ts"
import { smallFleet } from "../../actors/_ports/world/scenario.ts"
import { World } from "../../actors/_ports/world/world.ts"
import { approvalDesk } from "../../actors/approval-desk/actor.ts"
import { sweeperName } from "../../actors/executor/sweeper.ts"
import { onboarder } from "../../actors/onboarder/actor.ts"
import { riskManager } from "../../actors/risk-manager/actor.ts"
import { safetyEnforcer } from "../../actors/safety-enforcer/actor.ts"
import { spotOptimizer } from "../../actors/spot-optimizer/actor.ts"
import type { Mind } from "../../bus/mind.ts"
import { loadMarket } from "../../actors/_ports/market.live.ts"
import { isSettled } from "../../deploy/standing.ts"
import { demonstrationPolicy, termsFor } from "../../deploy/terms.ts"
import { ConnectAccount, connectAccount, verifyAccount } from "../../schemas/account.ts"
import { roads } from "../../schemas/catalogue.ts"
import { messageBytesMax } from "../../schemas/envelope.ts"
import { type InstanceId, instant, TenantId } from "../../schemas/ids.ts"
import { journalSubject, redriveSubject, type Road } from "../../schemas/message.ts"
import { orphanSeen } from "../../schemas/orphan.ts"
import { SetPolicy, setPolicy } from "../../schemas/policy.ts"
import { marketRowRefused } from "../../schemas/pool.ts"
import {
  orderDigest,
  resumeOrdered,
  SwapOrdered,
  swapOrdered,
  type SwapSettled,
  swapSettled
} from "../../schemas/swap.ts"
import { LivingHouse, until } from "./living-house.ts"
import { mayBeSkipped } from "./stand-ins.ts"

const skipped = await mayBeSkipped("nats-server")
const speed = 600
const market = await (async () => {
  const folder = await mkdtemp(join(tmpdir(), "market-"))
  const shipped = join(import.meta.dirname, "../../deploy/market")
  await cp(shipped, folder, { recursive: true })
  await appendFile(join(folder, "on-demand.csv"), "us-east-1,m5.large,-1,exact,2025-06-28\n")
  const loaded = loadMarket(folder)
  await rm(folder, { recursive: true })
  return loaded
})()

/** Two accounts and three groups of six: `web` for the first, `jobs` and `edge` for the second. */
const fleet: Fleet = (() => {
  const small = smallFleet(market, 1)
  const six = small.groups.filter(({ group }) => group !== "api")
  return { ...small, groups: six.map((group) => ({ ...group, minSize: 3, desired: 6, maxSize: 8 })) }
})()
const [acme, globex] = fleet.accounts

const bytes = new TextEncoder()
const envelope = (change: object) => bytes.encode(JSON.stringify({ v: 1, tag: "Nonsense", body: {}, ...change }))
const deep = (tag: string) => bytes.encode(`{"v":1,"tag":"${tag}","body":${"[".repeat(100_000)}${"]".repeat(100_000)}}`)

/** Each kind of bytes that nobody can read, with the word that its burial begins with. */
const kinds: Readonly<Record<string, (tag: string) => Uint8Array>> = {
  "not-json": () => new Uint8Array([0x7b, 0xff, 0xfe, 0x00, 0x7d]),
  "too-large": () => new Uint8Array(messageBytesMax + 1).fill(0x20),
  "too-deep": deep,
  "wrong-version": (tag) => envelope({ v: 99, tag }),
  "unknown-type": () => envelope({}),
  "wrong-shape": (tag) => envelope({ tag, body: { tenant: 1 } })
}

const minds: ReadonlyArray<Mind<any>> = [
  onboarder,
  riskManager,
  spotOptimizer(1_000),
  safetyEnforcer,
  approvalDesk({ sign: () => "" }, 1_000)
]
const orders: ReadonlyArray<Road> = [swapOrdered, resumeOrdered]
const hearersOf = (road: Road): ReadonlyArray<string> => [
  ...minds.filter(({ hears }) => hears.some((one) => one.road === road)).map(({ name }) => name),
  ...(orders.includes(road) ? ["executor"] : []),
  ...(road === orphanSeen ? [sweeperName] : []),
  ...(road === verifyAccount ? ["discovery"] : [])
]
const consumers = [...minds.map(({ name }) => name), "executor", sweeperName, "discovery"]
/** A subject of the road about a thing, in nobody's account. */
const subjectOf = (road: Road, about: string) => {
  const lane = orders.includes(road) ? "executor-03" : road.owner
  return [road.kind, "000000000000", lane, road.name, about].join(".")
}

describe.skipIf(skipped)("bad input over a real bus", () => {
  let house: LivingHouse
  let world: World
  let timer: NodeJS.Timeout
  beforeAll(async () => {
    world = new World({ now: Date.now, random: () => 0.5, speed, market, behaviours: {}, keep: () => {} })
    world.plant(fleet)
    timer = setInterval(() => world.advance(), 25)
    const wire: Wire = { call: (far) => Effect.map(Effect.sleep(1), far) }
    const inners = {
      ec2: ec2(world, wire),
      groups: groups(world, wire),
      health: health(world, wire),
      sts: sts(world, wire),
      prices: prices(world, wire)
    }
    house = await LivingHouse.open(inners, termsFor(speed, true, false))
  })
  afterAll(async () => {
    clearInterval(timer)
    await house?.stop()
  })

  const connect = async (account: (typeof fleet.accounts)[number] | undefined) => {
    if (account === undefined) throw new Error("the fleet has two accounts")
    const { tenant, account: id } = account
    await house.say(
      setPolicy,
      new SetPolicy({ tenant, account: id, policy: demonstrationPolicy(speed), by: "a person" })
    )
    await house.say(connectAccount, new ConnectAccount(account))
  }
  const settlements = (group: string): ReadonlyArray<SwapSettled> =>
    house.heard(swapSettled).flatMap(({ message }) => (message.group === group ? [message] : []))
  const standingOf = (group: string) => house.stands(1).groups.find((one) => one.group === group)
  const isDone = (group: string) => async () => {
    await house.readOn()
    const standing = standingOf(group)
    return standing !== undefined && isSettled(standing) && settlements(group).some(({ end }) => end === "done")
  }
  const progress = (group: string) => () =>
    JSON.stringify({ standing: standingOf(group), ends: settlements(group).map(({ end, code }) => [end, code]) })
  const allHeard = () =>
    until("every consumer has settled everything", async () => {
      for (const consumer of consumers) if ((await house.open(consumer)) > 0) return false
      return true
    })
  const writes = () => world.ground.rows.writes.rows.size

  it("what cannot be read ends in DEAD with its reason, from each who hears it, and stops nobody", async () => {
    const expected: Array<readonly [consumer: string, subject: string, reason: string]> = []
    for (const road of roads) {
      for (const [reason, make] of Object.entries(kinds)) {
        const subject = subjectOf(road, reason)
        await house.put(subject, make(road.tag))
        for (const consumer of hearersOf(road)) expected.push([consumer, subject, reason])
      }
    }
    for (const [reason, make] of Object.entries(kinds)) {
      await house.put(journalSubject("000000000000", "group-swap", reason), make("Entry"))
    }
    const huge = subjectOf(connectAccount, "huge")
    await house.put(huge, new Uint8Array(5 * 1024 * 1024))
    expected.push(["onboarder", huge, "too-large"])
    // redrives of nothing, of no number, of themselves, and of what somebody else hears
    for (const { name } of minds) {
      const itself = (await house.jsm.streams.info("LOG")).state.last_seq + 1
      const subjects = [10_000_000, itself].map((seq) => redriveSubject(name, seq))
      for (const subject of [...subjects.toReversed(), `cmd.all.${name}.redrive.garbage`]) {
        await house.put(subject, new Uint8Array([0xff]))
        expected.push([name, subject, "wrong-shape: a redrive that names no message of ours"])
      }
      const foreign = await house.put(journalSubject("000000000000", "group-swap", name), new Uint8Array([0xff]))
      await house.put(redriveSubject(name, foreign), new Uint8Array())
      expected.push([name, journalSubject("000000000000", "group-swap", name), "unknown-type"])
    }
    const missing = () =>
      expected.filter(
        ([consumer, subject, reason]) => !house.buried(consumer, subject).some((why) => why.startsWith(reason))
      )
    await until(
      "each is in DEAD",
      async () => {
        await house.readOn()
        return missing().length === 0
      },
      { now: () => `${missing().length} are not: ${missing().slice(0, 3).join(" / ")}` }
    )
    assert.lengthOf(house.dead, expected.length)
    await allHeard()
    assert.deepStrictEqual(house.restarted, [])
  })

  it("the same actors then move a group, and name the row of the catalogue that cannot be read", async () => {
    await connect(acme)
    await until("web is moved", isDone("web"), { withinMs: 90_000, now: progress("web") })
    assert.isAbove(standingOf("web")?.spot ?? 0, 2)
    const refused = house.heard(marketRowRefused).map(({ message }) => message)
    assert.deepStrictEqual(new Set(refused.map(({ source }) => source)), new Set(["on-demand.csv"]))
    assert.match(refused[0]?.reason ?? "", /usdPerHour/)
    assert.deepStrictEqual([house.restarted, world.report().violations], [[], []])
  })

  const lastOrder = () => {
    const order = house.heard(swapOrdered).at(-1)
    if (order === undefined) throw new Error("nothing was ordered")
    return order
  }
  /** An on-demand member that is left, which an order could be about. */
  const leftOver = (): InstanceId => {
    for (const { id, member, lifecycle } of world.ground.rows.instances.rows.values()) {
      if (member?.group.endsWith("/web") && lifecycle === "on-demand" && member.state === "InService") return id
    }
    throw new Error("no on-demand member is left")
  }
  /** A new order for the member that is left, as the desk would give it if it wanted to. */
  const orderFor = (swap: string, change: Partial<SwapOrdered> = {}) => {
    const { message } = lastOrder()
    const move = { ...message.move, swap, old: leftOver() }
    const wanted = { ...message, move, notAfter: instant(Date.now() + 600_000), signature: "", ...change }
    return new SwapOrdered(wanted)
  }
  const signed = (order: SwapOrdered) => new SwapOrdered({ ...order, signature: house.seal.sign(orderDigest(order)) })

  it("an order that is forged, tampered with, replayed, foreign or too late moves nothing", async () => {
    const before = writes()
    const thief = sealWith(generateKeyPairSync("ed25519").privateKey)
    const bare = orderFor("forged-bare")
    const other = orderFor("forged-other-key")
    const taken = signed(orderFor("forged-taken"))
    const forged = [
      bare,
      new SwapOrdered({ ...other, signature: thief.sign(orderDigest(other)) }),
      new SwapOrdered({ ...taken, floors: { ...taken.floors, onDemandShareMin: 0 } }),
      new SwapOrdered({ ...lastOrder().message, move: orderFor("forged-moved").move }),
      new SwapOrdered({ ...orderFor("forged-long"), signature: "x".repeat(10_000) })
    ]
    for (const order of forged) await house.say(swapOrdered, order)
    const foreign = signed(orderFor("foreign", { tenant: TenantId.make("mallory") }))
    await house.say(swapOrdered, foreign)
    await house.say(swapOrdered, lastOrder().message)
    await house.say(swapOrdered, signed(orderFor("late", { notAfter: instant(Date.now() - 1) })))
    const late = () => house.heard(swapSettled).find(({ message }) => message.swap === "late")?.message
    await until("the late one is refused", async () => {
      await house.readOn()
      return late() !== undefined
    })
    await allHeard()
    await house.readOn()
    for (const order of forged) {
      assert.match(house.buried("executor", swapOrdered.subject(order))[0] ?? "not buried", /^forged: /)
    }
    assert.match(house.buried("executor", swapOrdered.subject(foreign))[0] ?? "not buried", /^foreign: /)
    assert.deepStrictEqual([late()?.end, late()?.code], ["refused", "Expired"])
    assert.deepStrictEqual([writes(), house.restarted], [before, []])
  })

  it("an order whose journal is garbage is stuck by name, touches nothing, and does not come again", async () => {
    const before = writes()
    const order = signed(orderFor("swap-garbage"))
    await house.put(journalSubject(order.account, "group-swap", order.move.swap), new Uint8Array([0xff]))
    await house.say(swapOrdered, order)
    const end = () => house.heard(swapSettled).filter(({ message }) => message.swap === order.move.swap)
    await until("it is stuck", async () => {
      await house.readOn()
      return end().length > 0
    })
    await allHeard()
    await house.readOn()
    assert.deepStrictEqual(
      end().map(({ message }) => [message.end, message.code]),
      [["stuck", "JournalUnreadable"]]
    )
    assert.strictEqual(writes(), before)
  })

  it("a fact that somebody wrote in a mind's name shuts that entity alone, and says so", async () => {
    for (const mind of minds) {
      await house.readOn()
      // the last thing that it heard and could read, and what that was about
      const heard = mind.hears
        .flatMap(({ road, about }) => house.heard(road).map((one) => ({ ...one, about: about(one.message) })))
        .toSorted((a, b) => a.seq - b.seq)
        .at(-1)
      const fact = mind.says.find(({ kind }) => kind === "evt")
      if (heard === undefined || fact === undefined) throw new Error(`${mind.name} heard nothing`)
      await house.put(subjectOf(fact, heard.about), envelope({ tag: fact.tag, body: { by: "somebody else" } }))
      const again = await house.put(heard.subject, heard.data)
      const reason = () => house.dead.find(({ consumer, seq }) => consumer === mind.name && seq === again)?.reason
      // one after another: what one mind hears may be another's fact, which makes that readable again
      await until(`${mind.name} says that it cannot read its own fact`, async () => {
        await house.readOn()
        return reason()?.startsWith("unreadable-state: ") ?? false
      })
    }
    await allHeard()
    assert.deepStrictEqual(house.restarted, [])
  })

  it("a saga whose journal is overwritten meanwhile is stuck, and the group beside it is moved", async () => {
    await connect(globex)
    const first = () => house.heard(swapOrdered).find(({ message }) => message.group === "jobs")?.message
    await until("jobs is begun", async () => {
      await house.readOn()
      return first() !== undefined
    })
    const order = first()
    if (order === undefined) throw new Error("nothing was ordered")
    await house.put(journalSubject(order.account, "group-swap", order.move.swap), bytes.encode("no entry"))
    await until("edge is moved", isDone("edge"), { withinMs: 90_000, now: progress("edge") })
    await until("jobs is stuck", async () => {
      await house.readOn()
      return settlements("jobs").some(({ end }) => end === "stuck")
    })
    assert.deepStrictEqual(
      settlements("jobs").map(({ swap, end, code }) => [swap, end, code]),
      [[order.move.swap, "stuck", "JournalUnreadable"]]
    )
    assert.deepStrictEqual([house.restarted, world.report().violations], [[], []])
  })

  it("the ledger has booked every message, the unreadable ones as what they are", async () => {
    await until("all is booked", async () => {
      await house.readOn()
      return house.ledger.events.length === house.log.length
    })
    const marked = house.ledger.events.filter(({ body }) => body.startsWith('{"undecodable":'))
    assert.isAtLeast(marked.length, roads.filter(({ kind }) => kind !== "tck").length * 4)
  })
})
