/** Replace an on-demand member of an Auto Scaling group by a Spot one. The group never serves fewer than it asked for. */
import { Clock, Effect, Schema } from "effect"
import { notYet, saga, turnBack } from "../../bus/saga.ts"
import { digestOf } from "../../schemas/digest.ts"
import { InstanceId } from "../../schemas/ids.ts"
import { SwapOrdered } from "../../schemas/swap.ts"
import { Ec2, managedByValue, ownTags } from "../_ports/ec2.ts"
import { type Group, Groups } from "../_ports/group.ts"
import { Frozen, isThere, look, readGroup } from "./look.ts"
import { arrived, serves, wellBehind } from "./replacement.ts"

/** How long a launch may stay invisible to Describe; until then "not found" proves nothing (trap 17). */
const visibilityLagMs = 60_000

/**
 * Answers to a launch that prove that its token launched nothing: a repeat of one that did would have given the instance.
 * Any other reason to turn back, as a word to halt after an unheard answer, leaves that open.
 */
const provesNoLaunch: ReadonlySet<string> = new Set([
  "InsufficientInstanceCapacity",
  "UnfulfillableCapacity",
  "Unsupported",
  "SpotMaxPriceTooLow",
  "InsufficientFreeAddressesInSubnet",
  "MaxSpotInstanceCountExceeded",
  "VcpuLimitExceeded"
])

/** The launch's token: zonal, one per saga, at most 64 characters. The frozen body makes a repeat identical. */
const tokenOf = (id: string, look: Frozen) => digestOf(["launch", id, look.subnet, look.instanceType])

const ours = (id: string) => Ec2.use((port) => port.instances({ ids: [], saga: id, page: null }))
const isDying = (state: string) => state === "shutting-down" || state === "terminated"

