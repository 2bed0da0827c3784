/** How much Spot a composition can still take before a layer is full: the five layers asked from the other side. */
import { familyOf, type InstanceType, type ZoneId } from "./ids.ts"
import { type Floors, type Part, type Preset, smallGroupSizes } from "./safe-plan.ts"

/**
 * One move's need: an on-demand member of so many vCPU becomes one of that pool, in the same zone, of the same size.
 */
interface Need {
  readonly zone: ZoneId
  readonly instanceType: InstanceType
  readonly vcpu: number
}

/** Counts as moves are taken. It knows the on-demand and the pool layer; zones and scores do not change by a move. */
export interface Room {
  /** What stands in the way of one such move; undefined where it fits. */
  readonly full: (need: Need) => "pool" | "on-demand" | undefined
  readonly take: (need: Need) => void
}

const slack = 1e-9

/** Of a composition as it is: what a pool holds is counted by zone and family, as the layers count it. */
export const roomIn = (parts: ReadonlyArray<Part>, floors: Floors, preset: Preset): Room => {
  let total = 0
  let members = 0
  let steadyVcpu = 0
  let steadyMembers = 0
  const pools = new Map<string, { vcpu: number; members: number }>()
  const nameOf = ({ zone, instanceType }: Omit<Need, "vcpu">) => `${zone} ${familyOf(instanceType)}`
  const add = (name: string, vcpu: number, count: number) => {
    const pool = pools.get(name) ?? { vcpu: 0, members: 0 }
    pools.set(name, { vcpu: pool.vcpu + vcpu, members: pool.members + count })
  }
  for (const part of parts) {
    const vcpu = part.vcpu * part.count
    total += vcpu
    members += part.count
    if (part.lifecycle === "spot") add(nameOf(part), vcpu, part.count)
    else {
      steadyVcpu += vcpu
      steadyMembers += part.count
    }
  }
  const isSmall = preset === "small-group" && members >= smallGroupSizes.min && members <= smallGroupSizes.max
  return {
    full: (need) => {
      const pool = pools.get(nameOf(need)) ?? { vcpu: 0, members: 0 }
      if (isSmall) return steadyMembers <= 1 ? "on-demand" : pool.members >= 1 ? "pool" : undefined
      if ((steadyVcpu - need.vcpu) / total < floors.onDemandShareMin - slack) return "on-demand"
      return (pool.vcpu + need.vcpu) / total > floors.poolShareMax + slack ? "pool" : undefined
    },
    take: (need) => {
      steadyVcpu -= need.vcpu
      steadyMembers -= 1
      add(nameOf(need), need.vcpu, 1)
    }
  }
}
