/** Loaded before an actor's own program: whoever started it may be killed without a word, and then it must not stay. */

const starter = process.ppid
/** How soon an orphan notices, and how long it may drain, in milliseconds. */
const lookMs = 500
const drainMs = 8_000

// the system gives orphans to another parent; the signal is the one that an orderly end begins with
const watch = setInterval(() => {
  if (process.ppid === starter) return
  clearInterval(watch)
  process.kill(process.pid, "SIGTERM")
  setTimeout(() => process.exit(1), drainMs).unref()
}, lookMs)
watch.unref()