export const groupSwap = saga("group-swap", SwapOrdered)
  .look("look", { within: "1 minute", makes: Frozen, do: ({ input }) => look(input) })
  .step("max", {
    within: "3 minutes",
    needs: ["autoscaling:UpdateAutoScalingGroup"],
    makes: Schema.Void,
    do: ({ input, made: { look } }) =>
      Effect.gen(function* () {
        const { maxSize } = yield* readGroup(input)
        if (look.maxSize === null || maxSize >= look.maxSize.raised) return
        if (maxSize !== look.maxSize.was) return yield* turnBack("Foreign", `somebody set MaxSize to ${maxSize}`)
        const { raised } = look.maxSize
        yield* Groups.use((port) => port.setMaxSize({ group: input.group, maxSize: raised }))
      }),
    verify: ({ input, made: { look } }) =>
      Effect.map(readGroup(input), ({ maxSize }) => look.maxSize === null || maxSize >= look.maxSize.raised),
    undo: ({ input, made: { look } }) => restoreMax(input, look)
  })
  .step("hold", {
    within: "3 minutes",
    needs: ["autoscaling:SuspendProcesses", "autoscaling:ResumeProcesses"],
    makes: Schema.Void,
    do: ({ input, made: { look } }) =>
      Effect.gen(function* () {
        if (!look.holdRebalance || (yield* readGroup(input)).suspended.includes("AZRebalance")) return
        yield* Groups.use((port) => port.suspend({ group: input.group, process: "AZRebalance" }))
      }),
    verify: ({ input, made: { look } }) =>
      Effect.map(readGroup(input), ({ suspended }) => !look.holdRebalance || suspended.includes("AZRebalance")),
    undo: ({ input, made: { look } }) => letRebalance(input, look)
  })
  .step("launch", {
    within: "10 minutes",
    needs: ["ec2:RunInstances", "ec2:CreateTags", "iam:PassRole", "ec2:TerminateInstances"],
    makes: InstanceId,
    do: ({ id, input, made: { look } }) =>
      Ec2.use((port) =>
        port.launchSpot({
          token: tokenOf(id, look),
          template: look.template,
          version: look.version,
          instanceType: input.move.pool.instanceType,
          subnet: look.subnet,
          zone: look.zone,
          tags: { [ownTags.managedBy]: managedByValue, [ownTags.saga]: id, [ownTags.step]: "launch" }
        })
      ).pipe(Effect.map(({ instance }) => instance)),
    verify: (_, replacement) => arrived(replacement),
    undo: ({ id, made: { look }, because, since }, replacement) =>
      Effect.gen(function* () {
        const found = (yield* ours(id)).instances
        const named = replacement === undefined ? [] : [replacement]
        const doomed = new Set([...named, ...found.map(({ instance }) => instance)])
        const state = new Map(found.map((one) => [one.instance, one.state]))
        for (const instance of doomed) {
          if (!isDying(state.get(instance) ?? "unseen")) yield* Ec2.use((port) => port.terminate({ instance }))
        }
        if ([...doomed].some((instance) => !isDying(state.get(instance) ?? "unseen"))) {
          return yield* notYet("StillThere", `${[...doomed].join(", ")} of ${look.instanceType} is not gone yet`)
        }
        const mayAppear = doomed.size === 0 && !provesNoLaunch.has(because ?? "")
        if (mayAppear && (yield* Clock.currentTimeMillis) < since + visibilityLagMs) {
          return yield* notYet("Unseen", "nobody knows what became of the launch, and it may still become visible")
        }
      })
  })
  .step("attach", {
    // N becomes N+1
    within: "10 minutes",
    needs: ["autoscaling:AttachInstances", "autoscaling:TerminateInstanceInAutoScalingGroup"],
    makes: Schema.Void,
    do: ({ input, made: { launch } }) =>
      Effect.gen(function* () {
        const group = yield* readGroup(input)
        if (group.members.some(({ instance }) => instance === launch)) return
        yield* Groups.use((port) => port.attach({ group: input.group, instance: launch }))
      }),
    verify: ({ input, made: { look, launch } }) => serves(input, launch, look.targetGroups),
    undo: (ctx) => detach(ctx)
  })
  .step("bake", {
    // old and new serve together: an alarm can still undo
    within: "90 minutes",
    needs: [],
    makes: Schema.Void,
    do: () => Effect.void,
    verify: ({ input, since, made: { look, launch } }) =>
      Effect.gen(function* () {
        yield* wellBehind(input, launch, look.targetGroups)
        return !input.canary || (yield* Clock.currentTimeMillis) >= since + input.bakeMs
      }),
    undo: () => Effect.void
  })
  .pivot("retire", {
    // N+1 becomes N, through the call that respects terminating hooks
    noWayBackBecause: "the old instance is already draining its connections",
    within: "60 minutes",
    needs: ["autoscaling:TerminateInstanceInAutoScalingGroup"],
    makes: Schema.Void,
    do: ({ input }) =>
      Effect.gen(function* () {
        const group = yield* readGroup(input)
        const old = group.members.find(({ instance }) => instance === input.move.old)
        if (old === undefined || !isThere(old.state)) return
        const serving = group.members.filter(({ state, healthy }) => state === "InService" && healthy).length
        // whole again first: the group's own replacement of a lost member counts as well as ours
        if (serving < group.desired) {
          return yield* notYet("WouldFallBelow", `${serving} of ${group.desired} serve, the old one is still needed`)
        }
        yield* Groups.use((port) => port.retire({ group: input.group, instance: input.move.old }))
      }),
    verify: ({ input }) =>
      Effect.map(readGroup(input), ({ members }) => {
        const old = members.find(({ instance }) => instance === input.move.old)
        return old === undefined || !isThere(old.state)
      })
  })
  .finish("restore", {
    within: "10 minutes",
    needs: ["autoscaling:UpdateAutoScalingGroup", "autoscaling:ResumeProcesses"],
    makes: Schema.Void,
    do: ({ input, made: { look } }) => Effect.andThen(restoreMax(input, look), letRebalance(input, look)),
    verify: ({ input, made: { look } }) => Effect.map(readGroup(input), (group) => knobsAreBack(group, look))
  })
  .finish("gone", {
    // hooks may keep it for as long as two days; it only costs meanwhile
    within: "2880 minutes",
    needs: [],
    /** Whether the replacement serves at the end: a swap whose replacement died saves nothing. */
    makes: Schema.Boolean,
    do: ({ input, made: { launch } }) =>
      Effect.map(readGroup(input), ({ members }) =>
        members.some(({ instance, state }) => instance === launch && isThere(state))
      ),
    verify: ({ input }) =>
      Effect.map(
        Ec2.use((port) => port.instances({ ids: [input.move.old], saga: null, page: null })),
        ({ instances }) => instances.every(({ state }) => isDying(state))
      )
  }).data

