/** A group's capacity under a swap: who serves, and how one member is taken out exactly once, desired with it. */
import { Effect, Result, Schema } from "effect"
import { notYet, turnBack } from "../../bus/saga.ts"
import { decodeAs } from "../../schemas/envelope.ts"
import { InstanceId } from "../../schemas/ids.ts"
import type { LeaseLost } from "../../schemas/saga.ts"
import type { SwapOrdered } from "../../schemas/swap.ts"
import type { CloudRefusal } from "../_ports/cloud-refusal.ts"
import { Ec2, ownTags } from "../_ports/ec2.ts"
import { type Group, Groups } from "../_ports/group.ts"
import { Health } from "../_ports/health.ts"
import { type Frozen, isThere, readGroupIfThere } from "./look.ts"
import { wellBehind } from "./replacement.ts"

/** What the steps that change the number of members know. */
export interface Sizing {
  readonly input: SwapOrdered
  readonly made: { readonly look: Frozen; readonly launch: InstanceId; readonly attach?: unknown }
  readonly notes: Readonly<Record<string, unknown>>
  readonly note: (name: string, value: unknown) => Effect.Effect<void, LeaseLost>
  readonly resumed: boolean
}
type Known = Pick<Sizing, "input" | "notes">

/** A member that was told to go, and desired as it was before. */
const Taken = Schema.Struct({ instance: InstanceId, desired: Schema.Int })

export const memberOf = (group: Group, instance: InstanceId) =>
  group.members.find((member) => member.instance === instance)
export const isMember = (group: Group, instance: InstanceId): boolean =>
  isThere(memberOf(group, instance)?.state ?? "absent")

/** The note of whom we told to go; undefined where nobody was told yet. */
export const takenIn = (notes: Known["notes"]) => {
  const noted = decodeAs(Taken, notes["taken"])
  return Result.isSuccess(noted) ? noted.success : undefined
}

/** Codes of an endpoint that does not know a question, as AWS's query protocol and those who copy it have it. */
const unasked: ReadonlySet<string> = new Set(["InvalidAction", "NotImplemented"])

/**
 * What the group itself says became of one of its members; nothing where an endpoint does not know the question: then
 * what can be seen of the group has to do. Whoever may not ask has no answer, and a guess could leave one too many.
 */
const recordOf = (input: SwapOrdered, instance: InstanceId) =>
  Groups.use((port) => port.activities({ group: input.group, instance })).pipe(
    Effect.catchIf(
      (no) => no._tag === "CloudRefusal" && unasked.has(no.code),
      () => Effect.succeed([])
    ),
    Effect.map((all) => {
      const valid = all.filter(({ isVoid }) => !isVoid)
      const went = valid.find(({ kind }) => kind === "terminate" || kind === "detach")
      return { wasAttached: valid.some(({ kind }) => kind === "attach"), went }
    })
  )

/**
 * Was that word heard? A member that died by itself is gone as well, but desired still counts it: the group's record
 * tells the two apart. Where it tells nothing, desired does, but beside other swaps that proves nothing: then a word
 * whose answer nobody knows counts as heard, as taking too few is the safe mistake.
 */
const wasHeard = ({ input, notes }: Known, group: Group) =>
  Effect.gen(function* () {
    const taken = takenIn(notes)
    if (taken === undefined || isMember(group, taken.instance)) return false
    const { went } = yield* recordOf(input, taken.instance)
    if (went !== undefined) return went.desiredBy < 0
    return !input.alone || group.desired < taken.desired
  })

const isTargetHealthy = (instance: InstanceId, targetGroups: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    for (const targetGroup of targetGroups) {
      const state = yield* Health.use((port) => port.target({ targetGroup, instance }))
      if (state !== "healthy") return false
    }
    return true
  })

/**
 * Who serves users: in service by the group, running by EC2, which knows of a death first, and, where it came after the
 * look, healthy for every target group, as a newcomer is in service before it is that.
 */
const servingIn = (group: Group, look: Frozen) =>
  Effect.gen(function* () {
    const up = group.members.filter(({ state, healthy }) => state === "InService" && healthy)
    const ids = up.map(({ instance }) => instance)
    const serving = new Set<InstanceId>()
    if (ids.length === 0) return serving
    const { instances } = yield* Ec2.use((port) => port.instances({ ids, saga: null, page: null }))
    for (const { instance, state } of instances) {
      if (state !== "running") continue
      if (look.members.includes(instance) || (yield* isTargetHealthy(instance, look.targetGroups)))
        serving.add(instance)
    }
    return serving
  })

