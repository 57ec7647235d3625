import { createHmac } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { Flash } from '../../../firmware/hal'
import * as eventLog from '../../../firmware/store/event-log'
import { FlashChip } from '../../../hal-mock/flash'
import { nodeCrypto } from '../../../hal-mock/programs/node-crypto'
import { Random } from '../../../hal-mock/random'

// The layout, written down again from the pictures in the files' heads and docs/flash-layout.md.
const PAGE_BYTES = 4096
const RECORDS = 511
const MANDATORY = 0
const OTHERS = 1
const NEW = 1
const RESTORE = 3
const AGAIN = 6
const ALARM = 131
const CHIME = 1002
const RESTART = 305
const OPENING = 401
const REPEATS = 1000
const SECONDS = 1767600000
const SECRET = Uint8Array.from({ length: 32 }, (_, index) => index * 7)
const BOOT = 0x0403

function open(flash: Flash, boot = BOOT): eventLog.EventLog {
  return eventLog.create(flash, nodeCrypto, SECRET, boot)
}

/** Writes what waits; how many steps that took. */
function maintain(log: eventLog.EventLog): number {
  let steps = 1
  while (eventLog.maintain(log)) steps++
  return steps
}

/** Logs and lets a page turn when one has to. Numbers go round, so that no event is a repetition. */
function add(log: eventLog.EventLog, code: number, number: number): void {
  eventLog.append(log, code, NEW, 1, number % 1000, SECONDS + number)
  maintain(log)
  log.kinds.fill(0)
  log.counts.fill(0)
}

function all(log: eventLog.EventLog, ring: number): eventLog.Entry[] {
  const entries: eventLog.Entry[] = []
  for (let back = 0; back < 2000; back++) {
    const entry = eventLog.at(log, ring, back)
    if (entry === undefined) return entries
    entries.push(entry)
  }
  throw new Error('the log never ends')
}

const whole = (entries: eventLog.Entry[]) => entries.filter((entry) => entry.code !== 0)
const numbersOf = (log: eventLog.EventLog, ring = MANDATORY) => whole(all(log, ring)).map((entry) => entry.number)

function copyOf(flash: Flash): FlashChip {
  const chip = new FlashChip()
  for (let page = 12; page < 16; page++) chip.write(page * PAGE_BYTES, flash.read(page * PAGE_BYTES, PAGE_BYTES))
  return chip
}

/** The last byte's low six bits: CRC-32 of the eight with these bits 0, above its lowest byte, modulo 63. */
function withCheck(bytes: number[]): number[] {
  const check = (crc32(Uint8Array.from(bytes)) >>> 8) % 63
  return [...bytes.slice(0, 7), bytes[7] | check]
}

/** Bytes, operations and erases of an act. */
function costOf(flash: FlashChip, act: () => void): number[] {
  const before = [flash.bytesWritten, flash.operations, flash.erases.reduce((sum, count) => sum + count)]
  act()
  const after = [flash.bytesWritten, flash.operations, flash.erases.reduce((sum, count) => sum + count)]
  return after.map((value, index) => value - before[index])
}

/** A log whose mandatory pages are both full: the next record has to turn. */
function fullPages(): FlashChip {
  const flash = new FlashChip()
  const log = open(flash)
  for (let count = 0; count < 2 * RECORDS; count++) add(log, ALARM, count)
  return flash
}

