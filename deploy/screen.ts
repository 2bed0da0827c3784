/** What a person sees of a run: on a terminal one line that is kept up to date, elsewhere one from time to time. */

export interface Screen {
  /** Something that happened: it stays. */
  readonly say: (line: string) => void
  /** How far it has come: the next one takes its place. */
  readonly progress: (line: string) => void
  /** Nothing more is to come: the last progress stays, and what follows begins on a line of its own. */
  readonly rest: () => void
}

/** A stream like `process.stderr`. */
export interface Terminal {
  readonly isTTY?: boolean
  readonly columns?: number
  readonly write: (text: string) => unknown
}

/** Between two lines of progress where they stay, in milliseconds. */
const pauseMs = 5_000
const clearLine = "\r\u001b[2K"

export const screenOn = (to: Terminal, now: () => number): Screen => {
  if (to.isTTY !== true) {
    let next = 0
    return {
      say: (line) => void to.write(`${line}\n`),
      progress: (line) => {
        if (now() < next) return
        next = now() + pauseMs
        to.write(`${line}\n`)
      },
      rest: () => {}
    }
  }
  let shown = ""
  // a line that wraps could not be taken back
  const fit = (line: string) => line.trim().slice(0, Math.max(20, (to.columns || 80) - 1))
  return {
    say: (line) => void to.write(`${shown === "" ? "" : clearLine}${line}\n${shown}`),
    progress: (line) => {
      shown = fit(line)
      to.write(`${clearLine}${shown}`)
    },
    rest: () => {
      if (shown !== "") to.write("\n")
      shown = ""
    }
  }
}
