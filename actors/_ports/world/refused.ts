/** A "no" of the simulated cloud, in the vendor's code: thrown by its rules, turned into an answer at its door. */

export class Refused extends Error {
  readonly code: string
  readonly details: string
  constructor(code: string, details: string) {
    super(`${code}: ${details}`)
    this.code = code
    this.details = details
  }
}

export const refuse = (code: string, details: string): never => {
  throw new Refused(code, details)
}
