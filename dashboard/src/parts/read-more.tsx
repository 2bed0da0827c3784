/** The way to what a list has beyond what was read of it. */
import { Button } from "../shell/button.tsx"

export const ReadMore = (props: { readonly isReading: boolean; readonly onMore: () => void }) => (
  <Button size="small" disabled={props.isReading} onClick={() => props.onMore()}>
    {props.isReading ? "Reading" : "Read more"}
  </Button>
)