describe('event log: layout', () => {
  it('writes seconds, number, partition, qualifier, code and check into eight bytes', () => {
    const flash = new FlashChip()
    const log = open(flash)
    add(log, ALARM, 0)
    const cost = costOf(flash, () => eventLog.append(log, 999, RESTORE, 8, 999, 0xfedcba98))
    expect(cost).toEqual([8, 1, 0])
    const body = [0xfe, 0xdc, 0xba, 0x98, 0xf9, 0xc0 | (8 << 2) | 3, 0xf9, 0xc0]
    expect([...flash.read(12 * PAGE_BYTES + 16, 8)]).toEqual(withCheck(body))
    const entry = { code: 999, qualifier: 3, partition: 8, number: 999, utcSeconds: 0xfedcba98 | 0 }
    expect(eventLog.at(log, MANDATORY, 0)).toEqual(entry)
    expect(eventLog.at(open(flash), MANDATORY, 0)).toEqual(entry)
  })

  it('begins a page with its number, boot and an HMAC of the page before under the device secret (E-8)', () => {
    const flash = fullPages()
    const log = open(flash)
    const before = flash.read(13 * PAGE_BYTES, PAGE_BYTES)
    add(log, ALARM, 5)
    const start = [0, 3, 0, 0, 0, 0, (BOOT & 1023) >> 2, (BOOT & 3) << 6]
    let hash = Buffer.from([...start, ...new Array(23).fill(0), MANDATORY])
    for (let at = 0; at < PAGE_BYTES; at += 256) {
      const text = Buffer.concat([hash, before.subarray(at, at + 256), Buffer.from([0, 0, 0, 1])])
      hash = createHmac('sha256', SECRET).update(text).digest()
    }
    expect([...flash.read(12 * PAGE_BYTES, 8)]).toEqual(withCheck([0, 3, ...hash.subarray(0, 4), ...start.slice(6)]))
  })

  it('never ends a record with 0xFF, and takes neither a blank nor a zeroed slot for one', () => {
    const random = new Random(5)
    const chip = new FlashChip()
    const log = open(chip)
    for (let count = 0; count < 5000; count++) {
      eventLog.append(log, 130 + random.below(870), random.below(4), random.below(9), random.below(1000), random.next())
      maintain(log)
      log.kinds.fill(0)
      log.counts.fill(0)
      const slot = log.pages.slots[MANDATORY] - 1
      if (log.pages.numbers[MANDATORY] > 0)
        expect(chip.read(log.pages.pages[MANDATORY] * PAGE_BYTES + slot * 8, 8)[7]).not.toBe(0xff)
    }
    expect(whole(all(log, MANDATORY)).length).toBe(all(log, MANDATORY).length)
    for (const byte of [0, 0xff]) {
      const flash = new FlashChip()
      const rig = open(flash)
      add(rig, ALARM, 1)
      add(rig, ALARM, 2)
      const page = flash.read(12 * PAGE_BYTES, PAGE_BYTES).fill(byte, 8, 16)
      const other = new FlashChip()
      other.write(12 * PAGE_BYTES, page)
      expect(all(open(other), MANDATORY).map((entry) => entry.code)).toEqual([ALARM, 0])
    }
  })

  it('writes nothing when it is opened, and is empty on a blank region', () => {
    const flash = new FlashChip()
    const log = open(flash)
    expect([flash.operations, all(log, MANDATORY), all(log, OTHERS), eventLog.due(log)]).toEqual([0, [], [], 0])
  })
})

