/** Seeds that once failed, each with what it taught; every run lives them again, before any other. */

export interface Remembered {
  readonly seed: number
  readonly taught: string
}

export const seeds: ReadonlyArray<Remembered> = []
