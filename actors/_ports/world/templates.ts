/** Launch templates and their versions. */
import type { Template } from "../../../schemas/group.ts"
import type { Ground } from "./ground.ts"
import { refuse } from "./refused.ts"
import { keyIn, type Place, type TemplateVersion } from "./state.ts"

/** Resolves `$Latest`, `$Default` or a number to the version that it means now (trap 11). */
export const resolve = (w: Ground, place: Place, id: string, version: string): typeof Template.Type => {
  const template =
    w.rows.templates.get(keyIn(place, id)) ?? refuse("InvalidLaunchTemplateId.NotFound", `${id} does not exist`)
  const found = template.versions.find((each) => each.version === numberOf(version, template))
  return { id, ...(found ?? refuse("InvalidLaunchTemplateId.VersionNotFound", `${id} has no version ${version}`)) }
}

const numberOf = (version: string, template: { defaultVersion: number; versions: ReadonlyArray<TemplateVersion> }) => {
  if (version === "$Latest") return Math.max(...template.versions.map((each) => each.version))
  return version === "$Default" || version === "" ? template.defaultVersion : Number(version)
}

/** Somebody publishes a new version; what is pinned stays as it was. */
export const publish = (
  w: Ground,
  place: Place,
  id: string,
  change: Partial<TemplateVersion>,
  isDefault: boolean
): number => {
  const key = keyIn(place, id)
  const template = w.rows.templates.get(key)
  const last = template?.versions.at(-1)
  if (template === undefined || last === undefined) throw new Error(`no template ${id}`)
  const version = last.version + 1
  template.versions = [...template.versions, { ...last, ...change, version }]
  if (isDefault) template.defaultVersion = version
  w.rows.templates.put(key, template)
  return version
}
