/** Who is signed in, what he may do, and what this installation is: read once, kept for all pages. */
import { createSignal } from "solid-js"
import { type ApiProblem, call, renewWith, type Reply } from "./client.ts"

export type Me = Reply<"GET /api/v1/auth/me">
export type Config = Reply<"GET /api/v1/config">
export type Role = Me["role"]

const roles: ReadonlyArray<Role> = ["viewer", "operator", "approver", "owner"]

const [me, setMe] = createSignal<Me | undefined>(undefined)
const [config, setConfig] = createSignal<Config | undefined>(undefined)
const [standing, setStanding] = createSignal<"asking" | "signed-in" | "signed-out" | "unreachable">("asking")

export { config, me, standing }

/** Whether whoever is signed in may do what takes this role. */
export const may = (role: Role): boolean => {
  const who = me()
  return who !== undefined && (who.superAdmin || roles.indexOf(who.role) >= roles.indexOf(role))
}
/** How the person is called on screen. */
export const nameOf = (who: Me): string => who.user?.name ?? who.user?.email ?? who.key?.name ?? "somebody"

/** Takes note of a sign-in's answer. */
export const signedIn = (who: Me): void => {
  setMe(who)
  setStanding("signed-in")
}
/** Takes note that nobody is signed in any more. */
export const signedOut = (): void => {
  setMe(undefined)
  setStanding("signed-out")
}

/**
 * Renews a session by its refresh cookie; false where there is none or it is spent. One window at a time: of two
 * answers that cross on the way the cookie would keep the dead one.
 */
const renewSession = (): Promise<boolean> =>
  "locks" in navigator ? navigator.locks.request("renew the session", renewNow) : renewNow()

const renewNow = async (): Promise<boolean> => {
  try {
    signedIn((await call("POST /api/v1/auth/refresh", { body: {} })).me)
    return true
  } catch {
    signedOut()
    return false
  }
}
renewWith(renewSession)

export const readConfig = async (): Promise<void> => {
  setConfig(await call("GET /api/v1/config"))
}

/** Asks who is there. Ends in one of the three standings and never rejects. */
export const startSession = async (): Promise<void> => {
  try {
    await readConfig()
    signedIn(await call("GET /api/v1/auth/me"))
  } catch (problem) {
    if ((problem as ApiProblem).status === 401) await renewSession()
    else setStanding("unreachable")
  }
}

/** Asks again whether somebody is still signed in; where the service does not answer everything stays as it was. */
export const checkSession = async (): Promise<void> => {
  try {
    signedIn(await call("GET /api/v1/auth/me"))
  } catch (problem) {
    if ((problem as ApiProblem).status === 401) await renewSession()
  }
}

/** Ends the session here and at the service; here also where the service does not answer. */
export const signOut = async (): Promise<void> => {
  await call("POST /api/v1/auth/logout").catch(() => undefined)
  signedOut()
}