describe('event log: what goes where', () => {
  it.each([
    [MANDATORY, [110, 130, 137, 123, 301, 333, 350, 384, 401, 406, 461, 616 + 5, 622, 623, 624, 625, 627, 628, 641]],
    [OTHERS, [570, 573, 601, 602, 607, 611, 1001, 1002]],
  ])('has ring %i for %j (E-1)', (ring, codes) => {
    const log = open(new FlashChip())
    for (const code of codes) add(log, code, 1)
    expect(
      all(log, ring)
        .map((entry) => entry.code)
        .reverse(),
    ).toEqual(codes)
    expect(all(log, 1 - ring)).toEqual([])
  })

  it.each([121, 122, 124, 125, 129, 0])(
    'takes no %i: nothing is written, and nothing is counted (D-17, E-6)',
    (code) => {
      const flash = new FlashChip()
      const log = open(flash)
      add(log, OPENING, 1)
      const before = JSON.stringify({ ...log, pages: { ...log.pages, flash: 0, crypto: 0 } })
      const cost = costOf(flash, () => {
        for (let count = 0; count < 5; count++) eventLog.append(log, code, NEW, 1, 33, SECONDS)
        maintain(log)
      })
      expect(cost).toEqual([0, 0, 0])
      expect(JSON.stringify({ ...log, pages: { ...log.pages, flash: 0, crypto: 0 } })).toBe(before)
    },
  )

  it('has a restart in both rings, with its cause and the lower bits of the boot (E-3, S-14)', () => {
    const flash = new FlashChip()
    const log = open(flash)
    add(log, ALARM, 1)
    add(log, CHIME, 1)
    eventLog.append(log, RESTART, NEW, 0, 9, SECONDS)
    const entry = { code: RESTART, qualifier: NEW, partition: 0, number: 9, utcSeconds: SECONDS }
    for (const ring of [MANDATORY, OTHERS]) expect(eventLog.at(log, ring, 0)).toEqual(entry)
    const body = [0x69, 0x5b, 0x6f, 0x80, (BOOT & 1023) >> 2, ((BOOT & 3) << 6) | (9 << 2) | 1, RESTART >> 2, 1 << 6]
    expect([...flash.read(14 * PAGE_BYTES + 16, 8)]).toEqual(withCheck(body))
  })

  it('keeps the sensors of an alarm in order, first and later ones (E-7)', () => {
    const log = open(new FlashChip())
    for (const zone of [7, 3, 12]) add(log, ALARM, zone)
    expect(numbersOf(log)).toEqual([12, 3, 7])
  })
})

describe('event log: what stays', () => {
  it('has the newest 512 or more after each of 4000 records, newest first, without a gap (E-1, E-2)', () => {
    const flash = new FlashChip()
    let log = open(flash)
    for (let count = 0; count < 4000; count++) {
      add(log, ALARM, count)
      if (count % 97 === 0) log = open(flash)
      if (count % 511 > 3 && count % 211 !== 0) continue
      const numbers = numbersOf(log)
      expect(numbers.length).toBeGreaterThanOrEqual(Math.min(512, count + 1))
      expect(numbers).toEqual(numbers.map((_, back) => (count - back) % 1000))
    }
    expect(log.lostCount).toBe(0)
    expect(flash.erases.slice(0, 12)).toEqual(new Array(12).fill(0))
    expect([flash.erases[12] - flash.erases[13], flash.erases[14], flash.erases[15]]).toEqual([0, 0, 0])
  })

  it('keeps an alarm over 5000 chimes (E-1)', () => {
    const log = open(new FlashChip())
    add(log, ALARM, 7)
    for (let count = 0; count < 5000; count++) add(log, CHIME, count)
    expect(numbersOf(log)).toEqual([7])
    expect(numbersOf(log, OTHERS).length).toBeGreaterThanOrEqual(512)
  })

  it('counts its pages past 65535 and finds the newer one', () => {
    const flash = new FlashChip()
    const log = open(flash)
    log.pages.numbers[MANDATORY] = 65533
    for (let count = 0; count < 4 * RECORDS; count++) {
      add(log, ALARM, count)
      if (count % RECORDS > 1) continue
      const numbers = numbersOf(open(flash))
      expect(numbers[0]).toBe(count % 1000)
      expect(numbers.length).toBe(count < RECORDS ? count + 1 : RECORDS + (count % RECORDS) + 1)
    }
    expect(log.pages.numbers[MANDATORY]).toBe(2)
  })

  it('never erases while it appends: records wait for maintain(), eight at most (D-32)', () => {
    const flash = fullPages()
    const log = open(flash)
    const cost = costOf(flash, () => {
      for (let count = 0; count < 9; count++) eventLog.append(log, OPENING, NEW, 1, count, SECONDS)
    })
    expect([cost, log.parkedCount, log.lostCount]).toEqual([[0, 0, 0], 8, 1])
    const perCall: number[][] = []
    for (let isMore = true; isMore; ) perCall.push(costOf(flash, () => (isMore = eventLog.maintain(log))))
    // Four hashes a call; the records that came meanwhile wait as the others did.
    expect(perCall.map(([, , erases]) => erases)).toEqual([0, 0, 0, 1])
    expect(perCall[3]).toEqual([8 + 8 + 8 * 8, 11, 1])
    expect(numbersOf(open(flash)).slice(0, 9)).toEqual([7, 6, 5, 4, 3, 2, 1, 0, (2 * RECORDS - 1) % 1000])
    expect(costOf(flash, () => maintain(log))).toEqual([0, 0, 0])
  })
})

