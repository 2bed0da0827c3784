/** What a gateway is opened with where no person looks at it: any port, no dashboard, its own origin alone. */
import type { GatewayTerms } from "../../gateway/gateway.ts"
import { isSameOrigin } from "../../gateway/identity/cookies.ts"
import { listen } from "../../gateway/listen.live.ts"

export const quietTerms = {
  listen,
  port: 0,
  host: "127.0.0.1",
  version: "0.0.0",
  corsOrigins: [],
  dashboard: undefined,
  proxies: 0,
  fresh: (digits: number) => "a".repeat(digits),
  isSameOrigin: ({ headers }) => isSameOrigin(headers, headers.host ?? "")
} satisfies Partial<GatewayTerms>
