// The scenario language: what each line becomes, each error with its line and its fix, and every example of the
// reference, docs/scenarios.md, run.

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { play } from '../../../hal-mock/programs/play'
import { parse, ScenarioProblem } from '../../../hal-mock/programs/scenario-file'
import { loadShipped, shippedNames } from '../../../hal-mock/programs/shipped'

const REFERENCE = readFileSync(fileURLToPath(new URL('../../../docs/scenarios.md', import.meta.url)), 'utf8')
const EXAMPLES = [...REFERENCE.matchAll(/```scenario\n([\s\S]*?)```/g)].map((match) => ({
  line: REFERENCE.slice(0, match.index).split('\n').length + 1,
  text: match[1],
}))
/** Digits of the demo panel's codes, and of none. */
const DIGITS = ['274916', '805372', '618043', '913578']

function problem(text: string): ScenarioProblem {
  try {
    parse(text, 'test')
  } catch (error) {
    if (error instanceof ScenarioProblem) return error
    throw error
  }
  throw new Error('nothing was found wrong')
}

/** The only step of a one-line scenario. */
function step(line: string) {
  const { steps } = parse(line, 'test')
  expect(steps.length).toBe(1)
  return steps[0]
}

describe('a scenario file', () => {
  it('has title, seed and limit, and 1 and 10 min when it says nothing', () => {
    const full = parse('title Two words\nseed 42\nlimit 90 s\nat 1 s press 1\n', 'x')
    expect(full).toMatchObject({ name: 'x', title: 'Two words', seed: 42, limitMs: 90000 })
    expect(parse('at 1 s press 1', 'x')).toMatchObject({ name: 'x', title: 'x', seed: 1, limitMs: 600000, panel: [] })
    expect(parse('panel dhcp udp\nat 1 s press 1', 'x').panel).toEqual(['dhcp', 'udp'])
  })

  it.each([
    ['500 ms', 500],
    ['500ms', 500],
    ['40 s', 40000],
    ['40s', 40000],
    ['1.5 s', 1500],
    ['2.3 s', 2300],
    ['1.001 s', 1001],
    ['0.5 min', 30000],
    ['2 min', 120000],
    ['24 h', 86400000],
    ['0 s', 0],
  ])('takes %s for %i ms', (time, ms) => {
    expect(step(`at ${time} press 1`).atMs).toBe(ms)
  })

  it.each([
    ['press 1 * #', 'press', ['1', '*', '#']],
    ['press 1 # 2', 'press', ['1', '#', '2']],
    ['press key 1 of code A', 'press', [DIGITS[0][0]]],
    ['press key 6 of duress A', 'press', [DIGITS[2][5]]],
    ['enter code A', 'enter', ['code A']],
    ['enter wrong code', 'enter', ['wrong code']],
    ['arm with code B', 'arm', ['code B', '2']],
    ['arm night with code B', 'arm', ['code B', '33']],
    ['arm away instant with code A', 'arm', ['code A', '4']],
    ['open zone 2', 'zone', ['2', 'open']],
    ['close zone 1', 'zone', ['1', 'close']],
    ['cut ethernet', 'link', ['ethernet', 'cut']],
    ['restore cellular', 'link', ['cellular', 'restore']],
    ['cut power', 'power', ['cut']],
    ['restore power', 'power', ['restore']],
    ['cut power at flash operation 3', 'world', ['flash', '3', '0']],
    ['cut power at flash operation 1 after 8 bytes', 'world', ['flash', '1', '8']],
    ['loop 2 short', 'world', ['loop', '2', 'short']],
    ['loop 1 resistor 2200 ohm', 'world', ['loop', '1', 'resistor', '2200']],
    ['sim removed', 'world', ['sim', 'removed']],
    ['modem reboots', 'world', ['modem', 'reboots']],
    ['snapshot before-the_door2', 'snapshot', ['before-the_door2']],
    ['break internet behind ethernet', 'internet', ['ethernet', 'break']],
    ['mend internet behind cellular', 'internet', ['cellular', 'mend']],
    ['receiver silent', 'receiver', ['silent']],
    ['receiver close', 'receiver', ['close']],
    ['receiver like ioBroker', 'world', ['receiver', 'like', 'ioBroker']],
    ['receiver like standard', 'world', ['receiver', 'like', 'none']],
    ['receiver clock 10 min ahead', 'world', ['receiver', 'clock', '600']],
    ['receiver clock 90s behind', 'world', ['receiver', 'clock', '-90']],
    ['receiver clock right', 'world', ['receiver', 'clock', '0']],
    ['receiver key wrong', 'world', ['receiver', 'key', 'wrong']],
    ['receiver account unknown', 'world', ['receiver', 'account', 'unknown']],
    ['break way out behind ethernet', 'world', ['ethernet', 'out', 'break']],
    ['mend way in behind cellular', 'world', ['cellular', 'in', 'mend']],
    ['part receiver from ethernet', 'world', ['ethernet', 'receiver', 'part']],
    ['join receiver to cellular', 'world', ['cellular', 'receiver', 'join']],
    ['ethernet loses 30 %', 'world', ['ethernet', 'loses', '30']],
    ['ethernet loses 0%', 'world', ['ethernet', 'loses', '0']],
    ['cellular doubles 100 %', 'world', ['cellular', 'doubles', '100']],
    ['ethernet bends 5 %', 'world', ['ethernet', 'bends', '5']],
    ['ethernet delays 200 ms', 'world', ['ethernet', 'delays', '200', '200']],
    ['ethernet delays 0s to 1.5 s', 'world', ['ethernet', 'delays', '0', '1500']],
    ['ethernet nat forgets tcp after 5 min', 'world', ['ethernet', 'nat', 'tcp', '300000']],
    ['cellular nat resets tcp after 60 s', 'world', ['cellular', 'nat', 'resets', '60000']],
    ['cellular nat forgets udp after 30s', 'world', ['cellular', 'nat', 'udp', '30000']],
    ['cellular nat keeps', 'world', ['cellular', 'nat', 'keeps']],
    ['dhcp off', 'world', ['dhcp', 'off']],
    ['dhcp gives 192.168.1.60', 'world', ['dhcp', 'gives', '192.168.1.60']],
    ['dhcp leases 2 min', 'world', ['dhcp', 'leases', '120000']],
    ['dns wrong', 'world', ['dns', 'wrong']],
    ['ntp off', 'world', ['ntp', 'off']],
    ['expect text "AWAY  exit"', 'expect', ['text', 'AWAY  exit']],
    ['expect siren on', 'expect', ['siren', 'on']],
    ['expect light off', 'expect', ['light', 'off']],
    ['expect buzzer on', 'expect', ['buzzer', 'on']],
    ['expect ethernet down', 'expect', ['path', 'ethernet', 'down']],
    ['expect station nothing', 'expect', ['station', 'nothing']],
    ['expect station has 1121', 'expect', ['station', 'has', '1121', '']],
    ['expect station lacks 1121 01', 'expect', ['station', 'lacks', '1121 01', '']],
    ['expect station once 1121 01 003 over ethernet', 'expect', ['station', 'once', '1121 01 003', 'ethernet']],
    ['expect station first 3401', 'expect', ['station', 'first', '3401', '']],
    ['expect station order 1121 1401', 'expect', ['station', 'order', '1121', '1401']],
  ])('reads "%s"', (words, verb, args) => {
    expect(step(`at 5 s ${words}`)).toMatchObject({ line: 1, when: 'at', atMs: 5000, untilMs: 5000, verb, args })
  })

  it('watches "by" from the "at" above it, and from the start when there is none', () => {
    const { steps } = parse(
      'by 3 s expect siren off\nat 5 s press 1\nby 9 s expect siren on\nby 8 s expect light on',
      '',
    )
    expect(steps.map((entry) => [entry.when, entry.atMs, entry.untilMs])).toEqual([
      ['by', 0, 3000],
      ['at', 5000, 5000],
      ['by', 5000, 9000],
      ['by', 5000, 8000],
    ])
  })

  it('takes a "from" line anywhere, and keeps the order of lines at one instant', () => {
    const { steps } = parse('at 5 s press 1\nat 5 s press 2\nfrom 1 s to 9 s expect siren off\nat 5 s press 3', '')
    expect(steps.map((entry) => entry.line)).toEqual([3, 1, 2, 4])
    expect(steps[0]).toMatchObject({ when: 'during', atMs: 1000, untilMs: 9000 })
  })

  it('forgets comments, blank lines, carriage returns and a byte order mark, but not a # that is a key or quoted', () => {
    const text = '\ufeff# first\r\n\r\n#\r\nat 5 s expect text "A # B" # last\r\nat 6s press 1 #\r\n'
    const { steps } = parse(text, '')
    expect(steps.map((entry) => [entry.line, entry.args])).toEqual([
      [4, ['text', 'A # B']],
      [5, ['1', '#']],
    ])
    expect(steps[0].text).toBe('at 5 s expect text "A # B"')
  })
})

