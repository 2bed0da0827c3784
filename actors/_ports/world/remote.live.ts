/** A port whose world lives in another process, reached over its unix socket. */
import { Agent, request } from "node:http"
import { Effect, Schema } from "effect"
import { type CloudRefusal, refusal } from "../cloud-refusal.ts"
import type { Call, Caller, Calls, Inner } from "../port.ts"
import { answerOf, askOf, pathOf } from "./protocol.ts"

/**
 * The same calls, refusals and schemas as in the world's own process; whatever comes between is `CloudOptim.NoAnswer`.
 */
export const remoteInner = <C extends Calls>(name: string, calls: C, socketPath: string): Inner<C> => {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  const made: Record<string, (input: unknown, caller: Caller) => Effect.Effect<unknown, CloudRefusal>> = {}
  for (const [each, call] of Object.entries(calls)) {
    made[each] = remoteCall(call, call.writes ?? `${name}:${each}`, (body) =>
      post(agent, socketPath, pathOf(name, each), body)
    )
  }
  return made as Inner<C>
}

const remoteCall = (call: Call, label: string, send: (body: string) => Effect.Effect<string, Error>) => {
  const encode = Schema.encodeUnknownEffect(Schema.fromJsonString(askOf(call)))
  const decode = Schema.decodeUnknownEffect(Schema.fromJsonString(answerOf(call)))
  return (input: unknown, caller: Caller) =>
    Effect.orDie(encode({ caller, input })).pipe(
      Effect.flatMap(send),
      Effect.flatMap(decode),
      Effect.mapError((cause) => refusal(label, "CloudOptim.NoAnswer", cause.message.slice(0, 200))),
      Effect.flatMap((answer) => ("no" in answer ? Effect.fail(answer.no) : Effect.succeed(answer.ok)))
    )
}

/** Interrupting it closes the connection; the world may have done what it was asked all the same. */
const post = (agent: Agent, socketPath: string, path: string, body: string): Effect.Effect<string, Error> =>
  Effect.callback((resume) => {
    const sent = request({ agent, socketPath, path, method: "POST" }, (response) => {
      const chunks: Array<Buffer> = []
      response.on("data", (chunk: Buffer) => chunks.push(chunk))
      response.on("error", (error) => resume(Effect.fail(error)))
      response.on("aborted", () => resume(Effect.fail(new Error("the answer broke off"))))
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8")
        if (response.statusCode === 200) resume(Effect.succeed(text))
        else resume(Effect.fail(new Error(`the world answered ${response.statusCode}: ${text}`)))
      })
    })
    sent.on("error", (error) => resume(Effect.fail(error)))
    sent.end(body)
    return Effect.sync(() => sent.destroy())
  })
