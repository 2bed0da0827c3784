/** The page of one pool, as links from instances and traces lead to it. */
import { useParams } from "@solidjs/router"
import { Show } from "solid-js"
import { useRead } from "../api/read.ts"
import { useAllPages } from "../parts/all-pages.ts"
import { Page } from "../shell/page.tsx"
import { PoolDetails } from "./pool-details.tsx"
import "../parts/parts.css"

export default function PoolPage() {
  const params = useParams<{ readonly key: string }>()
  const key = () => decodeURIComponent(params.key)
  const read = useRead(() => ["GET /api/v1/pools/{key}", { params: { key: key() } }], {
    topics: ["risk-manager"],
    key: "key"
  })
  const among = useAllPages("GET /api/v1/pools", () => ({ mine: "true" }), [])
  return (
    <Page
      title={read.data === undefined ? key() : `${read.data.instanceType} in ${read.data.zone}`}
      about={read.data === undefined ? undefined : `${read.data.region}, ${read.data.product}`}
      pending={read.isPending}
      error={read.error}
      again={read.again}
    >
      <Show when={read.data}>
        {(pool) => (
          <section class="panel max-w-4xl p-4" aria-labelledby="known">
            <h2 id="known" class="sr-only">
              What is known of it
            </h2>
            <PoolDetails of={pool()} among={among.items()} />
          </section>
        )}
      </Show>
    </Page>
  )
}
