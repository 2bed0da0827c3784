/** The desk among any sequence of messages, judged from its orders alone by rules written down a second time. */
import { assert } from "@effect/vitest"
import { Schema } from "effect"
import { account, aGroup, aMember, anAccount, aPolicy, hour, instanceId, minute, noon, tenant } from "./builders.ts"
import { AbortSwap, type Desk, GrantApproval, RefuseApproval, RetrySwap } from "../schemas/approval.ts"
import { accounts, groups, judgements } from "../schemas/catalogue.ts"
import type { Book, BookRow } from "../schemas/decision.ts"
import { type GroupSeen, groupToken } from "../schemas/group.ts"
import {
  GroupName,
  type Instant,
  instant,
  InstanceType,
  microUsd,
  type Mode,
  Region,
  SafetyScore,
  ZoneId
} from "../schemas/ids.ts"
import { SetPolicy, SetStop } from "../schemas/policy.ts"
import { Pool } from "../schemas/pool.ts"
import { Move, Part, planHash, productFloors, SafePlan } from "../schemas/safe-plan.ts"
import { PlanApproved } from "../schemas/safety.ts"
import { type ResumeOrdered, type SwapOrdered, SwapSettled } from "../schemas/swap.ts"
import type { DeskFact } from "../actors/approval-desk/desk.ts"
import { type DeskMessage, rules } from "../actors/approval-desk/policy.ts"

const names = ["web", "jobs"].map((name) => GroupName.make(name))
const region = Region.make("us-east-1")
const zoneOf = (n: number) => ZoneId.make(`use1-az${n + 1}`)
const families = ["m6i", "m6a", "m7i", "m5a", "c6i", "r6i"]
/** Members of a group: 24 for the first, 12 for the second, dealt to three zones. */
const sizeOf = (g: number) => (g === 0 ? 24 : 12)
const about = (g: number) => ({ tenant, account, region, group: names[g]! })

/** A plan inside the five layers: `count` moves, dealt to the zones, each to a pool of its own. */
const planOf = (g: number, count: number, turn: number): SafePlan => {
  const moves = Array.from({ length: count }, (_, n) => {
    const pool = new Pool({
      region,
      zone: zoneOf(n % 3),
      instanceType: InstanceType.make(`${families[Math.floor(n / 3) % 6]}.large`),
      product: "linux"
    })
    return new Move({
      swap: `swap-${g}-${turn}-${n}`,
      old: instanceId(1_000 * g + n),
      oldType: InstanceType.make("m5.large"),
      oldVcpu: 2,
      pool,
      newVcpu: 2,
      score: SafetyScore.make(0.95),
      onDemandPerHour: microUsd(0.096),
      spotPerHour: microUsd(0.035)
    })
  })
  const part = (zone: ZoneId, instanceType: InstanceType, spot: boolean, of: number) =>
    new Part({
      zone,
      instanceType,
      lifecycle: spot ? "spot" : "on-demand",
      vcpu: 2,
      count: of,
      score: spot ? SafetyScore.make(0.95) : null
    })
  const steady = [0, 1, 2].map((z) => sizeOf(g) / 3 - moves.filter((move) => move.pool.zone === zoneOf(z)).length)
  return new SafePlan({
    ref: about(g) as never,
    preset: "strict",
    floors: productFloors,
    target: [
      ...steady.map((of, z) => part(zoneOf(z), InstanceType.make("m5.large"), false, of)),
      ...moves.map((move) => part(move.pool.zone, move.pool.instanceType, true, 1))
    ],
    moves,
    groupSeq: turn + 1
  })
}

export const Action = Schema.Struct({
  kind: Schema.Literals([
    "approve",
    "approve",
    "grant",
    "grant",
    "settle",
    "settle",
    "settle",
    "settle",
    "repeat",
    "wake",
    "wake",
    "wake",
    "policy",
    "stop",
    "abort",
    "retry",
    "retry",
    "mode",
    "sweep",
    "sweep",
    "refuse",
    "wrong-grant",
    "hours"
  ]),
  group: Schema.Literals([0, 1]),
  n: Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 999 }))
})
export type Action = typeof Action.Type

