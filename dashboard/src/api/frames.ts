/** The text of an event stream, cut into frames as they arrive (WHATWG HTML, 9.2.6), for bodies read by fetch. */

export interface Frame {
  readonly event: string
  readonly id: string | undefined
  readonly data: string
}

/** Takes pieces of text in order and gives the frames that each of them completes. Comments come as event `comment`. */
export const frameReader = (): ((piece: string) => ReadonlyArray<Frame>) => {
  let rest = ""
  let event = ""
  let id: string | undefined
  let data: Array<string> = []
  const line = (text: string): Frame | undefined => {
    if (text === "") {
      const frame = { event: event || "message", id, data: data.join("\n") }
      const isFrame = data.length > 0 || event !== ""
      event = ""
      data = []
      return isFrame ? frame : undefined
    }
    if (text.startsWith(":")) return { event: "comment", id, data: text.slice(1).trim() }
    const colon = text.indexOf(":")
    const name = colon < 0 ? text : text.slice(0, colon)
    const value = colon < 0 ? "" : text.slice(colon + 1).replace(/^ /, "")
    if (name === "event") event = value
    else if (name === "data") data.push(value)
    else if (name === "id") id = value
    return undefined
  }
  return (piece) => {
    // A carriage return at the end may be half of a line's end: it waits for its other half.
    const text = rest + piece
    const whole = text.endsWith("\r") ? text.slice(0, -1) : text
    const lines = whole.split(/\r\n|\n|\r/)
    rest = (lines.pop() ?? "") + text.slice(whole.length)
    return lines.flatMap((each) => line(each) ?? [])
  }
}
