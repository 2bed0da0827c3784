/** The activities of groups, of which moto keeps none: what the proxy saw pass, in the sentences of AWS. */
import { randomUUID } from "node:crypto"
import { type Answer, first, queryAnswer, tag, textTag } from "./proxy-wire.ts"

interface Row {
  readonly group: string
  readonly description: string
  readonly cause: string
  readonly at: string
}

/** To the second, as AWS writes it in its sentences. */
const instantOf = (at: Date) => at.toISOString().replace(/\.\d+Z$/, "Z")

export class Activities {
  /** The newest first. */
  private readonly rows: Array<Row> = []

  attached(group: string, instances: ReadonlyArray<string>, desired: number): void {
    const at = new Date()
    for (const instance of instances) {
      const cause =
        `At ${instantOf(at)} an instance was added in response to user request. ` +
        `Keeping the capacity at the new ${desired}.`
      const description = `Attaching an existing EC2 instance: ${instance}`
      this.rows.unshift({ group, description, cause, at: at.toISOString() })
    }
  }

  /** Moto answers who ends a member, or takes it out, with the activity that it does not keep. */
  told({ status, body }: Answer): void {
    const text = body.toString("utf8")
    const group = first(text, "AutoScalingGroupName")
    const description = first(text, "Description")
    if (status >= 300 || group === undefined || description === undefined) return
    const cause = (first(text, "Cause") ?? "").trim()
    this.rows.unshift({ group, description, cause, at: new Date().toISOString() })
  }

  /** DescribeScalingActivities of one group, in pages. */
  answer(form: URLSearchParams): Answer {
    const rows = this.rows.filter(({ group }) => group === form.get("AutoScalingGroupName"))
    const from = Number(form.get("NextToken") ?? 0)
    const to = from + Math.min(100, Number(form.get("MaxRecords") ?? 100))
    const members = rows.slice(from, to).map(({ group, description, cause, at }) => {
      const what = textTag("Description", description) + textTag("Cause", cause) + textTag("StartTime", at)
      const whose = textTag("ActivityId", randomUUID()) + textTag("AutoScalingGroupName", group)
      return tag("member", whose, what, textTag("StatusCode", "Successful"), textTag("Progress", "100"))
    })
    const next = to < rows.length ? [textTag("NextToken", String(to))] : []
    return queryAnswer("DescribeScalingActivities", tag("Activities", ...members), ...next)
  }
}
