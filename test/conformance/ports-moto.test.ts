/** The ports over the real SDK keep their contract at moto, with the proxy's rules, and meet its faults well. */
import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { Effect, Exit, Scope } from "effect"
import { awsPorts } from "../../actors/_ports/aws-ports.live.ts"
import { type Aws, type AwsOptions, makeAws } from "../../actors/_ports/aws.live.ts"
import type { CloudRefusal } from "../../actors/_ports/cloud-refusal.ts"
import { inner as ec2Over } from "../../actors/_ports/ec2.live.ts"
import { type ec2Calls, ownTags } from "../../actors/_ports/ec2.ts"
import { inner as groupsOver } from "../../actors/_ports/group.live.ts"
import { inner as healthOver } from "../../actors/_ports/health.live.ts"
import type { groupCalls } from "../../actors/_ports/group.ts"
import { Caller, type Inner } from "../../actors/_ports/port.ts"
import { loadMarket } from "../../actors/_ports/market.live.ts"
import { AccountId, type InstanceId, InstanceType, instant, TenantId } from "../../schemas/ids.ts"
import { type Moto, startMoto } from "./moto.ts"
import { motoEnv, MotoFleet, motoHome, type Seeded } from "./moto-fleet.ts"
import { portsContract } from "./ports-contract.ts"
import type { Cloud } from "./ports-desk.ts"
import { type Proxy, startProxy } from "./proxy.ts"
import { mayBeSkipped } from "./stand-ins.ts"

const skipped = await mayBeSkipped("moto")
const keys = { accessKeyId: "testing", secretAccessKey: "testing" }
const home = { tenant: TenantId.make("acme"), ...motoHome }

interface House {
  readonly moto: Moto
  readonly proxy: Proxy
  readonly fleet: MotoFleet
  readonly scope: Scope.Closeable
}

const open = async (): Promise<House> => {
  const moto = await startMoto()
  const proxy = await startProxy(moto.url)
  proxy.control.trusts.set(home.roleArn, home.externalId)
  return { moto, proxy, fleet: new MotoFleet(moto.url), scope: Scope.makeUnsafe() }
}
const close = async ({ moto, proxy, fleet, scope }: House) => {
  await Effect.runPromise(Scope.close(scope, Exit.void))
  fleet.close()
  await proxy.stop()
  await moto.stop()
}

const innersAt = (house: House) =>
  Effect.runPromise(
    awsPorts({
      endpoint: house.proxy.url,
      credentials: keys,
      market: loadMarket(),
      advisorUrl: null
    }).pipe(Scope.provide(house.scope))
  )

const makeCloud = async (): Promise<Cloud> => {
  const house = await open()
  const { proxy, fleet } = house
  const { control } = proxy
  let hiddenUntil = 0
  return {
    inners: await innersAt(house),
    home,
    now: () => Date.now(),
    // moto does everything at once; only what the proxy hides takes its time
    settle: () => sleep(Math.max(0, hiddenUntil - Date.now())),
    seedGroup: (name, size) => fleet.seed({ name, size }),
    seedEmpty: (prefix, count) => fleet.seedEmpty(prefix, count),
    publishTemplate: (template) => fleet.publish(template, "m5.large"),
    refusePool: (zone, type, code) => {
      const others = control.refusing.filter((pool) => pool.zone !== zone || pool.type !== type)
      control.refusing = code === null ? others : [...others, { zone, type, code }]
    },
    hideLaunches: (ms) => {
      control.hiddenMs = ms
      if (ms > 0) hiddenUntil = Date.now() + ms + 1000
    },
    refuseAccount: (code) => {
      control.refuseAll = code
    },
    writes: () => proxy.writes,
    stop: () => close(house)
  }
}

describe.skipIf(skipped)("moto", () => {
  portsContract("the AWS SDK and moto", makeCloud)
})

