import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as journal from '../../../firmware/store/journal'
import * as queue from '../../../firmware/transmit/queue'
import { FlashChip } from '../../../hal-mock/flash'
import { nodeCrypto } from '../../../hal-mock/programs/node-crypto'
import { TO_ONE, takersOf } from '../takers'

// Codes of Contact ID with their classes (reporting.md §2.1; class 0 alone in front of fire).
const DURESS = 121 // class 0
const ENTRY_EXIT_ALARM = 134 // class 2
const PERIMETER_ALARM = 131 // class 2
const OPENING = 401 // class 6
const SYSTEM_RESET = 305 // class 5
const CLASS_OF: Record<number, number> = { 121: 0, 134: 2, 131: 2, 401: 6, 305: 5 }
/** One destination that gets everything over both lanes. */
const ALL = TO_ONE
const BOTH_LANES = new Uint8Array([3])
const NEW = 1
const PRIMARY = 0
const ALTERNATIVE = 1
const NOWHERE = 0xffff
/** Places in the queue, and in the journal besides. */
const LIMIT = 64
const SPILL = 16

function open(flash = new FlashChip()): { q: queue.Queue; flash: FlashChip } {
  return { q: queue.create(flash, nodeCrypto, ALL, BOTH_LANES), flash }
}

function add(q: queue.Queue, kind: number, number = 0): number {
  const j = q.journal
  journal.begin(j, 1767600000)
  journal.put(j, 0, 1, kind, NEW, 1, number)
  const location = journal.commit(j)
  queue.add(q, location)
  return location
}

/** Duress and its opening in one record. */
function addPair(q: queue.Queue): number {
  const j = q.journal
  journal.begin(j, 1767600000)
  journal.put(j, 0, 1, DURESS, NEW, 1, 3)
  journal.put(j, 1, 1, OPENING, NEW, 1, 1)
  const location = journal.commit(j)
  queue.add(q, location)
  queue.add(q, location + 1)
  return location
}

function sequenceAt(q: queue.Queue, location: number): number {
  return journal.sequenceOf(journal.read(q.journal, location))
}

/** Takes one event off on the primary lane; 0 when there is none. */
function deliver(q: queue.Queue): number {
  const location = queue.pick(q, PRIMARY, 1, 1)
  if (location === NOWHERE) return 0
  const sequence = sequenceAt(q, location)
  queue.kissedOff(q, location, PRIMARY, false)
  q.flying[PRIMARY] = NOWHERE
  queue.refill(q)
  return sequence
}

/** Sequence numbers in the order in which they leave. */
function deliverAll(q: queue.Queue): number[] {
  const sequences: number[] = []
  for (let sequence = deliver(q); sequence !== 0; sequence = deliver(q)) sequences.push(sequence)
  return sequences
}

function upkeep(q: queue.Queue): void {
  while (journal.maintain(q.journal, (from, to) => queue.moved(q, from, to)));
}

function copyOf(flash: FlashChip): FlashChip {
  const chip = new FlashChip()
  for (let page = 0; page < chip.pageCount; page++) chip.write(page * 4096, flash.read(page * 4096, 4096))
  return chip
}

/** Flash just before the journal's first move of a record, which is number 1 and 2, out of its oldest page. */
function imageBeforeMove(): FlashChip {
  const { q, flash } = open()
  addPair(q)
  for (let count = 0; count < 1000; count++) {
    const location = add(q, SYSTEM_RESET)
    queue.kissedOff(q, location, PRIMARY, false)
    for (let isMore = true; isMore; ) {
      const before = copyOf(flash)
      let isMoved = false
      isMore = journal.maintain(q.journal, () => {
        isMoved = true
      })
      if (!isMoved) continue
      return before
    }
  }
  throw new Error('nothing was moved in 1000 records')
}

