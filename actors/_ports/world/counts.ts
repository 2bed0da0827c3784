/** Sums over instances, kept up to date row by row: who is where, how much serves, what a saga still has running. */
import type { InstanceId } from "../../../schemas/ids.ts"
import { type InstanceRow, keyIn, scopeOf } from "./state.ts"

const isAlive = (row: InstanceRow) => row.state !== "terminated"
const isUp = (row: InstanceRow) => row.state === "pending" || row.state === "running"

/** Units of capacity that serve users now: in service, running, and healthy for every target group. */
const servingOf = (row: InstanceRow): number => {
  const { member } = row
  if (member === null || member.state !== "InService" || row.state !== "running") return 0
  for (const target in member.targets) if (member.targets[target] !== "healthy") return 0
  return member.weight
}

interface Share {
  readonly group: string | null
  readonly serving: number
  readonly isUp: boolean
  readonly isAlive: boolean
}
const nothing: Share = { group: null, serving: 0, isUp: false, isAlive: false }

/** By how much the serving capacity of a group changed. */
export interface Change {
  readonly group: string
  readonly by: number
  /** A replacement of ours serves for the first time. It comes for another that is to go, and makes good no loss. */
  readonly isReplacement: boolean
}

export class Counts {
  /** Instances by account and region, in order of launching. */
  readonly listed = new Map<string, Map<InstanceId, InstanceRow>>()
  readonly members = new Map<string, Set<InstanceId>>()
  readonly serving = new Map<string, number>()
  /** Instances that a saga launched and that are pending or running. */
  readonly ofSaga = new Map<string, Set<InstanceId>>()
  readonly addresses = new Map<string, number>()
  /** By scope and lifecycle. */
  readonly vcpus = new Map<string, number>()
  private readonly hasServed = new Set<InstanceId>()
  private readonly shares = new Map<InstanceId, Share>()

  /** Takes an instance into account as it is now; answers what that changed for users. */
  place(row: InstanceRow): ReadonlyArray<Change> {
    const before = this.shares.get(row.id) ?? nothing
    const now = { group: row.member?.group ?? null, serving: servingOf(row), isUp: isUp(row), isAlive: isAlive(row) }
    this.shares.set(row.id, now)
    list(this.listed, scopeOf(row), row)
    if (before.isAlive !== now.isAlive) {
      add(this.addresses, keyIn(row, row.subnet), now.isAlive ? 1 : -1)
      add(this.vcpus, `${scopeOf(row)} ${row.lifecycle}`, now.isAlive ? row.vcpu : -row.vcpu)
    }
    if (row.saga !== null && before.isUp !== now.isUp) put(this.ofSaga, row.saga, row.id, now.isUp)
    if (before.group !== now.group) {
      if (before.group !== null) put(this.members, before.group, row.id, false)
      if (now.group !== null) put(this.members, now.group, row.id, true)
    }
    const isReplacement = row.saga !== null && now.serving > 0 && !this.hasServed.has(row.id)
    if (now.serving > 0) this.hasServed.add(row.id)
    return this.moved(before, now, isReplacement)
  }

  /** It is no longer listed at all. */
  forget(row: InstanceRow): void {
    this.listed.get(scopeOf(row))?.delete(row.id)
    this.shares.delete(row.id)
    this.hasServed.delete(row.id)
    if (row.member !== null) put(this.members, row.member.group, row.id, false)
  }

  private moved(before: Share, now: Share, isReplacement: boolean): ReadonlyArray<Change> {
    const changes: Array<Change> = []
    if (before.group === now.group) {
      if (now.group !== null && before.serving !== now.serving) {
        changes.push({ group: now.group, by: now.serving - before.serving, isReplacement })
      }
    } else {
      if (before.group !== null && before.serving > 0)
        changes.push({ group: before.group, by: -before.serving, isReplacement: false })
      if (now.group !== null && now.serving > 0) changes.push({ group: now.group, by: now.serving, isReplacement })
    }
    for (const { group, by } of changes) add(this.serving, group, by)
    return changes
  }
}

const add = (sums: Map<string, number>, key: string, by: number) => void sums.set(key, (sums.get(key) ?? 0) + by)
const put = (sets: Map<string, Set<InstanceId>>, key: string, id: InstanceId, isIn: boolean) => {
  const set = sets.get(key) ?? new Set()
  if (isIn) set.add(id)
  else set.delete(id)
  if (set.size === 0) sets.delete(key)
  else sets.set(key, set)
}
const list = (lists: Map<string, Map<InstanceId, InstanceRow>>, scope: string, row: InstanceRow) => {
  let rows = lists.get(scope)
  if (rows === undefined) lists.set(scope, (rows = new Map()))
  rows.set(row.id, row)
}
