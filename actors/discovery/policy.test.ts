/** What a sweep brought home, composed and compared. */
import { assert, it } from "@effect/vitest"
import { Schema } from "effect"
import { anAccount, instanceId, later, minute, noon, region, type, zone } from "../../test/builders.ts"
import { heldBecause } from "../../schemas/composition.ts"
import { GroupName, instant, Region } from "../../schemas/ids.ts"
import { orphanAfterMs } from "../../schemas/orphan.ts"
import { Group } from "../_ports/group.ts"
import { Instance } from "../_ports/ec2.ts"
import { type Details, seen, unseen } from "./listed.ts"
import { ownerOf } from "./owner.ts"
import {
  answerOf,
  compose,
  interruptionsIn,
  isAnswerNews,
  isNews,
  isOrphanNews,
  orphansIn,
  type Place
} from "./policy.ts"

const place: Place = { account: anAccount(), region, readAt: noon, isStandIn: false }
const member = (n: number) => ({
  instance: instanceId(n),
  instanceType: type("m5.large"),
  zone: zone((n % 3) + 1),
  state: "InService",
  healthy: true,
  protectedFromScaleIn: false,
  weight: 1
})
const instance = (n: number, over: Partial<Instance> = {}) =>
  new Instance({
    instance: instanceId(n),
    instanceType: type("m5.large"),
    zone: zone((n % 3) + 1),
    lifecycle: "on-demand",
    product: "linux",
    state: "running",
    stateReason: null,
    launchedAt: noon,
    tags: {},
    operatorManaged: false,
    ...over
  })
const group = (over: Partial<Group> = {}) =>
  new Group({
    group: GroupName.make("web"),
    minSize: 1,
    desired: 6,
    maxSize: 8,
    subnets: ["subnet-1", "subnet-2"],
    template: { id: "lt-1", version: "$Latest" },
    mixed: null,
    suspended: [],
    members: [0, 1, 2, 3, 4, 5].map(member),
    targetGroups: ["b", "a"],
    classicBalancers: 0,
    warmPool: false,
    capacityRebalance: false,
    maxInstanceLifetimeSeconds: null,
    status: null,
    tags: {},
    ...over
  })
const pinned = { id: "lt-1", version: 3, imageId: null, instanceType: null, architecture: null, asksForSpot: false }
const details = (over: Partial<Details> = {}): Details => ({
  template: seen(pinned),
  zones: new Map([1, 2].map((n) => [`subnet-${n}`, seen(zone(n))])),
  hooks: seen({ launching: 1, terminating: 2 }),
  refreshing: seen(false),
  ...over
})
const six = [0, 1, 2, 3, 4, 5].map((n) => instance(n))
const byId = (all: ReadonlyArray<Instance>) => new Map(all.map((one) => [one.instance as string, one]))
const composed = (over: Partial<Group> = {}, all = six, more: Partial<Details> = {}, at: Place = place) =>
  compose(at, group(over), byId(all), details(more))

it("a plain group has no obstacle, a pinned template and its hooks counted", () => {
  const one = composed()
  assert.deepStrictEqual(
    [one.obstacles, one.owner, one.template, one.launchHooks, one.terminateHooks],
    [[], "asg", pinned, 1, 2]
  )
})

it.prop(
  "the order in which AWS lists things is no difference, nor is the time of reading",
  { order: Schema.Array(Schema.Int), later: Schema.Int },
  ({ order, later: ms }) => {
    const rank = (n: number) => order[n % Math.max(1, order.length)] ?? 0
    const mixUp = <A>(items: ReadonlyArray<A>) =>
      items
        .map((item, n) => [rank(n), item] as const)
        .sort(([a], [b]) => a - b)
        .map(([, item]) => item)
    const usual = group()
    const lists = {
      members: mixUp(usual.members),
      subnets: mixUp(usual.subnets),
      targetGroups: mixUp(usual.targetGroups)
    }
    const again = composed(lists, mixUp(six), {}, { ...place, readAt: instant(Math.abs(ms)) })
    assert.isFalse(isNews(composed(), again))
    assert.isTrue(isNews(composed(), composed({ desired: 5 })))
    assert.isTrue(isNews(undefined, again))
  }
)

