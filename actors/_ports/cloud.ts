/** All ports to one cloud together, each behind the same guard. */
import { Effect, Layer } from "effect"
import { CloudRefusal } from "./cloud-refusal.ts"
import { Ec2, ec2Calls } from "./ec2.ts"
import { groupCalls, Groups } from "./group.ts"
import { Health, healthCalls } from "./health.ts"
import { Audit, guarded, type Inner } from "./port.ts"
import { Prices, pricesCalls } from "./prices.ts"
import { Sts, stsCalls } from "./sts.ts"

/** An implementation of every port: the SDK, the simulated world, or its twin in another process. */
export interface Inners {
  readonly ec2: Inner<typeof ec2Calls>
  readonly groups: Inner<typeof groupCalls>
  readonly health: Inner<typeof healthCalls>
  readonly sts: Inner<typeof stsCalls>
  readonly prices: Inner<typeof pricesCalls>
}
export type Ports = Ec2 | Groups | Health | Sts | Prices

/** The ports over an implementation, guarded and audited. */
export const portsOver = (inners: Inners): Layer.Layer<Ports, never, Audit> =>
  Layer.mergeAll(
    Layer.effect(
      Ec2,
      Effect.map(Audit, (audit) => guarded(ec2Calls, inners.ec2, audit))
    ),
    Layer.effect(
      Groups,
      Effect.map(Audit, (audit) => guarded(groupCalls, inners.groups, audit))
    ),
    Layer.effect(
      Health,
      Effect.map(Audit, (audit) => guarded(healthCalls, inners.health, audit))
    ),
    Layer.effect(
      Sts,
      Effect.map(Audit, (audit) => guarded(stsCalls, inners.sts, audit))
    ),
    Layer.effect(
      Prices,
      Effect.map(Audit, (audit) => guarded(pricesCalls, inners.prices, audit))
    )
  )

const forbidden = (action: string) =>
  Effect.fail(
    new CloudRefusal({ call: action, code: "CloudOptim.NoAudit", advice: "person", details: "a sense changes nothing" })
  )

/** For senses: they have no audit, so whatever they tried to change is refused before it is sent. */
export const readOnly: Layer.Layer<Audit> = Layer.succeed(
  Audit,
  Audit.of({ begun: (_, action) => forbidden(action), ended: (_call, _caller, action) => forbidden(action) })
)
