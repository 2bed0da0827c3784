/** Guards of the house, each with what the code says without it, and the promise that is expected to notice. */
import { at, both, type Mutant, redundant } from "./mutant.ts"

const journal = at("bus/journal.ts")
const lease = at("bus/lease.ts")
const walk = at("bus/walk.ts")
const port = at("actors/_ports/port.ts")
const swap = at("actors/executor/group-swap.saga.ts")
const capacity = at("actors/executor/capacity.ts")
const look = at("actors/executor/look.ts")
const desk = at("actors/approval-desk/policy.ts")
const release = at("actors/approval-desk/release.ts")
const ofJournal: ReadonlyArray<Mutant> = [
  journal("journal without a condition", "10: no fork", ", expect: { seq: was?.seq ?? 0 } }", " }"),
  journal("entries do not name the one before", "10: the chain", "prev: digestOfEntry(was)", "prev: null"),
  lease("everybody may take over at any time", "10: no stolen lease", "terms.skewMs - now)", "terms.skewMs - now) * 0"),
  lease(
    "taking over does not wait for the call's time",
    "10: no stolen lease",
    "entry.until + terms.callTimeoutMs + terms.skewMs",
    "entry.until"
  ),
  lease(
    "taking over does not wait for clocks",
    "10: no stolen lease",
    "entry.until + terms.callTimeoutMs + terms.skewMs",
    "entry.until + terms.callTimeoutMs"
  ),
  lease(
    "a call is begun whatever is left of the lease",
    "9: lease for all of the call",
    "now + terms.callTimeoutMs <= until",
    "until > 0"
  ),
  walk(
    "a saga that ended is taken up again",
    "11: nothing after the end",
    "if (endings.includes(tail.entry.phase) && !isResumed) return Ack",
    ""
  ),
  walk(
    "no intent before the first call",
    "11: intent before the call",
    "if (!begun) {\n        const now",
    'if (!begun && step.kind === "pivot") {\n        const now'
  ),
  walk(
    "the pivot is no commit",
    "7: no destructive call before the commit",
    'this.entry.committed || step.kind === "pivot"',
    "this.entry.committed"
  ),
  walk(
    "undo after the commit",
    "7: no undo after it",
    "if (!this.entry.committed) return this.turnBack(step, no)",
    'if (!this.entry.committed || step.kind !== "step") return this.turnBack(step, no)'
  ),
  walk(
    "the stop switch is not asked",
    "22: nothing goes on after a halt",
    "return word === undefined ? undefined : haltedBy(word)",
    'return word === "never" ? haltedBy(word) : undefined'
  ),
  at("actors/executor/actor.ts")(
    "nobody hears that a swap is to turn back",
    "22: nothing goes on that was taken back",
    "if (flying?.abortedBy !== undefined)",
    'if (flying?.abortedBy === "")'
  ),
  walk(
    "halting past the pivot",
    "7: no undo after the commit",
    'this.entry.committed || this.entry.way === "back" ? undefined',
    'this.entry.way === "back" ? undefined'
  ),
  at("bus/resume.ts")(
    "an old word takes up what got stuck since",
    "20: only what a person asked for",
    "at === resumes",
    "resumes !== undefined"
  ),
  walk("no pause before asking again", "26: the rate falls", "yield* Effect.sleep(pauseMs)", "yield* Effect.yieldNow")
]

const ofPorts: ReadonlyArray<Mutant> = [
  at("actors/executor/actor.ts")(
    "whoever takes over leaves calls of others without an end",
    "25: audit after",
    "inherits: (_, from) => endCallsOf(bus, from),",
    ""
  ),
  port(
    "no record before a call",
    "25: audit before",
    "const id = yield* audit.begun(whose.caller, action, Schema.encodeSync(call.asks)(input))",
    'const id = "none"'
  ),
  port(
    "no record after a call",
    "25: audit after",
    'yield* audit.ended(id, caller, action, exit._tag === "Failure" ? exit.failure : null)',
    ""
  ),
  port(
    "no lease for a write",
    "9: lease for all of the call",
    "new Caller({ ...whose.caller, until: lease.success })",
    "new Caller({ ...whose.caller, until: (id.length * 1e13) as typeof lease.success })"
  )
]

