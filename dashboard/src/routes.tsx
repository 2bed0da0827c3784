/** Which page stands at which address, in the order of the navigation; each page is a chunk of its own. */
import Activity from "lucide-solid/icons/activity"
import BookOpenCheck from "lucide-solid/icons/book-open-check"
import Boxes from "lucide-solid/icons/boxes"
import CloudCog from "lucide-solid/icons/cloud-cog"
import FileClock from "lucide-solid/icons/file-clock"
import Gauge from "lucide-solid/icons/gauge"
import Grid3x3 from "lucide-solid/icons/grid-3x3"
import LayoutDashboard from "lucide-solid/icons/layout-dashboard"
import ScrollText from "lucide-solid/icons/scroll-text"
import Settings from "lucide-solid/icons/settings"
import ShieldCheck from "lucide-solid/icons/shield-check"
import UserCheck from "lucide-solid/icons/user-check"
import type { LucideIcon } from "lucide-solid"
import { type Component, lazy } from "solid-js"

/** A place of the navigation. `key` goes there after `g`. */
export interface Place {
  readonly path: string
  readonly name: string
  readonly icon: LucideIcon
  readonly key: string
  readonly group: "Overview" | "Fleet" | "Evidence" | "Control"
  /** Stands in the bar at the bottom of a phone. */
  readonly isFirst?: true
}
export const places: ReadonlyArray<Place> = [
  { path: "/", name: "Dashboard", icon: LayoutDashboard, key: "d", group: "Overview", isFirst: true },
  { path: "/ops", name: "Operations", icon: Activity, key: "o", group: "Overview", isFirst: true },
  { path: "/approvals", name: "Approvals", icon: UserCheck, key: "v", group: "Overview", isFirst: true },
  { path: "/risk", name: "Risk map", icon: Grid3x3, key: "r", group: "Fleet", isFirst: true },
  { path: "/clusters", name: "Groups", icon: Boxes, key: "c", group: "Fleet" },
  { path: "/accounts", name: "Accounts", icon: CloudCog, key: "a", group: "Fleet" },
  { path: "/history", name: "History", icon: FileClock, key: "h", group: "Evidence" },
  { path: "/ledger", name: "Savings ledger", icon: BookOpenCheck, key: "l", group: "Evidence" },
  { path: "/audit", name: "Audit", icon: ScrollText, key: "u", group: "Evidence" },
  { path: "/monitor", name: "System monitor", icon: Gauge, key: "m", group: "Control" },
  { path: "/policies", name: "Policies", icon: ShieldCheck, key: "p", group: "Control" },
  { path: "/settings", name: "Settings", icon: Settings, key: "s", group: "Control" }
]

type Page = { readonly default: Component }
const found = import.meta.glob<Page>([
  "./pages/dashboard.tsx",
  "./pages/operations.tsx",
  "./pages/approvals.tsx",
  "./pages/approval.tsx",
  "./pages/saga.tsx",
  "./pages/risk.tsx",
  "./pages/pool.tsx",
  "./pages/clusters.tsx",
  "./pages/cluster.tsx",
  "./pages/accounts.tsx",
  "./pages/history.tsx",
  "./pages/ledger.tsx",
  "./pages/audit.tsx",
  "./pages/monitor.tsx",
  "./pages/policies.tsx",
  "./pages/settings.tsx",
  "./pages/trace.tsx",
  "./pages/not-found.tsx"
])
/** A page by the name of its file, which exports it as default. */
const page = (name: string): Component => lazy(found[`./pages/${name}.tsx`] ?? (() => import("./pages/not-found.tsx")))

export const routes = [
  { path: "/", component: page("dashboard") },
  { path: "/ops", component: page("operations") },
  { path: "/approvals", component: page("approvals") },
  { path: "/approvals/:id", component: page("approval") },
  { path: "/sagas/:id", component: page("saga") },
  { path: "/risk", component: page("risk") },
  { path: "/risk/:key", component: page("pool") },
  { path: "/clusters", component: page("clusters") },
  { path: "/clusters/:id", component: page("cluster") },
  { path: "/accounts", component: page("accounts") },
  { path: "/history", component: page("history") },
  { path: "/ledger", component: page("ledger") },
  { path: "/audit", component: page("audit") },
  { path: "/monitor", component: page("monitor") },
  { path: "/policies", component: page("policies") },
  { path: "/settings", component: page("settings") },
  { path: "/trace/:id", component: page("trace") },
  // The addresses that a first start and an invitation print: whoever is in already comes to the front page.
  { path: "/welcome", component: page("dashboard") },
  { path: "/accept-invitation", component: page("dashboard") },
  { path: "*path", component: page("not-found") }
]
