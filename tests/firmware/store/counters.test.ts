import { crc32 } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import * as counters from '../../../firmware/store/counters'
import { cutEverywhere, NorFlash, PAGE_BYTES } from './nor-flash'

// The layout, written down again from docs/flash-layout.md.
const FIRST_PAGE = 6 * PAGE_BYTES
const SLOT_BYTES = 32
const SLOTS = 128
const TEN_MINUTES = 600000
const SECONDS = 1767600000

// Causes, as CCC of Contact ID 305.
const NONE_BEFORE = 0
const POWER = 1
const BROWNOUT = 2
const WATCHDOG = 3
const ORDERED = 4
const RESCUE = 5
const EXCEPTION = 6
const MEMORY = 7
const LOW_MEMORY = 8
const CALLBACK = 9
const UNKNOWN = 10

const check = { crc32: (bytes: Uint8Array) => crc32(bytes) }

function boot(flash: NorFlash, hardware = POWER): counters.Counters {
  return counters.create(flash, check, hardware, SECONDS)
}

/** So many starts, each ended by the watchdog at once. Returns the start after them. */
function crashes(flash: NorFlash, count: number): counters.Counters {
  boot(flash)
  let c = boot(flash, WATCHDOG)
  for (let turn = 1; turn < count; turn++) c = boot(flash, WATCHDOG)
  return c
}

describe('counters: layout', () => {
  it('writes number, cause, streak, crashes, seconds and CRC into 32-byte slots on page 6', () => {
    const flash = new NorFlash()
    crashes(flash, 2)
    const slot = Buffer.from(flash.read(FIRST_PAGE + 2 * SLOT_BYTES, SLOT_BYTES))
    expect(slot.readUInt32BE(0)).toBe(3)
    expect([...slot.subarray(4, 8)]).toEqual([WATCHDOG, 2, 0xff, 0xff])
    expect(slot.readUInt32BE(8)).toBe(2)
    expect(slot.readUInt32BE(12)).toBe(SECONDS)
    expect(slot.readUInt32BE(16)).toBe(crc32(slot.subarray(0, 16)))
    expect([...slot.subarray(20)].every((byte) => byte === 0xff)).toBe(true)
  })

  it('notes an end as cause, complement and time at byte 24, and a good run as four zeros at byte 20', () => {
    const flash = new NorFlash()
    const c = boot(flash)
    counters.poll(c, TEN_MINUTES)
    counters.end(c, MEMORY, SECONDS + 700)
    const slot = Buffer.from(flash.read(FIRST_PAGE, SLOT_BYTES))
    expect(slot.readUInt32BE(20)).toBe(0)
    expect([...slot.subarray(24, 28)]).toEqual([MEMORY, 255 - MEMORY, 0xff, 0xff])
    expect(slot.readUInt32BE(28)).toBe(SECONDS + 700)
  })
})

describe('counters: cause of a start', () => {
  it('is none at the first, with boot number 1', () => {
    expect(boot(new NorFlash())).toMatchObject({ cause: NONE_BEFORE, boot: 1, streak: 0, crashes: 0 })
  })

  it.each([POWER, BROWNOUT, WATCHDOG])('is what the chip says (%i) when the boot before noted nothing', (hardware) => {
    const flash = new NorFlash()
    boot(flash)
    expect(boot(flash, hardware)).toMatchObject({ cause: hardware, boot: 2 })
  })

  it.each([ORDERED, RESCUE, EXCEPTION, MEMORY, LOW_MEMORY, CALLBACK])(
    'is what the boot before noted (%i), though the chip only knows of a restart',
    (cause) => {
      const flash = new NorFlash()
      counters.end(boot(flash), cause, 0)
      expect(boot(flash, WATCHDOG).cause).toBe(cause)
    },
  )

  it('keeps the first of two notes', () => {
    const flash = new NorFlash()
    const c = boot(flash)
    counters.end(c, MEMORY, 0)
    counters.end(c, ORDERED, 0)
    expect(boot(flash, WATCHDOG).cause).toBe(MEMORY)
  })

  it('is unknown, and a crash, when the note was cut', () => {
    const flash = new NorFlash()
    const c = boot(flash)
    cutEverywhere(
      flash.image,
      (fork) => counters.end({ ...c, flash: fork }, MEMORY, SECONDS),
      (fork, bytes) => {
        const next = boot(fork, WATCHDOG)
        expect(next.cause).toBe(bytes === 0 ? WATCHDOG : bytes === 1 ? UNKNOWN : MEMORY)
        expect(next.crashes).toBe(1)
      },
    )
  })

  it.each([
    [['LOW_MEMORY', 'MEMORY'], MEMORY],
    [['CALLBACK', 'LOW_MEMORY'], LOW_MEMORY],
    [['FIFO_FULL', 'CALLBACK'], CALLBACK],
    [['FIFO_FULL'], 0],
    [[], 0],
  ])('of the error flags %j is %i', (flags, cause) => {
    expect(counters.causeOf(flags)).toBe(cause)
  })
})

