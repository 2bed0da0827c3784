/** The readers of the fan-out bench, in a process of their own: plain sockets that check every number they are told. */
import { connect, type Socket } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"
import { createGunzip } from "node:zlib"
import type { Count, FromReaders, ToReaders } from "./fanout-events.ts"

const lineEnd = 0x0a
const digitsFrom = (bytes: Buffer, from: number): number => {
  let value = 0
  for (let i = from; ; i++) {
    const digit = (bytes[i] ?? 0) - 0x30
    if (digit < 0 || digit > 9) return value
    value = value * 10 + digit
  }
}

/** How long a reader waits before he comes back: all at once they would be a load of their own. */
const againMs = { least: 100, spread: 1_400 }

/** Milliseconds beyond it are counted as it. */
const latencyMax = 30_000

class Crowd {
  readonly readers: Array<Reader> = []
  frames = 0
  bytes = 0
  gaps = 0
  duplicates = 0
  resets = 0
  opened = 0
  latencies = new Uint32Array(latencyMax + 1)

  note(latency: number) {
    this.frames++
    const ms = Math.min(latencyMax, Math.max(0, latency))
    this.latencies[ms] = (this.latencies[ms] ?? 0) + 1
  }

  percentile(share: number): number {
    const all = this.latencies.reduce((sum, count) => sum + count, 0)
    let seen = 0
    for (const [ms, count] of this.latencies.entries()) if ((seen += count) >= all * share && seen > 0) return ms
    return 0
  }

  /** The counts of gaps and duplicates are never forgotten. */
  forget() {
    this.frames = this.bytes = 0
    this.latencies = new Uint32Array(latencyMax + 1)
  }

  get count(): Count {
    const { frames, bytes, gaps, duplicates, resets, opened, readers } = this
    const slowest = Math.min(...readers.map(({ last }) => last))
    const hearing = readers.filter(({ last }) => last > 0).length
    const [p50, p99] = [this.percentile(0.5), this.percentile(0.99)]
    return { frames, bytes, gaps, duplicates, resets, opened, p50, p99, slowest, hearing }
  }
}

class Reader {
  last = 0
  private id = ""
  private rest: Buffer | undefined
  private socket: Socket | undefined
  private readonly crowd: Crowd
  private readonly port: number
  private readonly isGzip: boolean

  constructor(crowd: Crowd, port: number, isGzip: boolean) {
    this.crowd = crowd
    this.port = port
    this.isGzip = isGzip
  }

  open(): Promise<void> {
    this.crowd.opened++
    this.rest = undefined
    const socket = connect(this.port, "127.0.0.1")
    this.socket = socket
    const from = this.id === "" ? "" : `last-event-id: ${this.id}\r\n`
    const enc = this.isGzip ? "accept-encoding: gzip\r\n" : ""
    socket.write(`GET /api/v1/stream HTTP/1.1\r\nhost: x\r\naccept: text/event-stream\r\n${enc}${from}\r\n`)
    socket.on("error", () => {})
    const answered = new Promise<void>((resolve) => {
      socket.once("data", () => resolve())
      socket.once("close", () => resolve())
    })
    if (this.isGzip) this.inflate(socket)
    else socket.on("data", (part: Buffer) => this.hear(part))
    socket.once("close", () => void sleep(againMs.least + Math.random() * againMs.spread).then(() => this.open()))
    return answered
  }

  cut() {
    this.socket?.destroy()
  }

  /** Takes HTTP's chunks apart, as far as they come whole, and decompresses them as one stream. */
  private inflate(socket: Socket) {
    const plain = createGunzip().on("data", (part: Buffer) => this.hear(part))
    plain.on("error", () => socket.destroy())
    socket.once("close", () => plain.destroy())
    let held: Buffer = Buffer.alloc(0)
    let isHead = true
    socket.on("data", (part: Buffer) => {
      this.crowd.bytes += part.length
      held = held.length === 0 ? part : Buffer.concat([held, part])
      if (isHead) {
        const end = held.indexOf("\r\n\r\n")
        if (end < 0) return
        isHead = false
        held = held.subarray(end + 4)
      }
      for (;;) {
        const line = held.indexOf("\r\n")
        if (line < 0) return
        const size = Number.parseInt(held.toString("latin1", 0, line), 16)
        if (held.length < line + 4 + size) return
        plain.write(held.subarray(line + 2, line + 2 + size))
        held = held.subarray(line + 4 + size)
      }
    })
  }

  private hear(part: Buffer) {
    const { crowd } = this
    if (!this.isGzip) crowd.bytes += part.length
    const bytes = this.rest === undefined ? part : Buffer.concat([this.rest, part])
    this.rest = undefined
    let newest = -1
    for (let from = 0; ; ) {
      const start = bytes.indexOf("id: ", from)
      const end = start < 0 ? -1 : bytes.indexOf("\n\n", start)
      if (end < 0) {
        this.keep(bytes, start < 0 ? Math.max(from, bytes.length - 3) : start)
        break
      }
      newest = start
      this.frame(bytes, start, end)
      from = end
    }
    if (newest >= 0) this.id = bytes.toString("latin1", newest + 4, bytes.indexOf(lineEnd, newest))
  }

  private keep(bytes: Buffer, from: number) {
    this.rest = from < bytes.length ? Buffer.from(bytes.subarray(from)) : undefined
  }

  private frame(bytes: Buffer, start: number, end: number) {
    const { crowd } = this
    const data = bytes.indexOf(lineEnd, start)
    // an id alone is remembered, and nothing was said
    if (data === end) return
    const reason = bytes.indexOf('"reason":"n', data)
    if (reason < 0 || reason > end) {
      crowd.resets++
      this.last = 0
      return
    }
    const n = digitsFrom(bytes, reason + 11)
    if (this.last > 0 && n <= this.last) crowd.duplicates++
    if (this.last > 0 && n > this.last + 1) crowd.gaps++
    this.last = Math.max(this.last, n)
    crowd.note(Date.now() - digitsFrom(bytes, bytes.indexOf('"at":', data) + 5))
  }
}

const crowds = new Map<string, Crowd>()
const crowdOf = (group: string) => {
  const crowd = crowds.get(group) ?? new Crowd()
  crowds.set(group, crowd)
  return crowd
}

/** So many connections at a time: a server's queue of those who knock is 511 long. */
const knocksMax = 100

const take = async (asked: ToReaders): Promise<FromReaders> => {
  if (asked.do === "stick") {
    const socket = connect(asked.port, "127.0.0.1")
    socket.on("error", () => {})
    socket.write("GET /api/v1/stream HTTP/1.1\r\nhost: x\r\nx-who: stuck\r\n\r\n")
    socket.pause()
    return { done: true }
  }
  const crowd = crowdOf(asked.group)
  if (asked.do === "connect") {
    const fresh = Array.from({ length: asked.count }, () => new Reader(crowd, asked.port, asked.gzip))
    crowd.readers.push(...fresh)
    for (let from = 0; from < fresh.length; from += knocksMax) {
      await Promise.all(fresh.slice(from, from + knocksMax).map((reader) => reader.open()))
    }
  }
  if (asked.do === "forget") crowd.forget()
  if (asked.do === "cut") {
    for (let n = 0; n < asked.count; n++) crowd.readers[Math.floor(Math.random() * crowd.readers.length)]?.cut()
  }
  return asked.do === "count" ? { count: crowd.count } : { done: true }
}

process.on("message", (asked: ToReaders) => void take(asked).then((answer) => process.send?.(answer)))
process.once("disconnect", () => process.exit(0))
