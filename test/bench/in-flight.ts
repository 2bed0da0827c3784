/** How many are under way: others wait until they are few enough, or until as many as expected have ended. */
export class InFlight {
  private begun = 0
  private ended = 0
  private failure: unknown
  private wake = () => {}

  /** Counts a promise in until it settles; one that fails fails whoever waits. */
  add(promise: Promise<unknown>): void {
    this.begun++
    promise
      .catch((cause: unknown) => {
        this.failure ??= cause
      })
      .finally(() => {
        this.ended++
        this.wake()
      })
  }

  /** One is done that was never counted in. */
  tick(): void {
    this.ended++
    this.wake()
  }

  get done(): number {
    return this.ended
  }

  async below(max: number): Promise<void> {
    return this.until(() => this.begun - this.ended < max)
  }

  async whenDone(count: number): Promise<void> {
    return this.until(() => this.ended >= count)
  }

  private async until(isSo: () => boolean): Promise<void> {
    while (!isSo() && this.failure === undefined) {
      await new Promise<void>((woken) => {
        this.wake = woken
      })
    }
    if (this.failure !== undefined) throw this.failure
  }
}
