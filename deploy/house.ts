/** The whole house: every actor by name with what it needs, for one process, for many, and for the simulator. */
import { Effect, Layer, type Scope } from "effect"
import { type Ports, portsOver, readOnly, type Inners } from "../actors/_ports/cloud.ts"
import { Proof, Seal } from "../actors/_ports/seal.ts"
import type { Warehouse } from "../actors/_ports/warehouse.ts"
import { approvalDesk } from "../actors/approval-desk/actor.ts"
import { runDiscovery } from "../actors/discovery/actor.ts"
import { runExecutor } from "../actors/executor/actor.ts"
import { auditOnBus } from "../actors/executor/audit.ts"
import { runLedger } from "../actors/ledger/actor.ts"
import { onboarder } from "../actors/onboarder/actor.ts"
import { runPriceWatcher } from "../actors/price-watcher/actor.ts"
import { riskManager } from "../actors/risk-manager/actor.ts"
import { safetyEnforcer } from "../actors/safety-enforcer/actor.ts"
import { spotOptimizer } from "../actors/spot-optimizer/actor.ts"
import type { Bus } from "../bus/bus.ts"
import { runMind } from "../bus/mind.ts"
import type { Terms } from "./terms.ts"

export interface Actor {
  readonly name: string
  /** Runs for ever; `holder` is this incarnation's name. What it fails with is for its supervisor. */
  readonly run: (holder: string) => Effect.Effect<never, unknown, Bus | Seal | Proof | Warehouse | Scope.Scope>
}

/** Every actor, wired to one cloud. Each gets ports of its own: senses cannot write. */
export const actorsOf = (terms: Terms, inners: Inners): ReadonlyArray<Actor> => {
  const reading: Layer.Layer<Ports> = portsOver(inners).pipe(Layer.provide(readOnly))
  const writing = portsOver(inners).pipe(Layer.provide(auditOnBus))
  return [
    { name: "onboarder", run: () => runMind(onboarder) },
    {
      name: "discovery",
      run: (by) => runDiscovery({ by, ...terms.discovery }).pipe(Effect.provide(reading))
    },
    { name: "price-watcher", run: () => runPriceWatcher(terms.prices).pipe(Effect.provide(reading)) },
    { name: "risk-manager", run: () => runMind(riskManager) },
    { name: "spot-optimizer", run: () => runMind(spotOptimizer(terms.optimizerWakeMs)) },
    { name: "safety-enforcer", run: () => runMind(safetyEnforcer) },
    {
      name: "approval-desk",
      run: () => Effect.flatMap(Seal, (seal) => runMind(approvalDesk(seal, terms.deskWakeMs)))
    },
    {
      name: "executor",
      run: (holder) => runExecutor({ holder, ...terms.executor }).pipe(Effect.provide(writing))
    },
    { name: "ledger", run: () => runLedger(terms.ledgerRestMs) }
  ]
}
