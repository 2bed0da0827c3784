/** Seeds that once failed, each with what it taught; every run of many seeds lives them again, before any other. */

export interface Remembered {
  readonly seed: number
  readonly taught: string
}

export const seeds: ReadonlyArray<Remembered> = [
  {
    seed: 6,
    taught: "on a grid of fractional milliseconds the next turn can round onto the present one: the cloud stood still"
  },
  {
    seed: 16,
    taught: "beside other swaps desired proves nothing: a retired member was taken for dead and a second one ended"
  },
  {
    seed: 23,
    taught: "the newest member of a group is not the group's own where another swap has put its replacement there"
  },
  {
    seed: 26,
    taught: "an old member that its owner ends before the pivot leaves the group one too large, MaxSize with it"
  },
  { seed: 41, taught: "a scale-in may choose the very member that a swap is about to replace" },
  {
    seed: 42,
    taught: "a mind that dates its word by its own clock takes the answer to it for older, and waits for an hour"
  },
  { seed: 60, taught: "an owner who scales out into the room that a swap made keeps that room" },
  {
    seed: 65,
    taught: "what a step made is lost from the journal where it made nothing: the next holder thinks it never was"
  },
  {
    seed: 74,
    taught: "a replacement that died beside other swaps was not counted: another swap had lowered desired meanwhile"
  },
  { seed: 99, taught: "an attach that was refused was taken for done, as the owner had scaled out by one meanwhile" }
]
