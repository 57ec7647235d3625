/**
 * Code that is needed seldom. On the device a function takes about seven variables even while its text stays in flash, so
 * the build (board/parts.ts) takes what only bring-up, recovery and start need out of the resident program: the first
 * call makes those functions from flash, and drop() gives their variables back. On Node nothing is taken out, and this
 * stays empty. The commit path of a code calls nothing that could be missing (D-30): the build refuses that.
 */

/** What is made at present, by place in the build's table. */
export let loaded: unknown[] = []

/** So many of the first parts in the build's table are what sends: they are in use while events are owed. */
export const SENDING = 7

// What drop() leaves.
export const NOTHING = 0
export const WHAT_SENDS = 1
export const ALL_ELSE = 2

/** Forgets seldom needed code. What is needed again is made again. */
export function drop(kept: number): void {
  if (kept === ALL_ELSE) for (let part = 0; part < SENDING; part++) loaded[part] = undefined
  else loaded = kept === WHAT_SENDS ? loaded.slice(0, SENDING) : []
}