const cases: ReadonlyArray<readonly [string, Partial<Group>]> = [
  ["warm pool", { warmPool: true }],
  ["capacity rebalance", { capacityRebalance: true }],
  ["max instance lifetime", { maxInstanceLifetimeSeconds: 86_400 }],
  ["classic balancers", { classicBalancers: 1 }],
  ["deletion in progress", { status: "Delete in progress" }],
  ["process Terminate suspended", { suspended: ["Terminate"] }],
  ["process ReplaceUnhealthy suspended", { suspended: ["ReplaceUnhealthy"] }],
  ["placement group", { obstacles: ["placement group"] }],
  ["weighted", { members: [0, 1, 2, 3, 4, 5].map((n) => ({ ...member(n), weight: 2 })) }],
  ["kubernetes nodes", { tags: { "kubernetes.io/cluster/prod": "owned" } }]
]
for (const [name, over] of cases) {
  it(`trap 10: ${name} stands in a swap's way`, () => {
    assert.deepStrictEqual(composed(over).obstacles, [name])
  })
}

it("trap 15: what the template asks for and Spot cannot give stands in the way, by name", () => {
  const template = seen({ ...pinned, obstacles: ["hibernation"] })
  assert.deepStrictEqual(composed({}, six, { template }).obstacles, ["template asks for hibernation"])
})

it("trap 41: what is tied to one member holds that member, and not the group", () => {
  const all = six.map((one, n) => (n === 0 ? instance(0, { bound: ["an Elastic IP"] }) : one))
  const { members, obstacles } = composed({}, all)
  assert.deepStrictEqual(obstacles, [])
  assert.deepStrictEqual(
    members.flatMap((one) => heldBecause(one) ?? []),
    ["has an Elastic IP"]
  )
})

it("trap 8: a mixed policy stands in the way as soon as one swap would leave it fewer on-demand than it keeps", () => {
  const mixed = (onDemandBase: number, onDemandPercentAboveBase: number) =>
    composed({ mixed: { onDemandBase, onDemandPercentAboveBase, types: [], weighted: false } }).obstacles
  assert.deepStrictEqual(mixed(0, 100), ["mixed policy keeps 6 on-demand"])
  assert.deepStrictEqual(mixed(2, 100), ["mixed policy keeps 6 on-demand"])
  assert.deepStrictEqual(mixed(0, 50), [])
  assert.deepStrictEqual(mixed(6, 0), ["mixed policy keeps 6 on-demand"])
})

it("what cannot be seen is an obstacle; a stand-in's missing calls are forgiven, its missing machines are not", () => {
  const blind = { hooks: unseen("AccessDenied"), refreshing: unseen("InvalidAction") }
  const names = ["cannot see instance refreshes: InvalidAction", "cannot see lifecycle hooks: AccessDenied"]
  assert.deepStrictEqual(composed({}, six, blind).obstacles, names)
  assert.deepStrictEqual(composed({}, six, blind, { ...place, isStandIn: true }).obstacles, [])
  const missing = composed({}, six.slice(1), {}, { ...place, isStandIn: true })
  assert.deepStrictEqual(missing.obstacles, [`cannot see instance ${instanceId(0)}`])
  assert.deepStrictEqual(composed({}, six, { refreshing: seen(true) }).obstacles, ["instance refresh in progress"])
  const lost = composed({}, six, { template: unseen("InvalidLaunchTemplateId.NotFound") })
  assert.deepStrictEqual([lost.template, lost.obstacles.length], [null, 1])
})

it("DIS-2: whoever manages the instances owns the group; who made it does not", () => {
  const owner = (tags: Record<string, string>, mine: Record<string, string> = {}) =>
    ownerOf(tags, [{ tags: mine, operatorManaged: false }])
  assert.strictEqual(owner({ "aws:cloudformation:stack-name": "web" }), "asg")
  assert.strictEqual(
    owner({ "eks:nodegroup-name": "a", "aws:cloudformation:stack-name": "web" }),
    "eks-managed-node-group"
  )
  assert.strictEqual(owner({}, { "eks:cluster-name": "prod" }), "eks-managed-node-group")
  assert.strictEqual(owner({}, { "karpenter.sh/nodepool": "default" }), "karpenter")
  assert.strictEqual(owner({ "elasticbeanstalk:environment-id": "e-1" }), "beanstalk")
  assert.strictEqual(owner({ AmazonECSManaged: "" }), "ecs")
  assert.strictEqual(owner({ AmazonECSManaged: "", AWSBatchServiceTag: "batch" }), "batch")
  assert.strictEqual(owner({}, { "aws:elasticmapreduce:job-flow-id": "j-1" }), "emr")
  assert.strictEqual(owner({}, { ManagedBy: "SpotOptimizer" }), "asg")
  assert.strictEqual(owner({ ManagedBy: "SpotOptimizer" }), "cloudoptim")
  assert.strictEqual(ownerOf({}, [{ tags: {}, operatorManaged: true }]), "eks-auto-mode")
})