describe('queue: order', () => {
  it('sends duress, then alarms, then trouble, then openings, each class first in first out (R-1, D-13)', () => {
    const { q } = open()
    const kinds = [OPENING, SYSTEM_RESET, PERIMETER_ALARM, OPENING, ENTRY_EXIT_ALARM, DURESS, SYSTEM_RESET, DURESS]
    for (const kind of kinds) add(q, kind)
    expect(deliverAll(q)).toEqual([6, 8, 3, 5, 2, 7, 1, 4])
  })

  it('sends 121 before the opening of the same record (D-12)', () => {
    const { q } = open()
    addPair(q)
    expect(deliverAll(q)).toEqual([1, 2])
  })

  it('gives the alternative lane class 0 only, until it takes all', () => {
    const { q } = open()
    add(q, PERIMETER_ALARM)
    expect(queue.pick(q, ALTERNATIVE, 0, 1)).toBe(NOWHERE)
    const duress = add(q, DURESS)
    expect(queue.pick(q, ALTERNATIVE, 0, 1)).toBe(duress)
    queue.kissedOff(q, duress, ALTERNATIVE, false)
    expect(sequenceAt(q, queue.pick(q, ALTERNATIVE, 1, 1))).toBe(1)
  })

  it('has a class 0 event on both lanes at once, and no other event twice (D-13)', () => {
    const { q } = open()
    const duress = add(q, DURESS)
    expect([queue.pick(q, PRIMARY, 1, 1), queue.pick(q, ALTERNATIVE, 1, 1)]).toEqual([duress, duress])
    queue.kissedOff(q, duress, PRIMARY, false)
    const alarm = add(q, PERIMETER_ALARM)
    expect([queue.pick(q, PRIMARY, 1, 1), queue.pick(q, ALTERNATIVE, 1, 1)]).toEqual([alarm, NOWHERE])
  })

  it('lets nothing overtake an event of its class that the other lane has in flight; a better class may pass (R-1, R-3)', () => {
    const { q } = open()
    const alarm = add(q, PERIMETER_ALARM)
    expect(queue.pick(q, ALTERNATIVE, 1, 1)).toBe(alarm)
    add(q, PERIMETER_ALARM)
    add(q, OPENING)
    expect(queue.pick(q, PRIMARY, 1, 1)).toBe(NOWHERE)
    queue.failed(q, alarm)
    q.flying[ALTERNATIVE] = NOWHERE
    expect(queue.pick(q, PRIMARY, 1, 1)).toBe(alarm)
    queue.kissedOff(q, alarm, PRIMARY, true)
    const other = open().q
    const opening = add(other, OPENING)
    expect(queue.pick(other, ALTERNATIVE, 1, 1)).toBe(opening)
    const urgent = add(other, PERIMETER_ALARM)
    expect(queue.pick(other, PRIMARY, 1, 1)).toBe(urgent)
  })

  it('has no place for NONE after tidy()', () => {
    const { q } = open()
    queue.push(q, 2, 0, 0, 0, 0)
    queue.push(q, 3, 1, CLASS_OF[OPENING], 0, 0)
    expect(q.count).toBe(2)
    queue.tidy(q)
    expect(q.count).toBe(1)
    expect(q.handles[0]).toBe(3)
  })
})

