/** The page of groups and clusters at its older address. */
export { default } from "./groups.tsx"
