/** Tokens of pools and groups, made once: a list asks for the same thousands of them on every request. */
import { type GroupSeen, groupToken } from "../../schemas/group.ts"
import { poolToken, type Product } from "../../schemas/pool.ts"
import type { InstanceType, ZoneId } from "../../schemas/ids.ts"

/** There are some ten thousand pools in all regions; whatever comes beyond starts anew. */
const poolsMax = 100_000
const pools = new Map<string, string>()

export const poolTokenOf = (zone: ZoneId, instanceType: InstanceType, product: Product): string => {
  const name = `${zone} ${instanceType} ${product}`
  const known = pools.get(name)
  if (known !== undefined) return known
  if (pools.size >= poolsMax) pools.clear()
  const token = poolToken({ zone, instanceType, product })
  pools.set(name, token)
  return token
}

const groups = new WeakMap<GroupSeen, string>()

export const groupTokenOf = (group: GroupSeen): string => {
  const known = groups.get(group)
  if (known !== undefined) return known
  const token = groupToken(group)
  groups.set(group, token)
  return token
}
