/** `npm run conformance`: the same contracts over the simulated and the real thing, with the stand-ins there are. */
import { spawn } from "node:child_process"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { startMoto } from "./moto.ts"
import { motoEnv, motoFleet, motoHome } from "./moto-fleet.ts"
import { startProxy } from "./proxy.ts"
import { areAllWanted, standIns } from "./stand-ins.ts"

const help = `npm run conformance -- [options] [FILES]

Runs the contract suites of test/conformance against real software: a nats-server, moto for AWS, the embedded ClickHouse
engine. Each is found or fetched. A missing one skips its suites; with CI or STAND_INS=all set it is a failure.

  FILES        parts of file names, as "ports" or "bus-nats"; none = all
  --list       only say which stand-ins there are
  --moto       start moto and the proxy with a group of six, print the environment for it, and stay until Ctrl-C
  --help       this text`

const root = join(import.meta.dirname, "..", "..")
const say = (line: string) => process.stdout.write(`${line}\n`)

/** True where nothing that is wanted is missing. */
const sayStandIns = async (): Promise<boolean> => {
  const all = await standIns(say)
  for (const one of all) {
    say(one.isMissing ? `missing  ${one.name}: ${one.why}` : `found    ${one.name} ${one.version}`)
  }
  return !areAllWanted() || all.every((one) => !one.isMissing)
}

const runSuites = (files: ReadonlyArray<string>): Promise<number> =>
  new Promise((resolve) => {
    const vitest = join(root, "node_modules", "vitest", "vitest.mjs")
    const wanted = files.length === 0 ? ["test/conformance"] : files.map((file) => join("test", "conformance", file))
    const child = spawn(process.execPath, [vitest, "run", "--project", "servers", ...wanted], {
      cwd: root,
      stdio: "inherit"
    })
    child.once("error", (cause) => {
      say(`vitest cannot be run: ${cause.message}`)
      resolve(127)
    })
    child.once("exit", (code) => resolve(code ?? 1))
  })

/** AWS at hand, for a look with one's own eyes. */
const stayWithMoto = async (): Promise<void> => {
  const moto = await startMoto()
  const proxy = await startProxy(moto.url)
  proxy.control.trusts.set(motoHome.roleArn, motoHome.externalId)
  const [web] = await motoFleet(moto.url)
  say(`group ${web?.group} of account ${motoHome.account}: ${web?.members.length} members`)
  say(`role ${motoHome.roleArn}, external id ${motoHome.externalId}`)
  for (const [name, value] of Object.entries(motoEnv(proxy.url))) say(`export ${name}=${value}`)
  await new Promise<void>((done) => {
    process.once("SIGINT", done)
    process.once("SIGTERM", done)
  })
  await proxy.stop()
  await moto.stop()
}

const main = async (): Promise<number> => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { help: { type: "boolean" }, list: { type: "boolean" }, moto: { type: "boolean" } }
  })
  if (values.help === true) {
    say(help)
    return 0
  }
  if (values.moto === true) {
    await stayWithMoto()
    return 0
  }
  const isComplete = await sayStandIns()
  if (values.list === true || !isComplete) return isComplete ? 0 : 1
  return runSuites(positionals)
}

process.exitCode = await main().catch((thrown: unknown) => {
  say(`${thrown instanceof Error ? thrown.message : String(thrown)}; see --help`)
  return 2
})