describe('queue: kiss-off', () => {
  it('settles a class 0 event at its first kiss-off and keeps it for the other lane, once', () => {
    const { q, flash } = open()
    const duress = add(q, DURESS)
    const before = flash.operations
    queue.kissedOff(q, duress, PRIMARY, true)
    expect(flash.operations - before).toBe(1)
    expect(open(flash).q.count).toBe(0)
    expect(queue.pick(q, PRIMARY, 1, 1)).toBe(NOWHERE)
    expect(queue.pick(q, ALTERNATIVE, 0, 1)).toBe(duress)
    queue.kissedOff(q, duress, ALTERNATIVE, true)
    expect(flash.operations - before).toBe(1)
    expect(q.count).toBe(0)
  })

  it('does not try a settled class 0 event again where its copy failed', () => {
    const { q } = open()
    const duress = add(q, DURESS)
    queue.kissedOff(q, duress, PRIMARY, true)
    queue.failed(q, duress)
    expect(q.count).toBe(0)
  })

  it('keeps what failed and nobody kissed off, however often', () => {
    const { q } = open()
    const duress = add(q, DURESS)
    for (let count = 0; count < 1000; count++) queue.failed(q, duress)
    expect(queue.pick(q, PRIMARY, 1, 1)).toBe(duress)
  })

  it('drops a class 0 event at once when the other lane cannot send', () => {
    const { q } = open()
    queue.kissedOff(q, add(q, DURESS), PRIMARY, false)
    expect(q.count).toBe(0)
  })

  it('ignores a kiss-off for what is not in the queue', () => {
    const { q, flash } = open()
    add(q, OPENING)
    const before = flash.operations
    queue.kissedOff(q, 400, PRIMARY, true)
    queue.kissedOff(q, NOWHERE, PRIMARY, true)
    queue.failed(q, NOWHERE)
    queue.refused(q, NOWHERE, PRIMARY)
    expect([q.count, flash.operations]).toEqual([1, before])
  })
})

describe('queue: refused events', () => {
  it('lets others pass, offers the refused one to the other lane, and again later (reporting.md 5.3)', () => {
    const { q } = open()
    const alarm = add(q, PERIMETER_ALARM)
    const opening = add(q, OPENING)
    queue.refused(q, alarm, PRIMARY)
    expect(queue.pick(q, PRIMARY, 1, 1)).toBe(opening)
    q.flying[PRIMARY] = NOWHERE
    // Also while the primary path is well.
    expect(queue.pick(q, ALTERNATIVE, 0, 1)).toBe(alarm)
    queue.refused(q, alarm, ALTERNATIVE)
    expect(queue.pick(q, ALTERNATIVE, 0, 1)).toBe(NOWHERE)
    expect(q.count).toBe(2)
    expect(queue.retryRefused(q)).toBe(true)
    expect(queue.pick(q, PRIMARY, 1, 1)).toBe(alarm)
    expect(queue.retryRefused(q)).toBe(false)
  })

  it('drops a settled class 0 event where its copy is refused', () => {
    const { q } = open()
    const duress = add(q, DURESS)
    queue.kissedOff(q, duress, PRIMARY, true)
    queue.refused(q, duress, ALTERNATIVE)
    expect(q.count).toBe(0)
  })
})

/** An event with everything that tells it from others. */
function put(q: queue.Queue, code: number, qualifier: number, partition: number, number: number): number {
  const j = q.journal
  journal.begin(j, 1767600000)
  journal.put(j, 0, 1, code, qualifier, partition, number)
  const location = journal.commit(j)
  queue.add(q, location)
  return location
}

