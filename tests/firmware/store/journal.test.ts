import { crc32 } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { Flash } from '../../../firmware/hal'
import * as journal from '../../../firmware/store/journal'
import { FlashChip } from '../../../hal-mock/flash'
import { nodeCrypto } from '../../../hal-mock/programs/node-crypto'
import { Random } from '../../../hal-mock/random'
import { TO_ONE, takersOf } from '../takers'

// The layout, written down again from the picture in the file's head.
const SLOT_BYTES = 32
const BODY_BYTES = 28
const SLOTS = 128
const PAGES = 4
const RECORD = 0x96
const COPY = 0x69
const HEADER = 0xa5
const KEPT = 0x0f
const RAM = 0x7ff0

// Codes of Contact ID.
const DURESS = 121
const PERIMETER_ALARM = 131
const OPENING = 401
const SYSTEM_RESET = 305
const NONE = 0
/** One destination that gets everything. */
const TAKERS = TO_ONE
const NEW = 1

const SECONDS = 1767600000

interface Owed {
  location: number
  kind: number
  sequence: number
  number: number
  isCopy: boolean
}

/** A page of NOR flash after page, for forks of a run: a restart from any image, with any part of an operation done. */
class ImageFlash implements Flash {
  pageBytes = 4096
  pageCount = 4
  /** Told before each operation: where, and what its bytes become. */
  onOperation: (address: number, after: Uint8Array) => void = () => {}

  constructor(readonly image = new Uint8Array(4 * 4096).fill(0xff)) {}

  read(address: number, lengthBytes: number): Uint8Array {
    return this.image.slice(address, address + lengthBytes)
  }

  write(address: number, bytes: Uint8Array): void {
    this.change(
      address,
      bytes.map((byte, index) => this.image[address + index] & byte),
    )
  }

  erase(page: number): void {
    this.change(page * this.pageBytes, new Uint8Array(this.pageBytes).fill(0xff))
  }

  private change(address: number, after: Uint8Array): void {
    this.onOperation(address, after)
    this.image.set(after, address)
  }
}

function open(flash: Flash): { j: journal.Journal; owed: Owed[] } {
  const j = journal.create(flash, nodeCrypto, TAKERS)
  const owed: Owed[] = []
  journal.scan(j, (location, _to, isCopy) => owed.push(describeEvent(j, location, isCopy)))
  return { j, owed }
}

function describeEvent(j: journal.Journal, location: number, isCopy: boolean): Owed {
  const bytes = journal.read(j, location)
  const kind = journal.codeOf(bytes)
  return { location, kind, sequence: journal.sequenceOf(bytes), number: journal.numberOf(bytes), isCopy }
}

/** The first two bytes of the state, and the wrong-code count. */
function set(j: journal.Journal, first: number, second: number, wrong: number): void {
  journal.state(j).set([first, second])
  journal.setWrong(j, wrong)
}

function savedIn(j: journal.Journal): number[] {
  return [...journal.state(j).subarray(0, 2), journal.wrongCount(j)]
}

/** One event in half A. */
function one(j: journal.Journal, kind: number, number: number): number {
  journal.begin(j, SECONDS)
  journal.put(j, 0, 1, kind, NEW, 1, number)
  return journal.commit(j)
}

/** Duress in A, its opening in B, as a duress disarm writes them. */
function pair(j: journal.Journal, number: number): number {
  journal.begin(j, SECONDS)
  journal.put(j, 0, 1, DURESS, NEW, 1, number)
  journal.put(j, 1, 1, OPENING, NEW, 1, number)
  return journal.commit(j)
}

function drain(j: journal.Journal, onMoved: (from: number, to: number) => void = () => {}): void {
  for (let call = 0; call < 400; call++) if (!journal.maintain(j, onMoved)) return
  throw new Error('maintain() never ends')
}

function sequences(owed: Owed[]): number[] {
  return [...new Set(owed.map((entry) => entry.sequence))].sort((a, b) => a - b)
}

function slotOf(flash: Flash, page: number, slot: number): Uint8Array {
  return flash.read(page * flash.pageBytes + slot * SLOT_BYTES, SLOT_BYTES)
}

function wordAt(bytes: Uint8Array, at: number): number {
  return ((bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3]) >>> 0
}

function bytesWithCrc(body: number[]): number[] {
  const crc = crc32(new Uint8Array(body))
  return [...body, crc >>> 24, (crc >>> 16) & 255, (crc >>> 8) & 255, crc & 255]
}

