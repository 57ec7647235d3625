/**
 * What is wrong with a Wiegand keypad's wires, in a sentence for the bench's page (firmware/app.ts, keypadWrong). On a board the
 * keypad test tells it (firmware/app/keypad-test.ts).
 */

import { Wrong } from '../../firmware/io/wiegand'

const WIEGAND: Record<Wrong, string> = {
  [Wrong.NOTHING]: '',
  [Wrong.SILENT]:
    'no key has come yet: press one; if none comes, look at the keypad’s supply, its common ground, D0 and D1',
  [Wrong.SWAPPED]: 'D0 and D1 are exchanged: green belongs to D0, white to D1',
  [Wrong.NOISE]:
    'frames of odd lengths come: look at the shield, the common ground and the pull-ups of D0 and D1 (2k2 to 3.3 V)',
  [Wrong.LOW]: 'D0 or D1 is low at rest: a core is short to ground, or the level shifter inverts',
}

/** '' when nothing is. */
export function keypadAdvice(wrong: Wrong): string {
  return WIEGAND[wrong]
}
