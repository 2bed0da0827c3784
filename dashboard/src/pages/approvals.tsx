/** Plans that wait for a person, and those that have been decided. */
import { Page } from "../shell/page.tsx"
import { savingsLabel } from "../words.ts"
import { ApprovalList } from "./approvals-list.tsx"

export default function ApprovalsPage() {
  return (
    <Page
      title="Approvals"
      about={`A yes covers exactly the set that is shown, and nothing else. Dollars are ${savingsLabel}.`}
    >
      <ApprovalList />
    </Page>
  )
}
