/**
 * Those outside who go on living: owners change their groups, AWS takes machines, people approve, stop and change
 * their minds.
 */
import type { Edit } from "../../actors/_ports/world/users.ts"
import { demonstrationPolicy } from "../../deploy/terms.ts"
import { connectAccount, ConnectAccount, disconnectAccount, DisconnectAccount } from "../../schemas/account.ts"
import {
  AbortSwap,
  abortSwap,
  ApprovalRequested,
  approvalRequested,
  grantApproval,
  GrantApproval
} from "../../schemas/approval.ts"
import { digestOf } from "../../schemas/digest.ts"
import { decodeAs, open, unseal } from "../../schemas/envelope.ts"
import type { AccountId, TenantId } from "../../schemas/ids.ts"
import { instant, InstanceId } from "../../schemas/ids.ts"
import { matches } from "../../schemas/message.ts"
import { ClearPool, clearPool, type Pool, poolToken, QuarantinePool, quarantinePool } from "../../schemas/pool.ts"
import { Policy, SetPolicy, setPolicy, SetStop, setStop } from "../../schemas/policy.ts"
import { SwapOrdered, swapOrdered } from "../../schemas/swap.ts"
import type { Stored } from "../../bus/bus.ts"
import { Result } from "effect"
import { copyOf } from "./copied.ts"
import { fleet, market } from "./fleet.ts"
import type { House } from "./house.ts"
import type { Told } from "./journal-watch.ts"
import { Menders } from "./menders.ts"

/** So much of a group may be in flight that swaps of one group do meet. */
const inFlightShare = 0.3
const ours = fleet.accounts.filter(({ mode }) => mode === "act")

export class People {
  private readonly house: House
  private version = 1
  /** Pools that somebody shut and nobody has cleared, by token. */
  private readonly held = new Map<string, Pool>()
  private readonly menders: Menders
  /** Accounts whose tenant has left and not come back. */
  private readonly left = new Set<AccountId>()
  /** Accounts that somebody has taken out of mode `act`. */
  private readonly lowered = new Map<AccountId, (typeof fleet.accounts)[number]>()
  constructor(house: House) {
    this.house = house
    this.menders = new Menders(house, (whose, how) => this.stopFor(whose, how))
  }

  private get sim() {
    return this.house.sim
  }
  private pick<A>(all: ReadonlyArray<A>): A | undefined {
    return all[Math.floor(this.sim.random() * all.length)]
  }

  /** Accounts are connected; with their wishes, or without any, so that a person must say yes. */
  connect(withPolicies: boolean): void {
    for (const whose of ours) if (withPolicies) this.wish(whose, {})
    for (const account of fleet.accounts) this.house.say(connectAccount, new ConnectAccount(account))
  }

  begin(): void {
    this.later("owner", () => this.own())
    this.later("person", () => this.speak())
  }

  /** All that people have left standing in the way is put right again. */
  heal(): void {
    const { world } = this.house
    for (const whose of ours) {
      this.stop(whose, "run")
      this.wish(whose, {})
    }
    for (const pool of this.held.values()) this.clear(pool)
    for (const account of this.left) this.comeBack(account)
    this.menders.heal()
    for (const whose of this.lowered.values()) this.raise(whose)
    for (const group of world.ground.rows.groups.rows.values()) {
      if (group.refreshing) world.user({ edit: "refreshing", group, isOn: false })
    }
    for (const { id, terminationProtected, member } of world.ground.rows.instances.rows.values()) {
      if (terminationProtected) world.user({ edit: "protect", instance: id, from: "termination", isOn: false })
      if (member?.protectedFromScaleIn) world.user({ edit: "protect", instance: id, from: "scale-in", isOn: false })
    }
    for (const [key, { state }] of world.ground.rows.alarms.rows) {
      const [account, region, name] = key.split("/")
      const at = fleet.groups.find((one) => one.account === account && one.region === region)
      if (state !== "OK" && at !== undefined) this.house.ring(at.account, at.region, name ?? "", false)
    }
  }

