/** All ports over the AWS SDK: one set of connections and sessions for a process. */
import { Effect, type Scope } from "effect"
import { type AwsOptions, makeAws } from "./aws.live.ts"
import type { Inners } from "./cloud.ts"
import { inner as ec2 } from "./ec2.live.ts"
import { inner as groups } from "./group.live.ts"
import { inner as health } from "./health.live.ts"
import { inner as prices, type PricesOptions } from "./prices.live.ts"
import { inner as sts } from "./sts.live.ts"

/** Asks nobody anything yet: what is wrong with credentials shows at the first call. */
export const awsPorts = (options: AwsOptions & PricesOptions): Effect.Effect<Inners, never, Scope.Scope> =>
  Effect.map(makeAws(options), (aws) => ({
    ec2: ec2(aws),
    groups: groups(aws),
    health: health(aws),
    sts: sts(aws),
    prices: prices(aws, options)
  }))
