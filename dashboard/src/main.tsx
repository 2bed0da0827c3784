/** Starts the dashboard in its document. */
import { render } from "solid-js/web"
import "./styles.css"
import { App } from "./app.tsx"
import { applyTheme } from "./shell/theme.ts"

applyTheme()
const root = document.getElementById("root")
if (root === null) throw new Error("the document has no #root")
render(() => <App />, root)
