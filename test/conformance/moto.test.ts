/** Moto is there, answers the real SDK, forgets when asked, and ends when asked. */
import { CreateVpcCommand, DescribeRegionsCommand, DescribeVpcsCommand, EC2Client } from "@aws-sdk/client-ec2"
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { type Moto, startMoto } from "./moto.ts"
import { mayBeSkipped } from "./stand-ins.ts"

describe.skipIf(await mayBeSkipped("moto"))("moto", () => {
  let moto: Moto
  let ec2: EC2Client
  beforeAll(async () => {
    moto = await startMoto()
    ec2 = new EC2Client({
      endpoint: moto.url,
      region: "us-east-1",
      credentials: { accessKeyId: "testing", secretAccessKey: "testing" }
    })
  })
  afterAll(async () => {
    ec2?.destroy()
    await moto?.stop()
  })

  it("lists the regions to the AWS SDK", async () => {
    const { Regions = [] } = await ec2.send(new DescribeRegionsCommand({}))
    assert.include(
      Regions.map((region) => region.RegionName),
      "us-east-1"
    )
    assert.isAtLeast(Regions.length, 10)
  })

  it("forgets what was made when it is reset", async () => {
    const count = async () => (await ec2.send(new DescribeVpcsCommand({}))).Vpcs?.length ?? 0
    const before = await count()
    await ec2.send(new CreateVpcCommand({ CidrBlock: "10.9.0.0/16" }))
    assert.strictEqual(await count(), before + 1)
    await moto.reset()
    assert.strictEqual(await count(), before)
  })

  it("is gone after it is stopped", async () => {
    const other = await startMoto()
    process.kill(other.pid, 0)
    await other.stop()
    assert.throws(() => process.kill(other.pid, 0))
  })
})
