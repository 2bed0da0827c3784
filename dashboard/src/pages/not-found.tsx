/** Stands where no page is: says so, and where one can go. */
import Compass from "lucide-solid/icons/compass"
import { ButtonLink } from "../shell/button.tsx"
import { Empty, Page } from "../shell/page.tsx"

export default function NotFoundPage() {
  return (
    <Page
      title="No such page"
      empty={
        <Empty
          title="Nothing lives at this address"
          icon={Compass}
          action={<ButtonLink href="/">To the dashboard</ButtonLink>}
        >
          Press <kbd>Ctrl</kbd> <kbd>K</kbd> to find a page, or to jump to an instance, a swap or an approval by its id.
        </Empty>
      }
    />
  )
}