describe('event log: a page turns in steps', () => {
  it('keeps what comes meanwhile, in both rings, and turns the other ring after the first', () => {
    const flash = fullPages()
    const full = open(flash)
    for (let count = 0; count < RECORDS; count++) add(full, CHIME, count)
    const log = open(flash)
    eventLog.append(log, OPENING, NEW, 1, 1, SECONDS)
    expect(eventLog.maintain(log)).toBe(true)
    eventLog.append(log, CHIME, NEW, 1, 2, SECONDS)
    expect(eventLog.maintain(log)).toBe(true)
    eventLog.append(log, OPENING, NEW, 1, 3, SECONDS)
    expect([log.parkedCount, maintain(log), log.parkedCount, log.lostCount]).toEqual([3, 2 + 4 - 1, 0, 0])
    expect(numbersOf(open(flash)).slice(0, 2)).toEqual([3, 1])
    expect(numbersOf(open(flash), OTHERS)[0]).toBe(2)
  })

  it('gives up what waits when there is no memory for a hash, and turns with the next record', () => {
    const log = open(fullPages())
    const pbkdf2 = log.pages.crypto.pbkdf2
    log.pages.crypto = {
      ...nodeCrypto,
      pbkdf2: () => {
        throw new Error('no memory')
      },
    }
    eventLog.append(log, OPENING, NEW, 1, 1, SECONDS)
    expect([maintain(log), log.parkedCount, log.lostCount]).toEqual([1, 0, 1])
    log.pages.crypto = { ...nodeCrypto, pbkdf2 }
    eventLog.append(log, OPENING, NEW, 1, 2, SECONDS)
    expect([maintain(log), log.parkedCount, log.lostCount]).toEqual([4, 0, 1])
    expect(numbersOf(log).slice(0, 2)).toEqual([2, (2 * RECORDS - 1) % 1000])
  })

  it('begins anew after a restart in the middle of it', () => {
    const flash = fullPages()
    const log = open(flash)
    eventLog.append(log, OPENING, NEW, 1, 1, SECONDS)
    eventLog.maintain(log)
    const next = open(flash)
    eventLog.append(next, OPENING, NEW, 1, 2, SECONDS)
    expect(maintain(next)).toBe(4)
    expect(numbersOf(open(flash)).slice(0, 2)).toEqual([2, (2 * RECORDS - 1) % 1000])
  })
})