describe('queue: what must not overtake what (reporting.md §2.1, R-3, R-4)', () => {
  const RESTORE = 3

  it('sends a restore that is still owed before a new alarm about the same zone, whatever its class', () => {
    const { q } = open()
    const restore = put(q, 131, RESTORE, 1, 7)
    const other = put(q, 131, NEW, 1, 8)
    const again = put(q, 131, NEW, 1, 7)
    const order = [other, restore, again]
    expect(order.map(() => deliver(q))).toEqual(order.map((location) => sequenceAt(q, location)))
  })

  it('sends neither a restore nor a later alarm while the alarm before it was refused on this lane', () => {
    const { q } = open()
    const alarm = put(q, 131, NEW, 1, 7)
    put(q, 131, RESTORE, 1, 7)
    const opening = put(q, 401, NEW, 1, 2)
    queue.pick(q, PRIMARY, 1, 1)
    queue.refused(q, alarm, PRIMARY)
    q.flying[PRIMARY] = NOWHERE
    expect(queue.pick(q, PRIMARY, 1, 1)).toBe(opening)
    queue.kissedOff(q, opening, PRIMARY, false)
    expect(queue.pick(q, PRIMARY, 1, 1)).toBe(NOWHERE)
  })

  it('keeps a cancel behind a refused alarm of its partition, and lets that of another go', () => {
    const { q } = open()
    const alarm = put(q, 134, NEW, 1, 7)
    queue.pick(q, PRIMARY, 1, 1)
    queue.refused(q, alarm, PRIMARY)
    q.flying[PRIMARY] = NOWHERE
    put(q, 406, NEW, 1, 2)
    expect(queue.pick(q, PRIMARY, 1, 1)).toBe(NOWHERE)
    const elsewhere = put(q, 406, NEW, 2, 2)
    expect(queue.pick(q, PRIMARY, 1, 1)).toBe(elsewhere)
  })

  it('lets nothing hold up class 0, not even another duress of the same user', () => {
    const { q } = open()
    const first = put(q, 121, NEW, 1, 3)
    const second = put(q, 121, NEW, 1, 3)
    queue.pick(q, PRIMARY, 1, 1)
    queue.refused(q, first, PRIMARY)
    expect(queue.pick(q, PRIMARY, 1, 1)).toBe(second)
  })

  it.each([
    [
      [401, 131, 305, 350, 570, 602, 110, 150],
      [110, 131, 150, 350, 305, 401, 570, 602],
    ],
    [
      [624, 301, 120],
      [120, 624, 301],
    ],
  ])('sends %j in the order of the classes', (codes, expected) => {
    const { q } = open()
    for (const code of codes) put(q, code, NEW, 1, 1)
    const sent: number[] = []
    for (let handle = queue.pick(q, PRIMARY, 1, 1); handle !== NOWHERE; handle = queue.pick(q, PRIMARY, 1, 1)) {
      sent.push(journal.codeOf(journal.read(q.journal, handle)))
      queue.kissedOff(q, handle, PRIMARY, false)
    }
    expect(sent).toEqual(expected)
  })
})

describe('queue: path tests', () => {
  it('go over the lane whose number they carry, and over no other (R-7)', () => {
    const { q } = open()
    const tests = [1, 2].map((number) => put(q, 602, NEW, 1, number))
    for (const takes of [0, 1]) {
      expect(queue.pick(q, ALTERNATIVE, takes, 1)).toBe(tests[1])
      q.flying[ALTERNATIVE] = NOWHERE
      expect(queue.pick(q, PRIMARY, takes, 1)).toBe(tests[0])
      q.flying[PRIMARY] = NOWHERE
    }
    queue.kissedOff(q, tests[0], PRIMARY, false)
    expect(queue.pick(q, PRIMARY, 1, 1)).toBe(NOWHERE)
  })

  it('are settled at once for a destination that the lane does not lead to', () => {
    const flash = new FlashChip()
    const q = queue.create(flash, nodeCrypto, ALL, new Uint8Array([1]))
    put(q, 602, NEW, 1, 2)
    expect(q.count).toBe(0)
    expect(queue.create(flash, nodeCrypto, ALL, new Uint8Array([1])).count).toBe(0)
  })
})