describe('an error names the line and the fix', () => {
  it.each([
    ['', 1, /no step: write.*at 30 s enter code A/],
    ['\nwhen 5 s press 1', 2, /"when" is no step.*at, by, from, title, seed, limit, panel or #/],
    ['title', 1, /title is empty.*sentence/],
    ['seed x', 1, /"x" is no seed.*whole number/],
    ['seed 1 2', 1, /"1 2" is no seed/],
    ['seed -1', 1, /"-1" is no seed/],
    ['seed', 1, /"" is no seed/],
    ['seed 1\n\nseed 2', 3, /seed already stands in line 1: leave one out/],
    ['limit 0 s', 1, /limit of 0.*limit 10 min/],
    ['limit 10 min please', 1, /nothing more: limit 10 min/],
    ['limit 10', 1, /"10" is no time: write 500 ms, 40 s/],
    ['at noon press 1', 1, /"noon press" is no time/],
    ['at 5 toString press 1', 1, /"5 toString" is no time/],
    ['at 0.5 ms press 1', 1, /"0.5 ms" is no time/],
    ['at -1 s press 1', 1, /"-1 s" is no time/],
    ['at 25 h press 1', 1, /"25 h" is too late.*24 h/],
    ['at 9 s press 1\nat 8.5 s press 2', 2, /8\.5 s is before line 1, at 9 s: put the lines in the order/],
    ['at 9 s press 1\nby 8 s expect siren on', 2, /8 s is before line 1, at 9 s.*later time/],
    ['by 9 s press 1', 1, /only an expectation.*by 50 s expect siren off.*"at"/],
    ['from 9 s to 10 s press 1', 1, /only an expectation.*from 10 s to 20 s expect/],
    ['from 9 s expect siren on', 1, /after "from" come two times: from 10 s to 20 s/],
    ['from 9 s to 9 s expect siren on', 1, /ends before it begins: swap/],
    ['at 5 s', 1, /"" is no action: use press, enter/],
    ['at 5 s dance', 1, /"dance" is no action: use press, enter, arm.*expect/],
    ['at 5 s press', 1, /press takes the keys 0-9/],
    ['at 5 s press 12', 1, /with blanks between them.*press 1 2 #/],
    ['at 5 s press 1 # twice', 1, /and nothing else/],
    ['at 5 s enter code C', 1, /"enter" takes a code by its name.*code A, code B, duress A, wrong code/],
    ['at 5 s enter', 1, /"enter" takes a code by its name/],
    ['at 5 s arm code A', 1, /arm with code A/],
    ['at 5 s arm with code Z', 1, /"arm with" takes a code by its name/],
    ['at 5 s open zone 3', 1, /"open" takes "zone" and a number from 1 to 2: open zone 1/],
    ['at 5 s close zone 0', 1, /from 1 to 2: close zone 1/],
    ['at 5 s open zone 1.5', 1, /from 1 to 2/],
    ['at 5 s open zone 1 2', 1, /from 1 to 2/],
    ['at 5 s open door 1', 1, /takes "zone"/],
    ['at 5 s cut rope', 1, /"cut rope": after "cut" comes one of ethernet, cellular, power/],
    ['at 5 s restore', 1, /after "restore" comes one of/],
    ['at 5 s press key 7 of code A', 1, /press key 1 of code A, up to 6, of one of code A, code B, duress A/],
    ['at 5 s press key 1 of wrong code', 1, /press key 1 of code A/],
    ['at 5 s cut power at flash operation 0', 1, /cut power at flash operation 1 after 8 bytes/],
    ['at 5 s cut power at dawn', 1, /cut power at flash operation 1 after 8 bytes/],
    ['panel house loops', 1, /house and loops each bring zones of their own: leave all but one out/],
    ['panel supply expanders box', 1, /supply and box need the inputs that expanders has zones at/],
    ['at 5 s loop 3 cut', 1, /"loop" takes "zone" and a number from 1 to 2/],
    ['at 5 s loop 1 burns', 1, /after "loop 1" comes one of whole, cut, short, tampered, resistor 2200 ohm/],
    ['at 5 s sim', 1, /after "sim" comes one of removed, inserted/],
    ['at 5 s modem sulks', 1, /after "modem" comes one of silent, answers, reboots/],
    ['at 5 s snapshot', 1, /letters, digits, - and _: snapshot before-the-door/],
    ['at 5 s snapshot two words', 1, /letters, digits/],
    ['at 5 s break ethernet', 1, /after "break" comes one of internet behind ethernet, internet behind cellular/],
    ['at 5 s mend internet', 1, /after "mend" comes one of internet behind/],
    [
      'panel',
      1,
      /panel takes some of dhcp, name, ntp, udp, expanders, house, autostay, supply, box, loops, wiegand, pcf8574, tca8418, outputs: panel dhcp name/,
    ],
    [
      'panel dhcp wifi',
      1,
      /"panel wifi": after "panel" comes one of dhcp, name, ntp, udp, expanders, house, autostay, supply, box/,
    ],
    ['panel expanders\nat 5 s open zone 65', 2, /from 1 to 64: open zone 1/],
    ['panel dhcp\npanel udp', 2, /panel already stands in line 1/],
    ['at 5 s receiver deaf', 1, /"receiver deaf".*ack, silent, nak, duh, close, like, clock, key, account/],
    ['at 5 s receiver', 1, /after "receiver" comes one of ack/],
    ['at 5 s receiver silent please', 1, /after "receiver silent" comes nothing more/],
    ['at 5 s receiver like Ajax', 1, /after "receiver like" comes one of standard, pysiaalarm, ioBroker/],
    ['at 5 s receiver clock wrong', 1, /"wrong" is no time/],
    ['at 5 s receiver clock 5 min', 1, /ahead or behind, or right: receiver clock 10 min ahead/],
    ['at 5 s receiver clock 500 ms ahead', 1, /whole seconds/],
    ['at 5 s receiver key lost', 1, /after "receiver key" comes one of wrong, right/],
    ['at 5 s receiver account', 1, /after "receiver account" comes one of unknown, known/],
    ['at 5 s break way behind ethernet', 1, /after "break" comes one of internet.*way out behind ethernet.*way in/],
    ['at 5 s part receiver to ethernet', 1, /after "part" comes one of receiver from ethernet, receiver from cellular/],
    ['at 5 s join receiver', 1, /after "join" comes one of receiver to ethernet/],
    ['at 5 s ethernet', 1, /after "ethernet" comes one of loses, doubles, bends, delays, nat/],
    ['at 5 s cellular drops 5 %', 1, /"cellular drops".*loses, doubles/],
    ['at 5 s ethernet loses 101 %', 1, /whole percent from 0 to 100, not "101 %": ethernet loses 30 %/],
    ['at 5 s ethernet loses 5', 1, /whole percent/],
    ['at 5 s ethernet loses half', 1, /not "half"/],
    ['at 5 s ethernet bends 0.5 %', 1, /whole percent/],
    ['at 5 s ethernet delays', 1, /"" is no time/],
    ['at 5 s ethernet delays 1 s or 2 s', 1, /nothing, or "to" and the longest: ethernet delays 100 ms to 2 s/],
    ['at 5 s ethernet delays 2 s to 1 s', 1, /second delay is the longer one/],
    ['at 5 s ethernet delays 1 s to 2 s now', 1, /the last word/],
    ['at 5 s ethernet nat', 1, /write ethernet nat forgets udp after 30 s.*nat keeps/],
    ['at 5 s ethernet nat forgets udp', 1, /write ethernet nat forgets udp after 30 s/],
    ['at 5 s ethernet nat forgets udp after noon', 1, /"noon" is no time/],
    ['at 5 s ethernet nat forgets udp after 5 s or so', 1, /write ethernet nat/],
    ['at 5 s dhcp', 1, /after "dhcp" comes one of on, off, refuses, gives, leases/],
    ['at 5 s dhcp off now', 1, /after "dhcp" comes one of on, off, refuses/],
    ['at 5 s dhcp gives 10.0.0.5', 1, /address of the cable: dhcp gives 192.168.1.60/],
    ['at 5 s dhcp gives 192.168.1.1', 1, /address of the cable/],
    ['at 5 s dhcp gives 192.168.1.255', 1, /address of the cable/],
    ['at 5 s dhcp gives', 1, /address of the cable/],
    ['at 5 s dhcp leases 59 s', 1, /whole seconds, a minute or more: dhcp leases 10 min/],
    ['at 5 s dns slow', 1, /after "dns" comes one of on, off, fails, wrong/],
    ['at 5 s ntp late', 1, /after "ntp" comes one of on, off, wrong/],
    ['at 5 s expect', 1, /"" cannot be expected: use text, siren/],
    ['at 5 s expect rain', 1, /"rain" cannot be expected: use text, siren.*station/],
    ['at 5 s expect text READY', 1, /in quotes: expect text "READY"/],
    ['at 5 s expect text "READY', 1, /in quotes/],
    ['at 5 s expect text ""', 1, /empty text is always there/],
    ['at 5 s expect text "12345678901234567"', 1, /16 plain characters.*shorten/],
    ['at 5 s expect text "READY|Enter"', 1, /16 plain characters.*each line by itself/],
    ['at 5 s expect siren loud', 1, /"siren loud": after "siren" comes one of on, off/],
    ['at 5 s expect ethernet on', 1, /after "ethernet" comes one of up, down/],
    ['at 5 s expect station heard 1121', 1, /"station heard".*nothing, has, lacks, once, first, order/],
    ['at 5 s expect station nothing more', 1, /nothing more/],
    ['at 5 s expect station has 121', 1, /"121" is no event.*1121 01 003/],
    ['at 5 s expect station has 2121', 1, /"2121" is no event.*qualifier \(1, 3, 6\)/],
    ['at 5 s expect station has 1121 1 3', 1, /"1121 1 3" is no event/],
    ['at 5 s expect station has 1121 over radio', 1, /"over radio".*ethernet, cellular/],
    ['at 5 s expect station order 1121', 1, /two or more events.*station order 1121 1401/],
    ['at 5 s expect station order 1121 1401 over ethernet', 1, /two or more events/],
  ])('%j', (text, line, message) => {
    const found = problem(text)
    expect(found.message).toMatch(message)
    expect(found.line).toBe(line)
  })

  it('repeats no digits of a code, wherever they were written', () => {
    for (const digits of DIGITS.slice(0, 3)) {
      for (const place of ['$', 'at $', 'at 5 s $', 'at 5 s enter $', 'at 5 s arm with $', 'at 5 s press $']) {
        expect(problem(place.replace('$', digits)).message).not.toContain(digits)
      }
      for (const place of ['text "$"', 'siren $', 'station $', 'station has $', '$']) {
        expect(problem(`at 5 s expect ${place.replace('$', digits)}`).message).not.toContain(digits)
      }
    }
  })
})

describe('docs/scenarios.md', () => {
  it('has an example for every action and every expectation', () => {
    const all = EXAMPLES.map((example) => example.text).join('\n')
    const actions = ['press', 'enter', 'arm with', 'open zone', 'close zone', 'receiver']
    for (const via of ['ethernet', 'power']) actions.push(`cut ${via}`, `restore ${via}`)
    actions.push('break internet behind', 'mend internet behind')
    for (const mode of ['ack', 'silent', 'nak', 'duh', 'close']) actions.push(`receiver ${mode}`)
    for (const ways of ['like', 'clock .* ahead', 'clock .* behind', 'clock right']) actions.push(`receiver ${ways}`)
    for (const ways of ['key wrong', 'key right', 'account unknown', 'account known']) actions.push(`receiver ${ways}`)
    for (const verb of ['break', 'mend']) for (const way of ['out', 'in']) actions.push(`${verb} way ${way} behind`)
    actions.push('part receiver from', 'join receiver to')
    for (const what of ['loses', 'doubles', 'bends', 'delays \\S+ m?s', 'delays .* to']) actions.push(`\\w+ ${what}`)
    for (const what of ['forgets tcp', 'forgets udp', 'resets tcp', 'keeps']) actions.push(`ethernet nat ${what}`)
    for (const word of ['on', 'off', 'refuses', 'gives', 'leases']) actions.push(`dhcp ${word}`)
    for (const word of ['on', 'off', 'fails', 'wrong']) actions.push(`dns ${word}`)
    for (const word of ['on', 'off', 'wrong']) actions.push(`ntp ${word}`)
    for (const word of ['short', 'cut', 'tampered', 'resistor', 'whole']) actions.push(`loop \\d ${word}`)
    actions.push('press key \\d of', 'cut power at flash operation', 'snapshot')
    for (const word of ['removed', 'inserted']) actions.push(`sim ${word}`)
    for (const word of ['silent', 'answers', 'reboots']) actions.push(`modem ${word}`)
    for (const action of actions) expect(all).toMatch(new RegExp(`^at \\S+ (s|min|ms)?\\s+${action}`, 'm'))
    const seen = ['text', 'siren', 'light', 'buzzer', 'ethernet', 'cellular']
    for (const what of ['nothing', 'has', 'lacks', 'once', 'first', 'order']) seen.push(`station ${what}`)
    for (const what of seen) expect(all).toContain(`expect ${what}`)
  })

  it.each(EXAMPLES)('the example at line $line passes', ({ text }) => {
    const { outcome } = play(parse(text, 'example'))
    expect(outcome.failures).toEqual([])
    expect(outcome.ranPastLimit).toBe(false)
    expect(outcome.passed).toBeGreaterThan(0)
  })
})

describe('the shipped scenarios', () => {
  const SHIPPED: [name: string, expectations: number][] = [
    ['abort', 6],
    ['abort-duress', 8],
    ['auto-stay', 4],
    ['burglary', 15],
    ['cross-zone', 4],
    ['disarm', 12],
    ['disarmed-alarm', 4],
    ['duress', 15],
    ['duress-both-down-then-reboot', 10],
    ['duress-one-path-down', 9],
    ['exit-error', 6],
    ['exit-error-in-time', 7],
    ['fire-verification', 4],
    ['follower', 4],
    ['live-duress', 10],
    ['lockout-over-power-cut', 6],
    ['power-cut-armed', 4],
    ['power-cut-in-exit-entry-alarm', 8],
    ['swinger', 6],
  ]

  it('are these', () => {
    expect(shippedNames()).toEqual(SHIPPED.map(([name]) => name))
  })

  it.each(SHIPPED)('%s passes with its %i expectations, and its trace has no digits of a code', (name, count) => {
    const { outcome, lines } = play(loadShipped(name))
    expect(outcome).toEqual({ failures: [], passed: count, notJudged: 0, ranPastLimit: false })
    for (const digits of DIGITS) expect(lines.join('\n')).not.toContain(digits)
  })
})