describe('counters: crash loop', () => {
  it('is after 3 crashes in a row, not after 2', () => {
    expect(counters.isCrashLoop(crashes(new NorFlash(), 2))).toBe(false)
    const third = crashes(new NorFlash(), 3)
    expect(counters.isCrashLoop(third)).toBe(true)
    expect(third).toMatchObject({ streak: 3, crashes: 3, boot: 4 })
  })

  it('is not when the panel is switched on 20 times', () => {
    const flash = new NorFlash()
    let c = boot(flash)
    for (let turn = 0; turn < 20; turn++) c = boot(flash, turn % 2 ? POWER : BROWNOUT)
    expect(c).toMatchObject({ streak: 0, crashes: 0, boot: 21 })
  })

  it('is still when the supply was switched off between the crashes', () => {
    const flash = new NorFlash()
    crashes(flash, 2)
    expect(counters.isCrashLoop(boot(flash, POWER))).toBe(false)
    expect(counters.isCrashLoop(boot(flash, WATCHDOG))).toBe(true)
    expect(counters.isCrashLoop(boot(flash, POWER))).toBe(true)
  })

  it('is over when a boot has lasted 10 min, and a crash after that starts no new row', () => {
    const flash = new NorFlash()
    const c = crashes(flash, 3)
    expect(counters.poll(c, TEN_MINUTES - 1)).toBe(TEN_MINUTES)
    expect(counters.isCrashLoop(boot(new NorFlash(flash.image), POWER))).toBe(true)
    expect(counters.poll(c, TEN_MINUTES)).toBe(Infinity)
    expect(boot(flash, WATCHDOG)).toMatchObject({ cause: WATCHDOG, streak: 0, crashes: 4 })
  })

  it.each([ORDERED, RESCUE])('is over after an end that was meant (%i)', (cause) => {
    const flash = new NorFlash()
    counters.end(crashes(flash, 3), cause, 0)
    expect(boot(flash, WATCHDOG).streak).toBe(0)
  })

  it('counts a mark of a good run that was cut as none', () => {
    const flash = new NorFlash()
    const c = crashes(flash, 2)
    cutEverywhere(
      flash.image,
      (fork) => counters.poll({ ...c, flash: fork }, TEN_MINUTES),
      (fork, bytes) => expect(boot(fork, WATCHDOG).streak).toBe(bytes === 4 ? 0 : 3),
    )
  })

  it('keeps a row of 300 crashes in its byte', () => {
    expect(crashes(new NorFlash(), 300)).toMatchObject({ streak: 255, crashes: 300 })
  })
})

describe('counters: flash', () => {
  it('writes 1000 boots with 8 erases, and the number goes on over each change of page', () => {
    const flash = new NorFlash()
    for (let turn = 1; turn <= 1000; turn++) expect(boot(flash).boot).toBe(turn)
    expect(flash.erases).toBe(Math.ceil(1000 / SLOTS))
    for (let page = 0; page < 10; page++) {
      const isUsed = flash.read(page * PAGE_BYTES, PAGE_BYTES).some((byte) => byte !== 0xff)
      expect(isUsed).toBe(page === 6 || page === 7)
    }
  })

  it.each([
    ['in a page', 5],
    ['at the change of page', SLOTS],
    ['at the change back', 2 * SLOTS],
  ])('keeps number and crashes when a start is cut after any byte %s', (_, boots) => {
    const flash = new NorFlash()
    for (let turn = 0; turn < boots; turn++) boot(flash, WATCHDOG)
    const crashCount = boots - 1
    cutEverywhere(
      flash.image,
      (fork) => boot(fork, WATCHDOG),
      (fork, bytes, bytesInAll) => {
        const next = boot(fork, POWER)
        const isCounted = bytes === bytesInAll
        expect(next.boot).toBe(isCounted ? boots + 2 : boots + 1)
        expect(next.crashes).toBe(isCounted ? crashCount + 1 : crashCount)
      },
      9,
    )
  })

  it('goes on without a record when flash is locked, and end() and poll() do nothing then', () => {
    const flash = new NorFlash()
    crashes(flash, 3)
    flash.isFailing = true
    const c = boot(flash, WATCHDOG)
    expect(c).toMatchObject({ address: -1, boot: 5, streak: 4 })
    expect(counters.poll(c, TEN_MINUTES)).toBe(Infinity)
    counters.end(c, MEMORY, 0)
  })

  it('writes nowhere when the next page cannot be erased any more, and still knows its cause', () => {
    const flash = new NorFlash()
    for (let turn = 0; turn < SLOTS; turn++) boot(flash)
    const before = flash.image.slice()
    flash.erase = () => {
      throw new Error('worn out')
    }
    expect(boot(flash, WATCHDOG)).toMatchObject({ address: -1, boot: SLOTS + 1, cause: WATCHDOG, crashes: 1 })
    expect(flash.image).toEqual(before)
  })

  it('steps over a slot that does not take its bytes', () => {
    const flash = new NorFlash()
    boot(flash)
    flash.image[FIRST_PAGE + SLOT_BYTES + 9] = 0
    flash.image[FIRST_PAGE + SLOT_BYTES + 17] = 0
    expect(boot(flash).boot).toBe(2)
    expect(boot(flash).boot).toBe(3)
  })

  it('knows nothing where flash cannot be read at all', () => {
    expect(counters.none(new NorFlash())).toMatchObject({ boot: 0, address: -1, streak: 0 })
  })
})
