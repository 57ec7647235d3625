/** What a line of a scenario does (docs/scenarios.md), behind its time: hands, codes by name, loops; the world is scenario-world-words.ts. */

import { DEMO_CODES } from '../demo'
import { choice, quote, ScenarioProblem, VIAS } from './scenario-words'
import { flashCut, WORLD_WORDS, worldAction } from './scenario-world-words'

const CODE_NAMES = [...DEMO_CODES.map((code) => code.name), 'wrong code']
/** What is pressed behind a code to arm; '' is away. */
const ARM_CHOICES: { [mode: string]: string | undefined } = {
  '': '2',
  away: '2',
  stay: '3',
  night: '33',
  'away instant': '4',
  'stay instant': '7',
}
const ACTIONS = `press, enter, arm, open, close, cut, restore, break, mend, receiver, ${WORLD_WORDS}, loop, snapshot or expect`

/** What comes behind the time of an 'at' line, but for expectations. line: its number in the file. zones: how many the panel has. Throws ScenarioProblem. */
export function action(words: string[], line: number, zones: number): { verb: string; args: string[] } {
  const rest = words.slice(1).join(' ')
  switch (words[0]) {
    case 'press':
      if (words[1] === 'key') return { verb: 'press', args: [keyOf(words.slice(2), line)] }
      if (words.length < 2 || !words.slice(1).every((key) => /^[0-9*#]$/.test(key))) {
        throw new ScenarioProblem(
          line,
          'press takes the keys 0-9, * and # with blanks between them, and nothing else: press 1 2 #',
        )
      }
      return { verb: 'press', args: words.slice(1) }
    case 'enter':
      return { verb: 'enter', args: [codeName(rest, 'enter', line)] }
    case 'arm': {
      const at = words.indexOf('with')
      const choice = ARM_CHOICES[words.slice(1, at).join(' ')]
      if (at < 1 || choice === undefined) {
        throw new ScenarioProblem(
          line,
          'say whose code arms it, and how: arm with code A, arm stay with code A, arm night ..., arm away instant ..., arm stay instant ...',
        )
      }
      return { verb: 'arm', args: [codeName(words.slice(at + 1).join(' '), 'arm with', line), choice] }
    }
    case 'open':
    case 'close':
      return { verb: 'zone', args: [zone(words.slice(1), words[0], line, zones), words[0]] }
    case 'cut':
    case 'restore': {
      if (words[0] === 'cut' && words[1] === 'power' && words.length > 2) return flashCut(words.slice(2), line)
      const part = choice(rest, [...VIAS, 'power'], words[0], line)
      return part === 'power' ? { verb: 'power', args: [words[0]] } : { verb: 'link', args: [part, words[0]] }
    }
    case 'loop':
      return loop(words, line, zones)
    case 'snapshot':
      if (!/^[A-Za-z][\w-]{0,31}$/.test(rest)) {
        throw new ScenarioProblem(line, 'a snapshot has a name of letters, digits, - and _: snapshot before-the-door')
      }
      return { verb: 'snapshot', args: [rest] }
    case 'break':
    case 'mend':
    case 'receiver':
      return worldAction(words, line)
    default:
      if (WORLD_WORDS.split(', ').includes(words[0])) return worldAction(words, line)
      throw new ScenarioProblem(line, `${quote(words.slice(0, 1))} is no action: use ${ACTIONS}`)
  }
}

/** '3 of code A': the digit, which stands in no file. */
function keyOf(words: string[], line: number): string {
  const name = words.slice(2).join(' ')
  const code = DEMO_CODES.find((entry) => entry.name === name)
  const place = /^\d$/.test(words[0] ?? '') ? Number(words[0]) : 0
  if (code === undefined || words[1] !== 'of' || place < 1 || place > code.digits.length) {
    const names = DEMO_CODES.map((entry) => entry.name).join(', ')
    throw new ScenarioProblem(line, `a single key of a code is press key 1 of code A, up to 6, of one of ${names}`)
  }
  return code.digits.charAt(place - 1)
}

/** What was written instead is not repeated: it may be a code. */
function codeName(name: string, field: string, line: number): string {
  if (CODE_NAMES.includes(name)) return name
  const names = CODE_NAMES.join(', ')
  throw new ScenarioProblem(line, `"${field}" takes a code by its name, never by its digits: one of ${names}`)
}

/** 'loop 1 cut', 'loop 2 resistor 2200 ohm'. */
function loop(words: string[], line: number, zones: number): { verb: string; args: string[] } {
  const number = zone(['zone', words[1] ?? ''], 'loop', line, zones)
  const rest = words.slice(2).join(' ')
  const resistor = /^resistor (\d{1,6}) ohm$/.exec(rest)
  if (resistor !== null) return { verb: 'world', args: ['loop', number, 'resistor', resistor[1]] }
  const allowed = ['whole', 'cut', 'short', 'tampered', 'resistor 2200 ohm']
  return { verb: 'world', args: ['loop', number, choice(rest, allowed, `loop ${number}`, line)] }
}

function zone(words: string[], field: string, line: number, zones: number): string {
  const number = /^\d{1,2}$/.test(words[1] ?? '') ? Number(words[1]) : 0
  if (words.length !== 2 || words[0] !== 'zone' || number < 1 || number > zones) {
    throw new ScenarioProblem(line, `"${field}" takes "zone" and a number from 1 to ${zones}: ${field} zone 1`)
  }
  return String(number)
}
