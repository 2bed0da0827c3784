/** The ledger as a process: one of it, over the ClickHouse server that CLICKHOUSE_URL names. */
import { Config, Effect } from "effect"
import { runProcess } from "../../bus/process.live.ts"
import { layerHttp } from "../_ports/warehouse.live.ts"
import { runLedger } from "./actor.ts"

const url = Config.String("CLICKHOUSE_URL").pipe(Config.withDefault("http://127.0.0.1:8123"))
runProcess(
  "ledger",
  Effect.flatMap(url, (server) => runLedger(250).pipe(Effect.provide(layerHttp(server))))
)