describe('journal: layout', () => {
  it('opens a blank region with a header of number 1 in slot 0 of page 0', () => {
    const flash = new FlashChip()
    const { j } = open(flash)
    const header = slotOf(flash, 0, 0)
    expect(header[0]).toBe(HEADER)
    expect(wordAt(header, 4)).toBe(1)
    expect([...header.subarray(8, 16)]).toEqual(new Array(8).fill(0xff))
    expect([...header.subarray(16, 24)]).toEqual(new Array(8).fill(0))
    expect(wordAt(header, 24)).toBe(crc32(header.subarray(0, 24)) >>> 0)
    expect([...header.subarray(28)]).toEqual([0xff, 0xff, 0xff, 0xff])
    expect(journal.isNew(j)).toBe(true)
    expect(flash.operations).toBe(1)
  })

  it('writes duress and opening into one record of 28 bytes with one CRC (D-12, D-33)', () => {
    const flash = new FlashChip()
    const { j } = open(flash)
    const before = flash.operations
    journal.begin(j, 0x65432101)
    set(j, 0x80, 1, 2)
    journal.state(j).set([3, 4, 5, 6, 7, 8], 2)
    journal.put(j, 0, 1, DURESS, NEW, 7, 0x0103)
    journal.put(j, 1, 1, OPENING, NEW, 7, 0x0001)
    const location = journal.commit(j)
    expect(flash.operations - before).toBe(1)
    expect(location).toBe(2)
    const body = [RECORD, 2, 0x00, 0x02, 0x65, 0x43, 0x21, 0x01]
    body.push(0x14, 121, 7, 0x03)
    body.push(0x11, 0x91, 7, 0x01)
    body.push(0x80, 1, 3, 4, 5, 6, 7, 8)
    expect([...slotOf(flash, 0, 1)]).toEqual([...bytesWithCrc(body), 0xff, 0xff, 0xff, 0xff])
  })

  it('writes an ordinary disarm with the same 28 bytes in number and one operation (D-33)', () => {
    const flash = new FlashChip()
    const { j } = open(flash)
    const counts: number[] = []
    for (const duress of [1, 0]) {
      const bytes = flash.bytesWritten
      const operations = flash.operations
      journal.begin(j, SECONDS)
      journal.put(j, 0, duress, duress === 1 ? DURESS : NONE, NEW, 1, 3)
      journal.put(j, 1, 1, OPENING, NEW, 1, 1)
      journal.commit(j)
      counts.push(flash.bytesWritten - bytes, flash.operations - operations)
    }
    expect(counts).toEqual([BODY_BYTES, 1, BODY_BYTES, 1])
  })

  it('clears one bit behind the CRC when a destination kisses an event off, each half its own', () => {
    const flash = new FlashChip()
    const { j } = open(flash)
    const location = pair(j, 3)
    const body = [...slotOf(flash, 0, 1).subarray(0, BODY_BYTES)]
    journal.settle(j, location + 1, 1)
    expect([...slotOf(flash, 0, 1)]).toEqual([...body, 0xff, 0xfe, 0xff, 0xff])
    journal.settle(j, location, 1)
    expect([...slotOf(flash, 0, 1)]).toEqual([...body, 0xfe, 0xfe, 0xff, 0xff])
    journal.settle(j, location, 2)
    expect([...slotOf(flash, 0, 1)]).toEqual([...body, 0xfc, 0xfe, 0xff, 0xff])
    expect(flash.erases).toEqual(new Array(16).fill(0))
  })

  it('reads back code, qualifier, partition, number, sequence and time of either half', () => {
    const { j } = open(new FlashChip())
    journal.begin(j, SECONDS)
    journal.put(j, 0, 1, DURESS, 1, 99, 999)
    journal.put(j, 1, 1, OPENING, 3, 98, 300)
    const location = journal.commit(j)
    const found = [location, location + 1].map((at) => {
      const bytes = journal.read(j, at)
      return [
        journal.codeOf(bytes),
        journal.qualifierOf(bytes),
        journal.partitionOf(bytes),
        journal.numberOf(bytes),
        journal.sequenceOf(bytes),
        journal.secondsOf(bytes),
      ]
    })
    expect(found).toEqual([
      [DURESS, 1, 99, 999, 1, SECONDS],
      [OPENING, 3, 98, 300, 2, SECONDS],
    ])
  })
})

describe('journal: sequence and state', () => {
  it('numbers events 1 to 9999 and then 1 again, never 0 (SIA DC-09 5.2)', () => {
    const { j } = open(new FlashChip())
    const seen: number[] = []
    for (let count = 0; count < 10001; count++) {
      journal.put(j, 0, 1, SYSTEM_RESET, NEW, 1, 0)
      seen.push(j.sequence)
    }
    expect([seen[0], seen[9997], seen[9998], seen[9999], seen[10000]]).toEqual([1, 9998, 9999, 1, 2])
    expect(Math.min(...seen)).toBe(1)
    expect(Math.max(...seen)).toBe(9999)
  })

  it('gives a record without events no number: the next event has the next one', () => {
    const flash = new FlashChip()
    const { j } = open(flash)
    one(j, PERIMETER_ALARM, 1)
    journal.begin(j, SECONDS)
    journal.put(j, 0, 0, NONE, NEW, 1, 0)
    journal.put(j, 1, 0, NONE, NEW, 1, 0)
    journal.commit(j)
    one(j, PERIMETER_ALARM, 2)
    expect(open(flash).owed.map((entry) => entry.sequence)).toEqual([1, 2])
  })

  it('goes on with the next number after a restart, also when the last event is settled and across the wrap', () => {
    const flash = new FlashChip()
    let j = open(flash).j
    j.sequence = 9997
    for (const expected of [9998, 9999, 1, 2]) {
      journal.settle(j, one(j, PERIMETER_ALARM, 1), 1)
      j = open(flash).j
      expect(j.sequence).toBe(expected)
    }
  })

  it('resumes state byte, user and wrong-code count of the last record (P-1, P-2)', () => {
    const flash = new FlashChip()
    const { j } = open(flash)
    for (const [state, user, wrong] of [
      [2, 1, 0],
      [0x80, 64, 4],
    ]) {
      journal.begin(j, SECONDS)
      set(j, state, user, wrong)
      journal.commit(j)
    }
    const again = open(flash).j
    expect(savedIn(again)).toEqual([0x80, 64, 4])
    expect(journal.isNew(again)).toBe(false)
  })

  it('keeps state, user and count in a record that sets none of them', () => {
    const flash = new FlashChip()
    const { j } = open(flash)
    journal.begin(j, SECONDS)
    set(j, 3, 2, 1)
    journal.commit(j)
    one(j, PERIMETER_ALARM, 1)
    const again = open(flash).j
    expect(savedIn(again)).toEqual([3, 2, 1])
  })
})

