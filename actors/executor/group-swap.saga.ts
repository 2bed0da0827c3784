/** Replace an on-demand member of an Auto Scaling group by a Spot one, and never serve fewer than it asked for. */
import { Clock, Effect, Schema } from "effect"
import { notYet, saga, turnBack } from "../../bus/saga.ts"
import { digestOf } from "../../schemas/digest.ts"
import { InstanceId } from "../../schemas/ids.ts"
import { SwapOrdered } from "../../schemas/swap.ts"
import { Ec2, groupTag, type Instance, managedByValue, ownTags } from "../_ports/ec2.ts"
import { type Group, Groups } from "../_ports/group.ts"
import { Whose } from "../_ports/port.ts"
import { isCertain, isMember, retireOld, shrink, takenIn } from "./capacity.ts"
import { whileOpen } from "./clearance.ts"
import { Frozen, look, readGroup, readGroupIfThere } from "./look.ts"
import { tagsAsSeen } from "./machine.ts"
import { arrived, serves, wellBehind } from "./replacement.ts"

/**
 * How much of its step's ten minutes a launch may stay invisible to Describe: until then "not found" proves nothing
 * (trap 17). A launch that was answered is known to have been: its absence is believed later still.
 */
const visibilityLag = { unheard: 0.1, answered: 0.5 } as const

/**
 * Answers to a launch that prove that its token launched nothing: a repeat of one that did would have given the
 * instance. Any other reason to turn back, as a word to halt after an unheard answer, leaves that open.
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
export const tokenOf = (id: string, look: Pick<Frozen, "subnet" | "instanceType">) =>
  digestOf(["launch", id, look.subnet, look.instanceType])

/** Whatever carries the saga's tag, by whomever it was launched. */
const tagged = (id: string) => Ec2.use((port) => port.instances({ ids: [], saga: id, page: null }))
const byId = (instance: InstanceId) => Ec2.use((port) => port.instances({ ids: [instance], saga: null, page: null }))
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
      Effect.gen(function* () {
        const carried = yield* tagsAsSeen(yield* readGroup(input), look.tags)
        const launch = {
          token: tokenOf(id, look),
          template: look.template,
          version: look.version,
          instanceType: input.move.pool.instanceType,
          subnet: look.subnet,
          zone: look.zone,
          tags: { ...carried, [ownTags.managedBy]: managedByValue, [ownTags.saga]: id, [ownTags.step]: "launch" }
        }
        const whose = yield* whileOpen(input.move.pool)
        return (yield* Effect.provideService(
          Ec2.use((port) => port.launchSpot(launch)),
          Whose,
          whose
        )).instance
      }),
    verify: (_, replacement) => arrived(replacement),
    undo: ({ id, input, made: { look }, because, since, withinMs }, replacement) =>
      Effect.gen(function* () {
        const waited = ((yield* Clock.currentTimeMillis) - since) / withinMs
        const named = replacement === undefined ? [] : (yield* byId(replacement)).instances
        // the tag alone proves nothing: whoever launches more like ours copies it. The token is the launch's own
        const token = tokenOf(id, look)
        const own = (yield* tagged(id)).instances.filter(({ clientToken }) => clientToken === token)
        const found = [...named, ...own]
        const doomed = [...new Map(found.map((one) => [one.instance, one])).values()].filter(
          ({ state }) => !isDying(state)
        )
        for (const one of doomed) yield* unlessAdopted(input, one)
        for (const { instance } of doomed) yield* Ec2.use((port) => port.terminate({ instance }))
        if (doomed.length > 0) {
          const names = doomed.map(({ instance }) => instance).join(", ")
          return yield* notYet("StillThere", `${names} of ${look.instanceType} is not gone yet`)
        }
        if (found.length > 0) return
        const isCertain = replacement === undefined && provesNoLaunch.has(because ?? "")
        if (!isCertain && waited < visibilityLag[replacement === undefined ? "unheard" : "answered"]) {
          return yield* notYet("Unseen", "what was launched may still become visible")
        }
      })
  })
  .step("attach", {
    // N becomes N+1
    within: "10 minutes",
    needs: ["autoscaling:AttachInstances", "autoscaling:TerminateInstanceInAutoScalingGroup"],
    makes: Schema.Void,
    do: ({ input, made: { launch }, notes, note }) =>
      Effect.gen(function* () {
        const group = yield* readGroup(input)
        if (!group.members.some(({ instance }) => instance === launch)) {
          // a refusal now says nothing of an earlier attempt that nobody heard the end of
          const isFirst = notes["desired"] === undefined || notes["attached"] === false
          if (notes["desired"] === undefined) yield* note("desired", group.desired)
          yield* Groups.use((port) => port.attach({ group: input.group, instance: launch })).pipe(
            Effect.tapError((no) => (isFirst && isCertain(no) ? note("attached", false) : Effect.void))
          )
        }
        // desired alone does not show whether it counts ours: its owner and other swaps change it as well
        if (notes["attached"] !== true) yield* note("attached", true)
      }),
    verify: ({ input, made: { look, launch } }) => serves(input, launch, look.targetGroups),
    undo: (ctx) => shrink(ctx)
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
    do: (ctx) => retireOld(ctx),
    verify: ({ input }) =>
      Effect.map(readGroupIfThere(input), (group) => group === undefined || !isMember(group, input.move.old))
  })
  .finish("restore", {
    within: "10 minutes",
    needs: ["autoscaling:UpdateAutoScalingGroup", "autoscaling:ResumeProcesses"],
    makes: Schema.Void,
    do: ({ input, made: { look } }) => Effect.andThen(restoreMax(input, look), letRebalance(input, look)),
    verify: ({ input, made: { look } }) => Effect.map(readGroupIfThere(input), (group) => knobsAreBack(group, look))
  })
  .finish("gone", {
    // hooks may keep it for as long as two days; it only costs meanwhile
    within: "2880 minutes",
    needs: [],
    makes: Schema.Void,
    do: () => Effect.void,
    verify: ({ input: { move }, notes }) =>
      // an old one that its owner took out of the group is his: it may run for ever
      takenIn(notes)?.instance === move.old
        ? Effect.map(byId(move.old), ({ instances }) => instances.every(({ state }) => isDying(state)))
        : Effect.succeed(true)
  })
  .finish("kept", {
    within: "10 minutes",
    needs: [],
    /** Whether the replacement serves at the end: a swap whose replacement died saves nothing. */
    makes: Schema.Boolean,
    do: ({ input, made: { launch } }) =>
      Effect.gen(function* () {
        const group = yield* readGroupIfThere(input)
        const { instances } = yield* byId(launch)
        const isRunning = instances.some(({ state }) => state === "running")
        return group !== undefined && isRunning && isMember(group, launch)
      }),
    verify: () => Effect.succeed(true)
  }).data

