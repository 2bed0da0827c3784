/** The port is not to be had: which, why, and what mends it. */
import { Schema } from "effect"

export class CannotListen extends Schema.TaggedError<CannotListen>()("CannotListen", {
  port: Schema.Int,
  code: Schema.String
}) {
  override get message() {
    return this.code === "EADDRINUSE"
      ? `port ${this.port} of this machine is taken: end what has it, or name another with --port.`
      : `nobody can listen on port ${this.port}: ${this.code}`
  }
}
