/**
 * A code while what an earlier one has to say is still owed. In both runs the earlier one is ordinary, or in both the later one:
 * what one run owes is a decoy, what the other owes is 121, and neither its place nor its number may show (D-13, D-34).
 */

import { describe, expect, it } from 'vitest'
import { difference } from '../../hal-mock/notes'
import type { Step, Who } from './history'
import { DOOR } from './recording'
import { play } from './twin'

const PAUSE: Step = { do: 'wait', ms: 65000 }
const LATER: Step = { do: 'wait', ms: 300000 }

/** A way to keep events owed, and its end. */
const WAYS: [string, Step[], Step[]][] = [
  ['both cables are out', [{ do: 'link', via: 'both', isUp: false }], [{ do: 'link', via: 'both', isUp: true }]],
  ['Ethernet is out', [{ do: 'link', via: 'ethernet', isUp: false }], [{ do: 'link', via: 'ethernet', isUp: true }]],
  ['nothing comes back', [{ do: 'internet', isUp: false }], [PAUSE, { do: 'internet', isUp: true }]],
  ['the receiver is silent', [{ do: 'receiver', mode: 'silent' }], [PAUSE, { do: 'receiver', mode: 'ack' }]],
  ['the receiver says NAK', [{ do: 'receiver', mode: 'nak' }], [PAUSE, { do: 'receiver', mode: 'ack' }]],
  ['the receiver says DUH', [{ do: 'receiver', mode: 'duh' }], [PAUSE, { do: 'receiver', mode: 'ack' }]],
]
const ORDERS: [string, Who[]][] = [
  ['after an ordinary code', ['twin', 'TWIN']],
  ['before an ordinary code', ['TWIN', 'twin']],
  ['between two', ['twin', 'TWIN', 'twin']],
]

function enter(who: Who, waitMs: number): Step {
  return { do: 'code', who, choice: '', waitMs }
}

describe.each([false, true])('a duress code among ordinary ones, over UDP: %s', (isUdp) => {
  describe.each(WAYS)('while %s', (_, owe, deliver) => {
    it.each(ORDERS)('%s cannot be told, and the station gets the call', (_order, people) => {
      const steps = [...owe, ...people.map((who) => enter(who, 3000)), ...deliver, LATER]
      const history = { house: { ...DOOR.house, isUdp }, steps }
      const [ordinary, duress] = [play(history, false), play(history, true)]
      expect(difference(ordinary.notes, duress.notes)).toBeUndefined()
      expect(duress.heard).toContain('1121')
      expect(ordinary.heard).not.toContain('1121')
      expect(ordinary.heard).toContain('1602')
    })
  })
})

describe('many codes at once, both cables out', () => {
  it.each([2, 36])('%s of them cannot be told from as many duress codes', (count) => {
    const codes = Array.from({ length: count }, () => enter('TWIN', 1500))
    const cut: Step = { do: 'link', via: 'both', isUp: false }
    const steps: Step[] = [cut, ...codes, { ...cut, isUp: true }, { do: 'wait', ms: 600000 }]
    const [ordinary, duress] = [false, true].map((isDuress) => play({ house: DOOR.house, steps }, isDuress))
    expect(difference(ordinary.notes, duress.notes)).toBeUndefined()
    expect(duress.heard.filter((code) => code === '1121').length).toBe(count)
  })
})