describe('journal: numbers of a pair', () => {
  function numbers(flash: Flash): number[] {
    return open(flash).owed.map((entry) => entry.sequence)
  }

  it('gives A the number before that of B, 9999 in front of 1 (SIA DC-09 5.2)', () => {
    const flash = new FlashChip()
    const { j } = open(flash)
    j.sequence = 9997
    pair(j, 1)
    one(j, PERIMETER_ALARM, 1)
    j.sequence = 9998
    const location = pair(j, 1)
    expect(numbers(flash)).toEqual([9998, 9999, 1, 9999, 1])
    expect([...slotOf(flash, 0, location >> 1).subarray(2, 4)]).toEqual([0, 1])
    expect(j.sequence).toBe(1)
  })

  it.each([
    ['A', 0, [OPENING, 1]],
    ['B', 1, [DURESS, 9999]],
  ])('keeps the number of the other over four changes of page when event %s is kissed off', (_name, half, left) => {
    const flash = new FlashChip()
    const { j } = open(flash)
    j.sequence = 9998
    journal.settle(j, pair(j, 3) + (half as number), 1)
    while (j.pageNumber < 9) {
      journal.settle(j, one(j, PERIMETER_ALARM, 1), 1)
      drain(j)
    }
    expect(open(flash).owed.map((entry) => [entry.kind, entry.sequence])).toEqual([left])
    expect(open(flash).owed[0].isCopy).toBe(true)
  })

  it('gives both events of a record its one time', () => {
    const { j } = open(new FlashChip())
    journal.begin(j, 4000000000)
    journal.put(j, 0, 1, DURESS, NEW, 1, 3)
    journal.put(j, 1, 1, OPENING, NEW, 1, 1)
    const location = journal.commit(j)
    journal.begin(j, 0)
    journal.put(j, 0, 1, OPENING, NEW, 1, 1)
    const times = [location, location + 1, journal.commit(j)].map((at) => journal.secondsOf(journal.read(j, at)) >>> 0)
    expect(times).toEqual([4000000000, 4000000000, 0])
  })
})

