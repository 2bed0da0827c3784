/** Where something pasted leads to, told by its shape: instances, accounts, pools, groups, swaps, plans, moments. */

export interface Lead {
  readonly name: string
  /** Path with its own parameters; or what is to be explained. */
  readonly to: { readonly path: string } | { readonly explain: string }
}

const hash = /^[0-9a-f]{64}$/
const instance = /^i-[0-9a-f]{8,17}$/
const account = /^\d{12}$/
const sequence = /^\d{1,15}$/
const pool = /^[a-z]+\d-az\d+_[a-z0-9-]+_[a-z0-9-]+_[a-z]+$/
const group = /^\d{12}=-[a-z0-9-]+=-.+$/
const moment = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)$/
/** Anything that looks made by a machine may be a swap's name. */
const made = /[-_.:].*\d|\d.*[-_.:]/

/** What an ARN names: its last part, of groups the name, of roles and everything else the account. */
const inArn = (text: string): string => {
  const [, , service = "", , owner = "", ...rest] = text.split(":")
  const resource = rest.join(":")
  if (service === "ec2" && resource.startsWith("instance/")) return resource.slice("instance/".length)
  const named = /autoScalingGroupName\/(.+)$/.exec(resource)?.[1]
  return named ?? owner
}

const lead = (name: string, path: string): Lead => ({ name, to: { path } })
const why = (name: string, id: string): Lead => ({ name, to: { explain: id } })

/** The ways that an id opens, the likeliest first; none where it is only a word. */
export const leadsOf = (pasted: string): ReadonlyArray<Lead> => {
  const isArn = /^arn:[\w-]+:/.test(pasted)
  const id = isArn ? inArn(pasted) : pasted
  const coded = encodeURIComponent(id)
  const trace = lead("Trace of", `/trace/${coded}`)
  if (hash.test(id)) return [lead("Approval", `/approvals/${coded}`), why("Explain", id), trace]
  if (instance.test(id)) return [lead("Instance", `/monitor?q=${coded}&open=${coded}`), trace]
  if (moment.test(id)) return [lead("Replay at", `/?at=${coded}`)]
  const numbered = sequence.test(id) ? [why("Explain event", id), trace, lead("Replay at seq", `/?at=${coded}`)] : []
  if (account.test(id)) return [lead("Account", `/accounts?open=${coded}`), ...(isArn ? [] : numbered)]
  if (numbered.length > 0) return numbered
  if (pool.test(id)) return [lead("Pool", `/risk/${coded}`)]
  if (group.test(id)) return [lead("Group", `/clusters/${coded}`), why("Explain", id)]
  if (isArn) return [lead("Groups named", `/clusters?q=${coded}`)]
  return made.test(id) ? [lead("Swap", `/sagas/${coded}`), trace] : []
}
