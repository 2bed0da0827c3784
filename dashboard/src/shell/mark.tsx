/** The product's mark: a cloud that becomes cheaper. */
export const Mark = (props: { readonly class?: string }) => (
  <svg viewBox="0 0 32 32" class={props.class ?? "size-7"} aria-hidden="true">
    <rect width="32" height="32" rx="9" fill="#0f766e" />
    <g fill="none" stroke-width="2.4" stroke-linecap="round" stroke-linejoin="round">
      <path d="M10 22a5 5 0 0 1 0-10 6.5 6.5 0 0 1 12.5 1.5A4.3 4.3 0 0 1 22 22" stroke="#ccfbf1" />
      <path d="M16 16v9m-3.5-3.5L16 25l3.5-3.5" stroke="#fff" />
    </g>
  </svg>
)