interface Post {
  readonly message: DeskMessage
  readonly at: number
}

/** The desk's surroundings, and the judge of its orders: it believes messages and orders, never the desk's facts. */
export class World {
  now: number = noon
  mode: Mode = "act"
  turn = 0
  desk: Desk | undefined = undefined
  readonly posted: Array<Post> = []
  readonly judged = new Map<string, { at: number; fact: PlanApproved }>()
  readonly rows = new Map<string, GroupSeen>()
  readonly flying = new Map<string, SwapOrdered>()
  /** Swaps that are stuck, and were not told to go on since. */
  readonly stuck = new Map<string, { readonly order: SwapOrdered; readonly at: Instant }>()
  readonly orders: Array<{ order: SwapOrdered; at: number }> = []
  readonly passed = new Set<string>()
  readonly failed = new Set<string>()
  readonly facts: Array<DeskFact> = []
  /** Hash -> the last moment at which its approval, a person's or the policy's, still holds. */
  readonly approvals = new Map<string, number>()
  readonly requested = new Map<string, number>()
  policy = aPolicy({ version: 0, approval: { _tag: "auto" } })
  stop: { at: number; stop: "run" | "pause" | "halt" } = { at: -1, stop: "run" }

  constructor() {
    for (const g of [0, 1]) this.sweep(g, 0)
  }

  book(): Book {
    const row = <A>(value: unknown, at: number): BookRow<A> =>
      ({
        seq: 1,
        at: instant(at),
        value,
        fact: (road: { tag: string }) => ((value as { _tag: string })._tag === road.tag ? value : undefined)
      }) as BookRow<A>
    return {
      get: (bucket, of) => {
        if (bucket.name === accounts.name) return row(anAccount({ mode: this.mode }), noon)
        const judged = this.judged.get(of)
        if (bucket.name === judgements.name) return judged && row(judged.fact, judged.at)
        const seen = this.rows.get(of)
        return bucket.name === groups.name && seen ? row(seen, noon) : undefined
      },
      all: () => [],
      remark: () => undefined
    }
  }

  /** The sweep may see some replacements already attached, and it may see them late. */
  sweep(g: number, n: number) {
    const members = Array.from({ length: sizeOf(g) }, (_, i) => aMember(1_000 * g + i, { zone: zoneOf(i % 3) }))
    const attached = [...this.flying.values()].filter((order, i) => order.group === names[g] && (n >> i) % 2 === 1)
    const extra = attached.map((order, i) =>
      aMember(5_000 + 1_000 * g + i, { zone: order.move.pool.zone, saga: order.move.swap })
    )
    const seen = aGroup({
      ...about(g),
      subnets: [0, 1, 2].map((z) => ({ subnet: `subnet-${z}`, zone: zoneOf(z) })),
      members: [...members, ...extra],
      desired: members.length + extra.length,
      maxSize: sizeOf(g) + (g === 0 ? 4 : n % 3)
    })
    this.rows.set(groupToken(seen), seen)
  }

  post(message: DeskMessage) {
    this.posted.push({ message, at: this.now })
    this.deliver({ message, at: this.now })
  }

  deliver({ message, at }: Post) {
    this.learn(message, at)
    const heard = { at: instant(at), seq: 2, book: this.book() }
    this.take(rules.decide(this.desk, message, heard), at)
    assert.deepStrictEqual(rules.decide(this.desk, message, heard), [], "the same delivery again says nothing")
  }

  wake() {
    const heard = { at: instant(this.now), seq: 0, book: this.book() }
    if (this.desk !== undefined) this.take(rules.wake!(this.desk, heard), this.now)
  }

