/** Idempotency-Key: a request that is sent again with its key is answered again and done once. */
import { Effect } from "effect"
import { digestOf } from "../schemas/digest.ts"
import { badRequest, conflict, type Refused, unavailable, unprocessable } from "./refused.ts"
import { type Kept, Vault } from "./identity/vault.ts"

/** How long a key is remembered, in milliseconds: a day, as payment interfaces of the field do. */
export const keyLifeMs = 24 * 3_600_000
/** A request under way for longer has lost its process; it may be done again under its key. */
const abandonedMs = 60_000

const keyShape = /^[\x21-\x7e]{1,128}$/

/** What is kept of an answer. */
export interface Replied {
  readonly status: number
  readonly body: unknown
  readonly headers: Readonly<Record<string, string>>
  readonly etag?: string
  readonly isVersion?: boolean
  /** Never of an answer that is kept. */
  readonly cookies?: ReadonlyArray<string>
}

interface Receipt {
  /** Digest of method, path, query and body: the same key for something else is a mistake. */
  readonly of: string
  readonly at: number
  readonly replied: Replied | null
}

const isReceipt = (value: unknown): value is Receipt =>
  typeof value === "object" && value !== null && "of" in value && "at" in value && "replied" in value

export interface Ask {
  readonly key: string
  /** Who asks: keys of different callers never meet. */
  readonly caller: string
  readonly of: unknown
  readonly now: number
}

const down = () => unavailable("Nobody could note that this request was made: send it again with the same key.")

/**
 * Runs `work` once per key. A repeat is given the answer of the first; one that comes while the first is under way, or
 * that asks for something else under the same key, is refused. A refusal is not kept: mended, it may be sent again.
 * It goes on when the client has gone: whoever lost his answer on the way is who sends it again.
 */
export const once = <R>(
  ask: Ask,
  work: Effect.Effect<Replied, Refused, R>
): Effect.Effect<Replied & { readonly isRepeat: boolean }, Refused, R | Vault> =>
  Effect.uninterruptible(doing(ask, work))

const doing = <R>(ask: Ask, work: Effect.Effect<Replied, Refused, R>) =>
  Effect.gen(function* () {
    if (!keyShape.test(ask.key)) return yield* badRequest("Idempotency-Key takes 1 to 128 visible ASCII characters.")
    const vault = yield* Vault
    const entry = `receipt.${digestOf([ask.caller, ask.key]).slice(0, 40)}`
    const of = digestOf(ask.of)
    const before = yield* Effect.mapError(vault.get(entry), down)
    const known = isReceipt(before?.value) && ask.now - before.value.at < keyLifeMs ? before.value : undefined
    if (known !== undefined) {
      if (known.of !== of) return yield* unprocessable("This Idempotency-Key was used for another request.")
      if (known.replied !== null) return { ...known.replied, isRepeat: true }
      if (ask.now - known.at < abandonedMs) return yield* conflict("The first request with this key is under way.")
    }
    const mine = yield* claim(vault, entry, before, { of, at: ask.now, replied: null })
    const replied = yield* Effect.onExit(work, (exit) =>
      exit._tag === "Success" ? Effect.void : Effect.ignore(vault.remove(entry, mine))
    )
    // done, whether or not it could be noted: a repeat within a minute is told that it is under way
    yield* Effect.ignore(vault.put(entry, { of, at: ask.now, replied } satisfies Receipt, mine))
    return { ...replied, isRepeat: false }
  })

const claim = (vault: Vault["Service"], entry: string, before: Kept | undefined, receipt: Receipt) =>
  Effect.mapError(vault.put(entry, receipt, before?.revision ?? 0), (no) =>
    no._tag === "VaultMoved" ? conflict("The first request with this key is under way.") : down()
  )
