/** Guards of the house, each with what the code says without it, and the promise that watches it. */

export interface Mutant {
  readonly name: string
  /** From the project's root. */
  readonly file: string
  readonly from: string
  readonly to: string
  /** The invariant that is expected to notice. */
  readonly watchedBy: string
}
export const mutants: ReadonlyArray<Mutant> = []