const neverOf = "() => Effect.void"
const ofSwap: ReadonlyArray<Mutant> = [
  swap(
    "naive: detach before attach",
    "7: no destructive call before the commit",
    "yield* Groups.use((port) => port.attach({ group: input.group, instance: launch }))",
    "yield* Groups.use((port) => port.retire({ group: input.group, instance: input.move.old })); " +
      "yield* Groups.use((port) => port.attach({ group: input.group, instance: launch }))"
  ),
  both(
    "naive: terminate before healthy",
    "1: serving never falls below desired",
    swap(
      "",
      "",
      "verify: ({ input, made: { look, launch } }) => serves(input, launch, look.targetGroups)",
      "verify: () => Effect.succeed(true)"
    ),
    swap("", "", "yield* wellBehind(input, launch, look.targetGroups)", ""),
    capacity("", "", "if (left < group.desired - 1) {", "if (left < 0) {")
  ),
  at("actors/executor/replacement.ts")(
    "naive: ignore the alarm in bake",
    "6: no commit while an alarm rings",
    "if (ringing !== undefined)",
    'if (ringing !== undefined && ringing.name === "")'
  ),
  swap(
    "the canary does not bake",
    "6: no commit before the bake is over",
    "return !input.canary || (yield* Clock.currentTimeMillis) >= since + input.bakeMs",
    "return true"
  ),
  capacity(
    "whoever is left is not counted",
    "1: serving never falls below desired",
    "if (left < group.desired - 1) {",
    "if (left < 0) {"
  ),
  capacity(
    "the group's own record is not read",
    "2: desired as its owner wants it",
    "const valid = all.filter(({ isVoid }) => !isVoid)",
    "const valid = all.filter(({ isVoid }) => isVoid)"
  ),
  swap(
    "MaxSize is not put back",
    "2: knobs as before",
    "yield* Groups.use((port) => port.setMaxSize({ group: order.group, maxSize: was }))",
    "yield* Effect.succeed(was)"
  ),
  swap(
    "AZRebalance stays suspended",
    "2: knobs as before",
    'yield* Groups.use((port) => port.resume({ group: order.group, process: "AZRebalance" }))',
    ""
  ),
  swap("what was attached is not taken back", "2: desired as before", "undo: (ctx) => shrink(ctx)", `undo: ${neverOf}`),
  swap(
    "what was launched is not ended",
    "4: no orphans",
    "for (const { instance } of doomed) yield* Ec2.use((port) => port.terminate({ instance }))",
    "if (doomed.length > 0) return"
  ),
  swap(
    "what carries our tag is taken for ours",
    "7: nothing that we did not launch",
    "filter(({ clientToken }) => clientToken === token)",
    "filter(({ clientToken }) => clientToken === token || token !== null)"
  ),
  swap(
    "an unheard launch is believed not to be",
    "4: no orphans",
    "if (!isCertain && waited <",
    "if (!isCertain && 0 * waited >="
  ),
  swap(
    "a new token for every launch",
    "3, 5: one replacement per swap",
    'digestOf(["launch", id, look.subnet, look.instanceType])',
    'digestOf(["launch", id, look.subnet, look.instanceType, String(process.hrtime()[1])])'
  ),
  at("actors/executor/clearance.ts")(
    "the gate is not read again at launch",
    "15: no launch into a quarantine",
    "return { ...whose, stands }",
    "return stands === undefined ? { ...whose, stands } : whose"
  ),
  look(
    "what the plan leaves is not judged again",
    "23: the five layers",
    'if (wrong.length > 0) return yield* turnBack("Unsafe"',
    'if (wrong.length > 99) return yield* turnBack("Unsafe"'
  ),
  at("actors/executor/settle.ts")(
    "a lost replacement saves as well",
    "29: savings",
    'ending.made["kept"] === false',
    'ending.made["kept"] === 0'
  ),
  at("actors/executor/actor.ts")(
    "a lowered mode turns nothing back",
    "22: nobody goes on where we may not act any more",
    'if (mode !== "act") return `the account',
    'if (mode === "off") return `the account'
  ),
  at("actors/executor/orders.ts")(
    "orders are obeyed unsigned",
    "20: only what was approved",
    "proof.verify(digestOf(order), order.signature)",
    'proof.verify(digestOf(order), order.signature) || order.signature !== ""'
  )
]

