/** What DEAD holds of a message that nobody could read: where it stood, why it is there, and its beginning. */
import { createHash } from "node:crypto"
import { Option, Schema } from "effect"
import { Digest, Instant } from "../schemas/ids.ts"
import type { Stored } from "./bus.ts"

/** How much of a buried message is kept: with its frame it always fits into the server's smallest limit, 1 MiB. */
export const headBytesMax = 64 * 1024
/** A reason is for people; a longer one is cut. */
const reasonLengthMax = 1_000

export class Buried extends Schema.Class<Buried>("Buried")({
  consumer: Schema.String,
  reason: Schema.String,
  /** Where the message stands in the log. */
  subject: Schema.String,
  seq: Schema.Int,
  at: Instant,
  /** Its whole size, and the SHA-256 of all of it. */
  bytes: Schema.Int,
  sha256: Digest,
  /** Its first 64 KiB, in base64. */
  head: Schema.String
}) {}

const encode = Schema.encodeSync(Schema.fromJsonString(Buried))
const decodeOption = Schema.decodeUnknownOption(Schema.fromJsonString(Buried))
/** Reads what `burial` made. */
export const decodeBuried = Schema.decodeUnknownEffect(Schema.fromJsonString(Buried))

/** The same, of whatever lies in DEAD; undefined where that is no burial. */
export const readBuried = (data: Uint8Array): Buried | undefined =>
  Option.getOrUndefined(decodeOption(new TextDecoder().decode(data)))

/** The text that goes to DEAD. */
export const burial = (message: Stored, consumer: string, reason: string): string =>
  encode(
    new Buried({
      consumer,
      reason: reason.slice(0, reasonLengthMax),
      subject: message.subject,
      seq: message.seq,
      at: message.at,
      bytes: message.data.length,
      sha256: Digest.make(createHash("sha256").update(message.data).digest("hex")),
      head: Buffer.from(message.data.subarray(0, headBytesMax)).toString("base64")
    })
  )