describe('queue: two destinations', () => {
  const lanesOf = new Uint8Array([3, 1])
  /** Hold-up for the station only, the rest for both. */
  const takers = takersOf([1, 3, 3, 3, 3])
  const two = (flash = new FlashChip()) => ({ q: queue.create(flash, nodeCrypto, takers, lanesOf), flash })

  it('have a place each, a kiss-off each, and a restart each', () => {
    const { q, flash } = two()
    const alarm = put(q, 131, NEW, 1, 7)
    expect(q.count).toBe(2)
    const first = queue.pick(q, PRIMARY, 1, 1)
    expect([queue.locationOf(first), queue.destinationOf(first)]).toEqual([alarm, 0])
    queue.kissedOff(q, first, PRIMARY, false)
    q.flying[PRIMARY] = NOWHERE
    for (const again of [q, two(flash).q]) {
      expect(again.count).toBe(1)
      expect(queue.pick(again, PRIMARY, 1, 1)).toBe(NOWHERE)
      const second = queue.pick(again, PRIMARY, 2, 2)
      expect([queue.locationOf(second), queue.destinationOf(second)]).toEqual([alarm, 1])
    }
    queue.kissedOff(q, q.flying[PRIMARY], PRIMARY, false)
    expect(two(flash).q.count).toBe(0)
  })

  it('never both get 121 (D-19)', () => {
    const { q } = two()
    put(q, 121, NEW, 1, 3)
    expect(q.count).toBe(1)
    expect(queue.pick(q, PRIMARY, 3, 2)).toBe(NOWHERE)
    expect(queue.destinationOf(queue.pick(q, PRIMARY, 3, 3))).toBe(0)
  })

  it('do not wait for each other: what one lane has in flight to one holds up nothing for the other', () => {
    const { q } = two()
    put(q, 131, NEW, 1, 7)
    put(q, 401, NEW, 1, 2)
    const flying = queue.pick(q, ALTERNATIVE, 1, 1)
    expect(queue.destinationOf(flying)).toBe(0)
    const other = queue.pick(q, PRIMARY, 2, 2)
    expect([queue.destinationOf(other), queue.locationOf(other)]).toEqual([1, queue.locationOf(flying)])
  })

  it('keep their places when the journal moves the record', () => {
    const { q } = two()
    const alarm = put(q, 131, NEW, 1, 7)
    queue.pick(q, PRIMARY, 2, 2)
    queue.moved(q, alarm, 500)
    expect([...q.handles.subarray(0, 2)]).toEqual([500, 500 + 0x8000])
    expect(q.flying[PRIMARY]).toBe(500 + 0x8000)
  })
})

describe('queue: more than it can hold', () => {
  it(`holds ${LIMIT} events and gives up the oldest opening at number ${LIMIT + 1} (R-2)`, () => {
    const { q, flash } = open()
    add(q, SYSTEM_RESET)
    for (let count = 0; count < LIMIT - 1; count++) add(q, OPENING)
    expect([q.count, q.lostCount]).toEqual([LIMIT, 0])
    add(q, PERIMETER_ALARM)
    expect([q.count, q.lostCount]).toEqual([LIMIT, 1])
    const left = deliverAll(q)
    expect(left).toHaveLength(LIMIT)
    expect(left).not.toContain(2)
    expect(left.slice(0, 3)).toEqual([LIMIT + 1, 1, 3])
    expect(open(flash).q.count).toBe(0)
  })

  it('gives up openings before system troubles, whatever came first', () => {
    const { q } = open()
    for (let count = 0; count < LIMIT; count++) add(q, count < 32 ? SYSTEM_RESET : OPENING)
    for (let count = 0; count < 32; count++) add(q, DURESS)
    expect(
      deliverAll(q)
        .sort((a, b) => a - b)
        .slice(0, 32),
    ).toEqual(Array.from({ length: 32 }, (_, index) => index + 1))
    expect(q.lostCount).toBe(32)
  })

  it(`loses none of ${LIMIT + SPILL} alarms: the newest wait in the journal and come back in order (D-14)`, () => {
    const { q } = open()
    for (let count = 0; count < LIMIT + SPILL; count++) add(q, PERIMETER_ALARM)
    expect([q.count, q.spilledCount, q.lostCount]).toEqual([LIMIT, SPILL, 0])
    expect(deliverAll(q)).toEqual(Array.from({ length: LIMIT + SPILL }, (_, index) => index + 1))
    expect(q.spilledCount).toBe(0)
  })

  it('keeps duress in front of alarms that fill everything, and gives up the newest alarm for it', () => {
    const { q, flash } = open()
    for (let count = 0; count < LIMIT + SPILL; count++) add(q, PERIMETER_ALARM)
    add(q, DURESS)
    expect([q.count, q.lostCount]).toEqual([LIMIT, 1])
    const again = open(flash).q
    const expected = [81, ...Array.from({ length: 63 }, (_, index) => index + 1)]
    expect(deliverAll(again).slice(0, LIMIT)).toEqual(expected)
  })

  it('never holds more than the journal can carry through a change of page: 300 alarms, then 20 pages', () => {
    const { q, flash } = open()
    for (let count = 0; count < 300; count++) {
      add(q, PERIMETER_ALARM)
      upkeep(q)
    }
    expect(q.lostCount).toBe(300 - LIMIT - SPILL)
    for (let count = 0; count < 900; count++) {
      add(q, SYSTEM_RESET)
      upkeep(q)
    }
    expect(q.journal.failCount).toBe(0)
    expect(deliverAll(open(flash).q).slice(0, LIMIT)).toEqual(Array.from({ length: LIMIT }, (_, index) => index + 1))
  })

  it('does not give up what is in flight', () => {
    const { q } = open()
    add(q, OPENING)
    const flying = queue.pick(q, PRIMARY, 1, 1)
    for (let count = 0; count < LIMIT; count++) add(q, OPENING)
    expect(queue.classOf(q, flying)).toBe(6)
    queue.kissedOff(q, flying, PRIMARY, false)
    expect(q.lostCount).toBe(1)
    expect(deliverAll(q)[0]).toBe(3)
  })

  it('gives up a class 0 copy that is settled already before anything that is owed', () => {
    const { q } = open()
    const duress = add(q, DURESS)
    queue.kissedOff(q, duress, PRIMARY, true)
    for (let count = 0; count < LIMIT; count++) add(q, OPENING)
    expect(q.lostCount).toBe(0)
    expect(queue.classOf(q, duress)).toBe(15)
  })
})

