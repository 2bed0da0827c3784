/** The page of one group at its older address. */
export { default } from "./group.tsx"