describe('journal: what is kept', () => {
  const fill = (byte: number) => new Uint8Array(22).fill(byte)
  const allKept = (j: journal.Journal) => [0, 1, 2, 3].map((kind) => journal.kept(j, kind)[0])

  it('writes type, kind and 22 bytes with their CRC, and nothing when they are the same', () => {
    const flash = new FlashChip()
    const { j } = open(flash)
    const bytes = Uint8Array.from({ length: 22 }, (_, index) => index + 1)
    expect(allKept(j)).toEqual([0, 0, 0, 0])
    const before = flash.operations
    expect([journal.keep(j, 2, bytes), journal.keep(j, 2, bytes), journal.keep(j, 1, new Uint8Array(22))]).toEqual([
      true,
      true,
      true,
    ])
    expect(flash.operations - before).toBe(1)
    expect([...slotOf(flash, 0, 1)]).toEqual([...bytesWithCrc([KEPT, 2, ...bytes]), 0xff, 0xff, 0xff, 0xff])
    expect([...journal.kept(j, 2)]).toEqual([...bytes])
    expect([...journal.kept(open(flash).j, 2)]).toEqual([...bytes])
    expect(journal.isNew(open(flash).j)).toBe(false)
  })

  it('owes nothing, and leaves state, wrong count, sequence and the record before it as they were', () => {
    const flash = new FlashChip()
    const { j } = open(flash)
    journal.begin(j, SECONDS)
    set(j, 3, 2, 1)
    journal.put(j, 0, 1, PERIMETER_ALARM, NEW, 1, 1)
    const location = journal.commit(j)
    const draft = [...j.draft]
    journal.keep(j, 0, fill(0x51))
    expect([...j.draft]).toEqual(draft)
    for (const at of [j, open(flash).j]) expect([...savedIn(at), at.sequence]).toEqual([3, 2, 1, 1])
    expect(open(flash).owed.map((entry) => entry.location)).toEqual([location])
  })

  it('has the old bytes of a kind or the new ones, whole, whichever of the 28 bytes is the last (P-1)', () => {
    for (let bytes = 0; bytes <= BODY_BYTES; bytes++) {
      const flash = new FlashChip()
      const { j } = open(flash)
      journal.keep(j, 0, fill(1))
      journal.keep(j, 1, fill(7))
      flash.cutAtOperation = 1
      flash.cutAfterBytes = bytes
      journal.keep(j, 0, fill(2))
      flash.revive()
      const again = open(flash).j
      const expected = fill(bytes === BODY_BYTES ? 2 : 1)
      expect([...journal.kept(again, 0)], `cut after ${bytes} bytes`).toEqual([...expected])
      expect([...journal.kept(again, 1)]).toEqual([...fill(7)])
      expect(journal.keep(again, 0, fill(3))).toBe(true)
      expect(allKept(open(flash).j)).toEqual([3, 7, 0, 0])
    }
  })

  it('keeps all kinds over 20 changes of page, one copy each in four', () => {
    const flash = new FlashChip()
    const { j } = open(flash)
    for (let kind = 0; kind < 4; kind++) journal.keep(j, kind, fill(kind + 1))
    while (j.pageNumber < 21) {
      journal.settle(j, one(j, PERIMETER_ALARM, 1), 1)
      drain(j)
    }
    expect(allKept(open(flash).j)).toEqual([1, 2, 3, 4])
    const onPage = [0, 0, 0, 0]
    for (let slot = 0; slot < PAGES * SLOTS; slot++) if (slotOf(flash, 0, slot)[0] === KEPT) onPage[slot >> 7]++
    expect(onPage.filter((count) => count > 0)).toEqual([4])
    expect(j.failCount).toBe(0)
  })

  it('has room for 80 owed events and four kinds on one page, over 8 changes of page (OWED_LIMIT)', () => {
    const flash = new FlashChip()
    const { j } = open(flash)
    for (let count = 0; count < 80; count++) one(j, PERIMETER_ALARM, count)
    for (let kind = 0; kind < 4; kind++) journal.keep(j, kind, fill(kind + 1))
    while (j.pageNumber < 9) {
      journal.settle(j, one(j, SYSTEM_RESET, 0), 1)
      drain(j)
    }
    const again = open(flash)
    expect(again.owed.map((entry) => entry.sequence)).toEqual(Array.from({ length: 80 }, (_, index) => index + 1))
    expect(allKept(again.j)).toEqual([1, 2, 3, 4])
    expect(j.failCount).toBe(0)
  })

  it('writes kinds in maintain() only: a commit that has to change pages writes a header and its record (D-32)', () => {
    const flash = new FlashChip()
    const { j } = open(flash)
    for (let kind = 0; kind < 4; kind++) journal.keep(j, kind, fill(kind + 1))
    while (j.slot < SLOTS) journal.settle(j, one(j, PERIMETER_ALARM, 1), 1)
    const before = flash.operations
    pair(j, 3)
    expect(flash.operations - before).toBe(2)
    expect(allKept(open(flash).j)).toEqual([1, 2, 3, 4])
  })

  it('writes the newest bytes anew when flash has spoilt their slot since', () => {
    const flash = new ImageFlash()
    const { j } = open(flash)
    const slot = j.slot
    journal.keep(j, 3, fill(0x77))
    flash.image[slot * SLOT_BYTES + 9] = 0x00
    while (j.pageNumber < 5) {
      journal.settle(j, one(j, PERIMETER_ALARM, 1), 1)
      drain(j)
    }
    expect([...journal.kept(open(flash).j, 3)]).toEqual([...fill(0x77)])
  })

  it('says so when flash does not take them; the ones before stay, and the next call tries again', () => {
    const flash = new FlashChip()
    const { j } = open(flash)
    journal.keep(j, 0, fill(1))
    flash.isFailing = true
    expect(journal.keep(j, 0, fill(2))).toBe(false)
    expect(allKept(j)[0]).toBe(1)
    flash.isFailing = false
    expect(journal.keep(j, 0, fill(2))).toBe(true)
    expect(allKept(open(flash).j)[0]).toBe(2)
  })

  it('ignores a kind that it does not know, and a whole record of a type that it does not know', () => {
    const flash = new FlashChip()
    const { j } = open(flash)
    journal.keep(j, 0, fill(1))
    for (const [slot, type] of [
      [2, KEPT],
      [3, 0x33],
    ]) {
      flash.write(slot * SLOT_BYTES, new Uint8Array(bytesWithCrc([type, 4, ...new Array(22).fill(0x79)])))
    }
    const again = open(flash)
    expect([again.owed, again.j.slot, allKept(again.j)]).toEqual([[], 4, [1, 0, 0, 0]])
    expect([...savedIn(again.j), again.j.sequence]).toEqual([...savedIn(j), j.sequence])
  })

  it('makes an empty journal of one in the layout before, and reports nothing out of it', () => {
    const flash = new FlashChip()
    const old = [0x5a, 3, 0x11, 131, 1, 2, 0, 9, 0x65, 0x43, 0x21, 0x01, ...new Array(10).fill(0), 3, 1]
    flash.write(0, new Uint8Array(bytesWithCrc([0xc3, 0, 0, 0, 0, 9, 0, 9, ...new Array(14).fill(0xff), 0, 1])))
    flash.write(SLOT_BYTES, new Uint8Array(bytesWithCrc(old)))
    const { j, owed } = open(flash)
    expect([owed, journal.isNew(j), j.slot]).toEqual([[], true, 1])
  })

  it('loses and mixes up nothing at 3 cuts in each operation of 900 steps: kinds, records, changes of page', () => {
    const flash = new ImageFlash()
    const random = new Random(9)
    const { j } = open(flash)
    const promised = [0, 0, 0, 0]
    let pending = -1
    let operations = 0
    let last = 0
    flash.onOperation = (address, after) => {
      operations++
      if (operations % 4 !== 0 && after.length < 4096) return
      for (const cut of [0, 1 + random.below(after.length - 1), after.length]) {
        const fork = flash.image.slice()
        fork.set(after.subarray(0, cut), address)
        const again = open(new ImageFlash(fork)).j
        const label = `operation ${operations}, cut after ${cut} of ${after.length} bytes, seed 9`
        for (let kind = 0; kind < 4; kind++) {
          const found = journal.kept(again, kind)
          expect(new Set(found).size, label).toBe(1)
          if (kind !== pending) expect(found[0], `${label}: kind ${kind}`).toBe(promised[kind])
          else expect([promised[kind], last], `${label}: kind ${kind}`).toContain(found[0])
        }
      }
    }
    for (let step = 0; step < 900; step++) {
      if (random.below(40) === 0) {
        const kind = random.below(4)
        last = 1 + random.below(255)
        pending = kind
        journal.keep(j, kind, fill(last))
        promised[kind] = last
        pending = -1
      } else journal.settle(j, one(j, PERIMETER_ALARM, 1), 1)
      if (random.below(3) === 0) drain(j)
    }
    expect(j.pageNumber).toBeGreaterThan(6)
    expect(j.failCount).toBe(0)
  })
})

