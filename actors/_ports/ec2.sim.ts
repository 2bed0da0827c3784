/** Ec2 as the simulated cloud answers it. */
import { ec2Calls } from "./ec2.ts"
import { freeAddresses, found, instances, launchSpot, statusOk, terminate } from "./world/ec2.ts"
import { innerOf, type Plain, type Wire } from "./world/inner.ts"
import { dying } from "./world/members.ts"
import { refuse } from "./world/refused.ts"
import { keyIn } from "./world/state.ts"
import { resolve } from "./world/templates.ts"
import type { World } from "./world/world.ts"

/** Names of zones differ between accounts on purpose: only IDs mean the same building (trap 36). */
const letters = "abcdefgh"
const zoneName = (region: string, account: string, i: number) =>
  `${region}${letters[(i + Number(account.slice(-1))) % letters.length]}`

const plain: Plain<typeof ec2Calls> = {
  zones: (w, _, { region, account }) =>
    w.market.zones(region).map((zone, i) => ({ zone, name: zoneName(region, account, i) })),
  instances,
  statusOk: (w, { instance }, caller) => statusOk(w, instance, caller),
  subnets: (w, { subnets }, caller) =>
    subnets.map((name) => {
      const { subnet, zone } =
        w.rows.subnets.get(keyIn(caller, name)) ??
        refuse("InvalidSubnetID.NotFound", `The subnet ID '${name}' does not exist`)
      return { subnet, zone, freeAddresses: freeAddresses(w, caller, subnet) }
    }),
  template: (w, { id, version }, caller) => resolve(w, caller, id, version),
  terminationProtected: (w, { instance }, caller) => found(w, instance, caller).terminationProtected,
  launchSpot,
  terminate: (w, { instance }, caller) => dying(w, terminate(w, instance, caller))
}

export const inner = (world: World, wire: Wire) => innerOf("ec2", ec2Calls, plain, world, wire)
