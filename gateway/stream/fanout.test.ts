/** Whatever is said, forgotten, cut off and asked for again: a reader gets all of his channel once, or a reset. */
import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema, Semaphore } from "effect"
import { constants, crc32, inflateRawSync } from "node:zlib"
import type { Stored } from "../../bus/bus.ts"
import { instant } from "../../schemas/ids.ts"
import { catchUp, type Since } from "./catch-up.ts"
import type { Line, Member, Wanted } from "./channel.ts"
import { Fanout } from "./fanout.ts"
import { GzipSum, partOf } from "./gzip.ts"
import { Heard } from "./heard.ts"
import { Ring } from "./ring.ts"
import type { ForWhom } from "../shown/shown.ts"
import { seqIn } from "./wire-format.ts"

const epoch = "LOG-1"
const bytes = new TextEncoder()
const tenants = ["acme", "globex"]

/** A message about one account of a tenant; the fourth of five is a price, the fifth nobody can read. */
const storedOf = (seq: number, at = seq): Stored => {
  const tenant = tenants[seq % 2] ?? ""
  const account = `00000000000${seq % 3}`
  const [owner, name, about] =
    seq % 5 === 3 ? ["price-watcher", "pool-priced", `p${seq % 2}`] : ["executor", "said", "x"]
  const data = seq % 5 === 4 ? "no JSON" : tenant
  const subject = ["evt", seq % 5 === 3 ? "all" : account, owner, name, about].join(".")
  return { seq, subject, data: bytes.encode(data), at: instant(at) }
}
const isPrice = ({ subject }: Stored) => subject.includes("pool-priced")

/** Breaks on what nobody can read. */
const tell = (stored: Stored): ForWhom => {
  const tenant = new TextDecoder().decode(stored.data)
  if (!tenants.includes(tenant)) throw new Error("no words for it")
  const account = stored.subject.split(".")[1] ?? ""
  const view = { seq: stored.seq, account, says: `${tenant} says` } as unknown as ForWhom["view"]
  return { audience: isPrice(stored) ? { _tag: "everybody" } : { _tag: "tenant", tenant, account: null }, view }
}

const isFor = (wanted: Wanted, stored: Stored) => {
  if (stored.seq % 5 === 4) return false
  if (wanted.account !== undefined && stored.subject.split(".")[1] !== wanted.account) return false
  return isPrice(stored) || tenants[stored.seq % 2] === wanted.tenant
}

/** What one connection got, in order. */
type Frame = { readonly seq: number; readonly event: string; readonly data: string }

const framesIn = (text: string): ReadonlyArray<Frame> =>
  text.split("\n\n").flatMap((frame) => {
    const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(frame)?.[1] ?? ""
    const seq = seqIn(field("id"), epoch)
    return seq === undefined || field("data") === "" ? [] : [{ seq, event: field("event"), data: field("data") }]
  })

/** A line that keeps what it is given, as a reader would read it. */
const lineTo = (isSqueezed: boolean) => {
  let text = ""
  let isEnded = false
  const line: Line = {
    send: ({ raw }) => {
      // each block reads on its own: a reader may join at any of them
      text += isSqueezed ? inflateRawSync(raw, { finishFlush: constants.Z_SYNC_FLUSH }).toString() : raw.toString()
      return true
    },
    backlog: () => 0,
    end: () => (isEnded = true),
    cut: () => (isEnded = true)
  }
  return { line, text: () => text, isEnded: () => isEnded }
}

const small = { max: 12, ageMaxMs: 40 }

/** A log, a fan-out over it, and one reader who comes and goes. */
class House {
  readonly log: Array<Stored> = []
  fanout: Fanout
  readonly wanted: Wanted
  readonly isSqueezed: boolean
  now = 0
  forgotten = 0
  seen: Array<Frame> = []
  lastId: number | undefined
  private member: Member | undefined
  private line = lineTo(false)
  private read = 0

  constructor(wanted: Wanted, isSqueezed: boolean) {
    this.wanted = wanted
    this.isSqueezed = isSqueezed
    this.fanout = this.start()
  }

  start(): Fanout {
    const from = Math.max(0, this.log.length - 5)
    return new Fanout({ epoch, from, tell, ownerOf: () => undefined, ring: small, pageLength: 4 })
  }

  say(count: number) {
    for (let n = 0; n < count; n++) {
      const stored = storedOf(this.log.length + 1, ++this.now)
      this.log.push(stored)
      this.fanout.hear(stored)
    }
  }

  restart() {
    this.leave()
    this.fanout = this.start()
    for (const stored of this.log) this.fanout.hear(stored)
    this.fanout.flush(this.now)
  }

  leave() {
    if (this.member !== undefined) this.fanout.leave(this.member)
    this.take()
    this.member = undefined
  }

  /** What came since the last look. */
  take() {
    const text = this.line.text()
    const frames = framesIn(text.slice(this.read))
    this.read = text.length
    this.seen.push(...frames)
    this.lastId = frames.at(-1)?.seq ?? this.lastId
  }

