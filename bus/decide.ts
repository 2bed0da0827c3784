/** What a mind would say to a batch of messages: pure, each seeing what those before it said. */
import type { Book, Heard } from "../schemas/decision.ts"
import { entityFilter } from "../schemas/message.ts"
import type { LiveBook } from "./book.ts"
import type { Delivery, Draft, Stored } from "./bus.ts"
import { draftOf } from "./draft.ts"
import type { Hears, Mind } from "./mind.ts"

/** An entity as the log last had it; 0 = it has nothing about it. */
export interface Known<S> {
  readonly state: S | undefined
  readonly seq: number
}

/** Something to decide on: a message about an entity, or, without one, a look at it. */
export interface Task {
  readonly delivery: Delivery | null
  /** The message itself, which a redrive's delivery only names. */
  readonly origin: Stored | null
  readonly about: string
  readonly heard: (book: Book) => Heard
  readonly hears: Hears | null
  readonly message: unknown
}

export interface Said<S> {
  readonly drafts: ReadonlyArray<Draft>
  /** Entities spoken of, with their state after the batch, and which draft carries it. */
  readonly touched: ReadonlyMap<string, { readonly state: S; readonly draft: number }>
}

/** Throws where rules break the rules: an undeclared message, a fact about another entity, orders without a fact. */
export const decideAll = <S>(
  mind: Mind<S>,
  known: ReadonlyMap<string, Known<S>>,
  book: LiveBook,
  tasks: ReadonlyArray<Task>
): Said<S> => {
  const { consults } = mind
  const read = Object.fromEntries(consults.map((bucket) => [bucket.name, book.upTo(bucket)]))
  const drafts: Array<Draft> = []
  const touched = new Map<string, { state: S; draft: number }>()
  for (const task of tasks) {
    const { about } = task
    const stateNow = touched.get(about)?.state ?? known.get(about)?.state
    const said = saidTo(mind, stateNow, task, book)
    const origin = {
      ...(task.origin === null ? {} : { cause: task.origin.seq }),
      ...(consults.length === 0 ? {} : { read })
    }
    let isFactSaid = false
    for (const message of said) {
      const road = mind.says.find(({ tag }) => tag === message._tag)
      if (road === undefined) throw new Error(`${mind.name} said ${message._tag}, which it never declared`)
      if (road.kind === "cmd") {
        const sealed = mind.seal === undefined ? message : mind.seal(message)
        drafts.push(draftOf(road, sealed, undefined, origin))
        continue
      }
      // a fact filed under another entity would pass every condition and be found by nobody
      if (road.about(message) !== about) throw new Error(`${road.tag} about ${road.about(message)}, not ${about}`)
      const state = mind.rules.evolve(touched.get(about)?.state ?? known.get(about)?.state, message)
      const draft = draftOf(road, message, { schema: mind.remembers, value: state }, origin)
      const expect = { seq: known.get(about)?.seq ?? 0, on: entityFilter(mind.name, about) }
      const isFirst = !touched.has(about)
      touched.set(about, { state, draft: drafts.length })
      drafts.push({ ...draft, ...(isFirst ? { expect } : {}) })
      isFactSaid = true
    }
    if (said.length > 0 && !isFactSaid) {
      throw new Error(`${mind.name} gave orders about ${about} without a fact: a repeat would give them again`)
    }
  }
  return { drafts, touched }
}

const saidTo = <S>(mind: Mind<S>, state: S | undefined, task: Task, book: Book): ReadonlyArray<any> => {
  const heard = task.heard(book)
  if (task.hears !== null) return mind.rules.decide(state, task.message, heard)
  return state === undefined ? [] : (mind.rules.wake?.(state, heard) ?? [])
}
