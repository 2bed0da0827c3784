/** A group in moto is moved by the real actors through the real SDK; what holds is read back past all of our ports. */
import { execFile } from "node:child_process"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import {
  type AutoScalingGroup,
  CreateAutoScalingGroupCommand,
  CreateLaunchConfigurationCommand,
  DescribeAutoScalingGroupsCommand
} from "@aws-sdk/client-auto-scaling"
import { DescribeAvailabilityZonesCommand, DescribeInstancesCommand, type Instance } from "@aws-sdk/client-ec2"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { Effect, Exit, Scope } from "effect"
import { awsPorts } from "../../actors/_ports/aws-ports.live.ts"
import { managedByValue, ownTags } from "../../actors/_ports/ec2.ts"
import { loadMarket } from "../../actors/_ports/market.live.ts"
import { isSettled } from "../../deploy/standing.ts"
import { demonstrationPolicy, termsFor } from "../../deploy/terms.ts"
import { ConnectAccount, connectAccount } from "../../schemas/account.ts"
import { callBegun, callEnded } from "../../schemas/audit.ts"
import { familyOf, type InstanceId, InstanceType, TenantId } from "../../schemas/ids.ts"
import { SetPolicy, setPolicy } from "../../schemas/policy.ts"
import { marketRowRefused } from "../../schemas/pool.ts"
import { swapSettled } from "../../schemas/swap.ts"
import { LivingHouse, until } from "./living-house.ts"
import { type Moto, startMoto } from "./moto.ts"
import { motoEnv, MotoFleet, motoHome, type Seeded } from "./moto-fleet.ts"
import { type Proxy, startProxy } from "./proxy.ts"
import { mayBeSkipped } from "./stand-ins.ts"

const skipped = (await mayBeSkipped("moto")) || (await mayBeSkipped("nats-server"))
const speed = 60
const size = 6
const keys = { accessKeyId: "testing", secretAccessKey: "testing" }

/** The group as AWS tells it, without what time alone moves. */
const settingsOf = ({ MinSize, MaxSize, DesiredCapacity, SuspendedProcesses = [] }: AutoScalingGroup) => ({
  MinSize,
  MaxSize,
  DesiredCapacity,
  suspended: SuspendedProcesses.map(({ ProcessName }) => ProcessName)
})
const serving = ({ Instances = [] }: AutoScalingGroup) =>
  Instances.filter(({ LifecycleState, HealthStatus }) => LifecycleState === "InService" && HealthStatus === "Healthy")

/** A moto behind its proxy with a group of six on-demand members over three zones, seen past our ports. */
class Cloud {
  readonly moto: Moto
  readonly proxy: Proxy
  readonly fleet: MotoFleet
  readonly web: Seeded
  readonly before: ReturnType<typeof settingsOf>
  /** Members in service, each time that something had been changed. */
  readonly served: Array<number> = []

  private constructor(moto: Moto, proxy: Proxy, fleet: MotoFleet, web: Seeded, group: AutoScalingGroup) {
    this.moto = moto
    this.proxy = proxy
    this.fleet = fleet
    this.web = web
    this.before = settingsOf(group)
    proxy.control.afterWrite = async () => {
      this.served.push(serving(await this.group()).length)
    }
  }

  static async open(): Promise<Cloud> {
    const moto = await startMoto()
    const proxy = await startProxy(moto.url)
    proxy.control.trusts.set(motoHome.roleArn, motoHome.externalId)
    const fleet = new MotoFleet(moto.url)
    const web = await fleet.seed({ name: "web", size, minSize: 3, tags: { Name: "web" } })
    return new Cloud(moto, proxy, fleet, web, await groupNamed(fleet, "web"))
  }