  /** What a message entitles to. */
  learn(message: DeskMessage, at: number) {
    if (message._tag === "SetPolicy" && message.policy.version > this.policy.version) this.policy = message.policy
    if (message._tag === "SetStop" && message.at > this.stop.at) this.stop = message
    if (message._tag === "PlanApproved" && this.policy.approval._tag === "auto" && this.mode === "act") {
      if (!this.approvals.has(message.hash)) this.approvals.set(message.hash, at + 24 * hour)
    }
    const shown = message._tag === "GrantApproval" ? this.requested.get(message.hash) : undefined
    if (message._tag === "GrantApproval" && shown !== undefined && at >= shown) {
      this.approvals.set(message.hash, shown + 24 * hour)
    }
  }

  take(said: ReadonlyArray<DeskFact | SwapOrdered | ResumeOrdered>, at: number) {
    const released = said.filter((one) => one._tag === "SwapsReleased")
    const promised = released.flatMap((one) => one.swaps.map(({ swap }) => swap))
    const ordered = said.filter((one) => one._tag === "SwapOrdered")
    assert.deepStrictEqual(
      promised,
      ordered.map((order) => order.move.swap),
      "facts and orders name the same swaps"
    )
    for (const one of said) {
      if (one._tag === "ResumeOrdered") this.resume(one)
      if (one._tag === "SwapOrdered" || one._tag === "ResumeOrdered") continue
      if (one._tag === "ApprovalRequested") this.requested.set(one.hash, at)
      this.facts.push(one)
      this.desk = rules.evolve(this.desk, one)
    }
    for (const order of ordered) this.judge(order, released.find((one) => one.hash === order.plan)!.at)
  }

  resume({ swap }: ResumeOrdered) {
    const one = this.stuck.get(swap)
    assert.isDefined(one, "nothing goes on but what is stuck, once for each word")
    assert.deepStrictEqual([this.mode, this.stop.stop], ["act", "run"], "nothing goes on where nothing may begin")
    this.stuck.delete(swap)
    this.flying.set(swap, one!.order)
  }

  judge(order: SwapOrdered, at: number) {
    const g = names.indexOf(order.group)
    const row = this.rows.get(groupToken(order))!
    const mates = [...this.flying.values()].filter((one) => one.group === order.group)
    const limit = Math.max(1, Math.floor(this.policy.inFlightShare * sizeOf(g)))
    const recent = this.orders.filter((one) => one.at > at - this.policy.windowMs)
    const holds: ReadonlyArray<readonly [boolean, string]> = [
      [this.mode === "act", `no order in mode ${this.mode}`],
      [this.stop.stop === "run", "no order after a stop"],
      [
        (this.approvals.get(order.plan) ?? -1) > at,
        "no order without an approval that covers its hash and still holds"
      ],
      [
        planHash(this.judged.get(groupToken(order))!.fact.plan) === order.plan,
        "no order of another set than the judged one"
      ],
      [!this.orders.some((one) => one.order.move.swap === order.move.swap), "no swap twice"],
      [mates.length + 1 <= limit, `at most ${limit} of ${order.group} in flight`],
      [recent.length + 1 <= this.policy.swapsPerWindow, "at most N in the window"],
      [
        order.canary === !this.orders.some((one) => one.order.plan === order.plan),
        "the canary is the first of its plan"
      ],
      [order.canary || this.passed.has(order.plan), "nothing follows before the canary has passed"],
      [!this.failed.has(order.plan), "nothing follows a failure"],
      [!order.alone || mates.length === 0, "an alone swap has no company"],
      [!mates.some((one) => one.alone), "an alone swap gets no company"],
      [order.alone || mates.length + 1 <= row.maxSize - sizeOf(g), "company needs headroom below MaxSize"],
      [
        order.alone || !mates.some((one) => one.move.pool.zone === order.move.pool.zone),
        "no zone gets two more than another"
      ],
      [order.notAfter <= at + 15 * minute, "an order lives fifteen minutes"],
      [order.canary ? order.bakeMs === this.policy.bakeMs : order.bakeMs === 0, "the canary alone bakes"]
    ]
    for (const [isTrue, rule] of holds) assert.isTrue(isTrue, `${rule}: ${order.move.swap}`)
    this.orders.push({ order, at })
    this.flying.set(order.move.swap, order)
  }

