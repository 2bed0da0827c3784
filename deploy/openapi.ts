/** Writes the OpenAPI document where it is committed; with `--check` it only says whether that one is in step. */
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { openApi } from "../gateway/openapi.ts"
import { version } from "./version.ts"

const file = fileURLToPath(new URL("../gateway/openapi.json", import.meta.url))

/** The document as it must stand in the repository. */
export const document = (): string => `${JSON.stringify(openApi(version), null, 1)}\n`
export const committed = (): string => (existsSync(file) ? readFileSync(file, "utf8") : "")

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes("--check")) {
    const isInStep = committed() === document()
    process.stdout.write(isInStep ? "openapi.json is in step\n" : "openapi.json is not in step: npm run openapi\n")
    process.exitCode = isInStep ? 0 : 1
  } else writeFileSync(file, document())
}
