/** One id for everything that a request leads to: taken from W3C Trace Context or X-Request-Id, else made. */

/** Where a request stands in its trace. Source: W3C Trace Context, section 3.2. */
export interface Correlation {
  /** 32 hexadecimal digits, or the caller's own id where it brought one without a trace. */
  readonly id: string
  /** What is sent on. */
  readonly traceparent: string
}

const traceparentShape = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/
const ownShape = /^[\w.:-]{8,128}$/
const none = /^0+$/

/** `fresh` gives so many random hexadecimal digits. What is malformed is replaced, never echoed. */
export const correlationOf = (
  traceparent: string | undefined,
  requestId: string | undefined,
  fresh: (digits: number) => string
): Correlation => {
  const [, trace, parent, flags] = traceparentShape.exec(traceparent ?? "") ?? []
  if (trace !== undefined && parent !== undefined && !none.test(trace) && !none.test(parent)) {
    return { id: trace, traceparent: `00-${trace}-${fresh(16)}-${flags}` }
  }
  const made = fresh(32)
  const isOwn = requestId !== undefined && ownShape.test(requestId)
  return { id: isOwn ? requestId : made, traceparent: `00-${made}-${fresh(16)}-01` }
}