const dead = { lifecycle: "spot", state: "terminated", stateReason: "Server.SpotInstanceTermination" } as const
it("DIS-4: a Spot instance that AWS took is told once; what a person ended or was dead before us is not", () => {
  const all = [
    instance(1, dead),
    instance(2, { ...dead, stateReason: "Client.UserInitiatedShutdown" }),
    instance(3, { ...dead, lifecycle: "on-demand" }),
    instance(4, { ...dead, launchedAt: instant(noon - minute) }),
    instance(5, { lifecycle: "spot" }),
    instance(6, { ...dead, launchedAt: later(noon, minute) })
  ]
  const before = { spot: new Set<string>([1, 2, 5].map(instanceId)), told: new Set<string>(), readAt: noon }
  const found = interruptionsIn(place, all, before)
  assert.deepStrictEqual(
    found.map((one) => one.instance),
    [instanceId(1), instanceId(6)]
  )
  assert.isTrue(found.every((one) => one.provenance === "reclaimed" && !one.warned))
  assert.isEmpty(interruptionsIn(place, all, { ...before, told: new Set(found.map((one) => one.instance)) }))
  assert.isEmpty(interruptionsIn(place, all, { ...before, spot: new Set(), readAt: null }))
})

const west = Region.make("eu-west-1")
it("an account refuses only when no region answers, and then says how to mend it", () => {
  const refused = { code: "AccessDenied", details: "not authorized" }
  const shut = answerOf(
    place.account,
    [
      { region, refused },
      { region: west, refused }
    ],
    noon
  )
  assert.strictEqual(shut.code, "AccessDenied")
  assert.match(shut.message, /external id.*us-east-1, eu-west-1/)
  const half = answerOf(
    place.account,
    [
      { region, refused: null },
      { region: west, refused }
    ],
    noon
  )
  assert.strictEqual(half.code, null)
  assert.match(half.message, /AccessDenied in eu-west-1/)
  const fine = answerOf(place.account, [{ region, refused: null }], noon)
  assert.deepStrictEqual(
    [isAnswerNews(shut, fine, false), isAnswerNews(fine, fine, false), isAnswerNews(fine, fine, true)],
    [true, false, true]
  )
})

it("an instance of ours outside every group is an orphan after a quarter of an hour, and not before", () => {
  const ours = (n: number, age: number, over: Partial<Instance> = {}) =>
    instance(n, { tags: { "cloudoptim:saga": "s1" }, launchedAt: later(noon, -age), ...over })
  const listed = [
    ours(1, orphanAfterMs),
    ours(2, orphanAfterMs - 1),
    ours(3, orphanAfterMs),
    ours(4, orphanAfterMs, { state: "terminated" }),
    instance(5, { launchedAt: later(noon, -orphanAfterMs) })
  ]
  const found = orphansIn(place, listed, new Set([instanceId(3)]))
  assert.deepStrictEqual(
    found.map((one) => [one.instance, one.saga]),
    [[instanceId(1), "s1"]]
  )
})

it("an orphan that stands is said again every five minutes, or when its saga is another, and not before", () => {
  const [seen] = orphansIn(
    place,
    [instance(1, { launchedAt: later(noon, -orphanAfterMs), tags: { "cloudoptim:saga": "s1" } })],
    new Set()
  )
  if (seen === undefined) throw new Error("nothing was found")
  const at = (ms: number, change = {}) => ({ ...seen, readAt: later(noon, ms), ...change }) as typeof seen
  assert.isFalse(isOrphanNews(seen, at(5 * minute - 1)))
  assert.isTrue(isOrphanNews(seen, at(5 * minute)))
  assert.isTrue(isOrphanNews(seen, at(1, { saga: "s2" })))
  // a forged one of next year does not keep a true one silent
  assert.isTrue(isOrphanNews(at(365 * 24 * 60 * minute), at(minute)))
})
