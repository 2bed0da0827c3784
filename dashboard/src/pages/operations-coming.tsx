/** Tabs whose actors this version does not have: what will stand there, and what holds until then. */
import ShieldQuestion from "lucide-solid/icons/shield-question-mark"
import Trash2 from "lucide-solid/icons/trash"
import type { LucideIcon } from "lucide-solid"
import { For } from "solid-js"
import { Empty } from "../shell/page.tsx"

const Coming = (props: {
  readonly title: string
  readonly icon: LucideIcon
  readonly says: string
  readonly will: ReadonlyArray<string>
}) => (
  <div class="panel">
    <Empty title={props.title} icon={props.icon}>
      <p>{props.says}</p>
      <ul class="mx-auto mt-4 grid max-w-lg gap-2 text-left">
        <For each={props.will}>
          {(line) => (
            <li class="flex gap-2.5">
              <span class="mt-2 size-1.5 shrink-0 rounded-full bg-faint" aria-hidden="true" />
              {line}
            </li>
          )}
        </For>
      </ul>
    </Empty>
  </div>
)

export const WasteTab = () => (
  <Coming
    title="Nobody looks for waste yet"
    icon={Trash2}
    says="This version has no waste sweeper: nothing is found, nothing is ever deleted. Once it is there, it will list:"
    will={[
      "Elastic IP addresses that are attached to nothing, at $3.60 a month each",
      "Volumes that nothing has used for 7 days, and snapshots older than 30 days that no image needs",
      "For each the evidence, what it costs, and what would be kept before it goes. Only an approved request deletes"
    ]}
  />
)
export const SecurityTab = () => (
  <Coming
    title="Nobody looks for unauthorised instances yet"
    icon={ShieldQuestion}
    says="This version has no governance sweeper: no instance is judged by its tags. Once one is there, it will list:"
    will={[
      "Instances that no group, cluster, tag or rule accounts for, with who launched them and which check failed",
      "A grace of 24 hours with a countdown, and ways to authorise, extend, or terminate with a second look",
      "Ghosts: machines that EC2 runs and no cluster knows"
    ]}
  />
)
