/** The simulated cloud: one object behind all simulated ports. It moves when it is asked or when its host wakes it. */
import type { AccountId, InstanceId, InstanceType, Region, ZoneId } from "../../../schemas/ids.ts"
import { type AlarmState } from "../health.ts"
import type { Caller } from "../port.ts"
import { enter } from "./accounts.ts"
import { booted, dead, forget, isGone } from "./ec2.ts"
import { type Behaviours, mayFail } from "./faults.ts"
import { Ground, type WorldOptions } from "./ground.ts"
import { onCaller, onServing } from "./invariants.ts"
import { apply, snapshot } from "./log.ts"
import { admit, disturb, drained, dying, ended, finish, judgeTarget, serve } from "./members.ts"
import { type Fleet, plant } from "./plant.ts"
import { reclaim, take, tempt, tempted } from "./reclaim.ts"
import { reconcile } from "./reconcile.ts"
import { Refused } from "./refused.ts"
import { type Ask as Report, report } from "./report.ts"
import { type AccountRow, type InstanceRow, keyIn, type Place, scopeOf } from "./state.ts"
import { publish } from "./templates.ts"
import { act, type Edit } from "./users.ts"
import { recorded } from "./writes.ts"

export type { WorldOptions } from "./ground.ts"

/** A call as it reaches the cloud. */
export interface Asked {
  /** `ec2`, `group`, `health`, `sts` or `prices`. */
  readonly api: string
  /** The call's name in its port. */
  readonly name: string
  /** The IAM action of a write. */
  readonly action: string | undefined
  readonly input: unknown
}
export type Answer<A> = { readonly ok: A } | { readonly no: Refused }

/** What the events of an instance do. */
const onInstance: Readonly<Record<string, (w: Ground, row: InstanceRow) => void>> = {
  boot: (w, row) => {
    booted(w, row)
    if (isGone(row)) return dying(w, row)
    admit(w, row)
    tempt(w, row)
  },
  dead: (w, row) => {
    dead(w, row)
    ended(w, row)
  },
  forget: (w, row) => {
    const group = row.member?.group
    forget(w, row)
    if (group === undefined) return
    w.seenGroups.delete(group)
    disturb(w, group)
  },
  admit,
  hooked: serve,
  target: judgeTarget,
  drained,
  released: finish,
  take,
  tempted
}

export class World {
  /** Its inside, for the ports and tests. */
  readonly ground: Ground

  constructor(options: WorldOptions) {
    this.ground = new Ground(options)
    this.ground.onServing = (change) => onServing(this.ground, change)
  }

  /** The world that wrote these lines, as it was after the last whole one; what fell due since then happens now. */
  static restore(lines: Iterable<string>, options: WorldOptions): World {
    const world = new World(options)
    apply(world.ground, lines)
    return world
  }
  /** Its whole state as one line. */
  snapshot(): string {
    return snapshot(this.ground)
  }

  /** Works off, in order of time, all that has fallen due. Cheap when nothing has. */
  advance(): void {
    this.move()
    this.ground.commit()
  }
  /** When something will happen by itself (ms since 1970); undefined = never, unless somebody acts. */
  nextDue(): number | undefined {
    return this.ground.agenda.next()
  }

  /** One call: time first, then the door, then what was asked. Every write is on record before its answer leaves. */
  answer<A>(asked: Asked, caller: Caller, run: (w: Ground) => A): Answer<A> {
    const w = this.ground
    this.move()
    const door = () => {
      const account = enter(w, caller)
      onCaller(w, caller)
      if (w.behaviours.throttling) {
        w.buckets.take(w.at, scopeOf(caller), asked.api, asked.name, asked.action !== undefined)
      }
      mayFail(w, asked.api, asked.action !== undefined)
      return account
    }
    try {
      if (asked.action !== undefined) {
        return { ok: recorded(w, { action: asked.action, request: asked.input }, caller, door, () => run(w)) }
      }
      door()
      return { ok: run(w) }
    } catch (cause) {
      if (cause instanceof Refused) return { no: cause }
      throw cause
    } finally {
      w.commit()
    }
  }

  /** Puts a fleet there. */
  plant(fleet: Fleet): void {
    this.entry((w) => plant(w, fleet))
  }
  /** An owner does something in his account; false where its subject is gone. */
  user(edit: Edit): boolean {
    return this.entry((w) => act(w, edit))
  }
  /** AWS takes a Spot instance: after two minutes' notice, or at once. */
  reclaim(instance: InstanceId, isWarned: boolean): boolean {
    return this.entry((w) => reclaim(w, instance, isWarned))
  }
  /** Reads do not know the instance before then (ms since 1970), as now and then takes minutes at AWS. */
  hide(instance: InstanceId, until: number): void {
    this.entry((w) => {
      const row = w.rows.instances.get(instance)
      if (row === undefined) return
      row.visibleAt = until
      w.mark(row)
    })
  }
  /** From now on the pool refuses Spot launches with this code; null = no longer. */
  refusePool(zone: ZoneId, type: InstanceType, code: string | null): void {
    this.entry((w) => {
      if (code === null) w.rows.refusing.drop(`${zone} ${type}`)
      else w.rows.refusing.put(`${zone} ${type}`, { code })
    })
  }
  /** Changes what an account refuses or allows, as `{ refuses: "ExpiredToken" }`. */
  setAccount(
    account: AccountId,
    change: Partial<Pick<AccountRow, "mode" | "refuses" | "spotRole" | "spotVcpuQuota" | "onDemandVcpuQuota">>
  ): void {
    this.entry((w) => {
      const row = w.rows.accounts.get(account)
      if (row !== undefined) w.rows.accounts.put(account, { ...row, ...change })
    })
  }
  setAddresses(place: Place, subnet: string, addresses: number): void {
    this.entry((w) => {
      const row = w.rows.subnets.get(keyIn(place, subnet))
      if (row !== undefined) w.rows.subnets.put(keyIn(place, subnet), { ...row, addresses })
    })
  }
  setAlarm(account: AccountId, region: Region, name: string, state: typeof AlarmState.Type): void {
    this.entry((w) => w.rows.alarms.put(keyIn({ account, region }, name), { state }))
  }
  /** A new version of a launch template; answers its number. */
  publish(...args: Parameters<typeof publish> extends [Ground, ...infer Rest] ? Rest : never): number {
    return this.entry((w) => publish(w, ...args))
  }
  behave(change: Partial<Behaviours>): void {
    Object.assign(this.ground.behaviours, change)
  }

  report(ask: Partial<Report> = {}) {
    this.advance()
    return report(this.ground, ask)
  }

  private entry<A>(run: (w: Ground) => A): A {
    this.move()
    try {
      return run(this.ground)
    } finally {
      this.ground.commit()
    }
  }

  private move(): void {
    const w = this.ground
    const end = Math.max(w.at, w.present())
    for (let due = w.agenda.take(end); due !== undefined; due = w.agenda.take(end)) {
      w.at = Math.max(w.at, due.at)
      if (due.kind === "reconcile") reconcile(w, due.about)
      else {
        const row = w.rows.instances.get(due.about)
        if (row !== undefined) onInstance[due.kind]?.(w, row)
      }
    }
    w.at = end
  }
}
