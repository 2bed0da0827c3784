/** Seeds on several processes: the parent deals them out one by one, each child lives them and tells. */
import { fork } from "node:child_process"
import { join } from "node:path"
import type { Lived } from "./life.ts"

interface Asked {
  readonly seed: number
  readonly hours: number
}
const program = join(import.meta.dirname, "main.ts")

/** Lives all seeds and tells each as it ends, in no promised order. A child that dies takes the run with it. */
export const inParallel = async (
  seeds: ReadonlyArray<number>,
  hours: number,
  workers: number,
  tell: (lived: Lived) => void
): Promise<void> => {
  const left = [...seeds]
  const one = () =>
    new Promise<void>((resolve, reject) => {
      const child = fork(program, [], { stdio: ["ignore", "inherit", "inherit", "ipc"] })
      const next = () => {
        const seed = left.shift()
        if (seed === undefined) child.disconnect()
        else child.send({ seed, hours } satisfies Asked)
      }
      child.on("message", (lived) => {
        tell(lived as Lived)
        next()
      })
      child.on("error", reject)
      child.on("exit", (code) => (code === 0 ? resolve() : reject(new Error(`a worker ended with ${code}`))))
      next()
    })
  await Promise.all(Array.from({ length: Math.max(1, Math.min(workers, seeds.length)) }, one))
}

/** A child's side: lives what it is given until the parent lets go. */
export const serveParent = (live: (seed: number, hours: number) => Lived): void => {
  process.on("message", ({ seed, hours }: Asked) => {
    process.send?.(live(seed, hours))
  })
}
