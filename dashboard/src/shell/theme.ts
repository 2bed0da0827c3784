/** Dark or light: dark unless somebody chose otherwise, remembered in this browser. */
import { createSignal } from "solid-js"

export type Theme = "dark" | "light"
const place = "cloudoptim.theme"

/** What was chosen; a browser that forbids storage gets the default each time. */
const remembered = (): Theme => {
  try {
    return localStorage.getItem(place) === "light" ? "light" : "dark"
  } catch {
    return "dark"
  }
}
const [theme, setThemeSignal] = createSignal<Theme>(remembered())
export { theme }

/** Puts the theme onto the document: before anything is drawn, and whenever it changes. */
export const applyTheme = (): void => {
  document.documentElement.dataset["theme"] = theme()
}
export const setTheme = (next: Theme): void => {
  setThemeSignal(next)
  applyTheme()
  try {
    localStorage.setItem(place, next)
  } catch {
    // It then holds until the window is closed.
  }
}
export const toggleTheme = (): void => setTheme(theme() === "dark" ? "light" : "dark")
