/** `npm run bench`: what the product costs, as ratios to a bare twin that runs in the same minute. */
import { parseArgs } from "node:util"
import { findNatsServer } from "../../deploy/nats-server.ts"
import { benchBus, quick, whole } from "./bus.ts"
import { benchFanout, quickFanout, wholeFanout } from "./fanout.ts"
import { isFailed, jsonOf, machineLine, machineOf, type Row, tableOf } from "./report.ts"
import { benchDiscover, quickSizes, wholeSizes } from "./sweeps.ts"

const help = `npm run bench -- [options] [bus] [discover] [fanout]

Measures, each thing against a bare twin in turns, with the twin against itself (A/A) as the control; none named = all.

  bus        events/s through risk manager and ledger over a bare client's consume and publish; two hops' p50 and p99
             over the bare two hops; both with the server's default way to write and with sync_interval always; the
             time per event at 1k, 10k and 100k events
  discover   discovery's calls over the fewest that each API's longest page allows, at 1k, 10k and 100k instances
  fanout     events that readers of the stream get per second of the server's processor, over a bare server that writes
             as much; how old they are when read; one who reads nothing; connections cut, the server killed

  --quick    a minute in place of five: fewer turns of fewer events; its clocks say little
  --json     one JSON object as the last line
  --help     this text

Ends with 1 where a count misses its goal. A clock is the machine's and its neighbours': its goal is reported, "unclear"
where the interval spans it, "noisy" where the control strays over 15 %.`

const say = (line: string) => process.stdout.write(`${line}\n`)

const measure = async (names: ReadonlySet<string>, isQuick: boolean): Promise<ReadonlyArray<Row>> => {
  const rows: Array<Row> = []
  if (names.has("bus")) rows.push(...(await benchBus(isQuick ? quick : whole, say)))
  if (names.has("discover")) rows.push(...(await benchDiscover(isQuick ? quickSizes : wholeSizes, say)))
  if (names.has("fanout")) rows.push(...(await benchFanout(isQuick ? quickFanout : wholeFanout, say)))
  return rows
}

const main = async (): Promise<number> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { help: { type: "boolean" }, quick: { type: "boolean" }, json: { type: "boolean" } }
  })
  if (values.help === true) {
    say(help)
    return 0
  }
  const all = ["bus", "discover", "fanout"]
  const unknown = positionals.find((name) => !all.includes(name))
  if (unknown !== undefined) throw new Error(`nothing called ${unknown} is measured`)
  const names = new Set(positionals.length === 0 ? all : positionals)
  const begun = performance.now()
  const server = names.has("bus") || names.has("fanout") ? (await findNatsServer({ say })).version : "none"
  const rows = await measure(names, values.quick === true)
  const seconds = (performance.now() - begun) / 1_000
  const machine = machineOf(server)
  say(`\n${tableOf(rows)}\n\n${machineLine(machine)}; ${seconds.toFixed(0)} s`)
  if (values.json === true) say(jsonOf(rows, machine, seconds))
  return rows.some(isFailed) ? 1 : 0
}

process.exitCode = await main().catch((thrown: unknown) => {
  say(`${thrown instanceof Error ? thrown.message : String(thrown)}; see --help`)
  return 2
})
