/** How news of accounts, groups and instances is told. */
import { accountAnswered, accountConnected, accountMarked, connectAccount } from "../../schemas/account.ts"
import { groupGone, groupSeen, sweepDone } from "../../schemas/group.ts"
import { identityChanged } from "../../schemas/identity.ts"
import { orphanSeen } from "../../schemas/orphan.ts"
import { spotInterrupted } from "../../schemas/pool.ts"
import { count, span } from "./phrase.ts"
import { told } from "./words.ts"

const inService = "InService"

const whose = {
  reclaimed: "AWS took it",
  "fault-injection": "a fault-injection experiment took it",
  "own-bid": "its own price limit ended it",
  user: "somebody of the account ended it",
  unknown: "who ended it is not known"
} as const

const identities = {
  "tenant-created": "was created",
  "tenant-suspended": "was suspended",
  "tenant-resumed": "was resumed",
  "user-created": "was created",
  "user-invited": "was invited",
  "user-changed": "was changed",
  "user-disabled": "was disabled",
  "password-changed": "has a new password",
  "signed-in": "signed in",
  "signed-out": "signed out",
  "sign-in-refused": "was refused at sign-in",
  "family-killed": "had every session ended, as a spent token came back",
  "key-issued": "was issued",
  "key-revoked": "was revoked",
  "mode-changed": "has another mode",
  "mode-raise-asked": "is to be raised in mode, and waits for a second person"
} as const
const grave: ReadonlySet<string> = new Set(["sign-in-refused", "family-killed", "tenant-suspended", "mode-raise-asked"])

export const fleetWords = [
  told(connectAccount, {
    says: (c) => `Account ${c.name} (${c.account}) is to be connected in mode ${c.mode}.`
  }),
  told(accountConnected, {
    says: (e) =>
      `Account ${e.name} (${e.account}) is connected in mode ${e.mode}, with ${count(e.regions.length, "region")}.`,
    severity: () => "good",
    severities: ["good"]
  }),
  told(accountMarked, {
    says: (e) =>
      e.reason === null ? `Account ${e.account} answers again.` : `Account ${e.account} refuses us: ${e.reason}.`,
    severity: (e) => (e.reason === null ? "good" : "critical"),
    severities: ["good", "critical"]
  }),
  told(accountAnswered, {
    says: (e) =>
      e.code === null ? `Account ${e.account} answered.` : `Account ${e.account} answered ${e.code}: ${e.message}.`,
    severity: (e) => (e.code === null ? "info" : "warning"),
    severities: ["info", "warning"]
  }),
  told(groupSeen, {
    says: (e) => {
      const spot = e.members.filter((member) => member.lifecycle === "spot" && member.state === inService).length
      const serving = e.members.filter((member) => member.state === inService).length
      return `Group ${e.group} has ${serving} of ${e.desired} wanted members in service, ${spot} of them Spot.`
    }
  }),
  told(groupGone, {
    says: (e) => `Group ${e.group} is no longer there.`,
    severity: () => "warning",
    severities: ["warning"]
  }),
  told(sweepDone, {
    says: (e) =>
      `${e.region} of account ${e.account} was swept in ${span(e.endedAt - e.startedAt)}: ` +
      `${count(e.groups, "group")}, ${count(e.instances, "instance")}, ${count(e.calls, "call")}.`
  }),
  told(spotInterrupted, {
    says: (e) =>
      `Spot instance ${e.instance} (${e.pool.instanceType} in ${e.pool.zone}) was interrupted ` +
      `${e.warned ? "after a warning" : "without a warning"}: ${whose[e.provenance]}.`,
    severity: (e) => (e.provenance === "reclaimed" && e.environment === "PROD" ? "critical" : "warning"),
    severities: ["critical", "warning"]
  }),
  told(orphanSeen, {
    says: (e) => `Instance ${e.instance} of swap ${e.saga} belongs to no group: a person should look at it.`,
    severity: () => "warning",
    severities: ["warning"],
    correlation: (e) => e.saga
  }),
  told(identityChanged, {
    says: (e) => `${e.about} ${identities[e.what]}, by ${e.by}.`,
    severity: (e) => (grave.has(e.what) ? "warning" : "info"),
    severities: ["warning", "info"]
  })
]