/** Codes of a call that may have been made all the same: its record was lost, or AWS failed in the middle of it. */
const uncertain: ReadonlySet<string> = new Set([
  "CloudOptim.Unaudited",
  "InternalError",
  "InternalFailure",
  "ServiceUnavailable",
  "Unavailable"
])
/** A refusal after which nothing was done. */
export const isCertain = (no: CloudRefusal | LeaseLost): boolean =>
  no._tag === "CloudRefusal" && no.advice !== "unknown" && !uncertain.has(no.code)

/**
 * Tells one member to go, once the others are enough. A group that missed a death refuses with ValidationError:
 * asked again, it knows.
 */
const takeOut = ({ input, made: { look }, notes, note }: Sizing, group: Group, instance: InstanceId) =>
  Effect.gen(function* () {
    const serving = yield* servingIn(group, look)
    const left = serving.size - (serving.has(instance) ? 1 : 0)
    if (left < group.desired - 1) {
      return yield* notYet("WouldFallBelow", `${left} of ${group.desired - 1} would serve without ${instance}`)
    }
    const before = takenIn(notes)
    const { desired } = group
    if (before?.instance !== instance || before.desired !== desired) yield* note("taken", { instance, desired })
    yield* Groups.use((port) => port.retire({ group: input.group, instance })).pipe(
      Effect.tapError((no) => (isCertain(no) ? note("taken", null) : Effect.void)),
      Effect.catchIf(
        (no) => no._tag === "CloudRefusal" && no.code === "ValidationError",
        (no) => notYet("ValidationError", no.message)
      )
    )
  })

/** Members of nobody's swap that EC2 knows, with when they were launched: another swap's replacement is its own. */
const unclaimedIn = (members: Group["members"], { made }: Sizing) =>
  Effect.gen(function* () {
    const ids = members.map(({ instance }) => instance).filter((instance) => instance !== made.launch)
    if (ids.length === 0) return []
    const { instances } = yield* Ec2.use((port) => port.instances({ ids, saga: null, page: null }))
    return instances.filter(({ tags }) => tags[ownTags.saga] === undefined)
  })

/** Whom the group itself put there since the look, or is about to put. */
const newcomerIn = (group: Group, ctx: Sizing) =>
  Effect.gen(function* () {
    const others = group.members.filter(({ instance }) => !ctx.made.look.members.includes(instance))
    const [newcomer] = yield* unclaimedIn(
      others.filter(({ state }) => state === "InService"),
      ctx
    )
    if (newcomer !== undefined) return newcomer.instance
    const isComing = others.some(({ instance, state }) => instance !== ctx.made.launch && state.startsWith("Pending"))
    const there = group.members.filter(({ state }) => isThere(state)).length
    if (isComing || there < group.desired) {
      return yield* notYet("NoNewcomer", "the group has not yet replaced the lost replacement")
    }
    return undefined
  })

/**
 * Who goes where no newcomer comes: the owner has scaled in meanwhile, and the group counted our loss as his wish. As
 * the group would have chosen: of the fullest zone the oldest, none that is protected, and not the one that was to be
 * replaced.
 */
const surplusIn = (group: Group, ctx: Sizing) =>
  Effect.gen(function* () {
    const inService = group.members.filter(({ state, healthy }) => state === "InService" && healthy)
    const size = Map.groupBy(inService, ({ zone }) => zone)
    const free = inService.filter(
      ({ instance, protectedFromScaleIn }) => !protectedFromScaleIn && instance !== ctx.input.move.old
    )
    const ranked = (yield* unclaimedIn(free, ctx)).sort(
      (a, b) => (size.get(b.zone)?.length ?? 0) - (size.get(a.zone)?.length ?? 0) || a.launchedAt - b.launchedAt
    )
    return ranked[0]?.instance
  })

/** It was stuck, for however long, and nobody was told to go since it went on: the world may be another one by now. */
const actsAfresh = ({ resumed, notes }: Sizing) => resumed && takenIn(notes) === undefined