describe('journal: the supply goes', () => {
  it('keeps both events of a record or none, whichever of its 28 bytes is the last (D-12)', () => {
    for (let bytes = 0; bytes <= BODY_BYTES; bytes++) {
      const flash = new FlashChip()
      const { j } = open(flash)
      journal.begin(j, SECONDS)
      set(j, 3, 1, 0)
      journal.put(j, 0, 1, PERIMETER_ALARM, NEW, 1, 2)
      journal.commit(j)
      flash.cutAtOperation = 1
      flash.cutAfterBytes = bytes
      journal.begin(j, SECONDS)
      set(j, 0x80, 2, 0)
      journal.put(j, 0, 1, DURESS, NEW, 1, 3)
      journal.put(j, 1, 1, OPENING, NEW, 1, 1)
      journal.commit(j)
      flash.revive()
      const again = open(flash)
      const isWhole = bytes === BODY_BYTES
      expect(
        again.owed.map((entry) => entry.kind),
        `cut after ${bytes} bytes`,
      ).toEqual(isWhole ? [PERIMETER_ALARM, DURESS, OPENING] : [PERIMETER_ALARM])
      expect(journal.state(again.j)[0]).toBe(isWhole ? 0x80 : 3)
      expect(again.j.sequence).toBe(isWhole ? 3 : 1)
      expect(again.j.tornCount).toBe(bytes > 0 && !isWhole ? 1 : 0)
      // The panel goes on behind the torn record, and that is found too.
      one(again.j, SYSTEM_RESET, 0)
      expect(open(flash).owed.map((entry) => entry.sequence)).toEqual(isWhole ? [1, 2, 3, 4] : [1, 2])
    }
  })

  it('settles or does not settle, whichever of the four bytes is the last, and spoils no neighbour', () => {
    for (const half of [0, 1]) {
      for (let bytes = 0; bytes <= 4; bytes++) {
        const flash = new FlashChip()
        const { j } = open(flash)
        const location = pair(j, 3)
        pair(j, 4)
        flash.cutAtOperation = 1
        flash.cutAfterBytes = bytes
        journal.settle(j, location + half, 1)
        flash.revive()
        const isSettled = bytes > half
        const expected = [1, 2, 3, 4].filter((sequence) => !isSettled || sequence !== half + 1)
        expect(open(flash).owed.map((entry) => entry.sequence)).toEqual(expected)
      }
    }
  })

  it('starts with the old page when any of the 28 bytes of a new header is the last', () => {
    for (let bytes = 0; bytes <= BODY_BYTES; bytes++) {
      const flash = new FlashChip()
      const { j } = open(flash)
      let kept = 0
      while (j.slot < 120) {
        const location = one(j, PERIMETER_ALARM, 1)
        if (kept++ >= 3) journal.settle(j, location, 1)
      }
      while (j.cleanSlot !== 0) journal.maintain(j, () => {})
      flash.cutAtOperation = 1
      flash.cutAfterBytes = bytes
      journal.maintain(j, () => {})
      expect(j.slot).toBe(bytes === BODY_BYTES ? 1 : 120)
      flash.revive()
      const again = open(flash)
      expect(sequences(again.owed), `cut after ${bytes} bytes`).toEqual([1, 2, 3])
      expect(again.j.page).toBe(bytes === BODY_BYTES ? 1 : 0)
      drain(again.j)
      one(again.j, SYSTEM_RESET, 0)
      expect(again.j.page).toBe(1)
      expect(sequences(open(flash).owed)).toEqual([1, 2, 3, 120])
    }
  })

  it('takes no new state from a header that a commit needed, when its record was never written (D-12)', () => {
    const flash = new FlashChip()
    const { j } = open(flash)
    journal.begin(j, SECONDS)
    set(j, 3, 1, 0)
    journal.commit(j)
    // Nobody calls maintain(): the page fills up, and the next record has to change pages by itself.
    while (j.slot < SLOTS) journal.settle(j, one(j, PERIMETER_ALARM, 1), 1)
    flash.cutAtOperation = 2
    flash.cutAfterBytes = 0
    journal.begin(j, SECONDS)
    set(j, 0x80, 2, 5)
    journal.put(j, 0, 1, DURESS, NEW, 1, 3)
    journal.put(j, 1, 1, OPENING, NEW, 1, 1)
    journal.commit(j)
    flash.revive()
    const again = open(flash)
    expect(again.j.page).toBe(1)
    expect(again.owed).toEqual([])
    expect(savedIn(again.j)).toEqual([3, 1, 0])
    expect(again.j.sequence).toBe(126)
  })

  it('is as it was after an erase that stopped at any byte of the first slots and at each edge of a slot', () => {
    const flash = new ImageFlash()
    const { j } = open(flash)
    // Three pages with something owed on each, the fourth current; then a call that erases page 0.
    let count = 0
    while (j.pageNumber < 4 || j.slot < 40) {
      const location = one(j, PERIMETER_ALARM, 1)
      if (count++ % 20 !== 0) journal.settle(j, location, 1)
      if (j.slot < 40 || j.cleanSlot === 0) journal.maintain(j, () => {})
      else drain(j)
    }
    const cuts = [0]
    for (let slot = 0; slot <= SLOTS; slot++) cuts.push(slot * SLOT_BYTES - 1, slot * SLOT_BYTES, slot * SLOT_BYTES + 1)
    for (let byte = 0; byte < 3 * SLOT_BYTES; byte++) cuts.push(byte)
    let erases = 0
    const expected = sequences(open(new ImageFlash(flash.image.slice())).owed)
    expect(expected.length).toBeGreaterThan(10)
    flash.onOperation = (address, after) => {
      if (after.length !== flash.pageBytes) return
      erases++
      for (const cut of cuts) {
        const fork = flash.image.slice()
        fork.set(after.subarray(0, Math.max(0, Math.min(cut, after.length))), address)
        const again = open(new ImageFlash(fork))
        expect(sequences(again.owed), `erase cut after ${cut} bytes`).toEqual(expected)
      }
    }
    while (j.slot < SLOTS - 8) {
      journal.settle(j, one(j, SYSTEM_RESET, 0), 1)
    }
    drain(j)
    while (j.slot < 40) journal.settle(j, one(j, SYSTEM_RESET, 0), 1)
    drain(j)
    expect(erases).toBe(1)
  })

  it('keeps all that was promised and invents nothing at 3 cuts in every twelfth operation and each erase of 700 records', () => {
    const flash = new ImageFlash()
    const random = new Random(7)
    const { j } = open(flash)
    /** Events written whole and not kissed off, by sequence number. */
    const promised = new Map<number, number>()
    /** What the operation under way adds or takes away when it ends. */
    let pending: number[] = []
    let operations = 0
    let tornAt = 0
    flash.onOperation = (address, after) => {
      operations++
      if (operations % 12 !== 0 && after.length < 4096) return
      for (const cut of [0, 1 + random.below(after.length - 1), after.length]) {
        const fork = flash.image.slice()
        fork.set(after.subarray(0, cut), address)
        const found = open(new ImageFlash(fork)).owed
        const numbers = new Set(found.map((entry) => entry.sequence))
        const label = `operation ${operations}, cut after ${cut} of ${after.length} bytes, seed 7`
        for (const sequence of promised.keys()) {
          if (!pending.includes(sequence)) expect(numbers.has(sequence), `${label}: lost ${sequence}`).toBe(true)
        }
        for (const entry of found) {
          const isKnown = promised.has(entry.sequence) || pending.includes(entry.sequence)
          expect(isKnown, `${label}: invented ${entry.sequence}`).toBe(true)
        }
        if (pending.length === 2) expect(pending.filter((sequence) => numbers.has(sequence)).length % 2, label).toBe(0)
        tornAt++
      }
    }
    for (let round = 0; round < 700; round++) {
      const last = j.sequence
      pending = [last + 1, last + 2]
      const location = pair(j, round)
      promised.set(last + 1, location)
      promised.set(last + 2, location + 1)
      pending = []
      while (promised.size > 30) {
        const sequence = [...promised.keys()][random.below(promised.size)]
        pending = [sequence]
        journal.settle(j, promised.get(sequence) as number, 1)
        promised.delete(sequence)
        pending = []
      }
      drain(j, (from, to) => {
        for (const [sequence, at] of promised) if (at >> 1 === from >> 1) promised.set(sequence, to + (at & 1))
      })
    }
    expect(j.pageNumber).toBe(6)
    expect(tornAt).toBeGreaterThan(400)
  })
})

