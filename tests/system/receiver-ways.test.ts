/**
 * The whole panel against the receivers of reporting.md 7, over TCP and UDP, clear and encrypted: what the station shows,
 * and whether the panel goes on sending. docs/receivers.md says the same in words. The receivers are models of their ways
 * (hal-mock/receiver-quirks.ts), written from measurements; none of the programs runs here.
 */

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import demoPanel from '../../docs/demo-panel.json'
import { type DemoReceiver, demoReceiver } from '../../hal-mock/demo'
import { nodeCrypto } from '../../hal-mock/programs/node-crypto'
import { panelFirmware } from '../../hal-mock/programs/panel-firmware'
import { play } from '../../hal-mock/programs/play'
import { parse } from '../../hal-mock/programs/scenario-file'
import type { Quirk } from '../../hal-mock/receiver-quirks'
import { ScenarioRun } from '../../hal-mock/scenario'
import { WorldFaults } from '../../hal-mock/scenario-world'
import { eventText, Simulator } from '../../hal-mock/simulator'
import { unmatched } from './unmatched'

/** Duress at 30 s, an armed panel at 160 s. */
const STORY = 'limit 5 min\nat 30 s enter duress A\nat 90 s arm with code A\nat 180 s expect siren off\n'
/** Half an hour in which only polls have to prove the paths. */
const QUIET = 'limit 40 min\nat 30 min enter duress A\nat 35 min expect siren off\n'
const DURESS = '1121 01 003'
const CLOSING = '3401 01 001'

interface Met {
  /** Events as the station shows them, 'copy' where it knows one, each with its path. */
  shown: string[]
  /** Frames that came in the last minute: a panel that owes nothing sends only polls. */
  lateFrames: number
  /** What the panel's frames were met with, by kind. */
  verdicts: Set<string>
}

function meet(quirk: Quirk | 'standard', changes: Partial<DemoReceiver>, before = '', after = STORY): Met {
  const config = { ...unmatched(), testHours: 0, receivers: [{ ...demoReceiver(), ...changes }] }
  const story = parse(`at 1 s receiver like ${quirk}\n${before}${after}`, quirk)
  const { lines, simulator } = play(story, config)
  const heard = lines.map((line) => JSON.parse(line)).filter((entry) => entry.source === 'receiver')
  const incoming = heard.filter((entry) => entry.what.startsWith('in '))
  return {
    shown: simulator.station.map((event) => `${eventText(event)} ${event.via}${event.isDuplicate ? ' copy' : ''}`),
    lateFrames: incoming.filter((entry) => entry.at > 120_000).length,
    verdicts: new Set(incoming.map((entry) => entry.what.replace(/^in over \w+: /, '').replace(/-?\d+ s/, 'N s'))),
  }
}

const FORMS: ['tcp' | 'udp', string][] = [
  ['tcp', 'clear'],
  ['tcp', 'encrypted'],
  ['udp', 'clear'],
  ['udp', 'encrypted'],
]

const keyOf = (form: string) => (form === 'clear' ? { key: '' } : {})

