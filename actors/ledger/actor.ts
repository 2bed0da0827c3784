/** Books every message of the log, once, and says nothing: what it knows is asked of the warehouse. */
import { Effect } from "effect"
import { Bus, type BusDown } from "../../bus/bus.ts"
import { Warehouse, type WarehouseDown } from "../_ports/warehouse.ts"
import { keepBooked, mend } from "./book.ts"

/** `everyMs`: how long it rests once everything is booked. */
export const runLedger = (everyMs: number): Effect.Effect<never, BusDown | WarehouseDown, Bus | Warehouse> =>
  Effect.gen(function* () {
    const bus = yield* Bus
    const warehouse = yield* Warehouse
    yield* warehouse.migrate
    // parts that a damaged disk lost are booked again from the log
    yield* mend(bus, warehouse)
    return yield* keepBooked(bus, warehouse, everyMs)
  })