  settle(n: number, end: SwapSettled["end"]) {
    const all = [...this.flying.values()]
    const order = all[n % Math.max(1, all.length)]
    if (order === undefined) return
    this.flying.delete(order.move.swap)
    if (order.canary && end === "done") this.passed.add(order.plan)
    if (end !== "done") this.failed.add(order.plan)
    if (end === "stuck") this.stuck.set(order.move.swap, { order, at: instant(this.now) })
    this.post(
      new SwapSettled({
        ...about(names.indexOf(order.group)),
        swap: order.move.swap,
        plan: order.plan,
        end,
        code:
          end === "done" ? null : ["InsufficientInstanceCapacity", "VcpuLimitExceeded", "CloudOptim.TooLate"][n % 3]!,
        reason: null,
        move: order.move,
        replacement: null,
        hourlySavings: microUsd(0),
        startedAt: instant(this.now),
        at: instant(this.now)
      })
    )
  }

  approve(g: number, count: number) {
    const plan = planOf(g, count, this.turn++)
    const fact = new PlanApproved({
      ...about(g),
      proposal: planHash(plan),
      ages: { inventoryMs: 0, scoresMs: 0 },
      at: instant(this.now),
      plan,
      hash: planHash(plan),
      monthlySavings: microUsd(100)
    })
    this.judged.set(groupToken(fact), { at: this.now, fact })
    this.post(fact)
    return fact
  }

  act({ kind, group, n }: Action) {
    this.now += 1 + (n % 7) * 20_000
    const hash = this.judged.get(groupToken(about(group)))?.fact.hash
    const by = { by: "eve", because: "it is her turn" }
    if (kind === "approve") this.approve(group, 1 + (n % 6))
    else if (kind === "settle")
      this.settle(n, (["done", "done", "done", "done", "undone", "refused", "stuck"] as const)[n % 7]!)
    else if (kind === "wake") this.wake()
    else if (kind === "hours") this.now += (n % 26) * hour
    else if (kind === "sweep") this.sweep(group, n)
    else if (kind === "repeat" && this.posted.length > 0) this.deliver(this.posted[n % this.posted.length]!)
    else if (kind === "mode") this.mode = (["act", "act", "recommend", "observe"] as const)[n % 4]!
    else if (kind === "grant" && hash) this.post(new GrantApproval({ ...about(group), hash, ...by }))
    else if (kind === "refuse" && hash && n % 3 === 0) this.post(new RefuseApproval({ ...about(group), hash, ...by }))
    else if (kind === "wrong-grant")
      this.post(new GrantApproval({ ...about(group), hash: planHash(planOf(group, 1, 10_000)), ...by }))
    else if (kind === "abort" && hash && this.flying.size > 0) {
      const swap = [...this.flying.keys()][n % this.flying.size] ?? ""
      this.post(new AbortSwap({ ...about(group), hash, swap, ...by }))
    } else if (kind === "retry" && this.stuck.size > 0) {
      const [swap, { order, at }] = [...this.stuck][n % this.stuck.size]!
      // now and then about an earlier time
      const stuckAt = instant(n % 5 === 0 ? at - 1 : at)
      this.post(new RetrySwap({ ...about(names.indexOf(order.group)), hash: order.plan, swap, stuckAt, ...by }))
    } else if (kind === "stop") {
      const stop = (["run", "run", "run", "pause", "halt"] as const)[n % 5]!
      this.post(new SetStop({ tenant, account, stop, by: "eve", because: "a drill", at: instant(this.now) }))
    } else if (kind === "policy") {
      const approval = n % 2 === 0 ? ({ _tag: "auto" } as const) : ({ _tag: "manual" } as const)
      const wishes = {
        approval,
        swapsPerWindow: 2 + (n % 5),
        windowMs: (2 + (n % 4)) * minute,
        inFlightShare: (n % 3) * 0.1
      }
      this.post(new SetPolicy({ tenant, account, policy: aPolicy({ version: this.turn++, ...wishes }), by: "eve" }))
    }
  }
}