/** What its owner has taken into a group of his, or bound something to, is his: it ends by his hand. */
const unlessAdopted = (order: SwapOrdered, { instance, tags, bound }: Instance) =>
  Effect.gen(function* () {
    const holder = tags[groupTag]
    const group = holder === order.group ? yield* readGroupIfThere(order) : undefined
    const isElsewhere = holder !== undefined && holder !== order.group
    if (!isElsewhere && bound.length === 0 && (group === undefined || !isMember(group, instance))) return
    const how = bound.length > 0 ? `has ${bound.join(", ")}` : `is a member of ${holder}`
    return yield* turnBack("Adopted", `${instance} ${how}: end it, or take our tags off it, and reject the plan`)
  })

/** Somebody who scaled out to the raised size meanwhile needs it: then it is theirs, and as it should be. */
const isMaxBack = ({ maxSize, desired }: { readonly maxSize: number; readonly desired: number }, look: Frozen) =>
  look.maxSize === null || maxSize !== look.maxSize.raised || desired > look.maxSize.was

const knobsAreBack = (group: Group | undefined, look: Frozen) =>
  group === undefined || (isMaxBack(group, look) && (!look.holdRebalance || !group.suspended.includes("AZRebalance")))

/** Back to what it was, unless somebody set it to something else meanwhile: theirs is the newer wish. */
const restoreMax = (order: SwapOrdered, look: Frozen) =>
  Effect.gen(function* () {
    const group = look.maxSize === null ? undefined : yield* readGroupIfThere(order)
    if (look.maxSize === null || group === undefined || isMaxBack(group, look)) return
    const { was } = look.maxSize
    yield* Groups.use((port) => port.setMaxSize({ group: order.group, maxSize: was }))
  })

const letRebalance = (order: SwapOrdered, look: Frozen) =>
  Effect.gen(function* () {
    if (!look.holdRebalance) return
    const group = yield* readGroupIfThere(order)
    if (group === undefined || !group.suspended.includes("AZRebalance")) return
    yield* Groups.use((port) => port.resume({ group: order.group, process: "AZRebalance" }))
  })
