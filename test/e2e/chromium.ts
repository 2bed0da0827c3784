/** A browser for the tests: one that is named, on the path, fetched before, or out of Debian without installing it. */
import { access, mkdir, readdir, rename, rm } from "node:fs/promises"
import { delimiter, join } from "node:path"
import { run } from "../../deploy/command.ts"
import { root } from "../house/tree.ts"

export interface Browser {
  readonly executablePath: string
  /** What it needs in its environment, beside what is there. */
  readonly env: Readonly<Record<string, string>>
}

/** The same wherever it comes from: no display, no sandbox of its own (containers have none to give), no /dev/shm. */
export const browserArguments: ReadonlyArray<string> = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]

const programs = ["chromium-headless-shell", "chromium", "google-chrome", "chrome"]
/** The smallest build of Debian that draws pages: 100 MB with its libraries, where the whole browser has 400. */
const debianPackage = "chromium-headless-shell"
const cache = join(root, ".cache", "chromium")

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false
  )

const onPath = async (path: string): Promise<string | undefined> => {
  for (const folder of path.split(delimiter)) {
    for (const name of programs) {
      const found = join(folder, name)
      if (folder !== "" && (await isThere(found))) return found
    }
  }
  return undefined
}

/** The unpacked one, which finds its libraries beside itself. */
const unpacked: Browser = {
  executablePath: join(cache, "usr", "lib", "chromium", debianPackage),
  env: {
    LD_LIBRARY_PATH: ["usr/lib/x86_64-linux-gnu", "lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu/pulseaudio"]
      .map((folder) => join(cache, folder))
      .join(delimiter)
  }
}

/** Settings that keep apt's own state as it is: lists and archives go to a folder that is thrown away. */
const settingsFor = (scratch: string): ReadonlyArray<string> =>
  [
    `Dir::State::Lists=${join(scratch, "lists")}`,
    `Dir::Cache=${join(scratch, "cache")}`,
    "Debug::NoLocking=1",
    "Acquire::Languages=none",
    "Acquire::Retries=2",
    // The user that apt drops to may not be able to read our folder.
    ...(process.getuid?.() === 0 ? ["APT::Sandbox::User=root"] : [])
  ].flatMap((setting) => ["-o", setting])

/**
 * Fetches the browser and the libraries that this machine lacks, from the mirror that it is set to, and unpacks them
 * into the cache. Nothing is installed. Rejects where there is no apt, or no mirror answers.
 */
const fetchFromDebian = async (): Promise<void> => {
  // Moved into its place only when it is whole: what was broken off is fetched again.
  const unfinished = `${cache}.unfinished`
  const scratch = join(unfinished, ".apt")
  await rm(unfinished, { recursive: true, force: true })
  const archives = join(scratch, "cache", "archives")
  await mkdir(join(scratch, "lists", "partial"), { recursive: true })
  await mkdir(join(archives, "partial"), { recursive: true })
  const settings = settingsFor(scratch)
  await run("apt-get", [...settings, "-q", "update"], { timeoutMs: 180_000 })
  const asked = ["-q", "-y", "--no-install-recommends", "--download-only", "install", debianPackage]
  await run("apt-get", [...settings, ...asked], { timeoutMs: 300_000 })
  for (const name of (await readdir(archives)).filter((file) => file.endsWith(".deb"))) {
    await run("dpkg", ["-x", join(archives, name), unfinished])
  }
  await rm(scratch, { recursive: true, force: true })
  await rm(cache, { recursive: true, force: true })
  await rename(unfinished, cache)
}

/** Finds a browser, or fetches one. Rejects with one sentence that says what was tried and what would help. */
export const findChromium = async (): Promise<Browser> => {
  const named = process.env["CHROMIUM_BIN"]
  if (named !== undefined && named !== "") {
    if (await isThere(named)) return { executablePath: named, env: {} }
    throw new Error(`CHROMIUM_BIN names ${named}, and nothing is there`)
  }
  const found = await onPath(process.env["PATH"] ?? "")
  if (found !== undefined) return { executablePath: found, env: {} }
  if (await isThere(unpacked.executablePath)) return unpacked
  try {
    await fetchFromDebian()
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    const mend = "set CHROMIUM_BIN to a Chromium, or put one on the PATH"
    throw new Error(`no browser is on the path and Debian's could not be fetched (${why}): ${mend}`, { cause })
  }
  return unpacked
}