describe('journal: page after page', () => {
  it('wears its four pages evenly over 5000 records, and no other page', () => {
    const flash = new FlashChip()
    const { j } = open(flash)
    for (let count = 0; count < 5000; count++) {
      journal.settle(j, one(j, PERIMETER_ALARM, 1), 1)
      drain(j)
    }
    const used = flash.erases.slice(0, PAGES)
    expect(Math.max(...used) - Math.min(...used)).toBeLessThanOrEqual(1)
    // 119 records a page.
    expect(j.pageNumber).toBe(Math.floor(5000 / 119) + 1)
    expect(flash.erases.slice(PAGES)).toEqual(new Array(12).fill(0))
    expect(j.failCount).toBe(0)
  })

  it('moves what is owed out of old pages with its sequence number, and tells where to', () => {
    const flash = new FlashChip()
    const { j } = open(flash)
    let location = pair(j, 3)
    let moves = 0
    for (let count = 0; count < 2000; count++) {
      journal.settle(j, one(j, PERIMETER_ALARM, 1), 1)
      drain(j, (from, to) => {
        expect(from).toBe(location)
        // The original is settled in both halves.
        expect([...flash.read((from >> 1) * SLOT_BYTES + BODY_BYTES, 2)]).toEqual([0, 0])
        location = to
        moves++
      })
    }
    // Each time its page is the oldest of four.
    expect(moves).toBeGreaterThanOrEqual(5)
    expect(open(flash).owed).toEqual([
      { location, kind: DURESS, sequence: 1, number: 3, isCopy: true },
      { location: location + 1, kind: OPENING, sequence: 2, number: 3, isCopy: true },
    ])
    expect(slotOf(flash, j.page, 0)[0]).toBe(HEADER)
    expect(flash.read((location >> 1) * SLOT_BYTES, 1)[0]).toBe(COPY)
  })

  it('leaves the kissed-off half of a record behind when it moves the other', () => {
    const flash = new FlashChip()
    const { j } = open(flash)
    journal.settle(j, pair(j, 3), 1)
    for (let count = 0; count < 600; count++) {
      journal.settle(j, one(j, PERIMETER_ALARM, 1), 1)
      drain(j)
    }
    expect(open(flash).owed.map((entry) => [entry.kind, entry.sequence])).toEqual([[OPENING, 2]])
  })

  it('takes no state and no sequence number from a copy', () => {
    const flash = new FlashChip()
    const { j } = open(flash)
    journal.begin(j, SECONDS)
    set(j, 3, 9, 0)
    journal.put(j, 0, 1, DURESS, NEW, 1, 3)
    journal.commit(j)
    let moves = 0
    while (moves === 0) {
      journal.begin(j, SECONDS)
      set(j, 2, 1, 1)
      journal.put(j, 0, 1, PERIMETER_ALARM, NEW, 1, 1)
      journal.settle(j, journal.commit(j), 1)
      drain(j, () => moves++)
    }
    const again = open(flash).j
    expect([...savedIn(again).slice(0, 2), again.sequence]).toEqual([2, 1, j.sequence])
  })

  it('has room for 80 owed events on one page, and keeps them over 8 changes of page (OWED_LIMIT)', () => {
    const flash = new FlashChip()
    const { j } = open(flash)
    for (let count = 0; count < 80; count++) one(j, PERIMETER_ALARM, count)
    for (let count = 0; count < 800; count++) {
      journal.settle(j, one(j, SYSTEM_RESET, 0), 1)
      drain(j)
    }
    expect(j.pageNumber).toBe(9)
    expect(j.failCount).toBe(0)
    const { owed } = open(flash)
    expect(owed.map((entry) => entry.sequence)).toEqual(Array.from({ length: 80 }, (_, index) => index + 1))
    expect(owed.map((entry) => entry.number)).toEqual(Array.from({ length: 80 }, (_, index) => index))
  })

  it('overwrites nothing when more is owed than flash can hold: new records go to RAM, old ones stay', () => {
    const flash = new FlashChip()
    const { j } = open(flash)
    const locations: number[] = []
    for (let count = 0; count < 600; count++) {
      locations.push(one(j, PERIMETER_ALARM, count % 1000))
      drain(j)
    }
    const inFlash = locations.filter((location) => location < RAM).length
    expect(inFlash).toBeLessThan(600)
    const numbers = sequences(open(flash).owed)
    expect(numbers).toEqual(Array.from({ length: inFlash }, (_, index) => index + 1))
  })

  it('changes pages by itself after a restart with a full page, when the next one is clean', () => {
    const flash = new FlashChip()
    const { j } = open(flash)
    while (j.slot < SLOTS) journal.settle(j, one(j, PERIMETER_ALARM, 1), 1)
    const again = open(flash).j
    expect(again.slot).toBe(SLOTS)
    expect(one(again, DURESS, 3)).toBe((SLOTS + 1) * 2)
    expect(open(flash).owed.map((entry) => entry.kind)).toEqual([DURESS])
  })

  it('does at most one flash operation and 16 slots a call of maintain(), plus its two marks', () => {
    const flash = new FlashChip()
    const { j } = open(flash)
    for (let count = 0; count < 3000; count++) {
      const location = one(j, PERIMETER_ALARM, 1)
      if (count % 40 !== 0) journal.settle(j, location, 1)
      for (let isMore = true; isMore; ) {
        const before = flash.operations
        isMore = journal.maintain(j, () => {})
        expect(flash.operations - before).toBeLessThanOrEqual(3)
      }
      if (count % 400 === 399) break
    }
  })
})

