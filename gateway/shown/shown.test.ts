/** What people see of the log: a sentence for every word that travels, no secret, and nothing of another tenant. */
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { instant } from "../../schemas/ids.ts"
import { roads } from "../../schemas/catalogue.ts"
import { EventView } from "../../schemas/api/operations.ts"
import { encodeAs, seal } from "../../schemas/envelope.ts"
import { identityChanged } from "../../schemas/identity.ts"
import { journalSubject, type Road, wireVersion } from "../../schemas/message.ts"
import {
  Hit,
  PoolCleared,
  poolCleared,
  PoolHeld,
  poolHeld,
  PoolHerdMoved,
  poolHerdMoved,
  PoolPoisoned,
  poolPoisoned,
  QuarantinePool,
  quarantinePool
} from "../../schemas/pool.ts"
import { Entry } from "../../schemas/saga.ts"
import { SwapOrdered, swapOrdered } from "../../schemas/swap.ts"
import { ConnectAccount, connectAccount } from "../../schemas/account.ts"
import { forWhom, redacted, shownTo, tellings } from "./shown.ts"

const Bytes = Schema.Array(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 255 })))
const text = new TextEncoder()
const stored = (subject: string, data: Uint8Array, seq = 7) => ({ seq, subject, data, at: instant(1_000) })
const storedOf = <A>(road: Road<A>, message: A) => stored(road.subject(message), seal(road, message))
const isView = Schema.is(EventView)
const tenantOf = (message: { readonly tenant?: string }) => message.tenant

const jsonOf = (tag: string, body: unknown) => text.encode(JSON.stringify({ v: wireVersion, tag, body }))

