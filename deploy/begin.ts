/** What a start asks for: accounts that nobody has connected yet, with first policies; and where no dry run may be. */
import { Effect, Schedule } from "effect"
import { openBook } from "../bus/book.ts"
import { Bus, type Draft } from "../bus/bus.ts"
import { draftOf } from "../bus/draft.ts"
import { type Account, type ConnectAccount, connectAccount } from "../schemas/account.ts"
import { flyingOn } from "../schemas/approval.ts"
import { accounts, desks } from "../schemas/catalogue.ts"
import { key } from "../schemas/key.ts"
import { entityFilter } from "../schemas/message.ts"
import { type Policy, productPolicy, setPolicy } from "../schemas/policy.ts"
import type { Plan } from "./accounts.ts"
import { CannotStart } from "./cannot-start.ts"

type Begun = Pick<Plan, "connects" | "policies">

/** No start-up changes what stands in an account's row: only a person's order does. */
const changeIt = "change it on the dashboard or with the CLI"

/** An asked-again append may store a wish twice, which says the same: any other answer than these is told. */
const again = Schedule.exponential("50 millis").pipe(Schedule.jittered, Schedule.upTo({ times: 6 }))

type Approval = Policy["approval"]["_tag"]
interface Asked {
  readonly connect: ConnectAccount
  readonly approval: Approval
}

/** What a connected account keeps although the start asks for something else; undefined where both say the same. */
const keptOf = (known: Account, approval: Approval, asked: Asked): string | undefined => {
  const wish = asked.connect
  const { account, status } = known
  if (known.tenant !== wish.tenant) return `account ${account} is connected already by another tenant and stays theirs`
  if (status === "disconnected") return `account ${account} was disconnected and stays so: ${changeIt}`
  const listed = (regions: ReadonlyArray<string>) => [...new Set(regions)].sort().join(" ") || "none"
  const pairs = [
    ["name", known.name, wish.name],
    ["mode", known.mode, wish.mode],
    ["regions", listed(known.regions), listed(wish.regions)],
    ["approval", approval, asked.approval],
    ["environment", known.environment, wish.environment],
    ["role", known.roleArn ?? "none", wish.roleArn ?? "none"]
  ] as const
  const differing = pairs.filter(([, is, wished]) => is !== wished)
  if (known.externalId === wish.externalId && differing.length === 0) return undefined
  const told = differing.map(([what, is, wished]) => `${what} ${is} (not ${wished})`)
  if (known.externalId !== wish.externalId) told.push("its external id")
  return `account ${account} is connected already and keeps ${told.join(", ")}: ${changeIt}`
}

/** An account's first order, with its first policy before it: both or neither, and never after its first fact. */
const first = ({ policies }: Begun, wish: ConnectAccount): ReadonlyArray<Draft> => {
  const on = entityFilter("onboarder", key(wish.account))
  const wishes = policies.filter(({ account }) => account === wish.account).map((one) => draftOf(setPolicy, one))
  return [...wishes, { ...draftOf(connectAccount, wish), expect: { seq: 0, on } }]
}

/**
 * Orders of the start, for accounts of which the onboarder has said nothing yet: no restart changes a mode, a policy or
 * anything else of a connected account, whatever the file says by now. Each that differs is told on one line.
 */
export const begin = (plan: Begun, say: (line: string) => void) =>
  Effect.gen(function* () {
    const bus = yield* Bus
    // the row as well as the log's condition: facts age out of the log, rows do not
    const book = yield* openBook([accounts, desks], [])
    for (const wish of plan.connects) {
      const about = key(wish.account)
      const known = book.get(accounts, about)?.value
      const { approval } = plan.policies.find(({ account }) => account === wish.account)?.policy ?? productPolicy
      const stands = book.get(desks, about)?.value.policy ?? productPolicy
      const asked = { connect: wish, approval: approval._tag }
      const kept = known === undefined ? undefined : keptOf(known, stands.approval._tag, asked)
      if (kept !== undefined) say(kept)
      if (book.newest(accounts, about) > 0) continue
      yield* bus.append(first(plan, wish)).pipe(
        Effect.retry({ schedule: again, while: ({ reason }) => reason === "in-flight" || reason === "unknown" }),
        // somebody has connected it meanwhile
        Effect.catchIf(
          ({ reason }) => reason === "conflict",
          () => Effect.void
        )
      )
    }
  }).pipe(Effect.scoped, Effect.orDie)

/**
 * A dry run executes nothing, so it may not begin on what is allowed to act, or has something to end: swaps under way
 * would go on, or turn back, in a run that promised to change nothing.
 */
export const mayRunDry = (dataDir: string) =>
  Effect.gen(function* () {
    const book = yield* openBook([accounts, desks], [])
    const mend = "name another folder with --data, or start without --dry-run and lower the modes there"
    for (const [, { value }] of book.all(accounts)) {
      const { account, mode, status } = value
      if (mode === "act" && status !== "disconnected") {
        const why = `--dry-run changes no mode, and account ${account} in ${dataDir} is connected in mode act`
        return yield* new CannotStart({ why: `${why}: ${mend}.` })
      }
      const flying = flyingOn(book.get(desks, key(account))?.value)
      if (flying === 0) continue
      const why = `--dry-run ends no swap, and ${flying} are under way in account ${account} in ${dataDir}`
      const letThem = "name another folder with --data, or start without --dry-run until they have ended"
      return yield* new CannotStart({ why: `${why}: ${letThem}.` })
    }
  }).pipe(Effect.scoped)
