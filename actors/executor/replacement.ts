/** Is the replacement there, does it serve, and is everybody well behind it? */
import { Effect } from "effect"
import { turnBack } from "../../bus/saga.ts"
import type { InstanceId } from "../../schemas/ids.ts"
import type { SwapOrdered } from "../../schemas/swap.ts"
import { Ec2 } from "../_ports/ec2.ts"
import { Health } from "../_ports/health.ts"
import { isThere, readGroup } from "./look.ts"

const died = (instance: InstanceId, how: string) => turnBack("ReplacementDied", `the replacement ${instance} ${how}`)

/** Running with both status checks passed. Not to be seen yet is not dead (trap 17). */
export const arrived = (instance: InstanceId) =>
  Effect.gen(function* () {
    const { instances } = yield* Ec2.use((port) => port.instances({ ids: [instance], saga: null, page: null }))
    const seen = instances.find((one) => one.instance === instance)
    if (seen === undefined || seen.state === "pending") return false
    // as Client.InternalError where Spot's own role may not use the key of an encrypted disk
    if (seen.state !== "running")
      return yield* died(instance, `is ${seen.state}: ${seen.stateReason ?? "no reason given"}`)
    return yield* Ec2.use((port) => port.statusOk({ instance }))
  })

/** InService in the group and healthy behind every target group: two status checks are not an application (trap 14). */
export const serves = (order: SwapOrdered, instance: InstanceId, targetGroups: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const group = yield* readGroup(order)
    const member = group.members.find((one) => one.instance === instance)
    if (member === undefined || !isThere(member.state))
      return yield* died(instance, `is ${member?.state ?? "no member"}`)
    if (member.state !== "InService" || !member.healthy) return false
    for (const targetGroup of targetGroups) {
      const state = yield* Health.use((port) => port.target({ targetGroup, instance }))
      if (state !== "healthy") return false
    }
    return true
  })

/** The last look before the pivot, and all through the bake: fails where an alarm rings or a target is unwell. */
export const wellBehind = (order: SwapOrdered, instance: InstanceId, targetGroups: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const group = yield* readGroup(order)
    const member = group.members.find((one) => one.instance === instance)
    if (member?.state !== "InService" || !member.healthy)
      return yield* died(instance, `is ${member?.state ?? "no member"}`)
    const old = group.members.find((one) => one.instance === order.move.old)
    if (old === undefined || !isThere(old.state))
      // somebody else took it: there is nothing left to replace, and the group is one too large
      return yield* turnBack("OldGone", `${order.move.old} is ${old?.state ?? "no member"}`)
    for (const targetGroup of targetGroups) {
      const unhealthy = yield* Health.use((port) => port.unhealthyTargets({ targetGroup }))
      if (unhealthy > 0) return yield* turnBack("UnhealthyTargets", `${unhealthy} unhealthy targets in ${targetGroup}`)
    }
    if (order.alarms.length === 0) return
    const alarms = yield* Health.use((port) => port.alarms({ names: order.alarms }))
    const ringing = alarms.find(({ state }) => state === "ALARM")
    if (ringing !== undefined) return yield* turnBack("Alarm", `alarm ${ringing.name} rings`)
    const missing = alarms.find(({ state }) => state === "absent")
    if (missing !== undefined)
      return yield* turnBack("AlarmMissing", `alarm ${missing.name} is not there: nobody would tell us`)
  })
