/** What it is worth and what needs a person: figures, series, rows, and the proof that they agree. */
import { Effect } from "effect"
import {
  deleteMute,
  getAdminSavings,
  getSavings,
  getSummary,
  listAttention,
  listLedger,
  putMute,
  verifyLedger
} from "../../schemas/api/money.ts"
import { attentionOf } from "../money/attention.ts"
import { ledgerOf } from "../money/ledger.ts"
import { mute, unmute } from "../money/muting.ts"
import { everyTenant, savingsOf } from "../money/savings.ts"
import { summaryOf } from "../money/summary.ts"
import { verification } from "../money/verify.ts"
import { type Route, route } from "../route.ts"
import { tagged } from "../tagged.ts"

export const moneyRoutes: ReadonlyArray<Route> = [
  route(getSummary, (asked) => Effect.map(summaryOf(asked), tagged)),
  route(listAttention, (asked) => Effect.map(attentionOf(asked), tagged)),
  route(putMute, mute),
  route(deleteMute, unmute),
  route(getSavings, (asked) => Effect.map(savingsOf(asked), tagged)),
  route(verifyLedger, ({ caller }) => verification(caller.tenant)),
  route(listLedger, (asked) => Effect.map(ledgerOf(asked), tagged)),
  route(getAdminSavings, () => Effect.map(everyTenant, tagged))
]
