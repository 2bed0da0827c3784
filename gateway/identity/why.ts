/** Why somebody is not let in, in words that tell a stranger nothing about who else is known. */
import { Refused, unavailable } from "../refused.ts"

const told = {
  expired: "It has expired: renew it with the refresh token, or sign in again.",
  revoked: "It was ended: sign in again.",
  "invalid-token": "It is none of ours, or not for this: sign in again."
}

/** 401: what was presented is not good (any more). */
export const refusedToken = (kind: keyof typeof told) =>
  new Refused({ status: 401, kind, title: "What you presented does not let you in", detail: told[kind] })

/** 401, alike for an unknown address, a wrong password, a disabled user and a suspended tenant. */
export const wrongCredentials = () =>
  new Refused({
    status: 401,
    kind: "wrong-credentials",
    title: "Nobody is signed in",
    detail: "Address and password do not go together."
  })

/** 429, alike for addresses that exist and others. */
export const tooOften = (seconds: number) =>
  new Refused({
    status: 429,
    kind: "too-many-attempts",
    title: "Too many failed attempts",
    detail: `Wait ${seconds} s before the next one.`,
    retryAfter: seconds
  })

export const vaultDown = () => unavailable("The store of identities does not answer: try again in a moment.")
export const hashesBusy = () =>
  new Refused({
    status: 503,
    kind: "unavailable",
    title: "Something that this needs does not answer",
    detail: "Too many people are signing in: try again in a moment.",
    retryAfter: 2
  })

const signInProblems = {
  "no-role": "None of your groups has a role here: ask whoever runs this.",
  "unproven-address": "The identity provider does not vouch for your address.",
  "address-taken": "Somebody has your address here already, and signs in another way.",
  "not-admitted": "You may not sign in here.",
  "not-begun": "This browser began no sign-in here, or too long ago: begin again.",
  "not-held": "The sign-in does not hold: begin again.",
  "at-once": "You are signing in twice at this moment: try again in a minute."
}
/** 403: why the identity provider's word does not let somebody in; the dashboard shows it by its kind. */
export const refusedSignIn = (kind: keyof typeof signInProblems) =>
  new Refused({ status: 403, kind, title: "You are not signed in", detail: signInProblems[kind] })
