/** The looks at an instance left behind: the log's word on its saga, and the cloud's on it, both anew each time. */
import { Clock, Effect } from "effect"
import type { InstanceId } from "../../schemas/ids.ts"
import type { OrphanSeen } from "../../schemas/orphan.ts"
import { Ec2, type Instance } from "../_ports/ec2.ts"
import { type Group, Groups } from "../_ports/group.ts"
import { Health } from "../_ports/health.ts"
import { tokenOf } from "./group-swap.saga.ts"
import { claimOn, type Use, useOf, type Verdict } from "./orphan.ts"
import { Pasts, type Remembered } from "./past.ts"

export const isGoing = ({ state }: Pick<Instance, "state">): boolean =>
  state === "shutting-down" || state === "terminated"

/** The instance by its id, as EC2 has it now. */
export const readInstance = (instance: InstanceId) =>
  Effect.map(
    Ec2.use((port) => port.instances({ ids: [instance], saga: null, page: null })),
    ({ instances }) => instances.find((one) => one.instance === instance)
  )

/** All groups of the account and region; a page holds 100. */
const readGroups = Effect.gen(function* () {
  const groups: Array<Group> = []
  let page: string | null = null
  do {
    const asked: { readonly groups: ReadonlyArray<Group>; readonly next: string | null } = yield* Groups.use((port) =>
      port.groups({ names: [], page })
    )
    groups.push(...asked.groups)
    page = asked.next
  } while (page !== null)
  return groups
})

/** What a target group knows of it; one that is gone knows nothing. One that we may not ask could be serving it. */
const targetOf = (targetGroup: string, instance: InstanceId) =>
  Health.use((port) => port.target({ targetGroup, instance })).pipe(
    Effect.map((state) => ({ targetGroup, state: state as string })),
    Effect.catchIf(
      (no) => no._tag === "CloudRefusal" && no.code === "TargetGroupNotFound",
      () => Effect.succeed({ targetGroup, state: "absent" })
    )
  )

const readUse = (instance: InstanceId, { group, targetGroups }: Remembered) =>
  Effect.gen(function* () {
    const groups = yield* readGroups
    const holding = groups.find(({ members }) => members.some((member) => member.instance === instance))
    const own = groups.find((one) => one.group === group)
    const known = new Set([...targetGroups, ...(own?.targetGroups ?? [])])
    const targets = yield* Effect.forEach(known, (targetGroup) => targetOf(targetGroup, instance))
    const isProtected = yield* Ec2.use((port) => port.terminationProtected({ instance }))
    return { group: holding?.group ?? null, targets, isProtected } satisfies Use
  })

/**
 * The verdict on it as everything is now; undefined where there is nothing to end any more. Groups and balancers are
 * asked last, and only where all the rest would end it: of one that is left, a look costs one call.
 */
export const judge = (fact: OrphanSeen) =>
  Effect.gen(function* () {
    const instance = yield* readInstance(fact.instance)
    if (instance === undefined || isGoing(instance)) return undefined
    const remembered = yield* Pasts.use((pasts) => pasts.read(fact.account, fact.saga))
    const { subnet, instanceType } = instance
    const tokenHere = subnet === null ? null : tokenOf(fact.saga, { subnet, instanceType })
    const now = yield* Clock.currentTimeMillis
    const whose = claimOn({ now, fact, instance, past: remembered.past, tokenHere })
    if (whose._tag === "Leave") return { instance, verdict: whose }
    const verdict: Verdict = useOf(yield* readUse(fact.instance, remembered)) ?? whose
    return { instance, verdict }
  })
