/** Signing in by password: who fails too often waits, and nobody learns who is known here. */
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Exit, Layer } from "effect"
import { admin, noon, openStage, password, type Stage } from "../../test/gateway/identity-stage.ts"
import type { Refused } from "../refused.ts"
import { layer as livePasswords } from "./passwords.live.ts"
import { hashesAtOnce, hashesWaitingMax, Passwords } from "./passwords.ts"
import { makeQueue } from "./queue.ts"
import { changePassword, signIn, signUp } from "./sign-in.ts"
import { openSession } from "./sessions.ts"
import { freeFailures, makeThrottle } from "./throttle.ts"
import { editUser } from "./users.ts"

const attempt = ({ means, bus }: Stage, email: string, word: string, now = noon, from = "192.0.2.1") =>
  Effect.exit(Effect.provide(signIn(means, { email, password: word, from }, now), bus))
const why = <A>(exit: Exit.Exit<A, Refused>) =>
  Exit.match(exit, {
    onSuccess: () => "in",
    onFailure: (cause) => {
      const reason = cause.reasons[0]
      return reason?._tag === "Fail" ? `${reason.error.status} ${reason.error.kind}: ${reason.error.detail}` : "broken"
    }
  })

describe("signing in", () => {
  it.effect("answers unknown, wrong, disabled and suspended alike", () =>
    Effect.gen(function* () {
      const stage = yield* openStage()
      const ada = yield* admin(stage)
      const wrong = why(yield* attempt(stage, ada.email, "wrong"))
      assert.match(wrong, /^401 wrong-credentials/)
      assert.strictEqual(why(yield* attempt(stage, "nobody@example.com", "wrong")), wrong)
      assert.strictEqual(why(yield* attempt(stage, "ADA@example.com", password)), "in")
      yield* editUser(stage.means, ada.id, (user) => Effect.succeed({ ...user, status: "disabled" as const }), true)
      assert.strictEqual(why(yield* attempt(stage, ada.email, password)), wrong)
    })
  )

  it.effect("makes an account wait after five failures, longer each time, and a restart does not help", () =>
    Effect.gen(function* () {
      const stage = yield* openStage()
      const ada = yield* admin(stage)
      for (const email of [ada.email, "nobody@example.com"]) {
        for (let i = 0; i < freeFailures.account; i++) yield* attempt(stage, email, "wrong", noon, `192.0.2.${i}`)
        assert.match(why(yield* attempt(stage, email, password, noon, "198.51.100.1")), /^429 .* 1 s/)
        yield* attempt(stage, email, "wrong", noon + 1_000)
        assert.match(why(yield* attempt(stage, email, password, noon + 1_000)), /^429 .* 2 s/)
      }
      const restarted = { ...stage, means: { ...stage.means, throttle: makeThrottle(stage.means.vault) } }
      assert.match(why(yield* attempt(restarted, ada.email, password, noon + 1_000)), /^429 .* 2 s/)
      assert.strictEqual(why(yield* attempt(restarted, ada.email, password, noon + 3_000)), "in")
      assert.match(why(yield* attempt(restarted, ada.email, "wrong", noon + 3_000)), /^401/)
    })
  )

  it.effect("lets in whoever has signed in from there before, though others fail on his account all day", () =>
    Effect.gen(function* () {
      const stage = yield* openStage()
      const ada = yield* admin(stage)
      const home = "198.51.100.7"
      assert.strictEqual(why(yield* attempt(stage, ada.email, password, noon, home)), "in")
      for (let i = 0; i < 20; i++) yield* attempt(stage, ada.email, "wrong", noon, `203.0.113.${i}`)
      assert.match(why(yield* attempt(stage, ada.email, password, noon, "203.0.113.99")), /^429/)
      assert.strictEqual(why(yield* attempt(stage, ada.email, password, noon, home)), "in")
      for (let i = 0; i < freeFailures.account; i++) yield* attempt(stage, ada.email, "wrong", noon, home)
      assert.match(why(yield* attempt(stage, ada.email, password, noon, home)), /^429/)
    })
  )

  it.effect("judges no more than the free attempts of a hundred at once", () =>
    Effect.gen(function* () {
      const stage = yield* openStage()
      const ada = yield* admin(stage)
      const tries = Array.from({ length: 100 }, (_, i) => attempt(stage, ada.email, "wrong", noon, `203.0.113.${i}`))
      const exits = yield* Effect.all(tries, { concurrency: "unbounded" })
      assert.strictEqual(exits.filter((exit) => why(exit).startsWith("401")).length, freeFailures.account)
    })
  )

  it.effect("makes an address wait that tries many accounts, and nobody who only signs in from there", () =>
    Effect.gen(function* () {
      const stage = yield* openStage()
      const ada = yield* admin(stage)
      for (let i = 0; i < 100; i++) assert.strictEqual(why(yield* attempt(stage, ada.email, password)), "in")
      for (let i = 0; i < freeFailures.address; i++) {
        assert.match(why(yield* attempt(stage, `x${i}@example.com`, "wrong", noon, "2001:db8:1:2::1")), /^401/)
      }
      assert.match(why(yield* attempt(stage, "y@example.com", "wrong", noon, "2001:db8:1:2::ffff")), /^429/)
      assert.match(why(yield* attempt(stage, "y@example.com", "wrong", noon, "2001:db8:9::1")), /^401/)
    })
  )

  it.effect("tells the log of failures of those who are known, and of nobody else", () =>
    Effect.gen(function* () {
      const stage = yield* openStage()
      const ada = yield* admin(stage)
      yield* attempt(stage, ada.email, "wrong")
      yield* attempt(stage, "nobody@example.com", "wrong")
      yield* Effect.repeat(Effect.yieldNow, { times: 20 })
      assert.deepStrictEqual(
        stage.told.map(({ what, about }) => [what, about]),
        [["sign-in-refused", ada.id]]
      )
      assert.notInclude(JSON.stringify(stage.told), 'wrong"')
    })
  )
})