describe('event log: repetitions (E-4)', () => {
  /** '131/1 z5 p2', newest last. */
  const lines = (log: eventLog.EventLog, ring = MANDATORY) =>
    all(log, ring)
      .map((entry) => `${entry.code}/${entry.qualifier} n${entry.number} p${entry.partition}`)
      .reverse()

  it('logs an event of a zone three times in an armed period, then its count at the end', () => {
    const log = open(new FlashChip())
    for (let count = 0; count < 20; count++) {
      eventLog.append(log, ALARM, NEW, 2, 5, SECONDS + count)
      eventLog.append(log, ALARM, RESTORE, 2, 5, SECONDS + count)
      maintain(log)
    }
    eventLog.append(log, ALARM, NEW, 2, 6, SECONDS + 30)
    eventLog.period(log, 2, SECONDS + 60)
    eventLog.append(log, OPENING, NEW, 2, 1, SECONDS + 60)
    const three = [1, 2, 3].flatMap(() => ['131/1 n5 p2', '131/3 n5 p2'])
    const end = ['131/1 n6 p2', '131/6 n5 p2', '1000/6 n17 p2', '401/1 n1 p2']
    expect(lines(log)).toEqual([...three, ...end])
    expect(eventLog.at(log, MANDATORY, 1)?.utcSeconds).toBe(SECONDS + 60)
  })

  it('counts anew in the next period, each partition its own, the whole system with any', () => {
    const log = open(new FlashChip())
    const burst = (partition: number, code = ALARM) => {
      for (let count = 0; count < 5; count++) {
        eventLog.append(log, code, NEW, partition, 5, SECONDS)
        maintain(log)
      }
    }
    burst(1)
    burst(2)
    burst(0, 301)
    eventLog.period(log, 1, SECONDS)
    expect(lines(log).slice(-4)).toEqual(['131/6 n5 p1', '1000/6 n2 p1', '301/6 n5 p0', '1000/6 n2 p0'])
    const before = lines(log).length
    burst(1)
    burst(2)
    expect(lines(log).slice(before)).toEqual(['131/1 n5 p1', '131/1 n5 p1', '131/1 n5 p1'])
    eventLog.period(log, 2, SECONDS)
    expect(lines(log).slice(-2)).toEqual(['131/6 n5 p2', '1000/6 n7 p2'])
  })

  it('counts to 1023 and no further', () => {
    const log = open(new FlashChip())
    for (let count = 0; count < 5000; count++) eventLog.append(log, CHIME, NEW, 1, 5, SECONDS)
    maintain(log)
    eventLog.period(log, 1, SECONDS)
    expect(lines(log, OTHERS).slice(-2)).toEqual(['1002/6 n5 p1', '1000/6 n1023 p1'])
  })

  it('logs every event of more than 32 kinds, and never leaves out a restart', () => {
    const log = open(new FlashChip())
    for (let zone = 1; zone <= 40; zone++) {
      for (let count = 0; count < 5; count++) {
        eventLog.append(log, ALARM, NEW, 1, zone, SECONDS)
        maintain(log)
      }
    }
    for (let count = 0; count < 5; count++) eventLog.append(log, RESTART, NEW, 0, 2, SECONDS)
    const of = (text: string) => lines(log).filter((line) => line.startsWith(text)).length
    expect([of('131/1 n32 '), of('131/1 n33 '), of('131/1 n40 '), of('305')]).toEqual([3, 5, 5, 5])
  })

  it('says again without a number when the supply went between the two', () => {
    const flash = new FlashChip()
    const log = open(flash)
    for (let count = 0; count < 9; count++) {
      eventLog.append(log, ALARM, NEW, 1, 5, SECONDS)
      maintain(log)
    }
    flash.cutAtOperation = 2
    flash.cutAfterBytes = 0
    eventLog.period(log, 1, SECONDS)
    flash.revive()
    expect(lines(open(flash)).slice(-2)).toEqual(['131/1 n5 p1', `131/${AGAIN} n5 p1`])
    expect(lines(open(flash)).some((line) => line.startsWith(`${REPEATS}`))).toBe(false)
  })
})