describe('queue: restart', () => {
  it('takes up everything that is owed in its old order', () => {
    const { q, flash } = open()
    for (const kind of [OPENING, PERIMETER_ALARM, SYSTEM_RESET, DURESS]) add(q, kind)
    addPair(q)
    expect(deliverAll(open(flash).q)).toEqual([4, 5, 2, 3, 1, 6])
  })

  it('keeps first in first out after old events were moved behind newer ones', () => {
    const { q, flash } = open()
    for (let count = 0; count < 5; count++) add(q, PERIMETER_ALARM)
    let movedBehind = 0
    for (let count = 0; count < 900; count++) {
      const location = add(q, SYSTEM_RESET)
      queue.kissedOff(q, location, PRIMARY, false)
      if (count === 200) for (let more = 0; more < 5; more++) add(q, PERIMETER_ALARM)
      upkeep(q)
      if (count <= 200 || count % 50 !== 0) continue
      if (q.handles[0] > q.handles[9]) movedBehind++
      expect(deliverAll(open(copyOf(flash)).q)).toEqual([1, 2, 3, 4, 5, 207, 208, 209, 210, 211])
    }
    expect(movedBehind).toBeGreaterThan(2)
    expect(deliverAll(q)).toEqual([1, 2, 3, 4, 5, 207, 208, 209, 210, 211])
  })

  it('sends once what a cut left twice, between copying and settling, and leaves nothing owed', () => {
    // The operations of a move: copy, settle A, settle B. The supply goes in front of the second or of the third.
    for (const operation of [2, 3]) {
      const flash = imageBeforeMove()
      const { q } = open(flash)
      flash.cutAtOperation = operation
      for (let call = 0; flash.cutAtOperation > 0; call++) {
        expect(call).toBeLessThan(100)
        journal.maintain(q.journal, () => {})
      }
      flash.revive()
      let isTwice = false
      journal.scan(journal.create(flash, nodeCrypto, ALL), (_location, _kind, isCopy) => {
        isTwice = isTwice || isCopy
      })
      expect(isTwice).toBe(true)
      expect(deliverAll(open(flash).q)).toEqual([1, 2])
      expect(deliverAll(open(flash).q)).toEqual([])
    }
  })

  it('leaves a place in RAM to the newer record and forgets the older, when flash fails', () => {
    const { q, flash } = open()
    flash.isFailing = true
    for (let number = 1; number <= 6; number++) add(q, OPENING, number)
    expect([q.count, q.lostCount]).toEqual([4, 2])
    const numbers: number[] = []
    for (let location = queue.pick(q, 0, 1, 1); location !== NOWHERE; location = queue.pick(q, 0, 1, 1)) {
      numbers.push(journal.numberOf(journal.read(q.journal, location)))
      queue.kissedOff(q, location, PRIMARY, false)
    }
    expect(numbers).toEqual([3, 4, 5, 6])
  })

  it('takes no kiss-off of an overwritten event for the one in its place', () => {
    const { q, flash } = open()
    flash.isFailing = true
    for (let number = 1; number <= 4; number++) add(q, OPENING, number)
    const flying = queue.pick(q, PRIMARY, 1, 1)
    add(q, OPENING, 5)
    expect(q.flying[PRIMARY]).toBe(NOWHERE)
    queue.kissedOff(q, q.flying[PRIMARY], PRIMARY, false)
    expect(queue.classOf(q, flying)).toBe(6)
    expect(q.count).toBe(4)
  })

  it('follows a record that is in flight when the journal moves it', () => {
    const { q } = open()
    const duress = addPair(q)
    expect(queue.pick(q, PRIMARY, 1, 1)).toBe(duress)
    queue.moved(q, duress, 500)
    expect(q.flying[PRIMARY]).toBe(500)
    queue.moved(q, 500, duress)
    queue.kissedOff(q, q.flying[PRIMARY], PRIMARY, false)
    q.flying[PRIMARY] = NOWHERE
    expect(deliverAll(q)).toEqual([2])
  })
})

