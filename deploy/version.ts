/** The version that this tree is, from its package. */
import { readFileSync } from "node:fs"

const file = new URL("../package.json", import.meta.url)
const { version: is } = JSON.parse(readFileSync(file, "utf8")) as { readonly version: string }

export const version: string = is