  come(since: Since, meanwhile: () => void = () => {}) {
    this.leave()
    this.line = lineTo(this.isSqueezed)
    this.read = 0
    const gzip = this.isSqueezed ? new GzipSum() : undefined
    const member: Member = { line: this.line.line, gzip, caller: "u", until: 1, isWaiting: false, seen: 0 }
    this.member = member
    const { fanout, wanted, log } = this
    const scan = (after: number, max: number) =>
      Effect.sync(() => log.slice(Math.max(after, this.forgotten), Math.max(after, this.forgotten) + max))
    const drained = Effect.sync(() => (meanwhile(), true))
    const way = { fanout, wanted, member, since, scan, drained, turns: Semaphore.makeUnsafe(1), isGone: () => false }
    return catchUp(way)
  }

  /** Every frame is later than the one before; between two of them nothing of the channel is missing but prices. */
  judge(from: number) {
    let known = from
    for (const { seq, event, data } of this.seen) {
      if (event === "reset") {
        assert.isAtLeast(seq, known)
        known = seq
        continue
      }
      assert.isAbove(seq, known, "twice, or out of order")
      const missed = this.log.slice(known, seq - 1).filter((one) => isFor(this.wanted, one) && !isPrice(one))
      assert.isEmpty(missed, `missed before ${seq}`)
      assert.isTrue(isFor(this.wanted, this.log[seq - 1] ?? assert.fail("of no log")), `${seq} is none of his`)
      assert.strictEqual(JSON.parse(data).seq, seq)
      known = seq
    }
    const rest = this.log.slice(known, this.fanout.toldSeq).filter((one) => isFor(this.wanted, one))
    assert.isEmpty(rest, "missed at the end")
  }
}

const upTo = (max: number) => Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: max }))
const Step = Schema.Union([
  Schema.Struct({ do: Schema.Literal("say"), count: upTo(20) }),
  Schema.Struct({ do: Schema.Literals(["flush", "wait", "beat", "restart", "reconnect", "forget"]) })
])
type Step = typeof Step.Type

const take = (house: House, step: Step): Effect.Effect<void, unknown> => {
  if (step.do === "say") house.say(step.count)
  if (step.do === "flush") house.fanout.flush(house.now)
  if (step.do === "wait") house.fanout.flush((house.now += 25))
  if (step.do === "beat") house.fanout.beat()
  if (step.do === "restart") house.restart()
  if (step.do === "forget") house.forgotten = Math.max(0, house.log.length - 5)
  house.take()
  if (step.do !== "reconnect" && step.do !== "restart") return Effect.void
  // while he catches up more is said, and told to the others
  let turns = 3
  const meanwhile = () => {
    if (turns-- > 0) house.say(house.now % 4)
    house.fanout.flush(house.now)
  }
  const since: Since = house.lastId === undefined ? { _tag: "Now" } : { _tag: "After", seq: house.lastId }
  return house.come(since, meanwhile)
}

const scene = {
  steps: Schema.Array(Step),
  before: upTo(40),
  after: upTo(60),
  tenant: upTo(1),
  account: upTo(3),
  forgotten: upTo(40)
}

describe("a reader", () => {
  it.effect.prop(
    "gets each event of his channel exactly once and in order, from any id on, or a reset",
    { ...scene, squeezed: Schema.Boolean },
    ({ steps, before, after, tenant, account, forgotten, squeezed }) =>
      Effect.gen(function* () {
        const wanted: Wanted = {
          tenant: tenants[tenant] ?? "",
          account: account === 3 ? undefined : `00000000000${account}`,
          topics: [],
          format: "sse"
        }
        const house = new House(wanted, squeezed)
        house.say(before)
        house.forgotten = Math.min(before, forgotten)
        house.fanout.flush(house.now)
        yield* house.come({ _tag: "After", seq: after })
        house.lastId = after
        for (const step of steps) yield* take(house, step)
        house.fanout.flush(house.now)
        house.take()
        house.judge(after)
      }),
    { arbitrary: { runs: 300 } }
  )
})

describe("the sum of a reader's gzip", () => {
  it.prop("is that of all he was sent, in whatever parts", { parts: Schema.Array(Schema.String) }, ({ parts }) => {
    const sum = new GzipSum()
    const sent = parts.map((part) => bytes.encode(part))
    for (const part of sent) sum.add(partOf(part))
    // of bytes: two halves of a surrogate pair in two parts are other bytes than the pair
    const whole = Buffer.concat(sent)
    assert.strictEqual(sum.end.readUInt32LE(2), crc32(whole))
    assert.strictEqual(sum.end.readUInt32LE(6), whole.length)
  })
})

describe("the ring", () => {
  it("holds nothing before what the log still had when it was read", () => {
    const ring = new Ring(3, small)
    assert.strictEqual(ring.floor, 3)
    for (const seq of [9, 10, 11]) assert.isTrue(ring.push(new Heard(storedOf(seq))))
    assert.strictEqual(ring.floor, 8)
    assert.isFalse(ring.push(new Heard(storedOf(11))))
    assert.deepStrictEqual(
      ring.after(9, 5).map(({ seq }) => seq),
      [10, 11]
    )
  })
})
