/** Sessions over a security token service of our own making: when it is asked again, and when what is held will do. */
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { AccountId, Region, TenantId } from "../../schemas/ids.ts"
import { makeSessions } from "./aws-session.live.ts"
import { Caller } from "./port.ts"

const account = "111122223333"
const caller = new Caller({
  tenant: TenantId.make("acme"),
  account: AccountId.make(account),
  region: Region.make("us-east-1"),
  mode: "observe",
  roleArn: `arn:aws:iam::${account}:role/CloudOptimRole`,
  externalId: "ours",
  by: "discovery:1",
  saga: null,
  step: null,
  epoch: 0,
  may: [],
  until: null
})
const arn = `arn:aws:sts::${account}:assumed-role/CloudOptimRole/cloudoptim-observer`

type Client = ReturnType<Parameters<typeof makeSessions>[0]["sts"]>
interface Command {
  readonly input: { readonly RoleArn?: string; readonly ExternalId?: string }
}

/** One role that trusts us under its external id for as long as it is open; what it gave out goes on to work. */
class Service {
  isOpen = true
  assumed = 0
  private readonly send = ({ input }: Command): Promise<object> => {
    if (input.RoleArn === undefined) return Promise.resolve({ Account: account, Arn: arn })
    this.assumed += 1
    if (!this.isOpen || input.ExternalId !== "ours") {
      const no = Object.assign(new Error("not authorized to perform: sts:AssumeRole"), { name: "AccessDenied" })
      return Promise.reject(Object.assign(no, { $fault: "client", $metadata: { httpStatusCode: 403 } }))
    }
    const held = { AccessKeyId: `key ${this.assumed}`, SecretAccessKey: "s", SessionToken: "t" }
    const Credentials = { ...held, Expiration: new Date(Date.now() + 3_600_000) }
    return Promise.resolve({ Credentials, AssumedRoleUser: { Arn: arn } })
  }
  readonly client = () => ({ send: this.send }) as unknown as Client
}
const opened = Effect.gen(function* () {
  const service = new Service()
  return { service, sessions: yield* makeSessions({ home: null, sts: service.client, local: service.client }) }
})

it.effect("who asks whether the role lets us in is told how it stands now, whatever session is held", () =>
  Effect.gen(function* () {
    const { service, sessions } = yield* opened
    const held = yield* sessions.ofReads(caller)
    assert.strictEqual((yield* sessions.identity(caller)).account, account)
    service.isOpen = false
    const no = yield* Effect.flip(sessions.identity(caller))
    assert.deepStrictEqual([no.call, no.code], ["sts:AssumeRole", "AccessDenied"])
    // AWS lets what it gave out go on: reading does, too, and asks for nothing
    const before = service.assumed
    assert.strictEqual((yield* sessions.ofReads(caller)).identity.arn, held.identity.arn)
    assert.strictEqual(service.assumed, before)
    service.isOpen = true
    assert.strictEqual((yield* sessions.identity(caller)).arn, arn)
  })
)

it.effect("the session of such a question serves the reads that come after it", () =>
  Effect.gen(function* () {
    const { service, sessions } = yield* opened
    yield* sessions.identity(caller)
    yield* sessions.ofReads(caller)
    assert.strictEqual(service.assumed, 1)
  })
)
