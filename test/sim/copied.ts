/** What its owner makes with "launch more like this": the same machine with the same tags, and a token of his own. */
import type { InstanceRow } from "../../actors/_ports/world/state.ts"
import type { World } from "../../actors/_ports/world/world.ts"
import { InstanceId } from "../../schemas/ids.ts"

/** The console's own token, as it makes one for each launch. */
const token = "console-3f2a9c1e"

/** It runs at once, outside of every group, and EC2 lists it with its tags, ours among them. */
export const copyOf = ({ ground }: World, from: InstanceRow): InstanceId => {
  const id = InstanceId.make(`i-0c0${from.id.slice(5)}`)
  const { at } = ground
  const made: InstanceRow = {
    ...from,
    id,
    n: from.n + 1_000_000,
    saga: null,
    clientToken: token,
    member: null,
    tags: { ...from.tags },
    state: "running",
    launchedAt: at,
    visibleAt: at,
    statusOkAt: at,
    sick: false
  }
  ground.rows.instances.put(id, made)
  for (const listed of ground.counts.listed.values()) if (listed.has(from.id)) listed.set(id, made)
  return id
}
