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
import { lazy } from "solid-js"

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

const Front = lazy(() => import("./pages/dashboard.tsx"))

export const routes = [
  { path: "/", component: Front },
  { path: "/ops", component: lazy(() => import("./pages/operations.tsx")) },
  { path: "/approvals", component: lazy(() => import("./pages/approvals.tsx")) },
  { path: "/approvals/:id", component: lazy(() => import("./pages/approval.tsx")) },
  { path: "/sagas/:id", component: lazy(() => import("./pages/saga.tsx")) },
  { path: "/risk", component: lazy(() => import("./pages/risk.tsx")) },
  { path: "/risk/:key", component: lazy(() => import("./pages/pool.tsx")) },
  { path: "/clusters", component: lazy(() => import("./pages/groups.tsx")) },
  { path: "/clusters/:id", component: lazy(() => import("./pages/group.tsx")) },
  { path: "/accounts", component: lazy(() => import("./pages/accounts.tsx")) },
  { path: "/history", component: lazy(() => import("./pages/history.tsx")) },
  { path: "/ledger", component: lazy(() => import("./pages/ledger.tsx")) },
  { path: "/audit", component: lazy(() => import("./pages/audit.tsx")) },
  { path: "/monitor", component: lazy(() => import("./pages/monitor.tsx")) },
  { path: "/policies", component: lazy(() => import("./pages/policies.tsx")) },
  { path: "/settings", component: lazy(() => import("./pages/settings.tsx")) },
  { path: "/trace/:id", component: lazy(() => import("./pages/trace.tsx")) },
  // The addresses that a first start and an invitation print: whoever is in already comes to the front page.
  { path: "/welcome", component: Front },
  { path: "/accept-invitation", component: Front },
  { path: "*path", component: lazy(() => import("./pages/not-found.tsx")) }
]
