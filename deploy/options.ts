/** The flags of `npm start`: what they mean, their defaults, and one clear sentence for each that cannot be. */
import { resolve } from "node:path"
import { parseArgs } from "node:util"

const scenarios = ["fleet", "dead-operator"] as const

export interface Options {
  readonly untilIdle: boolean
  readonly json: boolean
  readonly seed: number
  readonly chaos: boolean
  readonly scenario: (typeof scenarios)[number]
  readonly speed: number
  readonly actors: "one" | "processes"
  readonly cloud: "sim" | "aws"
  readonly accounts: string | undefined
  /** Of the dashboard and API; undefined = the first free one from 8000 on, and none where a run ends by itself. */
  readonly port: number | undefined
  /** Of the embedded NATS server; 0 = any free one. */
  readonly natsPort: number
  readonly data: string
  readonly dryRun: boolean
  /** Longest that `--until-idle` waits, in seconds. */
  readonly limitSeconds: number
}

export const help = `CloudOptim: makes clouds cheaper without ever hurting them.

  npm start -- [flags]

  --until-idle        end when nothing is left to do (exit 0), instead of running until Ctrl-C
  --json              one JSON object with the figures as the last line of stdout; progress goes to stderr
  --seed N            what the simulated cloud draws from; the same fleet each time (default 1)
  --chaos             faults: the cloud refuses, loses answers and takes instances; the NATS server is killed and
                      restarted; with --actors processes every executor is killed twice as well
  --scenario NAME     ${scenarios.join(" | ")} (default fleet); dead-operator kills everything of ours for ever
  --speed X           how much faster than real the simulated cloud's delays and its brake windows pass (default 60);
                      with --cloud aws it is 1: more only where AWS_ENDPOINT_URL names a stand-in on this
                      machine, as moto, to which 60 is a good pace
  --actors HOW        one (all in this process) | processes (one process each, two executors) (default one)
  --cloud WHICH       sim | aws (default sim); aws honours the SDK's environment (credentials, AWS_REGION,
                      AWS_ENDPOINT_URL) and acts on what it finds, under each account's mode
  --accounts FILE     JSON array of {tenant, account_id, role_arn, external_id, regions, environment, mode, approval};
                      an account without role_arn uses the ambient credentials; approval "auto" asks nobody, without
                      it a person says yes to each plan (needed with --cloud aws)
  --dry-run           plan and judge everything, execute nothing: every account is treated as mode recommend
  --port P            port of the dashboard and API, 0 = any free one (default: the first free one from 8000 on); with
                      --until-idle there is neither unless this names one
  --nats-port P       port of the embedded NATS server, 0 = any free one (default 0)
  --data DIR          where everything is kept; a second run resumes from it (default .data)
  --limit SECONDS     longest that --until-idle waits before it gives up with exit 1 (default 600)
  --help              this text

Environment: NATS_URL uses servers of yours instead of the embedded one; CLICKHOUSE_URL likewise.
`

/** On this machine: no endpoint of AWS is, not even one in a VPC. Whatever is elsewhere is taken for the real one. */
export const isStandIn = (endpoint: string | undefined): boolean => {
  const host = endpoint !== undefined && URL.canParse(endpoint) ? new URL(endpoint).hostname : ""
  return host === "localhost" || host === "[::1]" || /^127(\.\d{1,3}){3}$/.test(host)
}

/** A flag that cannot be: the sentence is all that a person needs. */
export class WrongFlag extends Error {}

const number = (name: string, text: string, min: number, max: number, whole: boolean): number => {
  const value = Number(text)
  const isFine = text.trim() !== "" && Number.isFinite(value) && value >= min && value <= max
  if (!isFine || (whole && !Number.isInteger(value))) {
    throw new WrongFlag(`--${name} takes a ${whole ? "whole " : ""}number from ${min} to ${max}, not "${text}".`)
  }
  return value
}

const oneOf = <A extends string>(name: string, text: string, allowed: ReadonlyArray<A>): A => {
  const found = allowed.find((one) => one === text)
  if (found === undefined) throw new WrongFlag(`--${name} is one of ${allowed.join(", ")}, not "${text}".`)
  return found
}

const flags = {
  "until-idle": { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  seed: { type: "string", default: "1" },
  chaos: { type: "boolean", default: false },
  scenario: { type: "string", default: "fleet" },
  speed: { type: "string" },
  actors: { type: "string", default: "one" },
  cloud: { type: "string", default: "sim" },
  accounts: { type: "string" },
  "dry-run": { type: "boolean", default: false },
  port: { type: "string" },
  "nats-port": { type: "string", default: "0" },
  data: { type: "string", default: ".data" },
  limit: { type: "string", default: "600" },
  help: { type: "boolean", default: false }
} as const

/** What Node says of flags that it cannot read is cut to its first sentence, and closed with the mend. */
const sentenceOf = (cause: unknown): string => {
  const said = cause instanceof Error ? cause.message : String(cause)
  const first = said.split(/\n|\. /)[0]?.replace(/\.$/, "")
  return `${first}: --help lists every flag and what it takes.`
}

/** Real clouds take real time, and so must the brake and the bake before them: only a stand-in may be hurried. */
const speedOf = (text: string | undefined, cloud: Options["cloud"]): number => {
  const speed = number("speed", text ?? (cloud === "aws" ? "1" : "60"), 1, 1_000, false)
  if (cloud === "aws" && speed > 1 && !isStandIn(process.env["AWS_ENDPOINT_URL"])) {
    throw new WrongFlag("--speed is 1 with --cloud aws: more only where AWS_ENDPOINT_URL names a stand-in.")
  }
  return speed
}

/** Reads the flags. Undefined: the help was asked for. */
export const readOptions = (args: ReadonlyArray<string>, cwd: string): Options | undefined => {
  let values: ReturnType<typeof parseArgs<{ options: typeof flags }>>["values"]
  try {
    values = parseArgs({ args: [...args], options: flags, allowPositionals: false }).values
  } catch (cause) {
    throw new WrongFlag(sentenceOf(cause))
  }
  if (values.help) return undefined
  const cloud = oneOf("cloud", values.cloud, ["sim", "aws"])
  if (cloud === "aws" && values.accounts === undefined) {
    throw new WrongFlag("--cloud aws needs --accounts FILE: which accounts, in which regions, in which mode.")
  }
  const scenario = oneOf("scenario", values.scenario, scenarios)
  if (scenario === "dead-operator" && cloud === "aws") {
    throw new WrongFlag("--scenario dead-operator is for the simulated cloud only.")
  }
  return {
    untilIdle: values["until-idle"],
    json: values.json,
    seed: number("seed", values.seed, 0, 2 ** 31, true),
    chaos: values.chaos,
    scenario,
    speed: speedOf(values.speed, cloud),
    actors: scenario === "dead-operator" ? "processes" : oneOf("actors", values.actors, ["one", "processes"]),
    cloud,
    accounts: values.accounts,
    port: values.port === undefined ? undefined : number("port", values.port, 0, 65_535, true),
    natsPort: number("nats-port", values["nats-port"], 0, 65_535, true),
    data: resolve(cwd, values.data),
    dryRun: values["dry-run"],
    limitSeconds: number("limit", values.limit, 1, 86_400, true)
  }
}
