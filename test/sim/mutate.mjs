/**
 * Takes a guard out of the sources as Node loads them: `node --import ./mutate.mjs`, with the guard's name in MUTANT.
 */
import { registerHooks } from "node:module"
import { resolve } from "node:path"
import { fileURLToPath } from "node:url"
import { mutants } from "./mutants.ts"

const root = resolve(import.meta.dirname, "../..")
const name = process.env["MUTANT"]
const mutant = mutants.find((one) => one.name === name)
if (mutant === undefined) throw new Error(`there is no mutant ${name}`)

/** Every edit must find its text exactly once: a mutant of code that has moved on tests nothing. */
const edited = (path, text) => {
  for (const { file, from, to } of mutant.edits) {
    if (resolve(root, file) !== path) continue
    if (text.split(from).length !== 2) throw new Error(`mutant no longer applies: ${name} (${file})`)
    text = text.replace(from, () => to)
  }
  return text
}

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context)
    if (!url.startsWith("file:")) return loaded
    const path = fileURLToPath(url)
    if (!mutant.edits.some(({ file }) => resolve(root, file) === path)) return loaded
    return { ...loaded, source: edited(path, String(loaded.source)) }
  }
})
