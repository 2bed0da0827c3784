/** Which words of schemas travel: found by reading, to be held against the catalogue. */
import { type Offence, type Source, withoutComments } from "./tree.ts"

export interface Declared {
  readonly path: string
  /** The constant's name, as in `poolPoisoned`. */
  readonly name: string
  readonly kind: "event" | "command" | "tick"
}

/** Each `const x = event(`, `command(` or `tick(` of a file; message.ts, where these are made, has none. */
export const declaredIn = ({ path, text }: Source): ReadonlyArray<Declared> =>
  path === "schemas/message.ts"
    ? []
    : [...withoutComments(text).matchAll(/^(?:export\s+)?const\s+(\w+)\s*=\s*(event|command|tick)\(/gm)].map(
        (found) => ({
          path,
          name: found[1] ?? "",
          kind: found[2] as Declared["kind"]
        })
      )

/** What is declared and does not stand between the brackets of `roads`. */
export const forgotten = (declared: ReadonlyArray<Declared>, catalogue: string): ReadonlyArray<Offence> => {
  const list = /\broads\b[^=]*=\s*\[([^\]]*)\]/.exec(withoutComments(catalogue))?.[1] ?? ""
  const listed = new Set(list.split(",").map((name) => name.trim()))
  return declared
    .filter(({ name }) => !listed.has(name))
    .map(({ path, name, kind }) => ({ path, line: 1, says: `declares the ${kind} ${name}, which the catalogue lacks` }))
}

/** What stands more than once. */
export const repeated = (names: ReadonlyArray<string>): ReadonlyArray<string> =>
  names.filter((name, i) => names.indexOf(name) !== i)
