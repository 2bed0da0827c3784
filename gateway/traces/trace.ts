/** Everything that one thing came from and led to: its own messages, their causes up, and what they brought about. */
import { Effect, Schema } from "effect"
import { Digest, InstanceId } from "../../schemas/ids.ts"
import { reachOf } from "../history/reach.ts"
import type { Refused } from "../refused.ts"
import type { Shown } from "../shown/shown.ts"
import { rootsOf, type Roots } from "./roots.ts"
import { hopsMax, woven } from "./weave.ts"

const isDigest = Schema.is(Digest)
const isInstance = Schema.is(InstanceId)
const isSequence = (id: string) => /^\d{1,15}$/.test(id)

/** Steps up or down, at most: a chain of decisions is some ten long. */
const stepsMax = 40

/** Its ids among what the messages belong to: swaps, and plans by their hash. */
const swapsIn = (views: ReadonlyArray<Shown>) =>
  distinct(views.flatMap(({ correlation }) => (correlation === null || isDigest(correlation) ? [] : [correlation])))
const plansIn = (views: ReadonlyArray<Shown>) => {
  const plans = views.flatMap(({ body }) => {
    const plan = typeof body === "object" && body !== null ? Reflect.get(body, "plan") : undefined
    return isDigest(plan) ? [plan] : []
  })
  const hashes = views.flatMap(({ correlation }) => (isDigest(correlation) ? [correlation] : []))
  return distinct([...plans, ...hashes])
}
const distinct = <A>(all: ReadonlyArray<A>) => [...new Set(all)]

type Found = Effect.Effect<ReadonlyArray<Shown>, Refused>

/** What a trace is of: its own messages, and the plan's around them, under which other swaps stand as well. */
interface Begun {
  readonly own: ReadonlyArray<Shown>
  readonly around: ReadonlyArray<Shown>
}

/** What is asked about, with everything that carries its own name. */
const begin = (roots: Roots, id: string): Effect.Effect<Begun, Refused> =>
  Effect.gen(function* () {
    if (isDigest(id)) {
      const plan = yield* roots.ofPlans([id], true)
      return { own: [...plan, ...(yield* roots.ofSwaps(swapsIn(plan)))], around: [] }
    }
    const named = isInstance(id) ? yield* roots.ofInstance(id) : isSequence(id) ? yield* roots.bySeq([Number(id)]) : []
    // digits may also be the name of a swap
    const swaps = isInstance(id) || named.length > 0 ? swapsIn(named) : [id]
    const own = [...named, ...(yield* roots.ofSwaps(swaps))]
    return { own, around: yield* roots.ofPlans(plansIn(own), false) }
  })

/** Follows a relation until nothing new comes, or there is enough. */
const closed = (
  from: ReadonlyArray<Shown>,
  isFull: () => boolean,
  next: (newest: ReadonlyArray<Shown>) => Found
): Found =>
  Effect.gen(function* () {
    const known = new Map(from.map((view) => [view.seq, view]))
    let newest = from
    for (let step = 0; step < stepsMax && newest.length > 0 && !isFull(); step++) {
      const found = (yield* next(newest)).filter(({ seq }) => !known.has(seq))
      for (const view of found) known.set(view.seq, view)
      newest = found
    }
    return [...known.values()]
  })

export const traceOf = Effect.fn("getTrace")(function* (
  tenant: string,
  id: string,
  query: { readonly account?: string; readonly at?: string }
) {
  const reach = yield* reachOf(tenant, query)
  const roots = rootsOf(reach, tenant)
  const { own, around } = yield* begin(roots, id)
  const isFull = () => own.length > hopsMax
  const seqs = (views: ReadonlyArray<Shown>) => views.map(({ seq }) => seq)
  const causes = (views: ReadonlyArray<Shown>) => views.flatMap(({ cause }) => (cause === null ? [] : [cause]))
  const [above, below] = yield* Effect.all(
    [
      closed([...own, ...around], isFull, (newest) => roots.bySeq(distinct(causes(newest)))),
      closed(own, isFull, (newest) => roots.causedBy(seqs(newest)))
    ],
    { concurrency: 2 }
  )
  return { id, ...woven([...above, ...below]), asOf: reach.booked }
})
