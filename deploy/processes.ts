/** Every actor as a process, its wiring in the environment; two executors, so that one can take over. */
import type { House } from "./embedded.ts"
import type { Options } from "./options.ts"
import { type Kept, keepProcess } from "./supervise.ts"
import type { Terms } from "./terms.ts"

const actors: ReadonlyArray<readonly [actor: string, name: string]> = [
  ["onboarder", "onboarder"],
  ["discovery", "discovery"],
  ["price-watcher", "price-watcher"],
  ["risk-manager", "risk-manager"],
  ["spot-optimizer", "spot-optimizer"],
  ["safety-enforcer", "safety-enforcer"],
  ["approval-desk", "approval-desk"],
  ["executor", "executor-a"],
  ["executor", "executor-b"],
  ["ledger", "ledger"]
]

/** What each actor reads from its environment; the names stand in its main.ts. */
const environment = (options: Options, house: House, terms: Terms): Readonly<Record<string, string>> => ({
  NATS_URL: house.natsUrl,
  DATA: options.data,
  LOG_LEVEL: "Warn",
  SPEED: String(terms.speed),
  SWEEP_MS: String(terms.discovery.everyMs),
  FULL_SWEEP_MS: String(terms.discovery.fullEveryMs),
  STAND_IN: String(terms.discovery.isStandIn),
  PRICES_MS: String(terms.prices.everyMs),
  LANES: String(terms.executor.lanes),
  LEASE_MS: String(terms.executor.lease.leaseMs),
  CALL_TIMEOUT_MS: String(terms.executor.lease.callTimeoutMs),
  SKEW_MS: String(terms.executor.lease.skewMs),
  POLL_MAX_MS: String(terms.executor.poll.maxMs),
  ACK_WAIT_MS: String(terms.executor.ackWaitMs),
  ...(house.clickhouseUrl === undefined ? {} : { CLICKHOUSE_URL: house.clickhouseUrl }),
  ...(house.world === undefined ? {} : { WORLD_SOCKET: house.worldSocket })
})

const wakes = (terms: Terms): Readonly<Record<string, number>> => ({
  "spot-optimizer": terms.optimizerWakeMs,
  "approval-desk": terms.deskWakeMs
})

export const processesOf = (
  options: Options,
  house: House,
  terms: Terms,
  say: (line: string) => void
): ReadonlyArray<Kept> => {
  const shared = environment(options, house, terms)
  return actors.map(([actor, name]) => {
    const wake = wakes(terms)[actor]
    return keepProcess(actor, name, wake === undefined ? shared : { ...shared, WAKE_MS: String(wake) }, say)
  })
}