describe('a duress event and an arming', () => {
  for (const [protocol, form] of FORMS) {
    it.each<[Quirk | 'standard', boolean, string]>([
      ['standard', true, ' copy'],
      ['pysiaalarm', true, ''],
      ['ioBroker', false, ''],
      ['dc09-rs', true, ''],
    ])(
      `§7: ${protocol}, ${form}: %s takes them, polled: %s, and the panel owes nothing more`,
      (quirk, isPolled, copy) => {
        const { shown, lateFrames } = meet(quirk, { protocol, isPolled, ...keyOf(form) })
        // Whichever path is the faster one; the other one's call is the copy, where the receiver tells copies.
        expect(shown.map((text) => text.replace(' copy', '')).sort()).toEqual(
          [`${DURESS} ethernet`, `${DURESS} cellular`, `${CLOSING} ethernet`].sort(),
        )
        expect(shown[1].endsWith(' copy')).toBe(copy !== '')
        expect(lateFrames).toBeLessThanOrEqual(3)
      },
    )

    it.each(['pysiaalarm', 'ioBroker'] as Quirk[])(
      `§5.3: ${protocol}, ${form}: reaches %s whose clock is 10 min ahead, by the time in its NAK`,
      (quirk) => {
        const { shown, verdicts } = meet(
          quirk,
          { protocol, isPolled: false, ...keyOf(form) },
          'at 2 s receiver clock 10 min ahead\n',
        )
        expect([...verdicts]).toContain('NAK: time stamp off by N s')
        expect(shown).toContain(`${DURESS} ethernet`)
        expect(shown).toContain(`${CLOSING} ethernet`)
      },
    )
  }

  it.each(['tcp', 'udp'] as const)('§7.4: %s: dev-receiver takes them in clear', (protocol) => {
    const { shown, lateFrames } = meet('dev-receiver', { protocol, key: '' })
    expect(shown.length).toBe(3)
    expect(lateFrames).toBeLessThanOrEqual(3)
  })

  it.each(['tcp', 'udp'] as const)(
    '§7.4: %s: dev-receiver says ACK to what it cannot decrypt, and is not believed',
    (protocol) => {
      const { shown, lateFrames, verdicts } = meet('dev-receiver', { protocol, isPolled: false })
      expect(shown).toEqual([])
      expect([...verdicts]).toEqual(['ACK, but no event: cannot decrypt'])
      expect(lateFrames).toBeGreaterThan(1)
    },
  )

  it.each(['tcp', 'udp'] as const)('§7.6: %s: py-sia-dc-07 takes them in clear without polls', (protocol) => {
    const { shown, verdicts } = meet('py-sia-dc-07', { protocol, isPolled: false, key: '' })
    expect(shown).toContain(`${DURESS} ethernet`)
    expect(shown).toContain(`${CLOSING} ethernet`)
    expect([...verdicts]).toEqual(['ACK'])
  })

  it('§7.6: py-sia-dc-07 cannot read a cipher: the panel goes on trying', () => {
    const { shown, lateFrames } = meet('py-sia-dc-07', { isPolled: false })
    expect(shown).toEqual([])
    expect(lateFrames).toBeGreaterThan(1)
  })

  it('§7.7: hacs takes them in clear; with a key it shows them, but its clear ACK is not believed', () => {
    const clear = meet('hacs', { key: '' })
    expect(clear.shown).toEqual([`${DURESS} ethernet`, `${CLOSING} ethernet`])
    const sealed = meet('hacs', { isPolled: false })
    expect(sealed.shown.filter((text) => text.startsWith(DURESS)).length).toBeGreaterThan(5)
    expect(sealed.lateFrames).toBeGreaterThan(1)
  })

  it('§7.7: a receiver that closes after each frame without a word never counts as having it', () => {
    const { shown, lateFrames } = meet('standard', {}, 'at 2 s receiver close\n')
    expect(shown).toEqual([])
    expect(lateFrames).toBeGreaterThan(1)
  })

  it('§7.1: an account that the receiver does not know is refused, and kept for later', () => {
    const before = 'at 2 s receiver account unknown\nat 60 s receiver account known\n'
    const story = before + STORY
    const config = { ...unmatched(), testHours: 0, receivers: [{ ...demoReceiver(), isPolled: false }] }
    const ordered = story.split('\n').sort((a, b) => timeOf(a) - timeOf(b))
    const { simulator } = play(parse(`at 1 s receiver like pysiaalarm\n${ordered.join('\n')}`, 'test'), config)
    expect(simulator.station.map(eventText)).toContain(DURESS)
    expect(Math.min(...simulator.stationAtMs)).toBeGreaterThan(60_000)
  })
})

function timeOf(line: string): number {
  return Number(/^at (\d+) s/.exec(line)?.[1] ?? -1)
}

describe('null messages', () => {
  it.each(['ioBroker', 'py-sia-dc-07'] as Quirk[])(
    '§5.5: %s does not take them: events arrive all the same, and so does the path’s failure (350), until polls are off',
    (quirk) => {
      const polled = meet(quirk, { key: '' }, '', QUIET)
      expect(polled.shown).toContain(`${DURESS} ethernet`)
      expect(polled.shown.some((text) => text.startsWith('1350'))).toBe(true)
      const unpolled = meet(quirk, { key: '', isPolled: false }, '', QUIET)
      expect(unpolled.shown.filter((text) => text.startsWith('1350'))).toEqual([])
    },
  )

  it.each(['standard', 'pysiaalarm', 'dc09-rs', 'hacs'] as const)(
    '§5.5: %s takes them: no path is called failed',
    (quirk) => {
      const { shown } = meet(quirk, { key: '' }, '', QUIET)
      expect(shown.filter((text) => text.startsWith('1350'))).toEqual([])
    },
  )
})

