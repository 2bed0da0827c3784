/** Who manages a group's instances, read off the tags that each service of AWS leaves: the owner matrix. */
import type { Owner } from "../../schemas/group.ts"

export type Tags = Readonly<Record<string, string>>

interface Mark {
  readonly owner: Owner
  readonly is: (name: string, value: string) => boolean
}

const named =
  (...names: ReadonlyArray<string>): Mark["is"] =>
  (name) =>
    names.includes(name)
const under =
  (...prefixes: ReadonlyArray<string>): Mark["is"] =>
  (name) =>
    prefixes.some((prefix) => name.startsWith(prefix))

/**
 * First match wins; the stricter owner stands before the one it is built on (Batch runs on ECS, Auto Mode is
 * Karpenter). Tags are those that the services set themselves. Sources: the user guides of EKS, Karpenter, Elastic
 * Beanstalk, ECS, EMR and Batch.
 */
const marks: ReadonlyArray<Mark> = [
  { owner: "eks-auto-mode", is: under("eks:kubernetes-node-", "eks:eks-cluster-name") },
  { owner: "eks-managed-node-group", is: named("eks:nodegroup-name", "eks:cluster-name") },
  { owner: "karpenter", is: under("karpenter.sh/", "karpenter.k8s.aws/") },
  { owner: "beanstalk", is: named("elasticbeanstalk:environment-id", "elasticbeanstalk:environment-name") },
  { owner: "emr", is: under("aws:elasticmapreduce:") },
  { owner: "batch", is: (name) => name.startsWith("aws:batch:") || name === "AWSBatchServiceTag" },
  { owner: "ecs", is: named("AmazonECSManaged") }
]

const ownMark: Mark["is"] = (name, value) => name === "ManagedBy" && value === "SpotOptimizer"
const has = (tags: Tags, is: Mark["is"]) => Object.entries(tags).some(([name, value]) => is(name, value))

/**
 * A group's owner. `aws:cloudformation:stack-name` says who made the group, not who runs its instances: it stays `asg`.
 * Our own tag counts on the group alone: a replacement of ours serves in a group that is its owner's as before.
 */
export const ownerOf = (
  group: Tags,
  members: ReadonlyArray<{ readonly tags: Tags; readonly operatorManaged: boolean }>
): Owner => {
  // `Operator.Managed`: a service of AWS holds the instance, and nobody else may touch it
  if (members.some((member) => member.operatorManaged)) return "eks-auto-mode"
  const all = [group, ...members.map((member) => member.tags)]
  const mark = marks.find(({ is }) => all.some((tags) => has(tags, is)))
  return mark?.owner ?? (has(group, ownMark) ? "cloudoptim" : "asg")
}

/** Nodes of a cluster without a node group of EKS: a swap that knows no pods would kill them undrained. */
export const isKubernetesNode = (tags: Tags): boolean =>
  has(tags, (name) => name.startsWith("kubernetes.io/cluster/") || name.startsWith("k8s.io/cluster-autoscaler/"))
