/**
 * The moments that count: what is planned is safe, what is committed has baked under quiet alarms, what is claimed is
 * kept.
 */
import type { Stored } from "../../bus/bus.ts"
import { matches } from "../../schemas/message.ts"
import { Part, productFloors, tighten, violationsOf } from "../../schemas/safe-plan.ts"
import type { InstanceRow } from "../../actors/_ports/world/state.ts"
import type { Sending } from "./cloud-wire.ts"
import { lookStep } from "./coverage.ts"
import { type SwapOrdered, swapOrdered, swapSettled } from "../../schemas/swap.ts"
import { SafetyScore } from "../../schemas/ids.ts"
import { type House, skewMaxMs } from "./house.ts"
import type { Told } from "./journal-watch.ts"
import type { Judge } from "./judge.ts"

const text = new TextDecoder()
const isThere = (state: string) => state === "InService" || state.startsWith("Pending")

type Seen = Pick<InstanceRow, "id" | "zone" | "instanceType" | "lifecycle" | "vcpu">

/** Two processes may look for one swap, of which one writes: each judges what it was told itself. */
const seenBy = (saga: string, by: string): string => `${saga} ${by}`

export class CommitWatch {
  /** When each saga's bake began, and whether an alarm of its order rang then and has not stopped since. */
  private readonly bakes = new Map<string, { readonly at: number; readonly ringing: ReadonlyArray<string> }>()
  private readonly last = new Map<string, Told>()
  /** Groups that ordered swaps are about, and members of them as their looks saw them. */
  private readonly orders = new Map<string, string>()
  private readonly seen = new Map<string, ReadonlyArray<Seen>>()
  private readonly house: House
  private readonly judge: Judge
  constructor(house: House, judge: Judge) {
    this.house = house
    this.judge = judge
  }

  hear(entry: Told, before: Told | undefined): void {
    this.last.set(entry.id, entry)
    if (entry.mark !== "move" || before?.phase === entry.phase) return
    if (entry.phase === "Planned") this.planned(entry)
    if (entry.phase === "Intent" && entry.step === "bake") {
      this.bakes.set(entry.id, { at: entry.stepAt, ringing: this.ringing(entry) })
    }
    if (entry.phase === "Commit") this.committed(entry)
  }

  private ringing({ input }: Told): ReadonlyArray<string> {
    const { alarms } = this.house.world.ground.rows
    return input.alarms.filter((name) => alarms.get(`${input.account}/${input.region}/${name}`)?.state === "ALARM")
  }

  /** 6: a canary has served beside the old one for as long as it should, and no alarm rang all the while. */
  private committed(entry: Told): void {
    const bake = this.bakes.get(entry.id)
    const wrong = (details: string) => this.judge.wrong(6, `${entry.id} committed ${details}`, entry.id)
    if (bake === undefined) return wrong("without a bake")
    const still = this.ringing(entry)
    const rang = bake.ringing.filter((name) => still.includes(name) && this.house.isRingingSince(name, bake.at))
    if (rang.length > 0) wrong(`while ${rang.join()} rang from before its bake`)
    const short = entry.input.bakeMs - (entry.stepAt - bake.at)
    if (entry.input.canary && short > 2 * skewMaxMs) wrong(`${short} ms before the end of its bake`)
  }

  /** The look reads its group: what it is told in that moment is what it must judge. */
  looked({ caller, label }: Sending): void {
    const group = this.last.get(caller.saga ?? "") === undefined ? this.orders.get(caller.saga ?? "") : undefined
    if (caller.step !== lookStep || label !== "group:groups" || group === undefined || caller.saga === null) return
    const members = this.house.world.ground.members(group)
    const there = members.filter(({ member }) => isThere(member?.state ?? ""))
    this.seen.set(
      seenBy(caller.saga, caller.by),
      there.map(({ id, zone, instanceType, lifecycle, vcpu }) => ({ id, zone, instanceType, lifecycle, vcpu }))
    )
  }

  /** 23: the group as it will be after this swap passes the five layers. */
  private planned({ id, input, by }: Told): void {
    const parts = (this.seen.get(seenBy(id, by)) ?? []).map((row) => {
      const isOld = row.id === input.move.old
      const instanceType = isOld ? input.move.pool.instanceType : row.instanceType
      const lifecycle = isOld ? "spot" : row.lifecycle
      const score = lifecycle === "spot" ? SafetyScore.make(1) : null
      return new Part({ zone: row.zone, instanceType, lifecycle, vcpu: row.vcpu, count: 1, score })
    })
    const wrong = violationsOf(parts, tighten(input.floors, productFloors), input.preset)
    if (wrong.length > 0) this.judge.wrong(23, `${id} planned: ${wrong.map(({ details }) => details).join("; ")}`, id)
  }

  /** 29: who saw at the end that the replacement does not serve claims nothing for it. */
  settled({ subject, data }: Stored): void {
    if (matches(swapOrdered.filter, subject)) {
      const { body } = JSON.parse(text.decode(data)) as { readonly body: SwapOrdered }
      this.orders.set(body.move.swap, `${body.account}/${body.region}/${body.group}`)
    }
    if (!matches(swapSettled.filter, subject)) return
    const { body } = JSON.parse(text.decode(data)) as {
      readonly body: { readonly swap: string; readonly hourlySavings: number }
    }
    const last = this.last.get(body.swap)
    if (last === undefined) return this.judge.wrong(11, `${body.swap} is settled without a journal`, body.swap)
    const isKept = last.phase === "Done" && last.made["kept"] === true
    if (body.hourlySavings > 0 && !isKept) {
      this.judge.wrong(29, `${body.swap} claims ${body.hourlySavings} for a replacement that does not serve`, body.swap)
    }
  }
}