// A model of the queue: a plain list in order of arrival.
interface Waiting {
  sequence: number
  kind: number
}

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('push' as const),
      kind: fc.constantFrom(DURESS, ENTRY_EXIT_ALARM, PERIMETER_ALARM, OPENING, SYSTEM_RESET),
    }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('deliver' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('fail' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('upkeep' as const) }) },
)

describe('queue: against a model', () => {
  it('loses nothing, invents nothing and keeps the order over any 400 pushes, kiss-offs, failures and restarts', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 100, maxLength: 400 }), (steps) => {
        let { q, flash } = open()
        let model: Waiting[] = []
        for (const now of steps) {
          switch (now.do) {
            case 'push':
              add(q, now.kind)
              model.push({ sequence: q.journal.sequence, kind: now.kind })
              // Above the limit the oldest of the lowest class goes, if it may be dropped.
              if (model.length > LIMIT) {
                const worst = Math.max(...model.map((entry) => CLASS_OF[entry.kind]))
                if (worst < 4) return
                model.splice(
                  model.findIndex((entry) => CLASS_OF[entry.kind] === worst),
                  1,
                )
              }
              break
            case 'deliver': {
              const best = Math.min(...model.map((entry) => CLASS_OF[entry.kind]))
              const next = model.find((entry) => CLASS_OF[entry.kind] === best)
              expect(deliver(q)).toBe(next === undefined ? 0 : next.sequence)
              model = model.filter((entry) => entry !== next)
              break
            }
            case 'fail': {
              const location = queue.pick(q, PRIMARY, 1, 1)
              queue.failed(q, location)
              q.flying[PRIMARY] = NOWHERE
              break
            }
            case 'restart':
              q = open(flash).q
              break
            default:
              upkeep(q)
          }
          expect(q.count).toBe(model.length)
        }
        const rest = [...model].sort((a, b) => CLASS_OF[a.kind] - CLASS_OF[b.kind] || a.sequence - b.sequence)
        expect(deliverAll(q)).toEqual(rest.map((entry) => entry.sequence))
        expect(open(flash).q.count).toBe(0)
      }),
      { numRuns: 60, seed: 1 },
    )
  })
})

