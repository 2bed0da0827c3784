/** Columns that several tables have: an amount of money, a moment, and how the stop switch stands. */
import { Chip } from "../shell/chip.tsx"
import { Ago } from "../shell/moment.tsx"
import { iso } from "../words.ts"
import { Money } from "./money.tsx"
import type { Column } from "./table-rows.ts"

type Rest<R> = Partial<Pick<Column<R>, "width" | "isExtra">>
const units = { hour: "micro-USD/h", month: "micro-USD/mo" } as const

/** Integer micro-USD of an hour or a month; null = not known. */
export const moneyColumn = <R,>(
  id: string,
  title: string,
  per: keyof typeof units,
  micros: (row: R) => number | null,
  rest: Rest<R> = {}
): Column<R> => ({
  id,
  title,
  unit: units[per],
  value: micros,
  cell: (row) => <Money micros={micros(row)} per={per} />,
  align: "end",
  ...rest
})

/** Milliseconds since 1970, or null for never: shown as an age, exported as RFC 3339 in UTC. */
export const timeColumn = <R,>(
  id: string,
  title: string,
  at: (row: R) => number | null,
  rest: Rest<R> = {}
): Column<R> => ({
  id,
  title,
  unit: "UTC",
  value: (row) => {
    const ms = at(row)
    return ms === null ? null : iso(ms)
  },
  cell: (row) => <Ago at={at(row)} />,
  ...rest
})

const stops = {
  run: { tone: "ok", says: "runs" },
  pause: { tone: "warn", says: "paused" },
  halt: { tone: "bad", says: "halted" }
} as const

/** Of rows that are accounts, or of one. */
export const stopColumn = <R extends { readonly stop: keyof typeof stops }>(): Column<R> => ({
  id: "stop",
  title: "Stop switch",
  value: (row) => row.stop,
  cell: (row) => <Chip tone={stops[row.stop].tone}>{stops[row.stop].says}</Chip>,
  width: 110
})
