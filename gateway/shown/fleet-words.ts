/** How news of accounts, groups and instances is told. */
import {
  accountAnswered,
  accountConnected,
  accountDisconnected,
  accountMarked,
  accountVerified,
  connectAccount,
  disconnectAccount,
  verifyAccount
} from "../../schemas/account.ts"
import { groupGone, groupSeen, sweepDone } from "../../schemas/group.ts"
import { identityChanged } from "../../schemas/identity.ts"
import { type LeftBecause, orphanEnded, orphanLeft, orphanSeen } from "../../schemas/orphan.ts"
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
  "mode-raise-asked": "is to be raised in mode, and waits for a second person",
  "attention-muted": "is muted among what needs attention",
  "attention-unmuted": "speaks again among what needs attention",
  "message-redriven": "is to be heard again"
} as const
const grave: ReadonlySet<string> = new Set(["sign-in-refused", "family-killed", "tenant-suspended", "mode-raise-asked"])

/** Of whom what else was written down belongs into the sentence: for how long, by whom, and what it was about. */
const inFull: ReadonlySet<string> = new Set(["attention-muted", "attention-unmuted", "message-redriven"])

/** What nobody has to do anything about: it is looked at again. */
const waits: ReadonlySet<LeftBecause> = new Set(["saga-open", "young", "stopped", "not-acting"])

export const fleetWords = [
  told(connectAccount, {
    says: (c) => `Account ${c.name} (${c.account}) is to be connected in mode ${c.mode}.`,
    isSenders: true
  }),
  told(accountConnected, {
    says: (e) =>
      `Account ${e.name} (${e.account}) is connected in mode ${e.mode}, with ${count(e.regions.length, "region")}.`,
    severity: () => "good",
    severities: ["good"]
  }),
  told(disconnectAccount, {
    says: (c) => `Account ${c.account} is to be disconnected, asked by ${c.by}: ${c.because}.`
  }),
  told(accountDisconnected, {
    says: (e) => `Account ${e.account} is disconnected, asked by ${e.by}: ${e.because}.`,
    severity: () => "warning",
    severities: ["warning"]
  }),
  told(verifyAccount, { says: (c) => `The door of account ${c.account} is to be tried, asked by ${c.by}.` }),
  told(accountVerified, {
    says: (e) => {
      const failed = e.checks.filter(({ ok }) => ok === false)
      const first = failed[0]
      return first === undefined
        ? `Account ${e.account} passed what was tried of it.`
        : `Account ${e.account} failed ${count(failed.length, "check")}, first ${first.check}: ${first.details}.`
    },
    severity: (e) => (e.checks.some(({ ok }) => ok === false) ? "warning" : "good"),
    severities: ["good", "warning"]
  }),
  told(accountMarked, {
    says: (e) =>
      e.reason === null ? `Account ${e.account} lets us in.` : `Account ${e.account} refuses us: ${e.reason}.`,
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
    says: (e) => `Instance ${e.instance} of swap ${e.saga} belongs to no group: it is looked at.`,
    severity: () => "warning",
    severities: ["warning"],
    correlation: (e) => e.saga
  }),
  told(orphanLeft, {
    says: (e) => `Instance ${e.instance} of swap ${e.saga} belongs to no group and is left as it is: ${e.details}.`,
    severity: (e) => (waits.has(e.because) ? "info" : "warning"),
    severities: ["info", "warning"],
    correlation: (e) => e.saga
  }),
  told(orphanEnded, {
    says: (e) =>
      `Instance ${e.instance} (${e.instanceType} in ${e.zone}), left behind by swap ${e.saga}, is ended: ` +
      `${e.confirmedBy === "journal" ? "its journal" : "its client token"} says that we launched it.`,
    severity: () => "good",
    severities: ["good"],
    correlation: (e) => e.saga
  }),
  told(identityChanged, {
    says: (e) => `${e.about} ${identities[e.what]}, by ${e.by}${inFull.has(e.what) ? `: ${e.details}` : ""}.`,
    severity: (e) => (grave.has(e.what) ? "warning" : "info"),
    severities: ["warning", "info"]
  })
]
