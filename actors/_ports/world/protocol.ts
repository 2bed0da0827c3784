/**
 * How a call of a port travels between processes: one JSON object there, one back, by the port's own table of schemas.
 */
import { Schema } from "effect"
import { CloudRefusal } from "../cloud-refusal.ts"
import { Caller, type Call } from "../port.ts"

/** What is asked, by whom. */
export const askOf = ({ asks }: Call) => Schema.Struct({ caller: Caller, input: asks })

/** What comes back: `ok` is left out where the call gives nothing. */
export const answerOf = ({ gives }: Call) =>
  Schema.Union([Schema.Struct({ no: CloudRefusal }), Schema.Struct({ ok: Schema.optionalKey(gives) })])

export const pathOf = (port: string, name: string): string => `/${port}/${name}`
