/** Discovery's calls over fleets of several sizes, as rows of the report. */
import { discoverFleet, type Discovered, type Size, type Sweeping } from "./discover.ts"
import { growth } from "./measure.ts"
import { exactly, type Row } from "./report.ts"

/** 1,000, 10,000 and 100,000 instances; pages of groups that are not full, and some that are. */
export const wholeSizes: ReadonlyArray<Size> = [
  { accounts: 1, groups: 50, members: 20 },
  { accounts: 10, groups: 50, members: 20 },
  { accounts: 10, groups: 250, members: 40 }
]
export const quickSizes: ReadonlyArray<Size> = [
  { accounts: 1, groups: 10, members: 20 },
  { accounts: 3, groups: 120, members: 10 }
]

const callsMax = 1.02

const called = ({ calls }: Sweeping) =>
  Object.entries(calls)
    .map(([api, count]) => `${api} ${count}`)
    .join(", ")

const fleetOf = ({ instances, size }: Discovered) => `${instances} instances of ${size.accounts} accounts`

const callRow = (name: string, one: Sweeping, control: Sweeping): Row => ({
  bench: "discover",
  name,
  kind: "count",
  goal: { bound: "at most", value: callsMax },
  unit: "",
  measured: exactly(one.total / one.least),
  control: exactly(control.total / one.total),
  note: `${one.total} calls, at least ${one.least}: ${called(one)}`
})

export const benchDiscover = async (
  sizes: ReadonlyArray<Size>,
  say: (line: string) => void
): Promise<ReadonlyArray<Row>> => {
  const all: Array<Discovered> = []
  for (const size of sizes) {
    say(`discover: ${size.accounts * size.groups * size.members} instances`)
    all.push(await discoverFleet(size))
  }
  const told = { bench: "discover", kind: "clock", goal: null, control: null } as const
  const times = all.map((one): Row => {
    const name = `time per instance, nothing changed, ${one.instances} instances`
    const note = "the simulated cloud's own time included"
    return { ...told, name, unit: "us", measured: exactly((one.again.ms * 1_000) / one.instances), note }
  })
  const power = growth(all.map(({ instances, again }) => ({ n: instances, time: again.ms / instances })))
  return [
    ...all.flatMap((one) => [
      callRow(`calls over the fewest, first sweep, ${fleetOf(one)}`, one.first, one.another),
      callRow(`calls over the fewest, nothing changed, ${fleetOf(one)}`, one.next, one.again)
    ]),
    ...times,
    { ...told, name: "growth of the time per instance, its power", unit: "", measured: exactly(power), note: "" }
  ]
}
