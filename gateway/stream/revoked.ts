/** Whose streams end because of what the log says about people and keys: what was proved may hold no longer. */
import { Result } from "effect"
import type { Stored } from "../../bus/bus.ts"
import { decodeAs, open } from "../../schemas/envelope.ts"
import { type IdentityChanged, identityChanged } from "../../schemas/identity.ts"
import { tokensOf } from "../../schemas/message.ts"
import type { Member, Wanted } from "./channel.ts"

/** Of the user or key that it is about; whoever is still good comes back by himself. */
const endsOne: ReadonlySet<IdentityChanged["what"]> = new Set([
  "user-changed",
  "user-disabled",
  "password-changed",
  "signed-out",
  "family-killed",
  "key-revoked"
])

/** Whom a message takes the right to listen from; undefined where nobody. */
export const revokedBy = (stored: Stored): ((member: Member, wanted: Wanted) => boolean) | undefined => {
  const tokens = tokensOf(stored.subject)
  if (tokens?.owner !== identityChanged.owner || tokens.name !== identityChanged.name) return undefined
  const opened = open(stored.data)
  if (Result.isFailure(opened)) return undefined
  const read = decodeAs(identityChanged.schema, opened.success.body)
  if (Result.isFailure(read)) return undefined
  const { what, tenant, about } = read.success as IdentityChanged
  if (what === "tenant-suspended") return (_, wanted) => wanted.tenant === tenant
  return endsOne.has(what) ? (member, wanted) => member.caller === about && wanted.tenant === tenant : undefined
}
