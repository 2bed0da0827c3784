/** What this process counts of itself, as Prometheus reads it: base units, and no name of a tenant or an instance. */
import { type Context, Effect, Metric } from "effect"
import * as PrometheusMetrics from "effect/observability/PrometheusMetrics"
import type { RequestHandler } from "express"
import { getMetrics } from "../schemas/api/system.ts"
import type { Native } from "./app.ts"
import type { StreamCounts } from "./stream/stats.ts"

const requests = Metric.counter("spot_gateway_requests_total", {
  description: "Requests that were answered.",
  incremental: true
})
const seconds = Metric.histogram("spot_gateway_request_duration_seconds", {
  description: "From the head of a request to the end of its answer.",
  boundaries: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
})
const clients = Metric.gauge("spot_gateway_sse_clients", { description: "Event streams that are open." })
const evictions = Metric.gauge("spot_gateway_sse_evictions_total", {
  description: "Event streams that were closed as their reader was too slow."
})
const resets = Metric.gauge("spot_gateway_sse_resets_total", {
  description: "Event streams that were told to read everything anew."
})
const batchBytes = Metric.gauge("spot_gateway_sse_batch_bytes", { description: "Size of the newest batch of events." })
const lag = Metric.gauge("spot_gateway_sse_lag_seconds", {
  description: "From the log's taking of the newest event that was told to its telling."
})
const resident = Metric.gauge("process_resident_memory_bytes", { description: "Memory that the process holds." })

/** Counts each answer by its class, as `2xx`; the path is no label, as it names things. */
export const counting =
  (now: () => number, context: Context.Context<never>): RequestHandler =>
  (req, res, next) => {
    const from = now()
    res.once("finish", () => {
      const attributes = { method: req.method, status: `${Math.floor(res.statusCode / 100)}xx` }
      Metric.withAttributes(requests, attributes).updateUnsafe(1, context)
      Metric.withAttributes(seconds, attributes).updateUnsafe((now() - from) / 1_000, context)
    })
    next()
  }

/** What a fan-out says of itself, at that moment. */
export interface Flowing {
  readonly counts: () => StreamCounts
  readonly flow: () => { readonly batchBytes: number; readonly lagMs: number }
}

/** `/metrics`. */
export const metricsNative = (stream: Flowing, rssBytes: () => number, context: Context.Context<never>): Native => ({
  endpoint: getMetrics,
  handle: (_, res) => {
    const now = stream.counts()
    const { batchBytes: bytes, lagMs } = stream.flow()
    batchBytes.updateUnsafe(bytes, context)
    lag.updateUnsafe(lagMs / 1_000, context)
    clients.updateUnsafe(now.clients, context)
    evictions.updateUnsafe(now.evicted, context)
    resets.updateUnsafe(now.resets, context)
    resident.updateUnsafe(rssBytes(), context)
    res.type("text/plain; version=0.0.4").send(Effect.runSync(PrometheusMetrics.format()))
  }
})
