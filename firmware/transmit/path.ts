/**
 * What a path to the receiver offers (an ATP of EN 50136). A path is a record that carries its own functions, so that
 * the dispatcher holds two of them without knowing which is which. Nothing here blocks or throws.
 */

/** The path cannot carry anything yet: chip, modem, link or network are not up. */
export const DOWN = 0
/** Ready to open a connection. */
export const READY = 1
/** A connection to the receiver is being made. */
export const OPENING = 2
/** Connected: send() takes a frame. */
export const OPEN = 3

export type PathState = 0 | 1 | 2 | 3

/** Where a connection leads: a receiver as one path reaches it. */
export interface Target {
  /** Dotted address, or a name that the path looks up itself. */
  host: string
  port: number
  /** 0 TCP, 1 UDP. A UDP path is OPEN as soon as its socket is: nothing is known of the receiver yet. */
  isUdp: number
}

export interface Path {
  /** Where the path stands. An OPENING or OPEN path that loses its connection falls back to READY or DOWN by itself. */
  state: PathState
  /** How long the dispatcher waits for a receiver's reply here, in ms (reporting.md §5.4: 5 s Ethernet, 15 s cellular). */
  replyTimeoutMs: number
  /** UTC seconds that the network told (modem's network time, SNTP), for its owner to take; 0 when there is nothing new. */
  timeSeconds: number
  /** When it was told, in ms of hal.clock. */
  timeAtMs: number
  /** Starts a connection to one of the targets that the path was created with, by index. Ignored unless READY. */
  open(path: this, target: number): void
  /** Takes one whole frame (at most 1024 bytes) for one segment. False when it cannot now; then nothing was taken. */
  send(path: this, frame: string): boolean
  /** Bytes from the receiver since the last call; '' when none. Never more than 1024 are kept, the oldest go first. */
  receive(path: this): string
  /** Drops the connection, whatever its state; sent or queued bytes may be lost. */
  close(path: this): void
  /** Moves the driver on. Returns the time in ms at which it must be called again. */
  poll(path: this, nowMs: number): number
}
