/** Commands that list: what there is of one kind, as a table or for programs. */
import { Effect, Option } from "effect"
import { Command, Flag } from "effect/cli"
import type { Calls } from "../../schemas/api/endpoints.ts"
import { askAll, type ItemOf } from "./ask.ts"
import { account, at, limit, output } from "./flags.ts"
import { ago, type Column, type Output, printAll, usd, usdPerHour, when } from "./print.ts"

/** Only swaps have an end to be asked for; elsewhere the flag is not there. */
const status = Flag.Literals("status", ["running", "ended", "done", "undone", "refused", "stuck"]).pipe(Flag.optional)

interface Listing<K extends keyof Calls> {
  readonly call: K
  readonly about: string
  readonly columns: ReadonlyArray<Column<ItemOf<K>>>
  /** Said where there is nothing, with what mends it. */
  readonly none: string
}

/** Asks for all of it, page by page, and prints it. */
const listed = <K extends keyof Calls>(
  { call, columns, none }: Listing<K>,
  one: {
    readonly output: Output
    readonly limit: number
    readonly account: Option.Option<string>
    readonly at: Option.Option<string>
    readonly status?: Option.Option<string>
  }
) => {
  const asked = { account: one.account, at: one.at, status: one.status ?? Option.none<string>() }
  const query = Object.fromEntries(Object.entries(asked).map(([name, value]) => [name, Option.getOrUndefined(value)]))
  return Effect.flatMap(askAll(call, { query }, one.limit), (rows) => printAll(one.output, columns, rows, none))
}
const scope = { output, limit, account, at }
const listing = <const N extends string, K extends keyof Calls>(name: N, what: Listing<K>) =>
  Command.make(name, scope, (one) => listed(what, one)).pipe(Command.withDescription(what.about))

export const accounts = listing("accounts", {
  call: "GET /api/v1/accounts",
  about: "List connected accounts",
  columns: [
    { name: "ACCOUNT", of: (row) => row.account },
    { name: "NAME", of: (row) => row.name },
    { name: "MODE", of: (row) => row.mode },
    { name: "STATUS", of: ({ status, reason }) => (status === "disconnected" ? status : (reason ?? status)) },
    { name: "STOP", of: (row) => row.stop },
    { name: "GROUPS", of: (row) => row.groups, isFigure: true },
    { name: "INSTANCES", of: (row) => row.instances, isFigure: true },
    { name: "SPOT", of: (row) => row.spot, isFigure: true }
  ],
  none: "no account is connected: cloudoptim up connects the demonstration's, cloudoptim accounts connect yours"
})

export const groups = listing("groups", {
  call: "GET /api/v1/groups",
  about: "List Auto Scaling groups and why each is as it is",
  columns: [
    { name: "ID", of: (row) => row.id },
    { name: "GROUP", of: (row) => row.group },
    { name: "MEMBERS", of: (row) => row.inService, isFigure: true },
    { name: "SPOT", of: (row) => row.spot, isFigure: true },
    { name: "WHY", of: (row) => row.because },
    { name: "DETAILS", of: (row) => row.details }
  ],
  none: "no group has been seen"
})

export const approvals = listing("approvals", {
  call: "GET /api/v1/approvals",
  about: "List plans on the desks",
  columns: [
    { name: "PLAN", of: (row) => row.id.slice(0, 12) },
    { name: "GROUP", of: (row) => row.group },
    { name: "STATUS", of: (row) => row.status },
    { name: "MOVES", of: (row) => row.moves, isFigure: true },
    { name: "SAVES/MONTH", of: (row) => usd(row.monthlySavings), isFigure: true },
    { name: "EXPIRES", of: (row) => when(row.expiresAt) }
  ],
  none: "nothing waits for a yes"
})

const swaps: Listing<"GET /api/v1/sagas"> = {
  call: "GET /api/v1/sagas",
  about: "List swaps, newest first",
  columns: [
    { name: "SWAP", of: (row) => row.id },
    { name: "GROUP", of: (row) => row.group },
    { name: "STATUS", of: (row) => row.status },
    { name: "STEP", of: (row) => `${row.step} ${row.stepIndex}/${row.stepCount}` },
    { name: "FROM", of: (row) => row.oldType },
    { name: "TO", of: (row) => row.newType },
    { name: "ZONE", of: (row) => row.zone },
    { name: "SAVES/H", of: (row) => usdPerHour(row.hourlySavings), isFigure: true },
    { name: "STARTED", of: (row) => ago(row.startedAt) }
  ],
  none: "no swap has been ordered"
}
export const sagas = Command.make("sagas", { ...scope, status }, (one) => listed(swaps, one)).pipe(
  Command.withDescription(swaps.about)
)