  group(name = "web"): Promise<AutoScalingGroup> {
    return groupNamed(this.fleet, name)
  }
  async instances(): Promise<ReadonlyArray<Instance>> {
    const { Reservations = [] } = await this.fleet.ec2.send(new DescribeInstancesCommand({}))
    return Reservations.flatMap(({ Instances = [] }) => Instances)
  }
  async zoneIds(): Promise<ReadonlyMap<string, string>> {
    const { AvailabilityZones = [] } = await this.fleet.ec2.send(new DescribeAvailabilityZonesCommand({}))
    return new Map(AvailabilityZones.map(({ ZoneName, ZoneId }) => [ZoneName ?? "", ZoneId ?? ""]))
  }

  async stop(): Promise<void> {
    this.fleet.close()
    await this.proxy.stop()
    await this.moto.stop()
  }
}

const groupNamed = async (fleet: MotoFleet, name: string): Promise<AutoScalingGroup> => {
  const { AutoScalingGroups = [] } = await fleet.autoScaling.send(
    new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [name] })
  )
  const [group] = AutoScalingGroups
  if (group === undefined) throw new Error(`moto has no group ${name}`)
  return group
}

/** Everything that must hold of the moved group and of the account around it. */
const assertMoved = async (cloud: Cloud): Promise<void> => {
  const group = await cloud.group()
  const members = serving(group)
  assert.lengthOf(members, size)
  assert.deepStrictEqual(settingsOf(group), cloud.before)
  const known = new Map((await cloud.instances()).map((one) => [one.InstanceId, one]))
  const [zones, ids] = [new Set<string>(), await cloud.zoneIds()]
  const pools = new Map<string, number>()
  for (const { InstanceId = "", AvailabilityZone = "" } of members) {
    const one = known.get(InstanceId)
    assert.strictEqual(one?.State?.Name, "running")
    assert.strictEqual(one?.Placement?.AvailabilityZone, AvailabilityZone)
    zones.add(ids.get(AvailabilityZone) ?? AvailabilityZone)
    if (one?.InstanceLifecycle !== "spot") continue
    const pool = `${AvailabilityZone} ${familyOf(InstanceType.make(one.InstanceType ?? ""))}`
    pools.set(pool, (pools.get(pool) ?? 0) + 1)
  }
  const spot = [...pools.values()].reduce((sum, count) => sum + count, 0)
  assert.strictEqual(spot, size - 1)
  assert.isAtLeast(zones.size, 3)
  for (const [pool, count] of pools) assert.isAtMost(count / size, 0.2, pool)
  const isMember = (one: Instance) => members.some(({ InstanceId }) => InstanceId === one.InstanceId)
  const running = [...known.values()].filter(({ State }) => State?.Name !== "terminated")
  const ours = running.filter(({ Tags = [] }) => Tags.some(({ Key }) => Key === ownTags.saga))
  assert.lengthOf(ours, size - 1)
  for (const one of ours) {
    assert.isTrue(isMember(one), `${one.InstanceId} runs outside the group`)
    assert.include(
      (one.Tags ?? []).map(({ Key, Value }) => `${Key}=${Value}`),
      `${ownTags.managedBy}=${managedByValue}`
    )
  }
  const old = cloud.web.members.map((id: InstanceId) => known.get(id)?.State?.Name ?? "terminated")
  assert.deepStrictEqual(old.toSorted(), ["running", ...Array.from({ length: size - 1 }, () => "terminated")])
}

/** Each write that reached the cloud stood in the audit before it was made, and what became of it after. */
const assertAudited = (cloud: Cloud, house: LivingHouse): void => {
  const [begun, ended] = [house.heard(callBegun), house.heard(callEnded)]
  const names = new Set(cloud.proxy.writes.map(({ service, action }) => `${service}:${action}`))
  assert.containsAllKeys(Object.fromEntries([...names].map((name) => [name, 1])), [
    "ec2:RunInstances",
    "autoscaling:AttachInstances",
    "autoscaling:TerminateInstanceInAutoScalingGroup"
  ])
  for (const name of names) {
    const made = cloud.proxy.writes.filter(({ service, action }) => `${service}:${action}` === name)
    const announced = begun.filter(({ message }) => message.action === name)
    for (const [i, { at }] of made.entries()) assert.isAtMost(announced[i]?.at ?? Number.POSITIVE_INFINITY, at, name)
    assert.lengthOf(
      ended.filter(({ message }) => message.action === name),
      announced.length
    )
  }
}