describe('what the panel sends (§7.8)', () => {
  const BODY = /^\n[0-9A-F]{4}[0-9A-F]{4}"(\*?)(ADM-CID|NULL)"(\d{4})R0(L0+)#1234\[(.*)\r$/s
  const STAMP = /_\d\d:\d\d:\d\d,\d\d-\d\d-20\d\d$/

  /** Every write of the panel to a station, as it left, over a day with an event that waited. */
  function writes(changes: Partial<DemoReceiver>): string[] {
    const config = { ...unmatched(), testHours: 0, receivers: [{ ...demoReceiver(), ...changes }] }
    const simulator = new Simulator<unknown, unknown>({ firmware: panelFirmware, config, crypto: nodeCrypto, seed: 3 })
    const sent: string[] = []
    const open = simulator.receiver.open.bind(simulator.receiver)
    simulator.receiver.open = (via) => {
      const session = open(via)
      return {
        get isClosed() {
          return session.isClosed
        },
        receive: (bytes) => {
          sent.push(bytes)
          return session.receive(bytes)
        },
      }
    }
    const story =
      'limit 2 h\nat 25 s receiver silent\nat 30 s enter duress A\nat 6 min receiver ack\nat 90 min expect siren off'
    const scenario = parse(story, 'writes')
    new ScenarioRun(simulator, scenario, { faults: new WorldFaults(simulator) }).advanceTo(scenario.limitMs)
    expect(simulator.station.map(eventText)).toContain(DURESS)
    return sent
  }

  it.each(['clear', 'encrypted'])(
    '%s: capitals, R0, L0, a stamp, one block at most, one frame a write; NULL is 0000 and []',
    (form) => {
      const sent = writes(keyOf(form))
      expect(sent.length).toBeGreaterThan(10)
      const kinds = new Set<string>()
      for (const bytes of sent) {
        const found = BODY.exec(bytes)
        expect(found, JSON.stringify(bytes)).not.toBeNull()
        const [, star, id, sequence, , content] = found as RegExpExecArray
        kinds.add(id)
        expect(star).toBe(form === 'clear' ? '' : '*')
        expect(sequence === '0000').toBe(id === 'NULL')
        if (form === 'encrypted') {
          expect(content).toMatch(/^([0-9A-F]{32})+$/)
          continue
        }
        expect(content).toMatch(STAMP)
        if (id === 'NULL') expect(content.replace(STAMP, '')).toBe(']')
        else expect(content.replace(STAMP, '')).toMatch(/^#1234\|[136]\d{3} 01 \d{3}\](\[H[^\]]{19}\])?$/)
      }
      expect(kinds).toEqual(new Set(['ADM-CID', 'NULL']))
      if (form === 'clear') expect(sent.some((bytes) => bytes.includes('][H'))).toBe(true)
    },
  )
})

describe('docs/receivers.md', () => {
  const TEXT = readFileSync(fileURLToPath(new URL('../../docs/receivers.md', import.meta.url)), 'utf8')

  it('has a row for each section of reporting.md §7, and each names a test that exists', () => {
    const rows = TEXT.split('\n').filter((line) => /^\| 7\.\d/.test(line))
    expect(new Set(rows.map((line) => line.slice(2, 5)))).toEqual(
      new Set(['7.1', '7.2', '7.3', '7.4', '7.5', '7.6', '7.7', '7.8']),
    )
    const root = fileURLToPath(new URL('../..', import.meta.url))
    for (const row of rows) {
      const named = [...row.matchAll(/`(tests\/[\w/.-]+|[\w-]+\.test\.ts)`/g)].map((match) => match[1])
      expect(named.length, row).toBeGreaterThan(0)
      for (const name of named) expect(() => readFileSync(root + FILES[name]), name).not.toThrow()
    }
  })

  it('shows settings that the panel takes', async () => {
    const { check } = await import('../../board/config/check')
    const examples = [...TEXT.matchAll(/```json\n([\s\S]*?)```/g)].map((match) => JSON.parse(match[1]))
    expect(examples.length).toBeGreaterThanOrEqual(3)
    for (const example of examples) {
      expect(check({ ...demoPanel, receivers: example.receivers })).toEqual([])
    }
  })
})

/** Names as the table has them. */
const FILES: { [name: string]: string } = {
  'receiver-ways.test.ts': 'tests/system/receiver-ways.test.ts',
  'dc09-quirks.test.ts': 'tests/firmware/report/dc09-quirks.test.ts',
  'dc09-frames.test.ts': 'tests/firmware/report/dc09-frames.test.ts',
  'receiver-quirks.test.ts': 'tests/hal-mock/receiver-quirks.test.ts',
}
