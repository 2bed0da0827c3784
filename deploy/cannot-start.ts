/** Something that a run stands on is not to be had: the one sentence that a person is told, with the mend in it. */
import { Schema } from "effect"

export class CannotStart extends Schema.TaggedError<CannotStart>()("CannotStart", { why: Schema.String }) {
  override get message() {
    return this.why
  }
}

/** As an error of ours, its words on one line. */
export const cannot = (cause: unknown): CannotStart =>
  new CannotStart({ why: (cause instanceof Error ? cause.message : String(cause)).replaceAll(/\s*\n\s*/g, " / ") })
