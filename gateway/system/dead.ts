/** Messages that nobody could read: who may see which, how much of each, and having one heard again. */
import { Effect } from "effect"
import { Bus, type Dead, type Standing } from "../../bus/bus.ts"
import { draftOf } from "../../bus/draft.ts"
import type { DeadLetter, listDead, postRedrive } from "../../schemas/api/system.ts"
import { redriveFilter, tokensOf } from "../../schemas/message.ts"
import { Redrive, redrive } from "../../schemas/redrive.ts"
import type { Caller } from "../caller.ts"
import { accountsOf } from "../fleet/scope.ts"
import { silentLog } from "../history/reach.ts"
import { sifted } from "../history/sift.ts"
import { draftOfChange } from "../identity/told.ts"
import { orderAll } from "../order.ts"
import { containing } from "../paging.ts"
import { conflict, notFound } from "../refused.ts"
import type { Asked } from "../route.ts"
import { type Moment, momentAt } from "../rows.ts"

type Letter = typeof DeadLetter.Type

/** Letters of one look into DEAD: each may be 87 kB, however little of it is shown. */
const lookMax = 100
/** Bytes of a message's beginning that are shown. */
const headBytesMax = 1_024
/** So many of the newest are looked through for those of a day, and no more than the other number is counted. */
const looksMax = 2
const countedMax = 100
const dayMs = 86_400_000

const standings = Bus.use((bus) => bus.standings).pipe(Effect.mapError(silentLog))
const deadBelow = (bus: Bus["Service"], before: number | undefined, max: number) =>
  Effect.mapError(bus.dead(before, max), silentLog)

/** Every durable consumer on the log, by name. */
export const consumers = Effect.map(standings, (all) =>
  all.toSorted((a, b) => (a.name === b.name ? (a.filter < b.filter ? -1 : 1) : a.name < b.name ? -1 : 1))
)

/** Those that hear redrives. */
const hearersIn = (all: ReadonlyArray<Standing>): ReadonlySet<string> =>
  new Set(all.flatMap(({ name, filter }) => (filter === redriveFilter(name) ? [name] : [])))

/** Whoever runs the installation, in person: a key is of one tenant, whoever issued it. */
const isRoot = ({ kind, superAdmin }: Caller): boolean => kind === "user" && superAdmin

/** May he see it? It is his where its subject names an account of his; what names none is for the super admin alone. */
const seenBy = (caller: Caller, moment: Moment) => {
  const own = new Set<string>(accountsOf(moment, caller.tenant).map(([, { value }]) => value.account))
  return ({ buried }: Dead): boolean => isRoot(caller) || own.has(accountIn(buried?.subject))
}
const accountIn = (subject = ""): string => tokensOf(subject)?.account ?? ""

const unprintable = /[\p{C}\p{Zl}\p{Zp}\ufffd]/gu
/** What of it can be printed; whatever cannot is a dot, and a character that is cut in two is none. */
const printed = (bytes: Uint8Array): string =>
  new TextDecoder().decode(bytes, { stream: true }).replace(/\s/gu, " ").replace(unprintable, "·")

const headOf = (base64: string): NonNullable<Letter["head"]> => {
  const bytes = Buffer.from(base64, "base64").subarray(0, headBytesMax)
  return { base64: bytes.toString("base64"), text: printed(bytes) }
}

/** Its details tell of what stands there: whoever may not see that is told the word before them. */
const wordOf = (reason: string): string => /^[a-z-]{1,40}(?=:|$)/u.exec(reason)?.[0] ?? "unreadable"

const viewOf = (caller: Caller, hearers: ReadonlySet<string>, { seq, at, buried }: Dead): Letter => {
  const nothing = { consumer: null, subject: null, logSeq: null, logAt: null, bytes: null, sha256: null, head: null }
  if (buried === undefined) {
    return { seq, at, ...nothing, reason: "what lies here is no letter of ours", canBeHeardAgain: false }
  }
  const { consumer, subject, bytes, sha256 } = buried
  const mayRead = isRoot(caller)
  return {
    seq,
    at,
    consumer,
    reason: mayRead ? buried.reason : wordOf(buried.reason),
    subject,
    logSeq: buried.seq,
    logAt: buried.at,
    bytes,
    sha256,
    canBeHeardAgain: hearers.has(consumer),
    head: mayRead ? headOf(buried.head) : null
  }
}

export const deadOf = Effect.fn("listDead")(function* ({ caller, query }: Asked<typeof listDead>) {
  const bus = yield* Bus
  const moment = yield* momentAt(query.at)
  const hearers = hearersIn(yield* standings)
  const isSeen = seenBy(caller, moment)
  const { account, q } = query
  return yield* sifted(
    {
      fetch: (before, max) =>
        Effect.map(deadBelow(bus, before, Math.min(max, lookMax)), (found) => ({
          rows: found.map((item) => ({ seq: item.seq, item })),
          next: found.at(-1)?.seq ?? null
        })),
      tell: (dead: Dead) => {
        if ((!moment.isLive && dead.at > moment.at) || !isSeen(dead)) return undefined
        if (account !== undefined && accountIn(dead.buried?.subject) !== account) return undefined
        return containing([viewOf(caller, hearers, dead)], q)[0]
      }
    },
    query,
    moment.asOf
  )
})

/** How many of the last day he may see. */
export const deadLately = (caller: Caller, moment: Moment, now: number) =>
  Effect.gen(function* () {
    const bus = yield* Bus
    const isSeen = seenBy(caller, moment)
    const isRecent = ({ at }: Dead) => now - at < dayMs
    let counted = 0
    for (let before: number | undefined, looks = 0; looks < looksMax && counted < countedMax; looks++) {
      const found: ReadonlyArray<Dead> = yield* deadBelow(bus, before, lookMax)
      counted += found.filter((one) => isRecent(one) && isSeen(one)).length
      const last = found.at(-1)
      if (last === undefined || !isRecent(last)) break
      before = last.seq
    }
    return Math.min(counted, countedMax)
  })

/** What he asks for, on record: whose words it is nobody knows, so it says which message and no more of it. */
const noted = ({ tenant, name: by }: Caller, redriven: Redrive, now: number) => {
  const { actor, seq, because } = redriven
  const details = `by ${actor}: ${because}`
  return draftOfChange({ tenant, what: "message-redriven", about: `message ${seq}`, by, details, at: now })
}

export const redriveOf = Effect.fn("redriveDead")(function* (asked: Asked<typeof postRedrive>) {
  const { params, body, caller, correlationId, now } = asked
  const wanted = Number(params.seq)
  const bus = yield* Bus
  const [letter] = yield* deadBelow(bus, wanted + 1, 1)
  if (letter?.seq !== wanted) return yield* notFound(`nothing that nobody could read has sequence ${wanted}`)
  if (letter.buried === undefined) return yield* conflict("what lies here is no letter of ours: nobody could hear it")
  const { consumer: actor, seq } = letter.buried
  if (!hearersIn(yield* standings).has(actor)) {
    return yield* conflict(`${actor} hears no message a second time: ask anew for what it was about`)
  }
  const [message] = yield* Effect.mapError(bus.scan(seq - 1, 1), silentLog)
  if (message?.seq !== seq) return yield* conflict(`the log holds message ${seq} no longer: ask anew for what it said`)
  const order = new Redrive({ tenant: caller.tenant, actor, seq, because: body.because, by: caller.name })
  const said = [noted(caller, order, now), draftOf(redrive, order)]
  const [, receipt] = yield* orderAll(said, correlationId)
  return receipt ?? (yield* Effect.die(new Error("two were said and one receipt came")))
})
