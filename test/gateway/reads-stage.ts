/** Two tenants with swaps in every state, as their owners write them, and a caller who asks as the shell does. */
import { Effect } from "effect"
import { Warehouse } from "../../actors/_ports/warehouse.ts"
import type { Route, Services } from "../../gateway/route.ts"
import type { Refused } from "../../gateway/refused.ts"
import { auditRoutes } from "../../gateway/routes/audit.ts"
import { moneyRoutes } from "../../gateway/routes/money.ts"
import { operationsRoutes } from "../../gateway/routes/operations.ts"
import { systemRoutes } from "../../gateway/routes/system.ts"
import { Desk, PlanOpened, planOpened, SwapNoted, swapNoted } from "../../schemas/approval.ts"
import { groupSeen } from "../../schemas/group.ts"
import { IdentityChanged, identityChanged } from "../../schemas/identity.ts"
import { instant, microUsd, TenantId } from "../../schemas/ids.ts"
import type { Road } from "../../schemas/message.ts"
import { setStop, SetStop } from "../../schemas/policy.ts"
import type { SafePlan } from "../../schemas/safe-plan.ts"
import { spotInterrupted } from "../../schemas/pool.ts"
import { anInterruption, aPool, instanceId, noon } from "../builders.ts"
import { type Asking, askOf, callerOf, say, stated } from "./rows-stage.ts"
import { sayMarket } from "./small-market.ts"
import {
  journalOf,
  orderOf,
  sayCall,
  sayEntry,
  sayOrder,
  saySettled,
  settledOf,
  type Turn,
  turnedBack,
  wholeJourney
} from "./swaps.ts"
import { connect, deskOf, groupIn, openOf, sayPending, type Whose } from "./tenants.ts"

export const routes: ReadonlyArray<Route> = [...operationsRoutes, ...auditRoutes, ...moneyRoutes, ...systemRoutes]

export const acme: Whose = { tenant: "acme", account: "111122223333", n: 1 }
export const globex: Whose = { tenant: "globex", account: "999988887777", n: 2 }

/** The answer of one of them, at this moment unless told, as a client reads it: JSON that its reply knows all of. */
export const ask = (name: string, whose: Whose, asking: Asking = {}): Effect.Effect<any, Refused, Services> =>
  Effect.suspend(() =>
    askOf(routes, name, callerOf(whose.tenant, { superAdmin: true }), { now: Date.now(), ...asking })
  ).pipe(Effect.map(({ json }) => json))

/** Every item of a list, page by page, each page of so many. */
export const allPages = (name: string, whose: Whose, query: Readonly<Record<string, unknown>>, limit: number) =>
  Effect.gen(function* () {
    const items: Array<any> = []
    let cursor: string | null = null
    for (let page = 0; page < 200; page++) {
      const more: Readonly<Record<string, unknown>> = cursor === null ? {} : { cursor }
      const found = yield* ask(name, whose, { query: { ...query, ...more, limit: String(limit) } })
      items.push(...found.items)
      cursor = found.nextCursor
      if (cursor === null) return items
    }
    return yield* Effect.die(new Error(`${name} has no last page`))
  })

const pending = new Map<string, SafePlan>()
const waiting = (whose: Whose) => {
  const plan = pending.get(whose.tenant)
  return stated(deskOf(whose, plan === undefined ? [] : [openOf(plan)]), Desk)
}

/** Said by the desk, which remembers the plan that waits. */
const caused = <A>(whose: Whose, road: Road<A>, message: A, cause: number) =>
  say(road, message, waiting(whose), { cause })

export const swapOf = (whose: Whose, name: string) => `${whose.tenant}-${name}`

/** A swap from its order to as far as its turns go, with one call, and its end where it has one. */
export const saySwap = (whose: Whose, name: string, n: number, turns: ReadonlyArray<Turn>, cause?: number) =>
  Effect.gen(function* () {
    const order = orderOf(whose, swapOf(whose, name), whose.n * 100 + n)
    const seq = yield* sayOrder(order, cause)
    const entries = journalOf(whose, order, turns)
    const seqs: Array<number> = []
    for (const entry of entries) {
      seqs.push(yield* sayEntry(entry))
      if (entry.phase === "Intent" && entry.step === "launch") yield* sayCall(order, "launch", n, n === 4 ? null : "ok")
    }
    return { order, seq, entries, seqs }
  })

export const sayEnd = (whose: Whose, order: ReturnType<typeof orderOf>, end: "done" | "undone" | "stuck") =>
  Effect.gen(function* () {
    const settled = yield* saySettled(settledOf(order, end))
    const { tenant, account, region, group, plan: hash, move } = order
    const noted = {
      tenant,
      account,
      region,
      group,
      hash,
      swap: move.swap,
      end,
      code: null,
      refusedPool: null,
      at: noon
    }
    yield* caused(whose, swapNoted, new SwapNoted(noted), settled)
    return settled
  })

/** Everything of one tenant: a plan that waits, one that runs, swaps done, turned back, stuck and under way. */
export const sayTenant = (whose: Whose) =>
  Effect.gen(function* () {
    yield* connect(whose)
    const laid = yield* sayPending(whose)
    pending.set(whose.tenant, laid.plan)
    const { tenant, account, region, group, plan: hash } = orderOf(whose, "x", 1)
    const opened = { tenant, account, region, group, hash, moves: 4, monthlySavings: microUsd(100) }
    const plan = { ...opened, approvedBy: `owner of ${whose.tenant}`, expiresAt: instant(noon + 1_000_000), at: noon }
    const openedSeq = yield* caused(whose, planOpened, new PlanOpened(plan), laid.seq)
    const done = yield* saySwap(whose, "done", 1, wholeJourney, openedSeq)
    const doneSeq = yield* sayEnd(whose, done.order, "done")
    yield* say(groupSeen, groupIn(whose, "web", { readAt: instant(noon + 90_000) }))
    const back = yield* saySwap(whose, "back", 2, turnedBack, openedSeq)
    yield* sayEnd(whose, back.order, "undone")
    const stuck = yield* saySwap(whose, "stuck", 3, [...wholeJourney.slice(0, 13), ["Stuck", "retire"]], openedSeq)
    yield* sayEnd(whose, stuck.order, "stuck")
    const run = yield* saySwap(whose, "run", 4, wholeJourney.slice(0, 8), doneSeq)
    const stop = { stop: "pause" as const, by: `owner of ${whose.tenant}`, because: "a release goes out", at: noon }
    const command = yield* say(setStop, new SetStop({ tenant, account, ...stop }))
    const taken = anInterruption({ tenant, account, pool: aPool(), instance: instanceId(whose.n * 100 + 1) })
    yield* say(spotInterrupted, taken)
    const changed = { what: "signed-in" as const, about: `u-${whose.tenant}`, by: whose.tenant, details: "", at: noon }
    yield* say(identityChanged, new IdentityChanged({ tenant: TenantId.make(whose.tenant), ...changed }))
    return { done, back, stuck, run, command, openedSeq, doneSeq, hash }
  })

export const sayEverything = Effect.gen(function* () {
  yield* sayMarket("globex")
  const own = yield* sayTenant(acme)
  const others = yield* sayTenant(globex)
  return { own, others }
})

/** One number that the ledger itself gives. */
export const ledgerSays = (sql: string) =>
  Effect.map(Effect.orDie(Warehouse.use((store) => store.query(sql))), ([row]) => Number(Object.values(row ?? {})[0]))
