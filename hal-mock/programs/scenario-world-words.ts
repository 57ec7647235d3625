/**
 * A scenario's words about the network, its servers and the receiver's ways: checked here, done by
 * ../scenario-world.ts. docs/scenarios.md has them with examples.
 */

import { HABITS } from '../receiver-quirks'
import { choice, quote, ScenarioProblem, takeTime, VIAS } from './scenario-words'

/** How such a step begins; break, mend and receiver have other endings too. */
export const WORLD_WORDS = 'part, join, ethernet, cellular, dhcp, dns, ntp, mains, battery, box, siren, sim, modem'
/** 'receiver silent' and its like: what it says, not how. */
const MODES = ['ack', 'silent', 'nak', 'duh', 'close']
/** Receivers whose ways can be had, and 'standard' for our own. */
const RECEIVERS = ['standard', ...Object.keys(HABITS).filter((name) => name !== 'none')]
const WAYS = ['internet', 'way out', 'way in']
const SHORTEST_LEASE_MS = 60000
const MOST_VOLTS = 16

export interface Action {
  verb: string
  args: string[]
}

/** words: the whole step, beginning with one of WORLD_WORDS, break, mend or receiver. Throws ScenarioProblem. */
export function worldAction(words: string[], line: number): Action {
  const rest = words.slice(1).join(' ')
  switch (words[0]) {
    case 'break':
    case 'mend':
      return breakOrMend(words[0], rest, line)
    case 'part':
    case 'join': {
      const allowed = VIAS.map((via) => `receiver ${words[0] === 'part' ? 'from' : 'to'} ${via}`)
      return world(VIAS[allowed.indexOf(choice(rest, allowed, words[0], line))], 'receiver', words[0])
    }
    case 'ethernet':
    case 'cellular':
      return way(words, line)
    case 'dhcp':
      return dhcp(words, rest, line)
    case 'dns':
      return world('dns', choice(rest, ['on', 'off', 'fails', 'wrong'], 'dns', line))
    case 'ntp':
      return world('ntp', choice(rest, ['on', 'off', 'wrong'], 'ntp', line))
    case 'mains':
      return world('mains', choice(rest, ['on', 'off'], 'mains', line))
    case 'battery':
      return world('battery', volts(rest, line))
    case 'box':
      return world('box', choice(rest, ['open', 'closed'], 'box', line))
    case 'sim':
      return world('sim', choice(rest, ['removed', 'inserted'], 'sim', line))
    case 'modem':
      return world('modem', choice(rest, ['silent', 'answers', 'reboots'], 'modem', line))
    case 'siren':
      return world('siren', choice(rest, ['cut', 'short', 'mended'], 'siren', line))
    default:
      return receiver(words, rest, line)
  }
}

/** 'at flash operation 3', 'at flash operation 3 after 8 bytes': words behind 'cut power'. */
export function flashCut(words: string[], line: number): Action {
  const found = /^at flash operation (\d{1,6})(?: after (\d{1,4}) bytes?)?$/.exec(words.join(' '))
  if (found === null || Number(found[1]) === 0) {
    throw new ScenarioProblem(
      line,
      'a cut in the middle names a write or an erase from now on, and how much of it happens: cut power at flash operation 1 after 8 bytes',
    )
  }
  return world('flash', found[1], found[2] ?? '0')
}

/** '11.2 V', also without the blank, or 'missing'. */
function volts(rest: string, line: number): string {
  if (rest === 'missing') return '0'
  const found = /^(\d{1,2}(?:\.\d{1,2})?) ?V$/.exec(rest)
  if (found === null || Number(found[1]) > MOST_VOLTS || Number(found[1]) === 0) {
    throw new ScenarioProblem(line, `"battery" takes volts up to ${MOST_VOLTS}, or missing: battery 11.2 V`)
  }
  return found[1]
}

/** Both ways together is the older step, and the only one of these that real sockets know. */
function breakOrMend(verb: string, rest: string, line: number): Action {
  const allowed = WAYS.flatMap((way) => VIAS.map((via) => `${way} behind ${via}`))
  const index = allowed.indexOf(choice(rest, allowed, verb, line))
  const via = VIAS[index % VIAS.length]
  const kind = WAYS[Math.floor(index / VIAS.length)]
  return kind === 'internet' ? { verb: 'internet', args: [via, verb] } : world(via, kind.replace('way ', ''), verb)
}

/** 'ethernet loses 30 %', 'ethernet delays 100 ms to 2 s', 'ethernet nat forgets udp after 30 s'. */
function way(words: string[], line: number): Action {
  const [via, word] = words
  switch (choice(word ?? '', ['loses', 'doubles', 'bends', 'delays', 'nat'], via, line)) {
    case 'delays':
      return delays(via, words.slice(2), line)
    case 'nat':
      return nat(via, words.slice(2), line)
    default:
      return world(via, word, percent(words.slice(2).join(' '), `${via} ${word}`, line))
  }
}