/** Somebody who scaled out to the raised size meanwhile needs it: then it is theirs, and as it should be. */
const isMaxBack = ({ maxSize, desired }: { readonly maxSize: number; readonly desired: number }, look: Frozen) =>
  look.maxSize === null || maxSize !== look.maxSize.raised || desired > look.maxSize.was

const knobsAreBack = (group: Group, look: Frozen) =>
  isMaxBack(group, look) && (!look.holdRebalance || !group.suspended.includes("AZRebalance"))

/** Back to what it was, unless somebody set it to something else meanwhile: theirs is the newer wish. */
const restoreMax = (order: SwapOrdered, look: Frozen) =>
  Effect.gen(function* () {
    if (look.maxSize === null || isMaxBack(yield* readGroup(order), look)) return
    const { was } = look.maxSize
    yield* Groups.use((port) => port.setMaxSize({ group: order.group, maxSize: was }))
  })

const letRebalance = (order: SwapOrdered, look: Frozen) =>
  Effect.gen(function* () {
    if (!look.holdRebalance || !(yield* readGroup(order)).suspended.includes("AZRebalance")) return
    yield* Groups.use((port) => port.resume({ group: order.group, process: "AZRebalance" }))
  })

interface DetachCtx {
  readonly input: SwapOrdered
  readonly made: { readonly look: Frozen; readonly launch: InstanceId; readonly attach?: unknown }
  readonly notes: Readonly<Record<string, unknown>>
  readonly note: (name: string, value: unknown) => Effect.Effect<void, import("../../schemas/saga.ts").LeaseLost>
}

/**
 * N+1 becomes N again. Where the replacement died after it was attached, the group has put a member of its own in its place,
 * and desired still counts one too many: that newcomer is the surplus. Which one it is, is noted before it is touched, or a
 * repeat would take another.
 */
const detach = ({ input, made, notes, note }: DetachCtx) =>
  Effect.gen(function* () {
    const group = yield* readGroup(input)
    const retire = (instance: InstanceId) => Groups.use((port) => port.retire({ group: input.group, instance }))
    const find = (instance: unknown) => group.members.find((member) => member.instance === instance)
    const mine = find(made.launch)
    const chosen = notes["surplus"]
    if (chosen !== undefined) {
      const surplus = find(chosen)
      if (surplus !== undefined && isThere(surplus.state)) yield* retire(surplus.instance)
      return
    }
    if (mine !== undefined && isThere(mine.state)) {
      yield* note("surplus", mine.instance)
      return yield* retire(mine.instance)
    }
    const attached = "attach" in made || mine !== undefined
    if (!attached) return
    const newcomer = group.members.find(
      ({ instance, state }) =>
        !made.look.members.includes(instance) && instance !== made.launch && state === "InService"
    )
    if (newcomer === undefined)
      return yield* notYet("NoNewcomer", "the group has not yet replaced the lost replacement")
    yield* note("surplus", newcomer.instance)
    yield* retire(newcomer.instance)
  })