describe.skipIf(skipped)("the ports over the AWS SDK", () => {
  let house: House
  let web: Seeded
  let aws: Aws["Service"]
  let ec2: Inner<typeof ec2Calls>
  let groups: Inner<typeof groupCalls>
  beforeAll(async () => {
    house = await open()
    web = await house.fleet.seed({ name: "web", size: 3 })
    const options = { endpoint: house.proxy.url, credentials: keys }
    aws = await Effect.runPromise(makeAws(options).pipe(Scope.provide(house.scope)))
    ec2 = ec2Over(aws)
    groups = groupsOver(aws)
  })
  afterAll(() => close(house))

  const caller = (change: Partial<ConstructorParameters<typeof Caller>[0]> = {}) =>
    new Caller({
      ...home,
      mode: "act",
      by: "executor-00:1",
      saga: "swap-1",
      step: "launch",
      epoch: 1,
      may: [],
      until: instant(Date.now() + 60_000),
      ...change
    })
  const order = (token: string) => {
    const [place] = web.subnets
    if (place === undefined) throw new Error("no subnet")
    return {
      token,
      template: web.template,
      version: 1,
      instanceType: InstanceType.make("m6i.large"),
      ...place,
      tags: { [ownTags.saga]: "swap-1" }
    }
  }
  const writesOf = (action: string) => house.proxy.writes.filter((write) => write.action === action)
  const codeOf = async <A>(call: Effect.Effect<A, CloudRefusal>) => {
    const result = await Effect.runPromise(Effect.result(call))
    return result._tag === "Failure" ? result.failure.code : "done"
  }
  const read = () => groups.groups({ names: [web.group], page: null }, caller())

  it("a launch whose answer is lost was carried out: asked again with its token, it is the same instance", async () => {
    house.proxy.control.next("RunInstances", "reset-after")
    assert.strictEqual(await codeOf(ec2.launchSpot(order("lost"), caller())), "CloudOptim.NoAnswer")
    const { instance } = await Effect.runPromise(ec2.launchSpot(order("lost"), caller()))
    const { instances } = await Effect.runPromise(ec2.instances({ ids: [], saga: null, page: null }, caller()))
    assert.lengthOf(
      instances.filter((each) => each.lifecycle === "spot"),
      1
    )
    assert.include(
      instances.map((each) => each.instance),
      instance
    )
  })

  it("a line that breaks before the request is no answer either, and each failure is sent once", async () => {
    const faults = ["reset-before", "throttle", "internal", "unavailable"] as const
    const codes = []
    const before = writesOf("RunInstances").length
    for (const fault of faults) {
      house.proxy.control.next("RunInstances", fault)
      codes.push(await codeOf(ec2.launchSpot(order("never"), caller())))
    }
    assert.deepStrictEqual(codes, ["CloudOptim.NoAnswer", "RequestLimitExceeded", "InternalError", "Unavailable"])
    assert.strictEqual(writesOf("RunInstances").length - before, faults.length)
  })

  it("garbage is unreadable where we read, and no answer where we wrote", async () => {
    house.proxy.control.next("DescribeAutoScalingGroups", "garbage")
    assert.strictEqual(await codeOf(read()), "CloudOptim.Unreadable")
    house.proxy.control.next("RunInstances", "garbage")
    assert.strictEqual(await codeOf(ec2.launchSpot(order("garbled"), caller())), "CloudOptim.NoAnswer")
  })

  it("AWS itself refuses a write that was held up past the end of its lease", async () => {
    const { control } = house.proxy
    // the session is begun in time; its first use waits until the lease is over
    const until = instant(Date.now() + 4000)
    control.latencyMs = 2600
    const code = await codeOf(groups.setMaxSize({ group: web.group, maxSize: 77 }, caller({ until })))
    control.latencyMs = 0
    assert.strictEqual(code, "AccessDenied")
    assert.strictEqual(writesOf("UpdateAutoScalingGroup").at(-1)?.outcome, "AccessDenied")
    const { groups: seen } = await Effect.runPromise(read())
    assert.notStrictEqual(seen[0]?.maxSize, 77)
  })

  it("the end of a lease is told by AWS's clock, whatever ours says", async () => {
    const { control } = house.proxy
    control.clockAheadMs = 600_000
    try {
      await Effect.runPromise(read())
      assert.approximately(aws.clockOffsetMs(), 600_000, 2500)
      const until = instant(Date.now() + 30_000)
      assert.strictEqual(await codeOf(groups.setMaxSize({ group: web.group, maxSize: 6 }, caller({ until }))), "done")
    } finally {
      control.clockAheadMs = 0
    }
    await Effect.runPromise(read())
    assert.approximately(aws.clockOffsetMs(), 0, 2500)
  })

  it("a session of one write can do nothing else", async () => {
    const { group } = web
    await Effect.runPromise(groups.setMaxSize({ group, maxSize: 5 }, caller({ saga: "narrow" })))
    const accessKeyId = writesOf("UpdateAutoScalingGroup").at(-1)?.accessKey ?? ""
    const stolen = new MotoFleet(house.proxy.url, home.region, { accessKeyId, secretAccessKey: "whatever" })
    const refused = await stolen.seed({ name: "by-a-thief", size: 0 }).then(
      () => "done",
      (thrown: Error) => thrown.name
    )
    stolen.close()
    assert.strictEqual(refused, "UnauthorizedOperation")
  })

  it("ambient credentials have no session to end: a request that would leave late is not sent", async () => {
    const ambient = { roleArn: null, externalId: null }
    const write = (until: Caller["until"]) =>
      groups.setMaxSize({ group: web.group, maxSize: 5 }, caller({ ...ambient, until }))
    assert.strictEqual(await codeOf(write(instant(Date.now() + 60_000))), "done")
    const before = writesOf("UpdateAutoScalingGroup").length
    assert.strictEqual(await codeOf(write(instant(Date.now() - 1))), "AccessDenied")
    assert.strictEqual(await codeOf(write(null)), "AccessDenied")
    assert.strictEqual(writesOf("UpdateAutoScalingGroup").length, before)
  })

  it("ambient credentials that take their time do not carry a write past the end of its lease", async () => {
    const slow = async () => {
      await sleep(1500)
      return keys
    }
    const until = instant(Date.now() + 2500)
    const before = writesOf("UpdateAutoScalingGroup").length
    const call = Effect.flatMap(makeAws({ endpoint: house.proxy.url, credentials: slow }), (aws) =>
      groupsOver(aws).setMaxSize({ group: web.group, maxSize: 66 }, caller({ roleArn: null, externalId: null, until }))
    )
    assert.strictEqual(await codeOf(Effect.scoped(call)), "AccessDenied")
    assert.isAtLeast(Date.now(), until)
    assert.strictEqual(writesOf("UpdateAutoScalingGroup").length, before)
  })

  it("neither a role nor ambient credentials of another account are used for this one", async () => {
    const account = AccountId.make("210987654321")
    const before = house.proxy.counts.get("AssumeRole")
    assert.strictEqual(await codeOf(ec2.zones({}, caller({ account }))), "CloudOptim.WrongAccount")
    assert.strictEqual(house.proxy.counts.get("AssumeRole"), before)
    const ambient = caller({ account, roleArn: null, externalId: null })
    assert.strictEqual(await codeOf(groups.groups({ names: [], page: null }, ambient)), "CloudOptim.WrongAccount")
  })
  it("reads of one saga share a session, and an interrupted call ends its request", async () => {
    const { control, counts } = house.proxy
    await Effect.runPromise(read())
    const before = counts.get("AssumeRole")
    for (let i = 0; i < 5; i++) await Effect.runPromise(read())
    assert.strictEqual(counts.get("AssumeRole"), before)
    control.latencyMs = 3000
    const started = performance.now()
    const cut = await Effect.runPromise(read().pipe(Effect.timeoutOption(300)))
    control.latencyMs = 0
    assert.strictEqual(cut._tag, "None")
    assert.isBelow(performance.now() - started, 2000)
  })

  it("honours the environment that every AWS SDK knows", async () => {
    const before = { ...process.env }
    Object.assign(process.env, motoEnv(house.proxy.url))
    try {
      const call = Effect.flatMap(makeAws(), (aws) =>
        groupsOver(aws).groups({ names: [web.group], page: null }, caller())
      )
      const { groups: seen } = await Effect.runPromise(Effect.scoped(call))
      assert.lengthOf(seen, 1)
    } finally {
      for (const name of Object.keys(motoEnv(""))) {
        if (before[name] === undefined) delete process.env[name]
        else process.env[name] = before[name]
      }
    }
  })

  it("trap 14: a target is healthy, or absent, or its group is unknown", async () => {
    const health = healthOver(aws)
    const { targetGroup, instance } = await house.fleet.target(web)
    const ask = (id: InstanceId) => health.target({ targetGroup, instance: id }, caller())
    assert.strictEqual(await Effect.runPromise(ask(instance)), "healthy")
    assert.strictEqual(await Effect.runPromise(ask(web.members[1] as InstanceId)), "absent")
    assert.strictEqual(await Effect.runPromise(health.unhealthyTargets({ targetGroup }, caller())), 0)
    const unknown = health.unhealthyTargets({ targetGroup: `${targetGroup}0` }, caller())
    assert.strictEqual(await codeOf(unknown), "TargetGroupNotFound")
  })

  it("says what is missing where nobody listens, and where there are no credentials", async () => {
    const over = (options: AwsOptions) =>
      Effect.scoped(
        Effect.flatMap(makeAws(options), (aws) => groupsOver(aws).groups({ names: [], page: null }, caller()))
      )
    assert.strictEqual(await codeOf(over({ endpoint: "http://127.0.0.1:1", credentials: keys })), "CloudOptim.NoAnswer")
    const none = () => Promise.reject(Object.assign(new Error("none"), { name: "CredentialsProviderError" }))
    assert.strictEqual(await codeOf(over({ endpoint: house.proxy.url, credentials: none })), "CloudOptim.NoCredentials")
  })
})