const doors = {
  "an assumed role and session policies": { roleArn: motoHome.roleArn, externalId: motoHome.externalId },
  "ambient credentials": { roleArn: null, externalId: null }
}

describe.skipIf(skipped)("a group in moto", () => {
  for (const [name, door] of Object.entries(doors)) {
    describe(`through ${name}`, () => {
      let cloud: Cloud
      let house: LivingHouse
      const scope = Scope.makeUnsafe()
      beforeAll(async () => {
        cloud = await Cloud.open()
        const ports = awsPorts({
          endpoint: cloud.proxy.url,
          credentials: keys,
          market: { ...loadMarket(), rejected: [{ file: "spot.csv", line: 7, problem: "no price" }] },
          advisorUrl: null
        })
        const inners = await Effect.runPromise(ports.pipe(Scope.provide(scope)))
        house = await LivingHouse.open(inners, termsFor(speed, false, true))
      })
      afterAll(async () => {
        await house?.stop()
        await Effect.runPromise(Scope.close(scope, Exit.void))
        await cloud?.stop()
      })

      it("of 6 on-demand over 3 zones becomes 5 spot and 1 on-demand inside the five layers", async () => {
        const { account, region } = motoHome
        const tenant = TenantId.make("acme")
        const policy = demonstrationPolicy(speed)
        await house.say(setPolicy, new SetPolicy({ tenant, account, policy, by: "a person" }))
        const home = { tenant, account, name: "acme", regions: [region], environment: "PROD", mode: "act" } as const
        await house.say(connectAccount, new ConnectAccount({ ...home, ...door }))
        const ends = () => house.heard(swapSettled).map(({ message }) => `${message.end} ${message.code ?? ""}`)
        const standing = () => house.stands(1).groups[0]
        await until(
          "nothing is left to move",
          async () => {
            await house.readOn()
            const now = standing()
            return now !== undefined && isSettled(now) && ends().length > 0
          },
          { withinMs: 150_000, now: () => JSON.stringify({ ends: ends(), standing: standing() }) }
        )
        assert.deepStrictEqual(
          ends(),
          Array.from({ length: size - 1 }, () => "done ")
        )
        await assertMoved(cloud)
        assertAudited(cloud, house)
        assert.isAtLeast(cloud.served.length, 3 * (size - 1))
        assert.isAtLeast(Math.min(...cloud.served), size)
        assert.isAtMost(Math.max(...cloud.served), size + 1)
        assert.deepStrictEqual([house.restarted, house.dead], [[], []])
        const rows = house.heard(marketRowRefused).map(({ message }) => `${message.source} ${message.reason}`)
        assert.include(rows, "spot.csv no price")
      }, 180_000)

      it("made every write under a policy of its own where there is a role, and only then", () => {
        const sessions = new Set(cloud.proxy.writes.map(({ accessKey }) => accessKey))
        if (door.roleArn === null) assert.deepStrictEqual([...sessions], [keys.accessKeyId])
        else assert.isAtLeast(sessions.size, cloud.proxy.writes.length / 2)
        assert.deepStrictEqual(new Set(cloud.proxy.writes.map(({ outcome }) => outcome)), new Set(["executed"]))
      })
    })
  }

  describe("the command line", () => {
    let cloud: Cloud
    let folder: string
    const refusing = "210987654321"
    const expired = "310987654321"
    const roleIn = (account: string) => `arn:aws:iam::${account}:role/CloudOptimOperator`
    beforeAll(async () => {
      cloud = await Cloud.open()
      folder = await mkdtemp(join(tmpdir(), "up-moto-"))
      const { control } = cloud.proxy
      control.trusts.set(roleIn(refusing), "another-id")
      control.expired.add(roleIn(expired))
      const legacy = { LaunchConfigurationName: "lc", ImageId: "ami-12c6146b", InstanceType: "m5.large" }
      await cloud.fleet.autoScaling.send(new CreateLaunchConfigurationCommand(legacy))
      await cloud.fleet.autoScaling.send(
        new CreateAutoScalingGroupCommand({
          AutoScalingGroupName: "legacy",
          LaunchConfigurationName: "lc",
          MinSize: 2,
          MaxSize: 4,
          DesiredCapacity: 3,
          VPCZoneIdentifier: cloud.web.subnets.map(({ subnet }) => subnet).join(",")
        })
      )
      await cloud.fleet.seed({ name: "odd", size: 3, instanceType: "zz9.plural" })
    })
    afterAll(async () => {
      await cloud?.stop()
      await rm(folder, { recursive: true, force: true })
    })

    const up = async (url: string | null, accounts: ReadonlyArray<object>, ...flags: ReadonlyArray<string>) => {
      const file = join(folder, "accounts.json")
      await writeFile(file, JSON.stringify(accounts))
      const args = ["deploy/up.ts", "--cloud", "aws", "--accounts", file, "--data", join(folder, "data"), ...flags]
      const env = { PATH: process.env["PATH"], HOME: folder, ...(url === null ? {} : motoEnv(url)) }
      const cwd = join(import.meta.dirname, "../..")
      return new Promise<{ readonly code: number; readonly out: string; readonly err: string }>((resolve) => {
        execFile(process.execPath, args, { cwd, env, timeout: 150_000 }, (error, out, err) =>
          resolve({ code: error === null ? 0 : Number(error.code ?? 1), out, err })
        )
      })
    }

    it("hurries neither brake nor bake where AWS is the real one", async () => {
      const { code, err } = await up(null, [{}], "--speed", "2")
      assert.deepStrictEqual(
        [code, err.trim()],
        [2, "--speed is 1 with --cloud aws: more only where AWS_ENDPOINT_URL names a stand-in."]
      )
    })

    it("ends by itself, its group moved, what it may not touch named, and refusing accounts marked", async () => {
      const rest = { tenant: "acme", environment: "PROD", mode: "act", approval: "auto" }
      const { region, account, roleArn, externalId } = motoHome
      const role = (account_id: string) => ({ account_id, role_arn: roleIn(account_id), external_id: externalId })
      const accounts = [
        { ...rest, ...role(refusing), regions: [region] },
        { ...rest, ...role(expired), regions: [region] },
        { ...rest, account_id: account, role_arn: roleArn, external_id: externalId, regions: [region, "eu-north-1"] }
      ]
      const ran = await up(cloud.proxy.url, accounts, "--until-idle", "--json", "--speed", "60", "--limit", "140")
      assert.strictEqual(ran.code, 0, ran.err)
      const figures = JSON.parse(ran.out.trim().split("\n").at(-1) ?? "")
      assert.isAtLeast(figures.swaps_done, size - 1)
      assert.deepStrictEqual([figures.stuck, figures.unaudited_calls, figures.idle], [0, 0, true])
      await assertMoved(cloud)
      const refused = Object.fromEntries(
        figures.accounts_refused.map((one: { account: string; reason: string }) => [one.account, one.reason])
      )
      assert.deepStrictEqual(Object.keys(refused).sort(), [refusing, expired])
      assert.match(refused[refusing], /AccessDenied.*not authorized to perform: sts:AssumeRole/)
      assert.match(refused[expired], /ExpiredToken/)
      const alone = figures.groups_left_alone.map((one: { group: string; because: string }) => [one.group, one.because])
      assert.deepStrictEqual(Object.fromEntries(alone), { legacy: "no-template", odd: "no-pools" })
      assert.isTrue(cloud.proxy.writes.every(({ params }) => (params["AutoScalingGroupName"] ?? "web") === "web"))
    }, 180_000)
  })
})
