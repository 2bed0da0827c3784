/** What was left behind is a person's while it stands and nobody ends it, and no longer. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { account, instanceId, later, minute, noon, region, tenant, type, zone } from "../../test/builders.ts"
import { Attention } from "../../schemas/api/money.ts"
import type { Stored } from "../../bus/bus.ts"
import { seal } from "../../schemas/envelope.ts"
import { type LeftBecause, OrphanLeft, orphanLeft, OrphanSeen, orphanSeen } from "../../schemas/orphan.ts"
import { forWhom } from "../shown/shown.ts"
import { orphanRowsOf } from "./orphans.ts"

const about = (n: number) => ({ tenant, account, region, instance: instanceId(n), saga: "s1" })
const shown = (seq: number, at: number, subject: string, data: Uint8Array) =>
  forWhom({ seq, at: at as Stored["at"], subject, data }).view
const seen = (n: number, ms: number) => {
  const at = later(noon, -ms)
  const fact = new OrphanSeen({
    ...about(n),
    instanceType: type("m6i.large"),
    zone: zone(1),
    launchedAt: at,
    readAt: at
  })
  return shown(1, at, orphanSeen.subject(fact), seal(orphanSeen, fact))
}
const left = (n: number, seq: number, because: LeftBecause) => {
  const fact = new OrphanLeft({ ...about(n), because, details: `it is ${because}`, at: noon })
  return shown(seq, noon, orphanLeft.subject(fact), seal(orphanLeft, fact))
}

describe("an instance left behind", () => {
  it("is a row with its reason, its mend and a trace, as the contract has it", () => {
    const rows = orphanRowsOf([seen(1, minute)], [left(1, 7, "handed-over")], noon)
    assert.isTrue(Schema.is(Schema.Array(Attention))(rows.map((row) => ({ ...row, muted: null }))))
    assert.deepInclude(rows[0], { kind: "orphan", severity: "warning", account, link: "/trace/7" })
    assert.include(rows[0]?.title, "it is handed-over")
  })
  it("is none where no sweep has seen it for a while, or before any word on it", () => {
    assert.isEmpty(orphanRowsOf([seen(1, 8 * minute)], [left(1, 7, "stuck")], noon))
    assert.isEmpty(orphanRowsOf([seen(1, minute)], [left(2, 7, "stuck")], noon))
    assert.isEmpty(orphanRowsOf([seen(1, minute)], [], noon))
  })
  it("is judged by the newest word alone, and waits for nobody where it is looked at again anyway", () => {
    const words = [left(1, 9, "young"), left(1, 7, "stuck")]
    assert.isEmpty(orphanRowsOf([seen(1, minute)], words, noon))
    assert.lengthOf(orphanRowsOf([seen(1, minute), seen(1, 2 * minute)], [...words, left(1, 11, "protected")], noon), 1)
  })
})
