/** A guard of the house, with what the code says without it, and which promise should notice. */

export interface Edit {
  /** From the project's root. */
  readonly file: string
  readonly from: string
  readonly to: string
}
export interface Mutant {
  readonly name: string
  /** The guard, as the promise's number and in words. */
  readonly watchedBy: string
  readonly edits: ReadonlyArray<Edit>
  /**
   * Alone nothing notices, because another guard does the same: named is the pair without both, which must be caught.
   */
  readonly redundantWith?: string
}

/** Of one file: one guard, by its text. */
export const at =
  (file: string) =>
  (name: string, watchedBy: string, from: string, to: string): Mutant => ({
    name,
    watchedBy,
    edits: [{ file, from, to }]
  })
/** A guard that stands in several places. */
export const both = (name: string, watchedBy: string, ...parts: ReadonlyArray<Mutant>): Mutant => ({
  name,
  watchedBy,
  edits: parts.flatMap(({ edits }) => edits)
})
/** A guard that another one doubles. */
export const redundant = (mutant: Mutant, redundantWith: string): Mutant => ({ ...mutant, redundantWith })
