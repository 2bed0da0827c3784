/** A fleet in moto: launch templates and groups of long-running on-demand members, spread over zones as AWS would. */
import {
  AttachInstancesCommand,
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  UpdateAutoScalingGroupCommand
} from "@aws-sdk/client-auto-scaling"
import {
  type _InstanceType,
  CreateLaunchTemplateCommand,
  CreateLaunchTemplateVersionCommand,
  DescribeImagesCommand,
  DescribeSubnetsCommand,
  EC2Client,
  RunInstancesCommand
} from "@aws-sdk/client-ec2"
import {
  CreateTargetGroupCommand,
  ElasticLoadBalancingV2Client,
  RegisterTargetsCommand
} from "@aws-sdk/client-elastic-load-balancing-v2"
import { AccountId, GroupName, InstanceId, Region, ZoneId } from "../../schemas/ids.ts"

export interface MotoGroup {
  readonly name: string
  /** Members, dealt to the zones in turn. */
  readonly size: number
  readonly minSize?: number
  readonly maxSize?: number
  readonly instanceType?: string
  readonly tags?: Readonly<Record<string, string>>
}

export interface Seeded {
  readonly group: GroupName
  readonly template: string
  readonly subnets: ReadonlyArray<{ readonly subnet: string; readonly zone: ZoneId }>
  readonly members: ReadonlyArray<InstanceId>
}

/** Moto's only account of its own, and a role in it that anybody may assume. */
export const motoHome = {
  account: AccountId.make("123456789012"),
  region: Region.make("us-east-1"),
  roleArn: "arn:aws:iam::123456789012:role/CloudOptimOperator",
  externalId: "cloudoptim-acme"
} as const

/** What a process needs to take moto, or the proxy in front of it, for AWS. */
export const motoEnv = (url: string): Readonly<Record<string, string>> => ({
  AWS_ENDPOINT_URL: url,
  AWS_REGION: motoHome.region,
  AWS_ACCESS_KEY_ID: "testing",
  AWS_SECRET_ACCESS_KEY: "testing",
  // without it the SDK looks for profiles and for the metadata service of a machine
  AWS_EC2_METADATA_DISABLED: "true"
})

const zonesWanted = 3
const ours = { accessKeyId: "testing", secretAccessKey: "testing" }

export class MotoFleet {
  readonly ec2: EC2Client
  readonly autoScaling: AutoScalingClient
  private readonly config: { readonly endpoint: string; readonly region: string; readonly credentials: typeof ours }
  private places: ReadonlyArray<Seeded["subnets"][number]> | undefined
  private image: string | undefined

  constructor(url: string, region: string = motoHome.region, credentials = ours) {
    this.config = { endpoint: url, region, credentials }
    this.ec2 = new EC2Client(this.config)
    this.autoScaling = new AutoScalingClient(this.config)
  }

  /** The default subnets of the first zones that the shipped market sells Spot in, one each. */
  async subnets(): Promise<Seeded["subnets"]> {
    if (this.places !== undefined) return this.places
    const { Subnets = [] } = await this.ec2.send(new DescribeSubnetsCommand({}))
    const all = Subnets.map((each) => ({
      subnet: each.SubnetId ?? "",
      zone: ZoneId.make(each.AvailabilityZoneId ?? "")
    }))
    // us-east-1's third zone is closed to newcomers and has no Spot market
    this.places = all
      .filter(({ zone }) => zone !== "use1-az3")
      .sort((a, b) => (a.zone < b.zone ? -1 : 1))
      .slice(0, zonesWanted)
    return this.places
  }

  private async linux(): Promise<string> {
    if (this.image !== undefined) return this.image
    const { Images = [] } = await this.ec2.send(
      new DescribeImagesCommand({ Filters: [{ Name: "architecture", Values: ["x86_64"] }] })
    )
    const found = Images.find(({ Name }) => Name?.startsWith("amzn-ami-hvm"))
    if (found?.ImageId === undefined) throw new Error("moto knows no Amazon Linux image")
    this.image = found.ImageId
    return found.ImageId
  }

  async template(name: string, instanceType = "m5.large"): Promise<string> {
    const made = await this.ec2.send(
      new CreateLaunchTemplateCommand({
        LaunchTemplateName: name,
        LaunchTemplateData: {
          ImageId: await this.linux(),
          InstanceType: instanceType as _InstanceType,
          UserData: Buffer.from("echo a secret").toString("base64")
        }
      })
    )
    return made.LaunchTemplate?.LaunchTemplateId ?? ""
  }

