/** How large the built dashboard is as a browser fetches it: what everybody loads, what a page adds, and all of it. */
import { readdir, readFile } from "node:fs/promises"
import { join } from "node:path"
import { gzipSync } from "node:zlib"
import { root } from "../house/tree.ts"

/** Most bytes of JavaScript, compressed. Who waits on a slow line waits for the first two. */
export const budget = { entry: 45_000, page: 65_000, all: 200_000 } as const

interface Chunk {
  readonly file: string
  readonly bytes: number
  /** Chunks that it cannot run without. */
  readonly needs: ReadonlyArray<string>
}

export interface Weighed {
  /** What the document loads before anything is drawn. */
  readonly entry: number
  /** What each page adds to it, by the name of its chunk, the heaviest first. */
  readonly pages: ReadonlyArray<readonly [page: string, bytes: number]>
  readonly all: number
}

const importsOf = (text: string): ReadonlyArray<string> =>
  [...text.matchAll(/(?:\bfrom|\bimport)\s*["']\.\/([\w.-]+\.js)["']/g)].map((found) => found[1] ?? "")

const read = async (folder: string): Promise<ReadonlyMap<string, Chunk>> => {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".js"))
  const chunks = await Promise.all(
    files.map(async (file): Promise<Chunk> => {
      const text = await readFile(join(folder, file), "utf8")
      return { file, bytes: gzipSync(text).length, needs: importsOf(text) }
    })
  )
  return new Map(chunks.map((chunk) => [chunk.file, chunk]))
}

/** A chunk with everything that it pulls in. */
const closure = (chunks: ReadonlyMap<string, Chunk>, from: ReadonlyArray<string>): ReadonlySet<string> => {
  const seen = new Set<string>()
  const visit = (file: string) => {
    if (seen.has(file) || !chunks.has(file)) return
    seen.add(file)
    for (const need of chunks.get(file)?.needs ?? []) visit(need)
  }
  for (const file of from) visit(file)
  return seen
}

/** Weighs a build. Pages are the chunks that are fetched on demand; the frame is with everybody who has signed in. */
export const weigh = async (dist: string): Promise<Weighed> => {
  const chunks = await read(join(dist, "assets"))
  const html = await readFile(join(dist, "index.html"), "utf8")
  const first = [...html.matchAll(/assets\/([\w.-]+\.js)"/g)].map((found) => found[1] ?? "")
  const sum = (files: Iterable<string>) => [...files].reduce((bytes, file) => bytes + (chunks.get(file)?.bytes ?? 0), 0)
  const entry = closure(chunks, first)
  const frame = closure(chunks, [...first, ...[...chunks.keys()].filter((file) => file.startsWith("frame-"))])
  const pages = [...chunks.keys()]
    .filter((file) => !frame.has(file))
    .map((file) => [file, sum([...closure(chunks, [file])].filter((one) => !frame.has(one)))] as const)
    .sort((a, b) => b[1] - a[1])
  return { entry: sum(entry), pages, all: sum(chunks.keys()) }
}

/** What weighs too much, one sentence each. */
export const overweight = ({ entry, pages, all }: Weighed): ReadonlyArray<string> => [
  ...(entry > budget.entry ? [`the entry has ${entry} bytes, at most ${budget.entry}`] : []),
  ...pages
    .filter(([, bytes]) => bytes > budget.page)
    .map(([page, bytes]) => `${page} adds ${bytes}, at most ${budget.page}`),
  ...(all > budget.all ? [`all of it has ${all} bytes, at most ${budget.all}`] : [])
]

if (import.meta.main) {
  const weighed = await weigh(process.argv[2] ?? join(root, "dashboard", "dist"))
  const kilobytes = (bytes: number) => `${(bytes / 1_000).toFixed(1)} kB`
  console.log(`entry ${kilobytes(weighed.entry)}, all ${kilobytes(weighed.all)}`)
  for (const [page, bytes] of weighed.pages.slice(0, 12)) console.log(`  ${page} ${kilobytes(bytes)}`)
  for (const says of overweight(weighed)) {
    console.error(says)
    process.exitCode = 1
  }
}
