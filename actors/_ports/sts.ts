/** Who we are in an account, once its role is assumed. */
import { Context, Schema } from "effect"
import { AccountId } from "../../schemas/ids.ts"
import { reads, type Shape } from "./port.ts"

export const stsCalls = {
  /**
   * AssumeRole and GetCallerIdentity: proves that the role lets us in at this moment, whatever session of it is still
   * held, and that the account is the one that we think.
   */
  identity: reads(Schema.Struct({}), Schema.Struct({ account: AccountId, arn: Schema.String })),
  /**
   * AssumeRole under this external id instead of the account's own: does the role let us in? Nothing is ever done with
   * a session that comes of it. Refused where there is no role: own credentials know no external id.
   */
  admits: reads(Schema.Struct({ externalId: Schema.String }), Schema.Boolean)
}
export class Sts extends Context.Service<Sts, Shape<typeof stsCalls>>()("cloudoptim/Sts") {}
