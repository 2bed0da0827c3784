/** The siege. */
export const attack = async (..._: ReadonlyArray<unknown>): Promise<boolean> => false