describe("signing up", () => {
  it.effect("says nothing of whether it made anybody, and takes over nothing that is there", () =>
    Effect.gen(function* () {
      const stage = yield* openStage({ settings: { signupOpen: true } })
      const ada = yield* admin(stage)
      const wanted = {
        companyName: "Globex",
        tenant: "globex" as typeof ada.tenant,
        email: "g@globex.example",
        name: "G",
        password
      }
      const sign = (more: Partial<typeof wanted>) =>
        Effect.provide(signUp(stage.means, { ...wanted, ...more }, noon), stage.bus)
      yield* sign({ email: ada.email, password: "an attacker's choice" })
      yield* sign({ tenant: ada.tenant, email: "eve@example.com" })
      assert.strictEqual(why(yield* attempt(stage, ada.email, password)), "in")
      assert.match(why(yield* attempt(stage, "eve@example.com", password)), /^401/)
      yield* sign({})
      assert.strictEqual(why(yield* attempt(stage, wanted.email, password)), "in")
      const no = yield* Effect.flip(sign({ tenant: "111122223333" as typeof ada.tenant }))
      assert.strictEqual(no.status, 422)
    })
  )
})

describe("another password", () => {
  it.effect("takes the old one, and from then on the new one", () =>
    Effect.gen(function* () {
      const stage = yield* openStage()
      const ada = yield* admin(stage)
      const { session } = yield* openSession(stage.means, ada, noon)
      const by = {
        kind: "user",
        id: ada.id,
        tenant: ada.tenant,
        name: ada.email,
        role: "owner",
        scopes: [],
        superAdmin: true,
        until: 0,
        session
      } as const
      const to = (old: string) =>
        Effect.provide(
          changePassword(stage.means, by, { old, new: "a new one, and long", from: "::1" }, noon),
          stage.bus
        )
      assert.strictEqual((yield* Effect.flip(to("wrong"))).status, 422)
      yield* to(password)
      assert.match(why(yield* attempt(stage, ada.email, password)), /^401/)
      assert.strictEqual(why(yield* attempt(stage, ada.email, "a new one, and long")), "in")
    })
  )
})

describe("hashes", () => {
  it.effect("run two at once, so many wait, and the rest is refused at once", () =>
    Effect.gen(function* () {
      let [inside, most] = [0, 0]
      const queued = makeQueue(hashesAtOnce, hashesWaitingMax, (waiting) => waiting)
      const work = Effect.gen(function* () {
        most = Math.max(most, ++inside)
        yield* Effect.yieldNow
        inside--
      })
      const all = Array.from({ length: 100 }, () => Effect.exit(queued(work)))
      const exits = yield* Effect.all(all, { concurrency: "unbounded" })
      assert.strictEqual(exits.filter(Exit.isSuccess).length, hashesAtOnce + hashesWaitingMax)
      assert.strictEqual(most, hashesAtOnce)
      // whoever gave up has made room
      assert.isTrue(Exit.isSuccess(yield* Effect.exit(queued(work))))
    })
  )

  it.live("are argon2id at OWASP's cost, differ each time, and take as long for nobody as for somebody", () =>
    Effect.gen(function* () {
      const passwords = yield* Passwords
      const hash = yield* passwords.hash(password)
      assert.match(hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
      assert.notStrictEqual(yield* passwords.hash(password), hash)
      assert.isTrue(yield* passwords.verify(hash, password))
      assert.isFalse(yield* passwords.verify(hash, `${password} `))
      assert.isFalse(yield* passwords.verify(null, "nobody has this password"))
      const took = (known: string | null) =>
        Effect.gen(function* () {
          const start = yield* Clock.currentTimeNanos
          yield* passwords.verify(known, "wrong")
          return Number((yield* Clock.currentTimeNanos) - start)
        })
      // the quickest of many: whatever else the machine does only adds to it
      let [somebody, nobody] = [Infinity, Infinity]
      for (let i = 0; i < 8; i++) {
        somebody = Math.min(somebody, yield* took(hash))
        nobody = Math.min(nobody, yield* took(null))
      }
      assert.isBelow(Math.max(somebody, nobody) / Math.min(somebody, nobody), 2)
    }).pipe(Effect.provide(Layer.fresh(livePasswords)))
  )
})
