/** An amount of money on screen: exact on hover, and aligned in columns. */
import { money, perHour, perMonth } from "../words.ts"

export interface MoneyProps {
  /** Integer micro-USD; null = not known. */
  readonly micros: number | null | undefined
  /** Of an hour, a month, or once. */
  readonly per?: "hour" | "month" | undefined
}

export const Money = (props: MoneyProps) => {
  const text = () => (props.per === "hour" ? perHour : props.per === "month" ? perMonth : money)(props.micros)
  const isKnown = () => props.micros !== null && props.micros !== undefined
  return (
    <span class="whitespace-nowrap tabular-nums" title={isKnown() ? `${props.micros} micro-USD` : "no price is known"}>
      {text()}
    </span>
  )
}
