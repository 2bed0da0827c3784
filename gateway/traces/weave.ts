/** Messages woven into a trace: what each came from, how deep it stands, and how long it waited. */
import type { Hop } from "../../schemas/api/operations.ts"
import type { Shown } from "../shown/shown.ts"

export type Hops = ReadonlyArray<typeof Hop.Type>

/** A trace never holds more: beyond it, it is cut off at its newest end and says so. */
export const hopsMax = 2_000

const orderName = "swap-ordered"

/**
 * In the order of the log. A message stands under its cause where that is in the trace; what a swap's executor writes
 * names no cause and stands under the swap's order. `waitedMs` is from the cause until it was said, by the log's clock.
 */
export const woven = (views: ReadonlyArray<Shown>): { readonly hops: Hops; readonly isCutOff: boolean } => {
  const bySeq = new Map(views.map((view) => [view.seq, view]))
  const ordered = [...bySeq.values()].sort((a, b) => a.seq - b.seq)
  const kept = ordered.slice(0, hopsMax)
  const orders = new Map(
    ordered.flatMap((view) => (view.name === orderName && view.correlation !== null ? [[view.correlation, view]] : []))
  )
  const began = new Set<string>()
  const depths = new Map<number, number>()
  const hops = kept.map((event) => {
    const cause = event.cause !== null && event.cause < event.seq ? bySeq.get(event.cause) : undefined
    const order = event.correlation === null || event.name === orderName ? undefined : orders.get(event.correlation)
    const above = cause ?? (order !== undefined && order.seq < event.seq ? order : undefined)
    const depth = above === undefined ? 0 : (depths.get(above.seq) ?? 0) + 1
    depths.set(event.seq, depth)
    // of what stands under an order, only the first waited for it
    const isFirst = order !== undefined && !began.has(event.correlation ?? "")
    if (order !== undefined) began.add(event.correlation ?? "")
    const waitedFor = cause ?? (isFirst ? above : undefined)
    return { event, depth, waitedMs: waitedFor === undefined ? null : Math.max(0, event.at - waitedFor.at) }
  })
  return { hops, isCutOff: ordered.length > kept.length }
}