describe('event log: filling (E-5)', () => {
  it('is half full after 256 mandatory records, nearly full after 461, each told once, over any restart', () => {
    const flash = new FlashChip()
    let log = open(flash)
    const told: number[][] = []
    for (let count = 1; count <= 900; count++) {
      add(log, ALARM, count)
      add(log, CHIME, count)
      if (count % 50 === 0) log = open(flash)
      const code = eventLog.due(log)
      expect(eventLog.due(open(flash))).toBe(code)
      if (code === 0) continue
      told.push([count, code])
      add(log, code, 0)
    }
    // The record of 622 counts, too.
    expect(told).toEqual([
      [256, 622],
      [460, 623],
    ])
  })

  it('begins anew when it was read out, and the record of that does not count', () => {
    const flash = new FlashChip()
    const log = open(flash)
    for (let count = 0; count < 600; count++) add(log, ALARM, count)
    expect(eventLog.due(log)).toBe(623)
    add(log, 621, 0)
    for (let count = 0; count < 255; count++) add(log, ALARM, count)
    for (const now of [log, open(flash)]) expect([eventLog.due(now), now.sinceCount, now.told]).toEqual([0, 255, 0])
    add(log, ALARM, 0)
    for (const now of [log, open(flash)]) expect([eventLog.due(now), now.sinceCount]).toEqual([622, 256])
  })

  it('is not read out by a record of it that was cut', () => {
    for (let bytes = 0; bytes <= 8; bytes++) {
      const flash = new FlashChip()
      const log = open(flash)
      for (let count = 0; count < 300; count++) add(log, ALARM, count)
      flash.cutAtOperation = 1
      flash.cutAfterBytes = bytes
      add(log, 621, 0)
      flash.revive()
      const again = open(flash)
      expect([eventLog.due(again), again.told], `cut after ${bytes} bytes`).toEqual([bytes === 8 ? 0 : 622, 0])
    }
  })
})

describe('event log: the supply goes', () => {
  it('has a record whole or not at all, whichever byte is the last, and goes on behind it', () => {
    for (let bytes = 0; bytes <= 8; bytes++) {
      for (let number = 0; number < 40; number++) {
        const flash = new FlashChip()
        const log = open(flash)
        add(log, ALARM, 1)
        flash.cutAtOperation = 1
        flash.cutAfterBytes = bytes
        add(log, OPENING, number)
        flash.revive()
        const again = open(flash)
        const expected = bytes === 8 ? [OPENING, ALARM] : [ALARM]
        expect(
          whole(all(again, MANDATORY)).map((entry) => entry.code),
          `cut after ${bytes} bytes`,
        ).toEqual(expected)
        add(again, 406, 2)
        expect(whole(all(open(flash), MANDATORY)).map((entry) => entry.code)).toEqual([406, ...expected])
      }
    }
  })

  it('has at least the newest 511 after a cut at any byte of a turn, and goes on without a gap (E-1)', () => {
    const image = fullPages()
    // The old header is cleared, erase, header, record.
    const lengths = [8, PAGE_BYTES, 8, 8]
    for (let operation = 1; operation <= lengths.length; operation++) {
      for (let bytes = 0; bytes <= lengths[operation - 1]; bytes += bytes < 64 ? 1 : 61) {
        const flash = copyOf(image)
        const log = open(flash)
        flash.cutAtOperation = operation
        flash.cutAfterBytes = bytes
        add(log, ALARM, 2 * RECORDS)
        expect(flash.cutAtOperation).toBe(0)
        flash.revive()
        const label = `cut at operation ${operation} after ${bytes} bytes`
        const again = open(flash)
        const isIn = operation === 4 && bytes === 8
        const newest = 2 * RECORDS - (isIn ? 0 : 1)
        const numbers = numbersOf(again)
        expect(numbers.length, label).toBeGreaterThanOrEqual(511)
        expect(numbers, label).toEqual(numbers.map((_, back) => (newest - back) % 1000))
        for (let count = newest + 1; count < newest + 4; count++) add(again, ALARM, count)
        const after = numbersOf(open(flash))
        expect(after, label).toEqual(after.map((_, back) => (newest + 3 - back) % 1000))
        // A slot that was cut is not there any more.
        expect(after.length, label).toBeGreaterThanOrEqual(512)
      }
    }
  })

  it('begins with its first page after a cut at any byte of that', () => {
    for (let operation = 1; operation <= 4; operation++) {
      for (let bytes = 0; bytes <= 8; bytes++) {
        const flash = new FlashChip()
        const log = open(flash)
        flash.cutAtOperation = operation
        flash.cutAfterBytes = bytes
        add(log, ALARM, 1)
        flash.revive()
        const again = open(flash)
        const before = numbersOf(again)
        add(again, ALARM, 2)
        expect(numbersOf(open(flash))).toEqual([2, ...before])
      }
    }
  })
})

