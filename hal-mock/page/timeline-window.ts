/** What the parts of the timeline have in common: the stretch that is shown, and what is pointed at. */

import type { Mark, View } from '../programs/page-protocol'
import type { Row } from './lanes'

export const AXIS_HEIGHT = 34
export const ZOOM = 1.25

/** What of the run is shown. */
export interface Window {
  fromMs: number
  untilMs: number
  /** The right edge goes with time. */
  isFollowing: boolean
}

/** A mark that is pointed at. */
export interface Found {
  row: Row
  mark: Mark
  /** CSS px in the plot. */
  x: number
  y: number
}

/** What the plot's callbacks read when they come: never older than the last drawing. */
export interface Shown {
  rows: Row[]
  view: View
  /** Lane that the keyboard is in; -1 none. */
  chosen: number
  /** Mark that it stands at, and the moment that it came from. */
  at?: Mark
  anchorMs?: number
}

export type SetWindow = (fromMs: number, untilMs: number, isFollowing?: boolean) => void

/** Around the first of these moments that is in the window, or around its middle. */
export function zoomed({ fromMs, untilMs }: Window, moments: (number | undefined)[], factor: number): [number, number] {
  const inside = moments.find((atMs) => atMs !== undefined && atMs >= fromMs && atMs <= untilMs)
  const atMs = inside ?? (fromMs + untilMs) / 2
  return [atMs - (atMs - fromMs) * factor, atMs + (untilMs - atMs) * factor]
}