function percent(text: string, field: string, line: number): string {
  const found = /^(\d{1,3}) ?%$/.exec(text)
  if (found === null || Number(found[1]) > 100) {
    throw new ScenarioProblem(line, `"${field}" takes whole percent from 0 to 100, not ${quote([text])}: ${field} 30 %`)
  }
  return String(Number(found[1]))
}

function delays(via: string, words: string[], line: number): Action {
  const least = takeTime(words, line)
  const rest = words.slice(least.words)
  if (rest.length === 0) return world(via, 'delays', String(least.ms), String(least.ms))
  const example = `${via} delays 100 ms to 2 s`
  if (rest[0] !== 'to')
    throw new ScenarioProblem(line, `after the delay comes nothing, or "to" and the longest: ${example}`)
  const most = takeTime(rest.slice(1), line)
  if (rest.length > 1 + most.words || most.ms < least.ms) {
    throw new ScenarioProblem(line, `the second delay is the longer one, and the last word: ${example}`)
  }
  return world(via, 'delays', String(least.ms), String(most.ms))
}

function nat(via: string, words: string[], line: number): Action {
  if (words.join(' ') === 'keeps') return world(via, 'nat', 'keeps')
  const forms = [
    `${via} nat forgets udp after 30 s`,
    `${via} nat forgets tcp after 5 min`,
    `${via} nat resets tcp after 5 min`,
  ]
  const kind = words.slice(0, 3).join(' ')
  const words3 = ['forgets udp after', 'forgets tcp after', 'resets tcp after']
  const index = words3.indexOf(kind)
  const time = index < 0 ? { ms: 0, words: 0 } : takeTime(words.slice(3), line)
  if (index < 0 || words.length > 3 + time.words) {
    throw new ScenarioProblem(line, `${quote([via, 'nat', ...words])}: write ${forms.join(', ')}, or ${via} nat keeps`)
  }
  return world(via, 'nat', ['udp', 'tcp', 'resets'][index], String(time.ms))
}

function dhcp(words: string[], rest: string, line: number): Action {
  switch (choice(words[1] ?? '', ['on', 'off', 'refuses', 'gives', 'leases'], 'dhcp', line)) {
    case 'gives': {
      const parts = rest.split(' ').slice(1).join(' ').split('.')
      const isAddress = parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 255)
      if (!isAddress || !rest.startsWith('gives 192.168.1.') || Number(parts[3]) < 2) {
        throw new ScenarioProblem(line, 'dhcp gives takes an address of the cable: dhcp gives 192.168.1.60')
      }
      return world('dhcp', 'gives', parts.join('.'))
    }
    case 'leases': {
      const time = takeTime(words.slice(2), line)
      if (words.length > 2 + time.words || time.ms < SHORTEST_LEASE_MS || time.ms % 1000 !== 0) {
        throw new ScenarioProblem(line, 'dhcp leases takes whole seconds, a minute or more: dhcp leases 10 min')
      }
      return world('dhcp', 'leases', String(time.ms))
    }
    default:
      return world('dhcp', choice(rest, ['on', 'off', 'refuses'], 'dhcp', line))
  }
}

function receiver(words: string[], rest: string, line: number): Action {
  if (MODES.includes(rest)) return { verb: 'receiver', args: [rest] }
  switch (choice(words[1] ?? '', [...MODES, 'like', 'clock', 'key', 'account'], 'receiver', line)) {
    case 'like': {
      const name = choice(words.slice(2).join(' '), RECEIVERS, 'receiver like', line)
      return world('receiver', 'like', name === 'standard' ? 'none' : name)
    }
    case 'clock':
      return world('receiver', 'clock', String(ahead(words.slice(2), line)))
    case 'key':
      return world('receiver', 'key', choice(words.slice(2).join(' '), ['wrong', 'right'], 'receiver key', line))
    case 'account':
      return world(
        'receiver',
        'account',
        choice(words.slice(2).join(' '), ['unknown', 'known'], 'receiver account', line),
      )
    default:
      throw new ScenarioProblem(line, `${quote(words)}: after "receiver ${words[1]}" comes nothing more`)
  }
}

/** Seconds that the receiver's clock is ahead: '10 min ahead', '10 min behind' or 'right'. */
function ahead(words: string[], line: number): number {
  if (words.join(' ') === 'right') return 0
  const time = takeTime(words, line)
  const direction = words.slice(time.words).join(' ')
  if (time.ms % 1000 !== 0 || (direction !== 'ahead' && direction !== 'behind')) {
    throw new ScenarioProblem(
      line,
      'receiver clock takes whole seconds and ahead or behind, or right: receiver clock 10 min ahead',
    )
  }
  return (direction === 'ahead' ? time.ms : -time.ms) / 1000
}

function world(...args: string[]): Action {
  return { verb: 'world', args }
}