  /** Whoever is asked says yes after a while, mostly to what he was shown. */
  hear(stored: Stored): void {
    if (matches(swapOrdered.filter, stored.subject) && !this.house.isCalm) this.ordered(stored)
    this.menders.hear(stored)
    if (!matches(approvalRequested.filter, stored.subject)) return
    const fact = Result.flatMap(open(stored.data), ({ body }) => decodeAs(ApprovalRequested, body))
    if (Result.isFailure(fact) || this.house.isForgotten) return
    const { tenant, account, region, group, hash } = fact.success
    const grant = new GrantApproval({ tenant, account, region, group, hash, by: "ada", because: "looks right" })
    // somebody says yes to another set than the one that was shown
    const other = new GrantApproval({ ...grant, hash: digestOf([hash, "another"]), by: "mallory" })
    if (!this.house.isCalm && this.sim.chance(0.5)) this.house.say(grantApproval, other)
    this.sim.after(this.sim.between(5_000, 60_000), () => this.house.say(grantApproval, grant))
  }

  /** As a swap is ordered, somebody does what no swap can be ready for. */
  private ordered(stored: Stored): void {
    const read = unseal(swapOrdered, stored.data)
    if (Result.isFailure(read)) return
    const { sim } = this
    const order = read.success
    if (sim.chance(0.05)) this.forge(order)
    if (sim.chance(0.1)) this.shrink(order)
    if (sim.chance(0.05)) this.hold(order)
    if (sim.chance(0.04)) this.leave(order)
    if (sim.chance(0.04)) this.lower(order)
  }

  /** An alarm rings from before the first look of a canary's bake, now and then. */
  onEntry(entry: Told): void {
    const { sim, house } = this
    const { phase, step, input, mark, made } = entry
    const { launch } = made
    this.menders.onEntry(entry)
    // somebody pulls the switch just as a swap begins, or just as it can no longer go back
    const isTelling = mark === "move" && (phase === "Planned" || phase === "Commit")
    if (isTelling && !house.isCalm && sim.chance(0.04)) this.stopFor(input, "halt")
    if (mark === "move" && phase === "Intent" && !house.isCalm && sim.chance(0.02)) this.abort(input)
    // whoever likes the new machine launches more like it, with all of its tags
    const row = phase === "Outcome" && step === "launch" && launch !== undefined ? this.rowOf(launch) : undefined
    if (row !== undefined && mark === "move" && !house.isCalm && sim.chance(0.1)) copyOf(house.world, row)
    if (phase === "Outcome" && step === "attach" && !house.isCalm && sim.chance(house.draw.speed < 6 ? 0.3 : 0.1))
      this.lose(input)
    // the replacement goes while it bakes, and just then its owner wants more or fewer of his own
    if (phase === "Outcome" && step === "attach" && !house.isCalm && sim.chance(0.06) && launch !== undefined) {
      this.loseAndScale(input, InstanceId.make(launch))
    }
    // the replacement goes just as the old one has gone: nothing is saved then
    if (phase === "Outcome" && step === "retire" && !house.isCalm && sim.chance(0.08) && launch !== undefined) {
      house.world.reclaim(InstanceId.make(launch), false)
    }
    const name = input.alarms[0]
    if (house.isCalm || phase !== "Intent" || step !== "attach" || !input.canary || name === undefined) return
    if (!sim.chance(0.3)) return
    house.ring(input.account, input.region, name, true)
    sim.after(sim.between(30_000, 240_000), () => house.ring(input.account, input.region, name, false))
  }

  private rowOf(launch: string) {
    return this.house.world.ground.rows.instances.get(launch)
  }

  /** A member that no swap is about goes, just as everybody is counted on. */
  private lose({ account, region, group, move }: Told["input"]): void {
    const { house, sim } = this
    const others = house.world.ground
      .members(`${account}/${region}/${group}`)
      .filter(({ id, saga, member }) => id !== move.old && saga === null && member?.state === "InService")
    const one = this.pick(others)
    if (one !== undefined)
      sim.after(sim.between(0, 2_000), () => house.world.user({ edit: "terminate", instance: one.id }))
  }

