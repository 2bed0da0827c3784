/** The way to one reader over HTTP/1.1: chunks that are framed already go straight to his socket. */
import { Effect } from "effect"
import type { Response } from "express"
import type { Line } from "./channel.ts"

/** Bytes under way to a reader who catches up, before the next ones are read for him. */
const aheadMax = 128 * 1024

/**
 * To be made once the head of the response is sent. A response that waits for an earlier one of its connection, or to a
 * reader who knows no chunks, is written to as ever; it must be one or the other for all of the response.
 */
export const lineOf = (res: Response): Line => {
  const { socket } = res
  if (socket === null || !res.chunkedEncoding) {
    return {
      send: ({ raw }) => res.write(raw),
      backlog: () => res.writableLength,
      end: () => void res.end(),
      cut: () => void res.destroy()
    }
  }
  return {
    send: ({ framed }) => socket.destroyed || socket.write(framed),
    backlog: () => socket.writableLength,
    end: () => void res.end(),
    cut: () => void socket.destroy()
  }
}

/** Waits until a reader has taken most of what he was sent; ends also when he goes. */
export const drained = (res: Response, line: Line): Effect.Effect<void> =>
  Effect.callback<void>((resume) => {
    if (line.backlog() <= aheadMax || res.destroyed) return void resume(Effect.void)
    const source = res.socket ?? res
    const done = () => {
      source.off("drain", done)
      res.off("close", done)
      resume(Effect.void)
    }
    source.on("drain", done)
    res.on("close", done)
    return Effect.sync(() => {
      source.off("drain", done)
      res.off("close", done)
    })
  })
