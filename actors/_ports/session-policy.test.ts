/** The fence at AWS: never longer than the lease, never wider than the write, never too long for STS. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { AccountId, Instant, Region } from "../../schemas/ids.ts"
import { endOf, type Fenced, policyLengthMax, sessionName, sessionPolicy, type Target } from "./session-policy.ts"

const base = {
  account: AccountId.make("111122223333"),
  region: Region.make("us-east-1"),
  until: Instant.make(1_790_000_000_999)
}
const policyOf = (fenced: Partial<Fenced>) =>
  JSON.parse(sessionPolicy({ action: "autoscaling:AttachInstances", target: { kind: "any" }, ...base, ...fenced })) as {
    readonly Statement: ReadonlyArray<{
      readonly Action: unknown
      readonly Resource: string
      readonly Condition: { readonly DateLessThan?: Readonly<Record<string, string>> }
    }>
  }

/** Until the year 9999: later there are five digits. */
const Until = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 253_402_300_799_000 }))

describe("a session policy", () => {
  it.prop("ends on a whole second of the lease, at most one second before it", { ms: Until }, ({ ms }) => {
    const until = Instant.make(ms)
    const end = Date.parse(endOf(until))
    assert.isAtMost(end, until)
    assert.isAbove(end, until - 1000)
    assert.match(endOf(until), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
  })

  it.prop("is short enough for STS whatever the group is called", { name: Schema.String }, ({ name }) => {
    const target: Target = { kind: "group", name: name.repeat(60).slice(0, 255) || "g" }
    const text = sessionPolicy({ action: "autoscaling:AttachInstances", target, ...base })
    assert.isAtMost(text.length, policyLengthMax)
    assert.match(text, /^[\x20-\x7e]*$/)
  })

  it("allows the one action, and nothing at all after the end", () => {
    for (const action of ["ec2:RunInstances", "ec2:TerminateInstances", "autoscaling:AttachInstances"]) {
      const { Statement } = policyOf({ action })
      assert.strictEqual(Statement[0]?.Action, action)
      for (const { Condition } of Statement) {
        assert.strictEqual(Condition.DateLessThan?.["aws:CurrentTime"], endOf(base.until))
      }
    }
  })

  it("names the one instance or group, in the partition of its region", () => {
    const instance = policyOf({ target: { kind: "instance", id: "i-0b662ef9931388ba0" } })
    assert.strictEqual(
      instance.Statement[0]?.Resource,
      "arn:aws:ec2:us-east-1:111122223333:instance/i-0b662ef9931388ba0"
    )
    const china = policyOf({ target: { kind: "group", name: "web" }, region: Region.make("cn-north-1") })
    assert.match(china.Statement[0]?.Resource ?? "", /^arn:aws-cn:autoscaling:cn-north-1:.*\/web$/)
    const apart = policyOf({ target: { kind: "group", name: "web" }, region: Region.make("us-isob-east-1") })
    assert.match(apart.Statement[0]?.Resource ?? "", /^arn:aws-iso-b:/)
  })

  it("takes a star in a group's name for a star, not for every group", () => {
    const { Statement } = policyOf({ target: { kind: "group", name: "web*" } })
    assert.isTrue(Statement[0]?.Resource.endsWith(`/web${"$"}{*}`))
  })

  it.prop("gives every session a name that STS takes", { saga: Schema.NullOr(Schema.String) }, ({ saga }) => {
    assert.match(sessionName(saga), /^[\w+=,.@-]{2,64}$/)
  })
})
