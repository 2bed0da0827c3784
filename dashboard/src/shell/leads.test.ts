/** What somebody pastes leads where its shape says, and a word leads nowhere. */
import { expect, it } from "vitest"
import { type Lead, leadsOf } from "./leads.ts"

const ways = (pasted: string) =>
  leadsOf(pasted).map(({ to }: Lead) => ("path" in to ? to.path : `explain ${to.explain}`))

it("opens an instance in the grid, and what was said of it", () => {
  const id = "i-0a1b2c3d4e5f60718"
  expect(ways(id)).toEqual([`/monitor?q=${id}&open=${id}`, `/trace/${id}`])
})
it("reads an ARN as what it names", () => {
  expect(ways("arn:aws:ec2:us-east-1:111122223333:instance/i-0a1b2c3d4e5f60718")[1]).toBe("/trace/i-0a1b2c3d4e5f60718")
  expect(ways("arn:aws:iam::111122223333:role/CloudOptimOperator")).toEqual(["/accounts?open=111122223333"])
  const group = "arn:aws:autoscaling:us-east-1:111122223333:autoScalingGroup:6f-1:autoScalingGroupName/shop-web"
  expect(ways(group)).toEqual(["/clusters?q=shop-web"])
})
it("takes twelve digits for an account first, and fewer for a sequence of the log", () => {
  expect(ways("111122223333")[0]).toBe("/accounts?open=111122223333")
  expect(ways("81204")).toEqual(["explain 81204", "/trace/81204", "/?at=81204"])
})
it("shows the world as it was at a pasted moment", () => {
  expect(ways("2026-11-21T10:02:13Z")).toEqual(["/?at=2026-11-21T10%3A02%3A13Z"])
})
it("tells pools and groups from swaps", () => {
  expect(ways("use1-az1_m5_large_linux")).toEqual(["/risk/use1-az1_m5_large_linux"])
  expect(ways("111122223333=-us-east-1=-shop-web")[0]).toContain("/clusters/")
  expect(ways("swap-8c627ded2a3b")[0]).toBe("/sagas/swap-8c627ded2a3b")
})
it("makes no id of a word", () => {
  expect(ways("ledger")).toEqual([])
  expect(ways("")).toEqual([])
})
