/** Whether a machine of one type can stand in for a machine of another: same image, nothing less. */
import type { InstanceType } from "./ids.ts"
import type { TypeSpec } from "./pool.ts"

/** Families whose vCPU are shares (`t3`, `m7i-flex`): what they give without a pause is a part of what they name. */
const isBurstable = (type: InstanceType) => /^t\d|-flex\./.test(type)

/**
 * Why `next` cannot take over from `old`, in words that name only the old type, or undefined where it can. vCPU must be
 * equal: shares are of vCPU, and only then is every part of a safe plan safe in any order. An image that starts on the
 * old machine brings the drivers that the old one requires, and no others are certain.
 */
export const unfitBecause = (old: TypeSpec, next: TypeSpec): string | undefined => {
  const { instanceType: type } = old
  if (next.architecture !== old.architecture) return `not ${old.architecture}, as ${type} is`
  if (next.bareMetal !== old.bareMetal) return "bare metal stands in for nothing else"
  if (next.hypervisor !== old.hypervisor) return `not on ${old.hypervisor}: disks would have other names`
  if (next.enaRequired && !old.enaRequired) return `needs ENA, which ${type} does not`
  if (next.nvmeRequired && !old.nvmeRequired) return `needs NVMe, which ${type} does not`
  if (!old.bootModes.every((mode) => next.bootModes.includes(mode))) return `does not boot all that ${type} boots`
  if (next.vcpu !== old.vcpu) return `not ${old.vcpu} vCPU, as ${type} has`
  if (next.memoryMib < old.memoryMib) return `less memory than ${type}`
  if (next.instanceStoreGb < old.instanceStoreGb) return `less local disk than ${type}`
  if (isBurstable(next.instanceType) && !isBurstable(type)) return `burstable, which ${type} is not`
  return undefined
}