/** Taken out with desired: by its owner, or by a call of ours whose answer nobody heard. */
const isTakenOut = (input: SwapOrdered, group: Group, instance: InstanceId) =>
  isMember(group, instance)
    ? Effect.succeed(false)
    : Effect.map(recordOf(input, instance), ({ went }) => went !== undefined && went.desiredBy < 0)

/**
 * What was stuck may go on days later, and its owner may have put the group right meanwhile: then nobody of it goes,
 * and he is asked again.
 */
const unlessTouched = (ctx: Sizing, group: Group) =>
  Effect.gen(function* () {
    const { input, made, notes } = ctx
    if (!actsAfresh(ctx)) return
    const before = decodeAs(Schema.Int, notes["desired"])
    const isShrunk = input.alone && Result.isSuccess(before) && group.desired <= before.success
    const isOldOut = yield* isTakenOut(input, group, input.move.old)
    if (isShrunk || isOldOut || (yield* isTakenOut(input, group, made.launch))) {
      const mend = "see that it is right, and reject the plan"
      return yield* turnBack("GroupChanged", `the group was changed while the swap was stuck: ${mend}`)
    }
  })

/**
 * N+1 becomes N again. Where the replacement died after it was attached, the group has put a member of its own in its
 * place, and desired still counts one too many: that newcomer goes instead.
 */
export const shrink = (ctx: Sizing) =>
  Effect.gen(function* () {
    const { input, made, notes } = ctx
    const group = yield* readGroupIfThere(input)
    if (group === undefined || (yield* wasHeard(ctx, group))) return
    if (isMember(group, made.launch)) {
      yield* unlessTouched(ctx, group)
      return yield* takeOut(ctx, group, made.launch)
    }
    const { wasAttached, went } = yield* recordOf(input, made.launch)
    // whoever took it out by name took desired back as well
    if (went !== undefined && went.desiredBy < 0) return
    const before = decodeAs(Schema.Int, notes["desired"])
    const desired = Result.isSuccess(before) ? before.success : group.desired
    // nothing of ours is in the group: it never was, or whoever took it out took desired back as well
    const isGrown = group.desired > desired
    // an attach that was answered is known; of an unheard one desired tells, where nobody else of us changes it
    const isTaken = input.alone ? notes["attached"] !== false && isGrown : notes["attached"] === true
    const isCounted = wasAttached || isTaken || memberOf(group, made.launch) !== undefined
    // an owner who has gone down to his minimum has nothing more to give
    if (!isCounted || group.desired <= group.minSize) return
    yield* unlessTouched(ctx, group)
    // nobody of the owner's own goes before the record says that ours came, and went without desired
    const isOwed = wasAttached && went !== undefined
    const surplus = (yield* newcomerIn(group, ctx)) ?? (isOwed ? yield* surplusIn(group, ctx) : undefined)
    if (surplus !== undefined) return yield* takeOut(ctx, group, surplus)
    return yield* notYet("NoNewcomer", "nobody of the group may go in place of the lost replacement")
  })

/** What was true just before the pivot is asked again where the swap was stuck since. */
const stillRight = (ctx: Sizing, group: Group) =>
  Effect.gen(function* () {
    if (!actsAfresh(ctx)) return
    const { input, made } = ctx
    const { old } = input.move
    const isProtected = memberOf(group, old)?.protectedFromScaleIn === true
    if (isProtected || (yield* Ec2.use((port) => port.terminationProtected({ instance: old })))) {
      return yield* turnBack("Obstacle", `${old} was protected while the swap was stuck`)
    }
    if (isMember(group, made.launch)) yield* wellBehind(input, made.launch, made.look.targetGroups)
  })

/** The pivot's work: the old one goes. Where somebody else has taken it already, what we added is one too many. */
export const retireOld = (ctx: Sizing) =>
  Effect.gen(function* () {
    const { input } = ctx
    const group = yield* readGroupIfThere(input)
    if (group === undefined || (yield* wasHeard(ctx, group))) return
    if (isMember(group, input.move.old)) {
      yield* unlessTouched(ctx, group)
      yield* stillRight(ctx, group)
      return yield* takeOut(ctx, group, input.move.old)
    }
    // whoever took it out, desired with it, has done what was still to be done
    if (ctx.resumed && (yield* isTakenOut(input, group, input.move.old))) return
    yield* shrink(ctx)
  })