describe("every word that travels", () => {
  it("is told, and nothing else is", () => {
    assert.deepStrictEqual([...tellings.keys()].sort(), roads.map(({ kind, name }) => `${kind} ${name}`).sort())
  })

  for (const road of roads) {
    it.prop(`${road.name}: is a sentence for its tenant, and nothing for another`, { message: road.schema }, (all) => {
      const { message } = all
      const one = storedOf(road, message)
      const tenant = tenantOf(message)
      const ownerOf = () => tenant
      const view = shownTo(tenant ?? "anybody", ownerOf, one)
      assert.isDefined(view)
      assert.isTrue(isView(view))
      assert.match(view.says, /^\S.*[.…]$/u)
      assert.notMatch(view.says, /undefined|\[object|NaN|could not be read/)
      assert.include(tellings.get(`${road.kind} ${road.name}`)?.severities ?? ["info"], view.severity)
      if (tenant !== undefined) {
        assert.isUndefined(shownTo("stranger-of-it", ownerOf, one))
        // an account of somebody else: neither he nor whom the message names
        if (road.account(message) !== "all") {
          const telling = tellings.get(`${road.kind} ${road.name}`)
          // but who asked for it sees that he did
          if (telling?.isSenders !== true) assert.isUndefined(shownTo(tenant, () => "stranger-of-it", one))
          assert.isUndefined(shownTo("stranger-of-it", () => "stranger-of-it", one))
        }
      }
    })
  }
})

describe("the journal", () => {
  const known = { ordered: SwapOrdered, entry: Entry }
  it.prop("shows the move and how far it is, never the order", known, ({ entry, ordered }) => {
    const order = new SwapOrdered({ ...ordered, signature: "c2lnbmF0dXJl", alarms: ["an-alarm-of-the-order"] })
    const one = new Entry({ ...entry, input: encodeAs(SwapOrdered, order), made: { launch: "what-was-made" } })
    const subject = journalSubject(one.account, one.saga, one.id)
    const view = shownTo(one.tenant, () => one.tenant, stored(subject, jsonOf("Entry", encodeAs(Entry, one))))
    assert.isTrue(isView(view))
    assert.deepInclude(view, { kind: "journal", correlation: one.id })
    assert.deepInclude(view?.body, { phase: one.phase, step: one.step, by: one.by, group: order.group })
    const shown = JSON.stringify(view?.body)
    for (const hidden of ["c2lnbmF0dXJl", "an-alarm-of-the-order", "what-was-made"]) assert.notInclude(shown, hidden)
  })

  it.prop("of a saga that nobody knows is told all the same", { entry: Entry }, ({ entry }) => {
    const subject = journalSubject(entry.account, entry.saga, entry.id)
    const view = shownTo(entry.tenant, () => undefined, stored(subject, jsonOf("Entry", encodeAs(Entry, entry))))
    assert.isTrue(isView(view))
    assert.notMatch(view?.says ?? "", /undefined|could not be read/)
  })
})

describe("secrets", () => {
  it.prop("of an order and of a connection are withheld", { order: SwapOrdered, connect: ConnectAccount }, (all) => {
    const order = new SwapOrdered({ ...all.order, signature: "c2lnbmF0dXJl" })
    const connect = new ConnectAccount({ ...all.connect, externalId: "x-1234567890" })
    const views = [
      shownTo(order.tenant, () => order.tenant, storedOf(swapOrdered, order)),
      shownTo(connect.tenant, () => connect.tenant, storedOf(connectAccount, connect))
    ]
    const shown = JSON.stringify(views)
    assert.notInclude(shown, "c2lnbmF0dXJl")
    assert.notInclude(shown, "x-1234567890")
    assert.lengthOf(
      views.filter((view) => view !== undefined),
      2
    )
  })

  it("are withheld however deep they stand and however they are spelt, and absence is not made up", () => {
    const names = ["signature", "externalId", "external_id", "clientSecret", "oldPassword", "apiKey", "sessionToken"]
    for (const name of names) {
      assert.notInclude(JSON.stringify(redacted({ a: [{ [name]: "s3cret" }] })), "s3cret", name)
      assert.deepStrictEqual(redacted({ [name]: null }), { [name]: null })
    }
    assert.deepStrictEqual(redacted({ hash: "h", token: 1 }), { hash: "h", token: 1 })
  })
})

describe("what concerns everybody", () => {
  it.prop(
    "tells of witnesses and hits how many, never who",
    { poisoned: PoolPoisoned, moved: PoolHerdMoved },
    (all) => {
      const hit = Hit.make({ witness: "tenant-of-others", instance: "i-0badbadbadbadbad0", at: all.poisoned.hit.at })
      const poisoned = new PoolPoisoned({ ...all.poisoned, hit })
      const moved = new PoolHerdMoved({ ...all.moved, witnesses: ["tenant-of-others", "another-one"] })
      const views = [
        shownTo("acme", () => undefined, storedOf(poolPoisoned, poisoned)),
        shownTo("acme", () => undefined, storedOf(poolHerdMoved, moved))
      ]
      assert.notMatch(JSON.stringify(views), /tenant-of-others|another-one|i-0badbad/)
      assert.deepInclude(views[0]?.body, { hits: 1 })
      assert.deepInclude(views[1]?.body, { witnesses: 2 })
    }
  )

  it.prop(
    "tells that a person shut or cleared a pool, and why, never who; the order only to his own tenant",
    { held: PoolHeld, cleared: PoolCleared, order: QuarantinePool },
    (all) => {
      const word = { by: "root-of-others@example.com", because: "the zone was flooded" }
      const views = [
        shownTo("acme", () => undefined, storedOf(poolHeld, new PoolHeld({ ...all.held, ...word }))),
        shownTo("acme", () => undefined, storedOf(poolCleared, new PoolCleared({ ...all.cleared, ...word })))
      ]
      assert.notInclude(JSON.stringify(views), word.by)
      for (const view of views) assert.include(view?.says, word.because)
      const ordered = storedOf(quarantinePool, new QuarantinePool({ ...all.order, ...word }))
      assert.include(shownTo(all.order.tenant, () => undefined, ordered)?.says, word.by)
      assert.isUndefined(shownTo(`not-${all.order.tenant}`, () => undefined, ordered))
    }
  )

  it.prop(
    "is not what happened to people: of that only their own tenant hears",
    { one: identityChanged.schema },
    (all) => {
      const message = storedOf(identityChanged, all.one)
      assert.isDefined(shownTo(all.one.tenant, () => undefined, message))
      assert.isUndefined(shownTo("stranger-of-it", () => "stranger-of-it", message))
    }
  )
})

describe("what cannot be read", () => {
  const own = "evt.123456789012.discovery.group-seen.x"
  it.prop("is said to be so, whatever the bytes are, and tells nothing of them", { data: Bytes }, ({ data }) => {
    for (const subject of [
      own,
      "jrn.123456789012.executor.group-swap.s",
      "evt.all.risk-manager.pool-scored.p",
      "x",
      ""
    ]) {
      const one = forWhom(stored(subject, Uint8Array.from(data)))
      assert.isTrue(isView(one.view))
      assert.match(one.view.says, /^could not be read: /)
      assert.isNull(one.view.body)
    }
  })

  it.prop("nor whatever JSON they are", { body: Schema.Json, tag: Schema.String }, ({ body, tag }) => {
    for (const road of roads) {
      const subject = road.filter.replace("*", "123456789012").replaceAll("*", "x")
      for (const named of [tag, road.tag]) assert.isTrue(isView(forWhom(stored(subject, jsonOf(named, body))).view))
    }
  })

  it("is shown to whom its subject belongs, and to nobody where it belongs to nobody", () => {
    const broken = text.encode("{")
    assert.isDefined(shownTo("acme", () => "acme", stored(own, broken)))
    assert.isUndefined(shownTo("acme", () => "globex", stored(own, broken)))
    assert.isUndefined(shownTo("acme", () => undefined, stored(own, broken)))
    assert.isUndefined(shownTo("acme", () => "acme", stored("evt.all.gateway.identity-changed.x", broken)))
    assert.isDefined(shownTo("acme", () => undefined, stored("evt.all.risk-manager.pool-scored.x", broken)))
  })

  it.prop("is also what speaks of another account than its subject", { order: SwapOrdered }, ({ order }) => {
    const subject = swapOrdered.subject(order).replace(order.account, "999999999999")
    const view = shownTo("acme", () => "acme", stored(subject, seal(swapOrdered, order)))
    if (order.account !== "999999999999") assert.isNull(view?.body)
  })
})
