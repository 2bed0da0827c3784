/**
 * One program out of a Debian package, without installing it and without root: from the mirror that this machine is
 * already set to, but from newer suites than its own. Apt's state is a scratch folder that is thrown away.
 */
import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { run } from "./command.ts"

/** One archive of this machine's sources: where packages come from, and whose signature is believed. */
export interface DebianSource {
  readonly uri: string
  readonly suites: ReadonlyArray<string>
  readonly components: ReadonlyArray<string>
  /** As in the sources file: a keyring's path, or the key itself. */
  readonly signedBy?: string
}

const words = (text: string | undefined) => (text ?? "").split(/\s+/).filter((word) => word !== "")

const ofOneLine = (line: string): DebianSource | undefined => {
  const found = /^deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s+(.+)$/.exec(line.replace(/#.*$/, "").trim())
  if (found === null) return undefined
  const [, options, uri = "", suite = "", components] = found
  const signedBy = /signed-by=(\S+)/.exec(options ?? "")?.[1]
  return { uri, suites: [suite], components: words(components), ...(signedBy === undefined ? {} : { signedBy }) }
}

const ofStanza = (stanza: string): DebianSource | undefined => {
  const fields = new Map<string, string>()
  let name = ""
  for (const line of stanza.split("\n").filter((each) => !each.startsWith("#"))) {
    const field = /^([A-Za-z-]+):(.*)$/.exec(line)
    if (field !== null) name = (field[1] ?? "").toLowerCase()
    fields.set(name, field === null ? `${fields.get(name) ?? ""}\n${line}` : (field[2] ?? "").trim())
  }
  const [uri] = words(fields.get("uris"))
  const isUsed = words(fields.get("types")).includes("deb") && fields.get("enabled")?.toLowerCase() !== "no"
  if (!isUsed || uri === undefined) return undefined
  const signedBy = fields.get("signed-by")?.replace(/\n+$/, "")
  return {
    uri,
    suites: words(fields.get("suites")),
    components: words(fields.get("components")),
    ...(signedBy === undefined ? {} : { signedBy })
  }
}

/** Reads one file of /etc/apt: deb822 (`.sources`) or the older one-line form (`.list`). */
export const sourcesIn = (path: string, text: string): ReadonlyArray<DebianSource> =>
  (path.endsWith(".sources") ? text.split(/\n\s*\n/).map(ofStanza) : text.split("\n").map(ofOneLine)).filter(
    (source) => source !== undefined
  )

/** The archive that this machine's own release comes from: the one that will also have the newer suites. */
export const mainArchive = (sources: ReadonlyArray<DebianSource>, codename: string): DebianSource | undefined =>
  sources.find(({ suites, components }) => suites.includes(codename) && components.includes("main"))

const readSources = async (): Promise<ReadonlyArray<DebianSource>> => {
  const folder = "/etc/apt/sources.list.d"
  const names = await readdir(folder).catch(() => [])
  const paths = [
    "/etc/apt/sources.list",
    ...names.filter((name) => /\.(list|sources)$/.test(name)).map((name) => join(folder, name))
  ]
  const texts = await Promise.all(paths.map((path) => readFile(path, "utf8").catch(() => "")))
  return paths.flatMap((path, i) => sourcesIn(path, texts[i] ?? ""))
}

const thisRelease = async (): Promise<string> => {
  const text = await readFile("/etc/os-release", "utf8").catch(() => "")
  const field = (name: string) => new RegExp(`^${name}="?([^"\\n]*)"?$`, "m").exec(text)?.[1]
  const codename = field("VERSION_CODENAME")
  if (field("ID") !== "debian" || codename === undefined) throw new Error("this machine does not run Debian")
  return codename
}

/**
 * Downloads the package from the first of `suites` that has it and unpacks it into `folder`, which is made. Apt checks
 * the signatures as ever. Rejects where the machine is not Debian, has no apt, or no suite has the package.
 */
export const unpackDebian = async (name: string, suite: string, folder: string): Promise<void> => {
  const codename = await thisRelease()
  const archive = mainArchive(await readSources(), codename)
  if (archive === undefined) throw new Error(`no source of /etc/apt serves ${codename} main`)
  const scratch = join(folder, ".apt")
  const sources = join(scratch, "sources")
  for (const made of ["state/lists/partial", "cache/archives/partial", "sources"]) {
    await mkdir(join(scratch, made), { recursive: true })
  }
  const signed = archive.signedBy === undefined ? "" : `Signed-By: ${archive.signedBy}\n`
  const stanza = `Types: deb\nURIs: ${archive.uri}\nSuites: ${suite}\nComponents: main\n${signed}`
  await writeFile(join(sources, "only.sources"), stanza)
  const settings = [
    `Dir::State=${join(scratch, "state")}`,
    `Dir::Cache=${join(scratch, "cache")}`,
    `Dir::Etc::SourceList=${join(scratch, "none")}`,
    `Dir::Etc::SourceParts=${sources}`,
    // Descriptions for shops and other languages are a third of the download.
    "Acquire::Languages=none",
    "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false",
    "Acquire::Retries=2",
    // The user that apt drops to may not be able to read our folder.
    ...(process.getuid?.() === 0 ? ["APT::Sandbox::User=root"] : [])
  ].flatMap((setting) => ["-o", setting])
  await run("apt-get", [...settings, "-q", "update"], { timeoutMs: 120_000 })
  await run("apt-get", [...settings, "-q", "download", name], { cwd: scratch, timeoutMs: 120_000 })
  const packed = (await readdir(scratch)).find((file) => file.endsWith(".deb"))
  if (packed === undefined) throw new Error(`apt-get downloaded no ${name}`)
  await run("dpkg", ["-x", join(scratch, packed), folder])
  await rm(scratch, { recursive: true, force: true })
}
