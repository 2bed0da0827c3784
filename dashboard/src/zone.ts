/** In whose time moments are written: UTC, or the zone of this browser. The URL says which, whatever writes asks. */
import { createSignal } from "solid-js"

export type Zone = "utc" | "local"

const [zone, setZone] = createSignal<Zone>("utc")
export { zone, setZone }

/** `local`, or whatever else: the same for everybody, as those who share a link are not in one place. */
export const zoneOf = (text: string | undefined): Zone => (text === "local" ? "local" : "utc")
