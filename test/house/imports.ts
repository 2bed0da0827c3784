/** Who may import whom, as data, and the reading of one file against it. */
import { posix } from "node:path"
import { isTest, lineAt, type Offence, type Source, withoutComments } from "./tree.ts"

export interface Import {
  readonly specifier: string
  /** The exporter's names for what is imported; `*` for all of it. */
  readonly names: ReadonlyArray<string>
  readonly line: number
}

const statements = [
  /^[ \t]*import\s+(?:type\s+)?([\w$\s{},*]+?)\s+from\s*["']([^"']+)["']/gm,
  /^[ \t]*export\s+(?:type\s+)?(\*(?:\s+as\s+\w+)?|\{[^}]*\})\s+from\s*["']([^"']+)["']/gm,
  /^[ \t]*import(\s*)["']([^"']+)["']/gm,
  /\b(?:import|require)\((\s*)["'`]([^"'`]+)["'`]\s*\)/g
]

const namesIn = (clause: string): ReadonlyArray<string> => {
  const braces = /\{([^}]*)\}/.exec(clause)
  if (braces === null) return ["*"]
  const named = (braces[1] ?? "").split(",").map((part) => part.trim().replace(/^type\s+/, ""))
  return named.filter((part) => part !== "").map((part) => part.split(/\s+as\s+/)[0] ?? part)
}

/** Every import of a file: static, re-exported, for its effect, and at run time. */
export const importsIn = (text: string): ReadonlyArray<Import> => {
  const code = withoutComments(text)
  return statements.flatMap((statement) =>
    [...code.matchAll(statement)].map((found) => ({
      specifier: found[2] ?? "",
      names: namesIn(found[1] ?? ""),
      line: lineAt(code, found.index)
    }))
  )
}

/** Only these turn the outside into our words, so only they know a vendor's. */
const vendors =
  /^@(aws-sdk|smithy|clickhouse|nats-io|kubernetes|node-rs)\/|^(nats|chdb|onnxruntime-node|highs|openid-client)(\/|$)/
const effect = /^effect(\/|$)/
const platform = /^@effect\/platform-node(\/|$)/
/** Charts, icons and letters of the dashboard; icons one by one, as their barrel is 2,000 modules. */
const drawing = /^(uplot|lucide-solid(\/icons\/[\w-]+)?|@fontsource-variable\/inter|virtual:[\w-]+)(\/|$)/
const pureNode = /^node:(crypto|buffer)$/
const anyNode = /^node:/

/** Where the process begins or the outside starts: the only places that touch the machine. */
const isMain = (path: string) => /(^|\/)main\.ts$/.test(path)
const isLive = (path: string) => path.endsWith(".live.ts")
const worldRoom = "actors/_ports/world/"
const isSim = (path: string) => path.endsWith(".sim.ts") || (path.startsWith(worldRoom) && !isLive(path))
const isEdge = (path: string) => isMain(path) || isLive(path) || isSim(path)

interface Room {
  readonly name: string
  readonly owns: RegExp
  /** Paths that its files may import, beside those of its own room. */
  readonly files: ReadonlyArray<RegExp>
  /** Packages; its edges may also have Node, its `*.live.ts` also a vendor's SDK. */
  readonly packages: ReadonlyArray<RegExp>
  /** What its `*.live.ts` may have beyond; absent = any vendor's SDK. */
  readonly live?: RegExp
  readonly because: string
}

const anything = /^/

/** The first room that owns a path is its room. */
export const rooms: ReadonlyArray<Room> = [
  { name: "test", owns: /^test\//, files: [anything], packages: [anything], because: "the inspectors see all" },
  { name: "deploy", owns: /^deploy\//, files: [anything], packages: [anything], because: "it puts the house together" },
  {
    name: "root",
    owns: /^([\w.-]+\.ts|dashboard\/vite\.config\.ts)$/,
    files: [],
    packages: [anything],
    because: "tools are configured there"
  },
  {
    name: "schemas",
    owns: /^schemas\//,
    files: [],
    packages: [effect, pureNode],
    because: "the language knows no room and no vendor"
  },
  {
    name: "bus",
    owns: /^bus\//,
    files: [/^schemas\//],
    packages: [effect, pureNode],
    because: "the wire carries words and knows no actor"
  },
  {
    name: "_ports",
    owns: /^actors\/_ports\//,
    files: [/^schemas\//],
    packages: [effect, pureNode],
    because: "a port is a shelf: it knows no actor and no bus"
  },
  {
    name: "actor",
    owns: /^actors\/[^/]+\//,
    files: [/^schemas\//, /^bus\//, /^actors\/_ports\//],
    packages: [effect, pureNode],
    because: "actors meet on the bus only"
  },
  {
    name: "explain",
    owns: /^gateway\/explain\/rerun\.ts$/,
    files: [/^gateway\//, /^schemas\//, /^bus\//, /^actors\/_ports\/warehouse/, /^actors\/[^_/][^/]*\/policy\.ts$/],
    packages: [effect, pureNode],
    because: "of the actors it runs again only their pure policies, which can touch nothing"
  },
  {
    name: "gateway",
    owns: /^gateway\//,
    files: [/^schemas\//, /^bus\//, /^actors\/_ports\/warehouse/],
    packages: [effect, platform, anyNode, /^(express|helmet|cors|compression|express-rate-limit|jose)$/],
    live: /^(@nats-io\/(kv|jetstream)|nats|@node-rs\/argon2|openid-client)$/,
    because: "the gateway must not even be able to touch a cloud"
  },
  {
    name: "dashboard",
    owns: /^dashboard\//,
    files: [/^schemas\//],
    packages: [/^(solid-js|@solidjs\/(router|testing-library)|@tanstack\/solid-query)(\/|$)/, drawing],
    because: "the window shares words with us, not code"
  }
]

export const roomOf = (path: string): Room | undefined => rooms.find(({ owns }) => owns.test(path))

/** A room's own files: an actor's room is its folder. */
const home = (path: string) => /^(actors\/[^/]+|[^/]+)\//.exec(path)?.[0] ?? path

const mayReach = (from: string, to: string, room: Room): string | undefined => {
  const free = room.name === "test" || room.name === "deploy" || isTest(from)
  if (isLive(to) && !free && !isMain(from) && !isLive(from)) {
    return `imports ${to}: a live layer is chosen in main.ts, never earlier`
  }
  if (isSim(to) && !free && !isMain(from) && !isSim(from) && !from.startsWith(worldRoom)) {
    return `imports ${to}: the simulated world is chosen in main.ts, never earlier`
  }
  const isAllowed = to.startsWith(home(from)) || room.files.some((may) => may.test(to))
  if (isAllowed || (isTest(from) && to.startsWith("test/"))) return undefined
  return `imports ${to}, which ${room.name} may not: ${room.because}`
}

const mayUse = (from: string, name: string, room: Room): string | undefined => {
  if (room.packages.some((may) => may.test(name))) return undefined
  if (isTest(from) && /^(@effect\/vitest|vitest|node:)/.test(name)) return undefined
  if (isEdge(from) && (anyNode.test(name) || platform.test(name))) return undefined
  if (isLive(from) && vendors.test(name) && (room.live?.test(name) ?? true)) return undefined
  return vendors.test(name)
    ? `imports ${name}: a vendor's SDK is known to *.live.ts, deploy and test alone`
    : `imports ${name}, which ${room.name} may not: ${room.because}`
}

/** The file or package behind a specifier. */
const target = (from: string, specifier: string) =>
  specifier.startsWith(".")
    ? { file: posix.normalize(posix.join(posix.dirname(from), specifier)), name: "" }
    : { file: "", name: specifier }

/** What a file imports against its room's rules. */
export const strangersIn = ({ path, text }: Source): ReadonlyArray<Offence> => {
  const room = roomOf(path)
  if (room === undefined) return [{ path, line: 1, says: "lies in no room: the top level is fixed" }]
  return importsIn(text).flatMap(({ specifier, line }) => {
    const { file, name } = target(path, specifier)
    const says = file === "" ? mayUse(path, name, room) : mayReach(path, file, room)
    return says === undefined ? [] : [{ path, line, says }]
  })
}

/** Effect's modules that hold data and compute with it. The others run, wait, draw lots or read the clock. */
const dataModules = new Set(
  [
    ["Array", "BigDecimal", "BigInt", "Boolean", "Brand", "Chunk", "Combiner", "Cron", "Data", "DateTime", "Duration"],
    ["Equal", "Equivalence", "Filter", "Function", "Graph", "Hash", "HashMap", "HashSet", "Iterable", "Match"],
    ["Newtype", "NonEmptyIterable", "Number", "Option", "Order", "Ordering", "Predicate", "Record", "Reducer"],
    ["Result", "Schema", "SchemaGetter", "SchemaTransformation", "String", "Struct", "Trie", "Tuple", "Types"],
    ["absurd", "cast", "flow", "identity", "pipe"]
  ].flat()
)

const isPolicy = (path: string) => /^actors\/[^_/][^/]*\/policy\.ts$/.test(path)

/** Policies, and whatever of their own folder they lean on: all of it must be pure. */
export const pureFiles = (sources: ReadonlyArray<Source>): ReadonlySet<string> => {
  const texts = new Map(sources.map(({ path, text }) => [path, text]))
  const pure = new Set<string>()
  const visit = (path: string) => {
    const text = texts.get(path)
    if (text === undefined || pure.has(path)) return
    pure.add(path)
    for (const { specifier } of importsIn(text)) {
      const { file } = target(path, specifier)
      if (file.startsWith(home(path))) visit(file)
    }
  }
  for (const { path } of sources) if (isPolicy(path)) visit(path)
  return pure
}

/** What keeps a policy from being a plain function of state and message. */
export const impuritiesIn = ({ path, text }: Source): ReadonlyArray<Offence> =>
  importsIn(text).flatMap(({ specifier, names, line }) => {
    const { file, name } = target(path, specifier)
    const refuse = (says: string) => [{ path, line, says: `${says}: a policy decides from state and message alone` }]
    if (file !== "") {
      const isPure = file.startsWith("schemas/") || (file.startsWith(home(path)) && !isEdge(file))
      return isPure ? [] : refuse(`imports ${file}`)
    }
    if (!effect.test(name)) return refuse(`imports ${name}`)
    const modules = name === "effect" ? names : [name.slice("effect/".length)]
    return modules
      .filter((module) => !dataModules.has(module))
      .flatMap((module) => refuse(`imports ${module} of effect`))
  })