  /** A newer version; `$Default` stays where it was. */
  async publish(template: string, instanceType: string): Promise<number> {
    const made = await this.ec2.send(
      new CreateLaunchTemplateVersionCommand({
        LaunchTemplateId: template,
        SourceVersion: "1",
        LaunchTemplateData: { ImageId: await this.linux(), InstanceType: instanceType as _InstanceType }
      })
    )
    return made.LaunchTemplateVersion?.VersionNumber ?? 0
  }

  /** Moto launches all members of a group in its first subnet: these are launched one by one and attached. */
  async seed(wanted: MotoGroup): Promise<Seeded> {
    const { name, size, minSize = 1, maxSize = size + 2, instanceType = "m5.large", tags = {} } = wanted
    const subnets = await this.subnets()
    const template = await this.template(`lt-${name}`, instanceType)
    await this.autoScaling.send(
      new CreateAutoScalingGroupCommand({
        AutoScalingGroupName: name,
        MinSize: 0,
        MaxSize: maxSize,
        DesiredCapacity: 0,
        LaunchTemplate: { LaunchTemplateId: template, Version: "$Default" },
        VPCZoneIdentifier: subnets.map(({ subnet }) => subnet).join(","),
        Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value, PropagateAtLaunch: true }))
      })
    )
    const members: Array<InstanceId> = []
    for (let i = 0; i < size; i++) {
      const { Instances = [] } = await this.ec2.send(
        new RunInstancesCommand({
          MinCount: 1,
          MaxCount: 1,
          LaunchTemplate: { LaunchTemplateId: template, Version: "1" },
          InstanceType: instanceType as _InstanceType,
          SubnetId: subnets[i % subnets.length]?.subnet
        })
      )
      members.push(InstanceId.make(Instances[0]?.InstanceId ?? ""))
    }
    const attach = { AutoScalingGroupName: name, InstanceIds: members }
    if (size > 0) await this.autoScaling.send(new AttachInstancesCommand(attach))
    const least = { AutoScalingGroupName: name, MinSize: minSize }
    await this.autoScaling.send(new UpdateAutoScalingGroupCommand(least))
    return { group: GroupName.make(name), template, subnets, members }
  }

  /** Groups without a member. */
  async seedEmpty(prefix: string, count: number): Promise<void> {
    const [place] = await this.subnets()
    const template = await this.template(`lt-${prefix}`)
    for (let i = 0; i < count; i++) {
      await this.autoScaling.send(
        new CreateAutoScalingGroupCommand({
          AutoScalingGroupName: `${prefix}-${String(i).padStart(3, "0")}`,
          MinSize: 0,
          MaxSize: 1,
          LaunchTemplate: { LaunchTemplateId: template, Version: "$Latest" },
          VPCZoneIdentifier: place?.subnet ?? ""
        })
      )
    }
  }

  /** A target group that knows the first member alone. */
  async target({
    members: [member]
  }: Seeded): Promise<{ readonly targetGroup: string; readonly instance: InstanceId }> {
    if (member === undefined) throw new Error("the group has no member")
    const elb = new ElasticLoadBalancingV2Client(this.config)
    try {
      const { Subnets = [] } = await this.ec2.send(new DescribeSubnetsCommand({}))
      const made = await elb.send(
        new CreateTargetGroupCommand({ Name: "web", Protocol: "HTTP", Port: 80, VpcId: Subnets[0]?.VpcId })
      )
      const targetGroup = made.TargetGroups?.[0]?.TargetGroupArn ?? ""
      await elb.send(new RegisterTargetsCommand({ TargetGroupArn: targetGroup, Targets: [{ Id: member }] }))
      return { targetGroup, instance: member }
    } finally {
      elb.destroy()
    }
  }

  close(): void {
    this.ec2.destroy()
    this.autoScaling.destroy()
  }
}

/** One group of six on-demand members over three zones, or the groups that are asked for. */
export const motoFleet = async (
  url: string,
  groups: ReadonlyArray<MotoGroup> = [{ name: "web", size: 6, tags: { Name: "web" } }]
): Promise<ReadonlyArray<Seeded>> => {
  const fleet = new MotoFleet(url)
  try {
    const seeded: Array<Seeded> = []
    for (const group of groups) seeded.push(await fleet.seed(group))
    return seeded
  } finally {
    fleet.close()
  }
}
