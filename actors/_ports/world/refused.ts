/** A "no" of the simulated cloud, in the vendor's code: thrown by its rules, turned into an answer at its door. */

export class Refused extends Error {
  readonly code: string
  readonly details: string
  /** The call that was refused where it is not the one that was asked for: roles are assumed on the way. */
  readonly call: string | null
  constructor(code: string, details: string, call: string | null = null) {
    super(`${code}: ${details}`)
    this.code = code
    this.details = details
    this.call = call
  }
}

export const refuse = (code: string, details: string, call: string | null = null): never => {
  throw new Refused(code, details, call)
}
