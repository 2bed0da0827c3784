/** How a file looks and what it may not say, as data: each ban names its replacement, each exception its reason. */
import { basename } from "node:path/posix"
import { isCode, isTest, lineAt, type Offence, type Source, withoutComments } from "./tree.ts"

interface Exception {
  readonly where: RegExp
  readonly because: string
}

interface Ban {
  readonly what: string
  readonly pattern: RegExp
  readonly instead: string
  /** `code` leaves comments out; `text` is everything, comments and strings too. */
  readonly in: "code" | "text"
  readonly except: ReadonlyArray<Exception>
}

const live = { where: /\.live\.ts$/, because: "it is where the outside starts" }
const main = { where: /(^|\/)main\.ts$/, because: "the process starts there" }
const deploy = { where: /^deploy\//, because: "it starts programs before there is an Effect to run" }
const tests = { where: /^test\/|\.test\.tsx?$/, because: "a test looks at the real machine" }
const dashboard = { where: /^dashboard\//, because: "a browser has its own clock and its own console" }
const house = { where: /^test\/house\//, because: "whoever bans a word has to write it" }
const edges = [live, main, deploy, tests, dashboard]

/** In order of the harm that they do. */
export const bans: ReadonlyArray<Ban> = [
  { what: "Date.now", pattern: /\bDate\.now\b/g, instead: "Clock", in: "code", except: edges },
  { what: "new Date()", pattern: /\bnew Date\(\s*\)/g, instead: "DateTime.now", in: "code", except: edges },
  { what: "performance.now", pattern: /\bperformance\.now\b/g, instead: "Clock", in: "code", except: edges },
  {
    what: "DateTime.nowUnsafe",
    pattern: /\bDateTime\.nowUnsafe\b/g,
    instead: "DateTime.now",
    in: "code",
    except: edges
  },
  { what: "Math.random", pattern: /\bMath\.random\b/g, instead: "Random", in: "code", except: edges },
  {
    what: "a random from crypto",
    pattern: /\b(randomUUID|randomBytes|getRandomValues)\b/g,
    instead: "Random",
    in: "code",
    except: edges
  },
  {
    what: "setTimeout",
    pattern: /\bset(Timeout|Interval|Immediate)\b/g,
    instead: "Effect.sleep",
    in: "code",
    except: edges
  },
  { what: "process.env", pattern: /\bprocess\.env\b/g, instead: "Config", in: "code", except: edges },
  { what: "console", pattern: /\bconsole\.\w+/g, instead: "Effect.log", in: "code", except: edges },
  {
    what: "a subject typed by hand",
    pattern: /["'`](evt|cmd|jrn|tck)\./g,
    instead: "event() and command() of schemas/message.ts",
    in: "code",
    except: [{ where: /^schemas\/message\.ts$/, because: "the only place that knows the shape" }, tests]
  },
  { what: "as any", pattern: /\bas any\b/g, instead: "decode with the schema", in: "code", except: [house] },
  {
    what: "disableChecks",
    pattern: /\bdisableChecks\b/g,
    instead: "make the value valid: an unsafe plan must not exist",
    in: "code",
    except: [house]
  },
  {
    what: "a silenced compiler",
    pattern: /@ts-(ignore|nocheck|expect-error)|oxlint-disable|eslint-disable|biome-ignore/g,
    instead: "mend what it complains about",
    in: "text",
    except: [house]
  },
  {
    what: "a test that is switched off, or on alone",
    pattern: /\b(it|test|describe|layer)(\.\w+)*\.(only|skip|todo|fails)\b/g,
    instead: "mend or delete it; skipIf for a missing stand-in",
    in: "code",
    except: [house]
  },
  {
    what: "work left for later",
    pattern: /\b(TODO|FIXME|XXX|HACK)\b/g,
    instead: "do it, or say in words what is not there",
    in: "text",
    except: [house]
  },
  {
    what: "a path of one machine",
    pattern: /(?<![\w.~/-])\/(work|root|home\/\w+|Users\/\w+)\/[\w.]/g,
    instead: "a path from import.meta.dirname, or one that is given",
    in: "text",
    except: [house]
  },
  {
    what: "a package registry's host",
    pattern: /\b(registry\.npmjs|deb\.debian|proxy\.golang|files\.pythonhosted|pypi)\.org\b/g,
    instead: "what the machine is set to",
    in: "text",
    except: [house]
  }
]

/** Every banned thing that a file says where it may not. */
export const bannedIn = ({ path, text }: Source): ReadonlyArray<Offence> => {
  const code = withoutComments(text)
  return bans
    .filter((ban) => ban.in === "text" || isCode(path))
    .filter(({ except }) => !except.some(({ where }) => where.test(path)))
    .flatMap((ban) => {
      const looked = ban.in === "code" ? code : text
      return [...looked.matchAll(ban.pattern)].map((found) => ({
        path,
        line: lineAt(looked, found.index),
        says: `says ${found[0].trim()}: no ${ban.what}, ${ban.instead}`
      }))
    })
}

const nameless = /^(utils?|helpers?|common|misc|types)$/i

/** A file or folder whose name says nothing about what is in it. */
export const namelessIn = (path: string): ReadonlyArray<Offence> =>
  path
    .split("/")
    .filter((part) => nameless.test(part.replace(/\..*$/, "")))
    .map((part) => ({ path, line: 1, says: `is called ${part}: name it by its noun` }))

export const columnsMax = 120
export const linesMax = 300
export const testLinesMax = 400

/** Opening sentence, width and length of one file of code. */
export const shapeOf = ({ path, text }: Source): ReadonlyArray<Offence> => {
  const lines = text.replace(/\n$/, "").split("\n")
  const offences: Array<Offence> = []
  const opening =
    /^(?:#![^\n]*\n)?\/\*\*([\s\S]*?)\*\//
      .exec(text)?.[1]
      ?.replace(/^\s*\*/gm, "")
      .trim() ?? ""
  if (!/^\S.{10,}?[.?!:](\s|$)/s.test(opening)) {
    offences.push({ path, line: 1, says: "does not open with a /** sentence */ that says what it is" })
  }
  for (const [i, line] of lines.entries()) {
    const columns = [...line].length
    if (columns > columnsMax) offences.push({ path, line: i + 1, says: `is ${columns} wide, at most ${columnsMax}` })
  }
  const wall = isTest(path) ? testLinesMax : linesMax
  if (lines.length > wall) {
    offences.push({ path, line: wall + 1, says: `has ${lines.length} lines, at most ${wall}: it holds two nouns` })
  }
  return offences
}

const actorFiles = ["README.md", "actor.ts", "main.ts"]

/** Folders of actors without what every actor has. */
export const unfinishedActors = (paths: ReadonlyArray<string>): ReadonlyArray<Offence> => {
  const all = new Set(paths)
  const folders = new Set(paths.flatMap((path) => /^actors\/[^_/][^/]*\//.exec(path)?.[0] ?? []))
  return [...folders].flatMap((folder) =>
    actorFiles
      .filter((name) => !all.has(folder + name))
      .map((name) => ({ path: folder, line: 1, says: `has no ${name}` }))
  )
}

/** Files whose words are ours: code, prose and the scripts that have no ending; no licence, no lock, no data. */
export const isOurs = (path: string): boolean =>
  isCode(path) || /\.(md|sh|sql|yml|yaml)$/.test(path) || basename(path) === "Dockerfile" || path === ".ci/run"
