/** The event stream's text: whatever way the network cuts it, the same frames come out. */
import { describe, expect, it } from "vitest"
import { type Frame, frameReader } from "./frames.ts"

const text = [
  "retry: 2000\n\n",
  ": beat\nid: e1:4\n\n",
  'id: e1:5\nevent: executor\ndata: {"seq":5}\n\n',
  'id: e1:6\r\nevent: discovery\r\ndata: [{"seq":6},\r\ndata: {"seq":7}]\r\n\r\n',
  'event: bye\ndata: {"reason":"expired"}\n\n'
].join("")
const whole: ReadonlyArray<Frame> = [
  { event: "comment", id: undefined, data: "beat" },
  { event: "executor", id: "e1:5", data: '{"seq":5}' },
  { event: "discovery", id: "e1:6", data: '[{"seq":6},\n{"seq":7}]' },
  { event: "bye", id: "e1:6", data: '{"reason":"expired"}' }
]

describe("the frame reader", () => {
  it("gives the same frames wherever the text is cut in two", () => {
    for (let cut = 0; cut <= text.length; cut++) {
      const read = frameReader()
      expect([...read(text.slice(0, cut)), ...read(text.slice(cut))]).toEqual(whole)
    }
  })
  it("gives the same frames when every character comes alone", () => {
    const read = frameReader()
    expect([...text].flatMap((character) => read(character))).toEqual(whole)
  })
  it("gives nothing for a frame that never ends", () => {
    expect(frameReader()('id: e1:9\ndata: {"seq":9}\n')).toEqual([])
  })
  it("remembers the position that a beat brings, for the frame after it", () => {
    const read = frameReader()
    read(": beat\nid: e1:40\n\n")
    expect(read(": beat\n")).toEqual([{ event: "comment", id: "e1:40", data: "beat" }])
  })
})