describe('journal: bad flash', () => {
  it('keeps four records in RAM when writes fail, says so, and loses nothing that flash had', () => {
    const flash = new FlashChip()
    const { j } = open(flash)
    one(j, DURESS, 3)
    flash.isFailing = true
    const locations = [pair(j, 10), pair(j, 11), pair(j, 12), pair(j, 13)]
    expect(locations).toEqual([RAM, RAM + 2, RAM + 4, RAM + 6])
    expect(j.failCount).toBe(12)
    const found = locations.map((location) => journal.numberOf(journal.read(j, location + 1)))
    expect(found).toEqual([10, 11, 12, 13])
    expect(open(flash).owed.map((entry) => entry.sequence)).toEqual([1])
  })

  it('gives up openings in RAM before alarms, alarms before duress, and reuses kissed-off places first (R-1)', () => {
    const flash = new FlashChip()
    const { j } = open(flash)
    flash.isFailing = true
    one(j, DURESS, 1)
    one(j, OPENING, 2)
    one(j, PERIMETER_ALARM, 3)
    one(j, DURESS, 4)
    journal.settle(j, RAM, 1)
    const places = [5, 6, 7].map((number) => one(j, DURESS, number))
    expect(places).toEqual([RAM, RAM + 2, RAM + 4])
    // Only duress is left: the oldest goes.
    expect(one(j, DURESS, 8)).toBe(RAM + 6)
  })

  it('goes on in flash at the same slot after a write that failed once, so that a restart finds what follows', () => {
    const flash = new FlashChip()
    const { j } = open(flash)
    one(j, PERIMETER_ALARM, 1)
    const write = flash.write.bind(flash)
    let failures = 1
    flash.write = (address, bytes) => {
      if (failures-- > 0) throw new Error('busy')
      write(address, bytes)
    }
    expect(one(j, DURESS, 3)).toBe(4)
    expect(open(flash).owed.map((entry) => entry.kind)).toEqual([PERIMETER_ALARM, DURESS])
  })

  it('writes a record into the next slot when a worn slot does not read back', () => {
    const flash = new FlashChip()
    const { j } = open(flash)
    const write = flash.write.bind(flash)
    flash.write = (address, bytes) => {
      const worn = new Uint8Array(bytes)
      if (address === SLOT_BYTES) worn[5] &= 0xf0
      write(address, worn)
    }
    expect(one(j, DURESS, 0x030f)).toBe(4)
    expect(j.failCount).toBe(1)
    const again = open(flash)
    expect(again.owed.map((entry) => entry.number)).toEqual([0x030f])
    expect(again.j.tornCount).toBe(1)
  })

  it('starts on flash that can neither be written nor erased, works from RAM, and never leaves the region', () => {
    const flash = new FlashChip()
    flash.isFailing = true
    const { j, owed } = open(flash)
    expect(owed).toEqual([])
    expect(one(j, DURESS, 3)).toBe(RAM)
    expect(() => drain(j)).not.toThrow()
    // Flash recovers: the journal does, too.
    flash.isFailing = false
    drain(j)
    expect(one(j, DURESS, 4)).toBeLessThan(RAM)
    expect(open(flash).owed.map((entry) => entry.number)).toEqual([4])
  })

  it('makes an empty journal of a region with foreign bytes, and never reports what it held', () => {
    const flash = new FlashChip()
    const random = new Random(3)
    for (let page = 0; page < PAGES; page++) {
      for (let at = 0; at < 4096; at += 64) {
        const bytes = new Uint8Array(64)
        random.fill(bytes)
        flash.write(page * 4096 + at, bytes)
      }
    }
    const { j, owed } = open(flash)
    expect(owed).toEqual([])
    for (let count = 0; count < 600; count++) {
      journal.settle(j, one(j, PERIMETER_ALARM, 1), 1)
      drain(j)
    }
    expect(flash.erases.slice(0, PAGES).every((count) => count > 0)).toBe(true)
    expect(j.failCount).toBe(0)
  })

  it('owes an event to the destinations of its group only, and each until it has kissed the event off (D-19)', () => {
    const flash = new FlashChip()
    // Hold-up for the first, openings for both, troubles for the second, tests for none.
    const takers = takersOf([1, 1, 2, 3, 0])
    const j = journal.create(flash, nodeCrypto, takers)
    journal.scan(j, () => {})
    const places = [DURESS, OPENING, SYSTEM_RESET, 602].map((code, index) => one(j, code, index))
    const owed = () => {
      const found: [number, number][] = []
      const again = journal.create(flash, nodeCrypto, takers)
      journal.scan(again, (location, destinations) => found.push([location, destinations]))
      return found
    }
    expect(owed()).toEqual([
      [places[0], 1],
      [places[1], 3],
      [places[2], 2],
    ])
    journal.settle(j, places[1], 1)
    journal.settle(j, places[2], 2)
    expect(owed()).toEqual([
      [places[0], 1],
      [places[1], 2],
    ])
  })

  it('copies a half-settled event with what it still owes, and nothing comes back by the copy', () => {
    const flash = new FlashChip()
    const takers = takersOf([3, 3, 3, 3, 3])
    const j = journal.create(flash, nodeCrypto, takers)
    journal.scan(j, () => {})
    journal.settle(j, one(j, DURESS, 7), 2)
    while (j.pageNumber < 5) {
      journal.settle(j, one(j, SYSTEM_RESET, 1), 3)
      drain(j)
    }
    const found: [number, number, boolean][] = []
    const again = journal.create(flash, nodeCrypto, takers)
    journal.scan(again, (location, destinations, isCopy) => {
      found.push([journal.numberOf(journal.read(again, location)), destinations, isCopy])
    })
    expect(found).toEqual([[7, 1, true]])
  })

  it('is not new any more when flash recovered after the first start, although only a header was written', () => {
    const flash = new FlashChip()
    flash.isFailing = true
    const { j } = open(flash)
    journal.begin(j, SECONDS)
    set(j, 2, 1, 0)
    journal.commit(j)
    flash.isFailing = false
    drain(j)
    const again = open(flash).j
    expect(journal.isNew(again)).toBe(false)
    expect(savedIn(again).slice(0, 2)).toEqual([2, 1])
  })

  it('reads again at any time without forgetting what only RAM has', () => {
    const flash = new FlashChip()
    const { j } = open(flash)
    one(j, PERIMETER_ALARM, 1)
    flash.isFailing = true
    journal.begin(j, SECONDS)
    set(j, 0x80, 2, 0)
    journal.put(j, 0, 1, DURESS, NEW, 1, 3)
    journal.commit(j)
    const found: number[] = []
    journal.rescan(j, (location) => found.push(location))
    expect(found).toEqual([2])
    expect([journal.state(j)[0], j.sequence, j.slot]).toEqual([0x80, 2, 2])
  })
})
