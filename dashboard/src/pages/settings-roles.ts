/** Roles in rising order, each with what it adds. */
import type { Role } from "../api/session.ts"

export const roles: ReadonlyArray<readonly [Role, string]> = [
  ["viewer", "viewer: sees everything"],
  ["operator", "operator: also stops and starts"],
  ["approver", "approver: also says yes to plans"],
  ["owner", "owner: also people, accounts, policies"]
]