describe('queue: decoys (D-34)', () => {
  const FOR_STATIONS = 1 << 2
  const FOR_OTHERS = 2 << 2
  const FOR_ALL = 3 << 2
  /** Destination 0 monitors, 1 does not get hold-ups. */
  const GROUPS = [1, 3, 3, 3, 3]
  const matchedQueue = (matched: number, flash = new FlashChip()) =>
    queue.create(flash, nodeCrypto, takersOf(GROUPS, matched), new Uint8Array([3, 3]))

  function put(q: queue.Queue, code: number, decoy: number, number = 3): number {
    const j = q.journal
    journal.begin(j, 1767600000)
    journal.put(j, 0, 1, code, NEW | decoy, 1, number)
    const location = journal.commit(j)
    queue.add(q, location)
    return location
  }

  it('have the class and the lanes of what they stand for, after a restart too', () => {
    const flash = new FlashChip()
    put(matchedQueue(3, flash), DURESS, FOR_ALL)
    const q = matchedQueue(3, flash)
    expect([q.count, q.classes[0]]).toEqual([1, 0])
    const handle = queue.pick(q, PRIMARY, 1, 1)
    expect(queue.pick(q, ALTERNATIVE, 0, 1)).toBe(handle)
    expect(queue.contentOf(q, handle)).toBe(~handle)
  })

  it('are owed to nobody whose frames are not matched', () => {
    const q = matchedQueue(2)
    put(q, DURESS, FOR_ALL)
    expect(q.count).toBe(0)
    put(q, DURESS, 0)
    expect(q.count).toBe(1)
  })

  it.each([
    ['an alarm of an abort window that duress ended', PERIMETER_ALARM, FOR_OTHERS, [true, false]],
    ['a cancel under duress', 406, FOR_STATIONS, [false, true]],
    ['an alarm that was aborted', PERIMETER_ALARM, FOR_ALL, [false, false]],
  ])('%s says itself to some only (D-9, D-10, D-18)', (_name, code, decoy, isItself) => {
    const q = matchedQueue(3)
    put(q, code, decoy)
    const says = Array.from(q.handles.subarray(0, q.count), (handle) => queue.contentOf(q, handle) >= 0)
    expect(says).toEqual(isItself)
  })

  it('say a duress event that is still owed to the same destination, and themselves again when it is not (D-13)', () => {
    const q = matchedQueue(3)
    const first = put(q, DURESS, FOR_ALL)
    const call = put(q, DURESS, 0)
    const last = put(q, DURESS, FOR_ALL)
    expect([first, call, last].map((handle) => queue.contentOf(q, handle))).toEqual([call, call, call])
    queue.kissedOff(q, call, PRIMARY, true)
    expect([first, call, last].map((handle) => queue.contentOf(q, handle))).toEqual([~first, call, ~last])
    // Not what only stands for an alarm: it may be a cancel's place or a class behind.
    const alarm = put(q, PERIMETER_ALARM, FOR_ALL)
    put(q, DURESS, 0)
    expect(queue.contentOf(q, alarm)).toBe(~alarm)
  })

  it('are given up before anything else when the queue overflows, and duress never is (D-14)', () => {
    const q = matchedQueue(3)
    const call = put(q, DURESS, 0)
    put(q, OPENING, 0)
    for (let count = 0; count < 100; count++) put(q, DURESS, FOR_ALL)
    expect(q.count).toBe(LIMIT)
    const kept = Array.from(q.handles.subarray(0, 3))
    expect(kept[0]).toBe(call)
    expect(Array.from(q.classes.subarray(0, 3))).toEqual([0, 6, 6]) // the opening for two destinations
    expect(q.spilledCount).toBe(0)
  })
})
