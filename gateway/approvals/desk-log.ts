/** What the approval desk said of plans, from the ledger: when a plan was laid before people, and how it ended. */
import { Effect, Result, Schema } from "effect"
import {
  ApprovalRequested,
  approvalRequested,
  PlanClosed,
  planClosed,
  PlanOpened,
  planOpened
} from "../../schemas/approval.ts"
import { decodeAs } from "../../schemas/envelope.ts"
import type { TenantId } from "../../schemas/ids.ts"
import type { Wanted } from "../fleet/scope.ts"
import { asked, Count, type Store } from "../ledger-rows.ts"
import type { Refused } from "../refused.ts"

export interface Asking {
  readonly tenant: TenantId
  readonly accounts: ReadonlyArray<string>
  readonly upTo: number
}

const Line = Schema.Struct({ seq: Count, fact: Schema.fromJsonString(Schema.Unknown) })
/** The fact alone: the state that travels with it is the whole desk, which nobody needs here. */
const select = `SELECT seq, JSONExtractRaw(body, 'body') AS fact
  FROM events WHERE kind = 'evt' AND owner = 'approval-desk' AND has({names:Array(String)}, name)
    AND seq <= {upTo:UInt64} AND has({accounts:Array(String)}, account)
    AND JSONExtractString(body, 'body', 'tenant') = {tenant:String}`

const laidSql = `${select} AND has({hashes:Array(String)}, JSONExtractString(body, 'body', 'hash'))
  ORDER BY seq DESC LIMIT 4000`

export interface Laid {
  /** When people were first shown it, or a policy said yes; milliseconds since 1970. */
  readonly requestedAt: number
  readonly fact: ApprovalRequested | PlanOpened
  /** Of a person or a policy; null while nobody has said yes. */
  readonly approvedBy: string | null
}

const isRequest = (value: unknown): value is { readonly _tag: string } =>
  typeof value === "object" && value !== null && "_tag" in value

const decoded = <A>(schema: Schema.Codec<A, any>, value: unknown): ReadonlyArray<A> => {
  const result = decodeAs(schema, value)
  return Result.isSuccess(result) ? [result.success] : []
}

/** How plans were laid on the desk, by hash. What is not booked yet is missing. */
export const laidOf = (
  store: Store,
  asking: Asking,
  hashes: ReadonlyArray<string>
): Effect.Effect<ReadonlyMap<string, Laid>, Refused> => {
  if (hashes.length === 0) return Effect.succeed(new Map())
  const names = [approvalRequested.name, planOpened.name]
  return Effect.map(asked(store, Line, laidSql, { ...asking, names, hashes }), (lines) => {
    const laid = new Map<string, Laid>()
    // newest first: what comes later in this list was said earlier
    for (const { fact: body } of lines) {
      const tag = isRequest(body) ? body._tag : ""
      const [fact] = tag === "PlanOpened" ? decoded(PlanOpened, body) : decoded(ApprovalRequested, body)
      if (fact === undefined) continue
      const known = laid.get(fact.hash)
      const by = fact._tag === "PlanOpened" ? fact.approvedBy : null
      laid.set(fact.hash, {
        requestedAt: fact.at,
        fact: known?.fact ?? fact,
        approvedBy: known === undefined ? by : known.approvedBy
      })
    }
    return laid
  })
}

/** A plan stays on the desk while one of its swaps is stuck: it is not closed for those who look. */
const closedSql = `${select} AND JSONExtractString(body, 'body', 'because') != 'stuck'
    AND ({account:String} = '' OR account = {account:String})
    AND ({region:String} = '' OR JSONExtractString(body, 'body', 'region') = {region:String})
    AND ({hash:String} = '' OR JSONExtractString(body, 'body', 'hash') = {hash:String})
    AND ({after:UInt64} = 0 OR seq < {after:UInt64})
    AND arrayAll(word -> positionCaseInsensitiveUTF8(fact, word) > 0, {words:Array(String)})
  ORDER BY seq DESC LIMIT {limit:UInt32}`

export interface Closed {
  readonly seq: number
  readonly fact: PlanClosed
}
export interface Which extends Wanted {
  readonly hash?: string
  readonly q?: string | undefined
  /** Older than this sequence; 0 = from the newest. */
  readonly after: number
  readonly limit: number
}

/** Plans that ended, newest first. */
export const closedOf = (store: Store, asking: Asking, which: Which): Effect.Effect<ReadonlyArray<Closed>, Refused> => {
  const { account = "", region = "", hash = "", q = "", after, limit } = which
  const words = q.split(/\s+/).filter(Boolean)
  const params = { ...asking, names: [planClosed.name], account, region, hash, words, after, limit }
  return Effect.map(asked(store, Line, closedSql, params), (lines) =>
    lines.flatMap(({ seq, fact }) => decoded(PlanClosed, fact).map((one) => ({ seq, fact: one })))
  )
}