  private loseAndScale({ account, region, group }: Told["input"], launch: InstanceId): void {
    const { house, sim } = this
    const atMs = sim.between(0, 30_000)
    const by = sim.chance(0.7) ? -1 : 1
    sim.after(atMs, () => house.world.reclaim(launch, false))
    sim.after(Math.max(0, atMs + sim.between(-2_000, 20_000)), () => {
      if (!house.isCalm) house.world.user({ edit: "scale", group: { account, region, group }, by })
    })
  }

  private later(who: "owner" | "person", act: () => void): void {
    const { sim, house } = this
    sim.after(-Math.log(1 - sim.random()) * house.draw.meanMs[who], () => {
      if (house.isCalm) return
      act()
      this.later(who, act)
    })
  }

  private own(): void {
    const edit = this.edit()
    if (edit !== undefined) this.house.world.user(edit)
  }

  private edit(): Edit | undefined {
    const { sim, house } = this
    const { rows } = house.world.ground
    const group = this.pick(
      [...rows.groups.rows.values()].filter(({ account }) => ours.some((o) => o.account === account))
    )
    if (group === undefined) return undefined
    const members = house.world.ground.members(group.key).filter(({ member }) => member?.state === "InService")
    const instance = this.pick(members)
    if (instance === undefined) return undefined
    const kind = Math.floor(sim.random() * 8)
    if (kind < 3) return { edit: "terminate", instance: instance.id }
    if (kind === 3) return { edit: "scale", group, by: sim.chance(0.5) ? 1 : -1 }
    // by two: one more is what a swap itself asks for, and nobody could tell the two wishes apart
    if (kind === 4) return { edit: "max-size", group, maxSize: group.base.maxSize + 2 }
    if (kind === 5) return { edit: "protect", instance: instance.id, from: "scale-in", isOn: true }
    if (kind === 6) return { edit: "protect", instance: instance.id, from: "termination", isOn: true }
    const targetGroup = group.targetGroups[0]
    if (targetGroup !== undefined) return { edit: "target", instance: instance.id, targetGroup, isHealthy: false }
    return instance.saga === null ? { edit: "detach", instance: instance.id, decrement: true } : undefined
  }

  private speak(): void {
    const { sim, house } = this
    const whose = this.pick(ours)
    if (whose === undefined) return
    const kind = Math.floor(sim.random() * 4)
    if (kind === 0) this.stopFor(whose, "pause")
    if (kind === 1) this.stopFor(whose, "halt")
    if (kind === 2) {
      const group = this.pick(fleet.groups.filter(({ account }) => account === whose.account))
      this.wish(whose, group === undefined ? {} : this.exclusion(group))
      sim.after(sim.between(60_000, 300_000), () => this.wish(whose, {}))
    }
    if (kind !== 3) return
    const group = this.pick(fleet.groups.filter(({ account }) => account === whose.account))
    const zone = this.pick(group?.zones ?? [])
    const type = this.pick([...market.types.keys()])
    if (zone === undefined || type === undefined) return
    house.world.refusePool(zone, type, "InsufficientInstanceCapacity")
    sim.after(sim.between(60_000, 600_000), () => house.world.refusePool(zone, type, null))
  }

  private stopFor(whose: Whose, stop: "pause" | "halt"): void {
    this.stop(whose, stop)
    this.sim.after(this.sim.between(30_000, 300_000), () => this.stop(whose, "run"))
  }
  /** Somebody takes back this one swap, wherever it is. */
  private abort({ tenant, account, region, group, move, plan }: Told["input"]): void {
    const about = { tenant, account, region, group, hash: plan, swap: move.swap }
    this.house.say(abortSwap, new AbortSwap({ ...about, by: "ada", because: "it looks wrong" }))
  }
  private stop({ tenant, account }: Whose, stop: "run" | "pause" | "halt"): void {
    const at = instant(this.sim.now)
    this.house.say(setStop, new SetStop({ tenant, account, stop, by: "ada", because: "a drill", at }))
  }
  /** The whole group, or every second one of its machines. */
  private exclusion({ account, region, group }: (typeof fleet.groups)[number]): Partial<Policy> {
    if (this.sim.chance(0.5)) return { excludedGroups: [group] }
    const members = this.house.world.ground.members(`${account}/${region}/${group}`)
    return { excludedInstances: members.filter((_, i) => i % 2 === 0).map(({ id }) => id) }
  }

