/**
 * What the keyboard does on the bench: digits, * and # press the panel's keypad, letters change the world around it.
 * Knows characters as a terminal in raw mode sends them; arrow and function keys are not used.
 */

export type Verb =
  | 'press'
  | 'cable'
  | 'internet'
  | 'coverage'
  | 'door'
  | 'window'
  | 'power'
  | 'faster'
  | 'help'
  | 'quit'

export interface Action {
  verb: Verb
  /** The panel's key for 'press', otherwise ''. */
  key: string
}

const CTRL_C = '\x03'
const CTRL_D = '\x04'

const VERBS: { [character: string]: Verb } = {
  e: 'cable',
  i: 'internet',
  c: 'coverage',
  o: 'door',
  w: 'window',
  p: 'power',
  f: 'faster',
  h: 'help',
  '?': 'help',
  q: 'quit',
  [CTRL_C]: 'quit',
  [CTRL_D]: 'quit',
}

/** Sequences of arrow, function and Alt keys: their letters are not meant as keys. */
const ESCAPE_SEQUENCE = /\x1b(\[[0-9;?<]*[ -/]*[@-~]|O.|.)?/g

/** What a piece of input asks for, in order; characters without a meaning are left out. Letters may be upper case. */
export function actions(input: string): Action[] {
  const found: Action[] = []
  for (const character of input.replace(ESCAPE_SEQUENCE, '').toLowerCase()) {
    if (/[0-9*#]/.test(character)) found.push({ verb: 'press', key: character })
    else if (VERBS[character] !== undefined) found.push({ verb: VERBS[character], key: '' })
  }
  return found
}
