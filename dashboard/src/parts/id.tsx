/** A long id as its first characters, which tell it from the others of a page; all of it on hover. */
import { short, unknown } from "../words.ts"

export const Id = (props: { readonly of: string | null | undefined }) => (
  <span class="font-mono text-xs" title={props.of ?? undefined}>
    {props.of === null || props.of === undefined ? unknown : short(props.of)}
  </span>
)
