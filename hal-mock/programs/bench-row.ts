/** One figure of `npm run bench`. */
export interface Row {
  name: string
  value: number
  unit: string
  /** Null where there is none. */
  goal: number | null
  better: 'lower' | 'higher'
}
