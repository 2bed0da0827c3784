/** The simulated cloud keeps the contract of the ports. */
import { aGroup, fleetOf, home, Stage } from "../../actors/_ports/world/stage.ts"
import { AccountId, GroupName, InstanceId, ZoneId } from "../../schemas/ids.ts"
import { portsContract } from "./ports-contract.ts"
import type { Cloud } from "./ports-desk.ts"

/** Long enough for a boot, its status checks and a death. */
const settleMs = 600_000

const makeCloud = async (): Promise<Cloud> => {
  const stage = new Stage({ group: null, behaviours: { lagMs: [0, 0] } })
  const { world } = stage
  const place = { account: AccountId.make(home.account), region: home.region }
  return {
    inners: { ec2: stage.ec2, groups: stage.groups, health: stage.health, sts: stage.sts, prices: stage.prices },
    home,
    now: () => stage.now,
    settle: async () => stage.pass(settleMs),
    seedGroup: async (name, size) => {
      world.plant(fleetOf([aGroup(size, { group: GroupName.make(name) })]))
      const group = stage.web(name)
      const zoneOf = (subnet: string) =>
        world.ground.rows.subnets.get(`${place.account}/${place.region}/${subnet}`)?.zone
      return {
        group: group.group,
        template: group.template?.id ?? "",
        subnets: group.subnets.map((subnet) => ({ subnet, zone: ZoneId.make(zoneOf(subnet) ?? "") })),
        members: group.members.map((member) => InstanceId.make(member.instance))
      }
    },
    seedEmpty: async (prefix, count) => {
      const names = Array.from({ length: count }, (_, i) => GroupName.make(`${prefix}-${String(i).padStart(3, "0")}`))
      world.plant(fleetOf(names.map((group) => aGroup(0, { group, minSize: 0, maxSize: 1 }))))
    },
    publishTemplate: async (template) => world.publish(place, template, {}, false),
    refusePool: (zone, type, code) => world.refusePool(zone, type, code),
    hideLaunches: (ms) => world.behave({ lagMs: [ms, ms] }),
    refuseAccount: (code) => world.setAccount(place.account, { refuses: code }),
    writes: () =>
      [...world.ground.rows.writes.rows.values()].map(({ action, outcome }) => ({
        action: action.slice(action.indexOf(":") + 1),
        outcome
      })),
    stop: async () => {}
  }
}

portsContract("the simulated cloud", makeCloud)