  private wish({ tenant, account }: Whose, change: Partial<Policy>): void {
    const { draw } = this.house
    const approval = { _tag: draw.approval }
    const base = {
      ...demonstrationPolicy(draw.speed),
      inFlightShare,
      swapsPerWindow: draw.swapsPerWindow,
      version: this.version++,
      approval
    }
    const policy = new Policy({ ...base, ...change })
    this.house.say(setPolicy, new SetPolicy({ tenant, account, policy, by: "ada" }))
  }

  /** The owner scales in between the plan and the swap: what was safe for the larger group need not be for this one. */
  private shrink(order: SwapOrdered): void {
    const { account, region, group } = order
    const at = { account, region, group }
    this.sim.after(0, () => this.house.world.user({ edit: "scale", group: at, by: -2 }))
  }

  /** Somebody shuts the very pool that a swap is ordered into, for a while; now and then he thinks better of it. */
  private hold(order: SwapOrdered): void {
    const { sim, house } = this
    const { tenant, move } = order
    const { pool } = move
    sim.after(sim.between(0, 30_000), () => {
      if (house.isCalm) return
      const until = instant(sim.now + sim.between(60_000, 900_000))
      const wish = { tenant, pool, until, by: "ada", because: "the zone is being rebuilt" }
      this.held.set(poolToken(pool), pool)
      house.say(quarantinePool, new QuarantinePool(wish))
      if (sim.chance(0.5)) sim.after(sim.between(1_000, 300_000), () => this.clear(pool))
    })
  }
  private clear(pool: Pool): void {
    const [whose] = ours
    if (whose === undefined || !this.held.delete(poolToken(pool))) return
    const { tenant } = whose
    this.house.say(clearPool, new ClearPool({ tenant, pool, by: "ada", because: "it stands again" }))
  }

  /** The tenant leaves his account while a swap is ordered in it, and comes back after a while. */
  private leave(order: SwapOrdered): void {
    const { sim, house } = this
    const { tenant, account } = order
    sim.after(sim.between(0, 60_000), () => {
      if (house.isCalm) return
      const wish = { tenant, account, because: "the team has moved", by: "ada" }
      this.left.add(account)
      house.say(disconnectAccount, new DisconnectAccount(wish))
      sim.after(sim.between(30_000, 600_000), () => this.comeBack(account))
    })
  }
  /** Somebody takes the account out of mode `act` while a swap is ordered in it, and puts it back after a while. */
  private lower(order: SwapOrdered): void {
    const whose = fleet.accounts.find(({ account }) => account === order.account)
    if (whose === undefined) return
    const { sim, house } = this
    sim.after(sim.between(0, 90_000), () => {
      if (house.isCalm) return
      this.lowered.set(whose.account, whose)
      house.say(connectAccount, new ConnectAccount({ ...whose, mode: sim.chance(0.5) ? "observe" : "recommend" }))
      sim.after(sim.between(30_000, 300_000), () => this.raise(whose))
    })
  }
  private raise(whose: (typeof fleet.accounts)[number]): void {
    if (this.lowered.delete(whose.account)) this.house.say(connectAccount, new ConnectAccount(whose))
  }
  private comeBack(account: AccountId): void {
    const whose = fleet.accounts.find((one) => one.account === account)
    if (whose === undefined || !this.left.delete(account)) return
    this.house.say(connectAccount, new ConnectAccount({ ...whose, reconnects: true }))
  }

  /** Somebody who has no key takes an order and makes another one of it. */
  private forge(order: SwapOrdered): void {
    const { move } = order
    const forged = new SwapOrdered({ ...order, move: { ...move, swap: `${move.swap}-forged` } })
    this.sim.after(this.sim.between(10, 5_000), () => this.house.say(swapOrdered, forged))
  }
}
interface Whose {
  readonly tenant: TenantId
  readonly account: AccountId
}