const ofDesk: ReadonlyArray<Mutant> = [
  desk(
    "nobody is asked",
    "20: approval",
    '|| approval._tag === "manual") return null',
    ') return null\n  if (approval._tag === "manual") return "nobody"'
  ),
  desk(
    "any yes will do",
    "20: approval of that very set",
    "plan.hash !== hash || at < laidAt(plan)",
    "at < laidAt(plan)"
  ),
  release(
    "no runaway brake",
    "20: swaps per window",
    "Math.max(0, swapsPerWindow - desk",
    "Math.max(9, swapsPerWindow - desk"
  ),
  release("no canary", "20: the canary flies alone", "if (!plan.canaryPassed) return single", ""),
  release(
    "swaps that want to be alone get company",
    "20: alone",
    "|| plan.inFlight.some((one) => one.alone)) return nothing",
    ") return nothing"
  ),
  release(
    "the stop switch stops nothing",
    "22: nothing new while stopped",
    'if (desk.stop !== "run" || modeOf',
    "if (modeOf"
  ),
  release(
    "a released swap is released again",
    "20: each swap once",
    "all.filter((move) => !released.has(move.swap))",
    "all.filter((move) => !released.has(move.swap) || move.swap === all[0]?.swap)"
  ),
  desk(
    "what is stuck goes on in a stopped account",
    "22: nothing begins after a stop",
    'if (desk.stop !== "run" || modeOf(desk, heard) !== "act") return []',
    'if (modeOf(desk, heard) !== "act") return []'
  ),
  redundant(
    release(
      "excluded groups are released",
      "22",
      "if (excludes(policyOf(desk), plan.ref.group, goersOf(fact))) return []",
      ""
    ),
    "excluded groups"
  ),
  both(
    "excluded groups",
    "22: excluded groups",
    release("", "", "if (excludes(policyOf(desk), plan.ref.group, goersOf(fact))) return []", ""),
    at("actors/approval-desk/closing.ts")(
      "",
      "",
      '|| excludes(policyOf(desk), plan.ref.group, goersOf(fact))) return "stopped"',
      ') return "stopped"'
    )
  ),
  at("bus/decide.ts")(
    "minds do not ask who was first",
    "20: each swap once",
    "...(isFirst ? { expect } : {})",
    "...(isFirst && expect.seq < 0 ? { expect } : {})"
  ),
  at("actors/risk-manager/policy.ts")(
    "a new score opens the gate",
    "16: quarantines do not end early",
    "return new PoolRisk({ ...risk, gate, score, terms, priced, scoredAt: at })",
    'return new PoolRisk({ ...risk, gate: { _tag: "open" }, score, terms, priced, scoredAt: at })'
  ),
  at("actors/risk-manager/gate.ts")(
    "the gate ignores a person's hold",
    "15 and 16: a held pool is shut",
    "Math.max(poisonedUntil(hits, cleared?.seq), held?.until ?? 0)",
    "Math.max(poisonedUntil(hits, cleared?.seq), (held?.until ?? 0) * 0)"
  ),
  at("actors/ledger/book.ts")(
    "inserts without a token",
    "28: booked once",
    'yield* insert(store, "events", rows, tokenOf(batch, attempt))',
    'yield* insert(store, "events", rows, null)'
  ),
  at("actors/ledger/policy.ts")(
    "swaps undone save as well",
    "29: savings",
    'settled.end === "done"\n',
    'settled.end !== "refused"\n'
  )
]

const orphan = at("actors/executor/orphan.ts")
const noYoung = orphan("", "", "if (now - past.at < orphanAfterMs) return justEnded\n  // one", "// one")
const ofOrphans: ReadonlyArray<Mutant> = [
  both(
    "orphans are ended on the fact alone",
    "7: nothing that we did not launch, no member of a group",
    orphan(
      "",
      "",
      "const first = standsAsLaunched(claim)",
      'if (claim.now > 0) return { _tag: "End", confirmedBy: "token" }'
    ),
    orphan("", "", "  if (first !== undefined) return first\n", ""),
    orphan("", "", "if (group !== null) return", 'if (group === "") return')
  ),
  both(
    "orphans are ended while their saga is at work, or a moment after",
    "4: not before a quarter of an hour has passed since its end",
    orphan("", "", "const end = ends[past.phase]", 'const end = ends[past.phase] ?? "undone"'),
    orphan("", "", "return now - launchedAt < orphanAfterMs ?", "return now - launchedAt < 0 * orphanAfterMs ?"),
    noYoung
  ),
  orphan(
    "what was handed over is ended",
    "7: what its owner took out of its group is his",
    'if (end === "done" && isReplacement) return handedOver',
    'if (end === "done" && isReplacement && claim.now < 0) return handedOver'
  ),
  orphan(
    "what nobody remembers is ended by its token",
    "30: whoever starts with an empty log ends nothing",
    'if (past._tag === "Lost") return leave("journal-lost", "nobody remembers its saga, or who uses it by now")',
    'if (past._tag === "Lost") return onEnding(claim, "undone", false)'
  ),
  at("actors/executor/sweeper.ts")(
    "orphans are left for ever",
    "4: no orphans",
    "now - delivery.at >= orphanAfterMs) return Ack",
    "now - delivery.at >= 0 * orphanAfterMs) return Ack"
  )
]

export const mutants: ReadonlyArray<Mutant> = [...ofJournal, ...ofPorts, ...ofSwap, ...ofDesk, ...ofOrphans]
