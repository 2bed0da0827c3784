/** What the fan-out is measured with: numbered facts about an account, and the words between the bench's processes. */
import { AccountMarked, accountMarked } from "../../schemas/account.ts"
import { AccountId, instant, TenantId } from "../../schemas/ids.ts"
import { forWhom } from "../../gateway/shown/shown.ts"
import type { Draft } from "../../bus/bus.ts"
import { draftOf } from "../../bus/draft.ts"

/** Whom everybody of the bench belongs to, and who stands still. */
export const tenants = { readers: "acme", stuck: "globex" } as const
export type Who = keyof typeof tenants

/** As long as facts of the house are: a plan's is longer, a price's shorter. */
const padding = " because the role that was given to us may not describe instances in this region".repeat(2)

/** The fact with this number, `more` bytes longer than usual. */
export const numbered = (n: number, who: Who = "readers", more = 0): Draft => {
  const account = AccountId.make(who === "readers" ? "111111111111" : "222222222222")
  const reason = `n${n};${padding}${"x".repeat(more)}`
  const tenant = TenantId.make(tenants[who])
  const message = new AccountMarked({ tenant, account, reason, at: instant(1_000) })
  return draftOf(accountMarked, message)
}

/** Its frame as the stream writes it, for a server that knows nothing of logs. */
export const frameOf = (epoch: string) => {
  const { subject, data } = numbered(0)
  const { view } = forWhom({ seq: 1, subject, data, at: instant(0) })
  const body = view.body as { readonly reason: string }
  return (n: number, now: number) => {
    const json = JSON.stringify({
      ...view,
      seq: n,
      at: now,
      body: { ...body, reason: body.reason.replace("n0", `n${n}`) }
    })
    return `id: ${epoch}:${n}\nevent: ${view.owner}\ndata: ${json}\n\n`
  }
}

/** Asked of a server's process. */
export type ToServer =
  | { readonly do: "look" }
  /** The bare one alone: writes so many frames every 100 ms, or none. */
  | { readonly do: "write"; readonly frames: number }
  | { readonly do: "end" }

export interface Look {
  readonly cpuMs: number
  readonly rssKb: number
  readonly evicted: number
  readonly resets: number
  readonly clients: number
  /** How old the newest message was when it was sent, in milliseconds. */
  readonly lagMs: number
}

export type FromServer = { readonly port: number } | { readonly look: Look }

/** Asked of the readers' process. `group`: which of its crowds. */
export type ToReaders =
  | {
      readonly do: "connect"
      readonly group: string
      readonly port: number
      readonly count: number
      readonly gzip: boolean
    }
  | { readonly do: "stick"; readonly port: number }
  | { readonly do: "forget"; readonly group: string }
  | { readonly do: "count"; readonly group: string }
  /** Cuts so many connections; they come back by their last id. */
  | { readonly do: "cut"; readonly group: string; readonly count: number }

export interface Count {
  readonly frames: number
  readonly bytes: number
  readonly gaps: number
  readonly duplicates: number
  readonly resets: number
  /** Connections made, since the process began. */
  readonly opened: number
  readonly p50: number
  readonly p99: number
  /** Of all readers, the number that the last of them has come to. */
  readonly slowest: number
  /** Readers that have been told something. */
  readonly hearing: number
}

export type FromReaders = { readonly done: true } | { readonly count: Count }