describe('event log: bad flash', () => {
  it('goes on in the next slot when one does not read back, and gives up after three', () => {
    const flash = new FlashChip()
    const log = open(flash)
    add(log, ALARM, 1)
    const write = flash.write.bind(flash)
    let worn = 2
    flash.write = (address, bytes) => write(address, worn-- > 0 ? bytes.map((byte) => byte & 0xf0) : bytes)
    add(log, ALARM, 2)
    expect([numbersOf(open(flash)), log.lostCount]).toEqual([[2, 1], 0])
    worn = 3
    add(log, ALARM, 3)
    expect([numbersOf(open(flash)), log.lostCount]).toEqual([[2, 1], 1])
    expect(all(log, MANDATORY).map((entry) => entry.code)).toEqual([0, 0, 0, ALARM, 0, 0, ALARM])
  })

  it('counts what flash does not take, tries a turn once for all that waits, and works again afterwards', () => {
    const flash = fullPages()
    const log = open(flash)
    let tries = 0
    const write = flash.write.bind(flash)
    flash.write = (address, bytes) => {
      if (address % PAGE_BYTES === 0) tries++
      write(address, bytes)
    }
    flash.isFailing = true
    for (let count = 0; count < 5; count++) eventLog.append(log, OPENING, NEW, 1, count, SECONDS)
    expect(() => maintain(log)).not.toThrow()
    expect([log.lostCount, log.parkedCount, tries]).toEqual([5, 0, 1])
    flash.isFailing = false
    add(log, OPENING, 9)
    expect(numbersOf(open(flash)).slice(0, 2)).toEqual([9, (2 * RECORDS - 1) % 1000])
  })

  it('takes pages of noise, of old bits and of half an erase for what they are, and logs on (seed 31)', () => {
    const random = new Random(31)
    const image = fullPages()
    let read = 0
    for (let run = 0; run < 300; run++) {
      const flash = new FlashChip()
      for (let page = 12; page < 16; page++) {
        const bytes = page < 14 ? image.read(page * PAGE_BYTES, PAGE_BYTES) : new Uint8Array(PAGE_BYTES).fill(0xff)
        const kind = random.below(4)
        if (kind === 0) random.fill(bytes)
        if (kind === 1) bytes.fill(0xff, 0, random.below(PAGE_BYTES))
        for (let flips = kind === 2 ? random.below(400) : 0; flips > 0; flips--) {
          bytes[random.below(PAGE_BYTES)] ^= 1 << random.below(8)
        }
        if (kind === 3 && random.oneIn(2)) bytes.fill(0, 0, 8)
        flash.write(page * PAGE_BYTES, bytes)
      }
      const log = open(flash)
      expect(all(log, MANDATORY).length).toBeLessThanOrEqual(2 * RECORDS)
      expect(all(log, OTHERS).length).toBeLessThanOrEqual(2 * RECORDS)
      read += whole(all(log, MANDATORY)).length
      for (let count = 0; count < 4; count++) {
        add(log, ALARM, count)
        add(log, CHIME, count)
      }
      // What noise left in the way of a page may cost records; those that were taken are there.
      const taken = 8 - log.lostCount
      const found = [...all(open(flash), MANDATORY).slice(0, 16), ...all(open(flash), OTHERS).slice(0, 16)]
      const here = found.filter((entry) => entry.utcSeconds >= SECONDS && entry.utcSeconds < SECONDS + 4)
      expect(here.length, `run ${run}`).toBeGreaterThanOrEqual(taken)
    }
    expect(read).toBeGreaterThan(10000)
  })
})
