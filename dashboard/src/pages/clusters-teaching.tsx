/** Says what is known of Kubernetes clusters: nothing yet, and what that means for nodes that belong to one. */
import Ship from "lucide-solid/icons/ship-wheel"
import { ButtonLink } from "../shell/button.tsx"
import { Empty } from "../shell/page.tsx"
import { useUrlState } from "../shell/url-state.ts"

export const ClusterTeaching = () => {
  const url = useUrlState()
  return (
    <section class="panel">
      <Empty
        title="Clusters are not read yet"
        icon={Ship}
        action={
          <ButtonLink href={url.link("/clusters", { tab: undefined, q: "eks" })}>
            Groups that belong to clusters
          </ButtonLink>
        }
      >
        <p>
          This version reads AWS alone: it sees the machines of a cluster as members of their groups, and not its pods,
          nodes and disruption budgets.
        </p>
        <p class="mt-2">
          What it cannot judge, it does not touch: groups managed by EKS, Karpenter or Auto Mode are listed with “not
          ours” and nothing is moved in them.
        </p>
      </Empty>
    </section>
  )
}
