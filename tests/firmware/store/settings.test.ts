import { crc32 } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import * as settings from '../../../firmware/store/settings'
import { cutEverywhere, NorFlash, PAGE_BYTES } from './nor-flash'

// The layout, written down again from docs/flash-layout.md.
const FIRST = 4 * PAGE_BYTES
const SECOND = 5 * PAGE_BYTES
const MAGIC = [0x53, 0x45, 0x54, 0x31]
const MARK_AT = 4092
const CONTENTS_AT = 16

const check = { crc32: (bytes: Uint8Array) => crc32(bytes) }

function contents(fill: number, lengthBytes = 100): Uint8Array {
  return new Uint8Array(lengthBytes).fill(fill)
}

function wordAt(flash: NorFlash, at: number): number {
  return Buffer.from(flash.read(at, 4)).readUInt32BE(0)
}

function twice(): NorFlash {
  const flash = new NorFlash()
  expect(settings.save(flash, check, contents(1))).toBe(true)
  expect(settings.save(flash, check, contents(2, 77))).toBe(true)
  return flash
}

function sample(): settings.Settings {
  return {
    programBytes: 36000,
    programCrc: -559038737,
    secret: contents(0xa5, 32),
    salt: contents(7, 16),
    tags: new Uint16Array(256).map((_, index) => (index * 37) & 4095),
    meta: new Uint16Array(64).map((_, index) => index + 4096),
    rights: new Uint16Array(64).map((_, index) => index * 100),
    configText: '{"account":"1234"}'.repeat(50),
  }
}

describe('settings: layout', () => {
  it('writes magic, CRC, sequence 1, length, contents and mark to page 4, and then page 5 with sequence 2', () => {
    const flash = twice()
    for (const [at, sequence, bytes] of [
      [FIRST, 1, contents(1)],
      [SECOND, 2, contents(2, 77)],
    ] as const) {
      expect([...flash.read(at, 4)]).toEqual(MAGIC)
      expect(wordAt(flash, at + 4)).toBe(crc32(flash.read(at + 8, 8 + bytes.length)))
      expect(wordAt(flash, at + 8)).toBe(sequence)
      expect(wordAt(flash, at + 12)).toBe(bytes.length)
      expect(flash.read(at + CONTENTS_AT, bytes.length)).toEqual(bytes)
      expect(wordAt(flash, at + MARK_AT)).toBe(0)
    }
  })

  it('touches no page but 4 and 5', () => {
    const flash = twice()
    for (let page = 0; page < 10; page++) {
      if (page === 4 || page === 5) continue
      expect(flash.read(page * PAGE_BYTES, PAGE_BYTES).every((byte) => byte === 0xff)).toBe(true)
    }
  })
})

describe('settings: load and save', () => {
  it('gives nothing on blank flash', () => {
    expect(settings.load(new NorFlash(), check)).toBeUndefined()
    expect(settings.isDamaged(new NorFlash(), check)).toBe(false)
  })

  it('gives the newest of 9 saves, which used 9 erases, in turn', () => {
    const flash = new NorFlash()
    for (let turn = 1; turn <= 9; turn++) {
      expect(settings.save(flash, check, contents(turn, turn * 11))).toBe(true)
      expect(settings.load(flash, check)).toEqual(contents(turn, turn * 11))
    }
    expect(flash.erases).toBe(9)
    expect(wordAt(flash, FIRST + 8)).toBe(9)
    expect(wordAt(flash, SECOND + 8)).toBe(8)
  })

  it('takes 4000 bytes, and refuses 4001 and 0 without touching flash', () => {
    const flash = twice()
    const before = flash.bytesChanged
    expect(settings.save(flash, check, contents(3, 4001))).toBe(false)
    expect(settings.save(flash, check, contents(3, 0))).toBe(false)
    expect(flash.bytesChanged).toBe(before)
    expect(settings.save(flash, check, contents(3, 4000))).toBe(true)
    expect(settings.load(flash, check)).toEqual(contents(3, 4000))
  })

  it('says false and keeps the old contents when flash is locked', () => {
    const flash = twice()
    flash.isFailing = true
    expect(settings.save(flash, check, contents(3))).toBe(false)
    flash.isFailing = false
    expect(settings.load(flash, check)).toEqual(contents(2, 77))
  })

  it('says false when a bit does not program', () => {
    const flash = twice()
    const write = flash.write.bind(flash)
    flash.write = (address, bytes) => {
      write(address, bytes)
      if (address === FIRST && bytes.length > 4) flash.image[FIRST + CONTENTS_AT + 5] |= 0x80
    }
    expect(settings.save(flash, check, contents(3))).toBe(false)
    flash.write = write
    expect(settings.load(flash, check)).toEqual(contents(2, 77))
    expect(settings.isDamaged(flash, check)).toBe(false)
  })
})

describe('settings: power cuts', () => {
  it.each([
    ['the first save', new NorFlash().image, undefined],
    ['the third save', twice().image, contents(2, 77)],
  ])(
    '%s, cut after every single byte, leaves the old or the new contents, and the next save works',
    (_, image, old) => {
      const fresh = contents(9, 201)
      let newCount = 0
      cutEverywhere(
        image,
        (flash) => settings.save(flash, check, fresh),
        (flash, bytesBefore, bytesInAll) => {
          const found = settings.load(flash, check)
          if (bytesBefore === bytesInAll) expect(found).toEqual(fresh)
          if (found?.length === fresh.length) newCount++
          else expect(found).toEqual(old)
          expect(settings.isDamaged(flash, check)).toBe(false)
          if (bytesBefore % 50 !== 0) return
          expect(settings.save(flash, check, contents(8))).toBe(true)
          expect(settings.load(flash, check)).toEqual(contents(8))
        },
      )
      // Only the last byte of the mark brings the new contents into force.
      expect(newCount).toBe(1)
    },
  )
})

describe('settings: an erase that is cut in any other order', () => {
  it('is not taken for damage when it left magic and mark but not the contents', () => {
    const flash = twice()
    flash.erase = (page) => {
      flash.image.fill(0xff, page * PAGE_BYTES + 20, page * PAGE_BYTES + 60)
      throw new Error('the supply is gone')
    }
    expect(settings.save(flash, check, contents(3))).toBe(false)
    const after = new NorFlash(flash.image)
    expect(settings.load(after, check)).toEqual(contents(2, 77))
    expect(settings.isDamaged(after, check)).toBe(false)
    expect([...after.read(FIRST, 4)]).toEqual([0, 0, 0, 0])
  })
})

describe('settings: damage (P-5)', () => {
  it('tells that the copy in force has a flipped bit, and gives the one before it', () => {
    const flash = twice()
    flash.image[SECOND + CONTENTS_AT + 3] ^= 16
    expect(settings.load(flash, check)).toEqual(contents(1))
    expect(settings.isDamaged(flash, check)).toBe(true)
  })

  it('says nothing of a flipped bit in the copy before', () => {
    const flash = twice()
    flash.image[FIRST + CONTENTS_AT + 3] ^= 16
    expect(settings.load(flash, check)).toEqual(contents(2, 77))
    expect(settings.isDamaged(flash, check)).toBe(false)
  })

  it('is over after the next save, whose sequence goes beyond the damaged one', () => {
    const flash = twice()
    flash.image[SECOND + CONTENTS_AT + 3] ^= 16
    expect(settings.save(flash, check, contents(3))).toBe(true)
    expect(settings.isDamaged(flash, check)).toBe(false)
    expect(settings.load(flash, check)).toEqual(contents(3))
    expect(wordAt(flash, SECOND + 8)).toBe(3)
  })

  it('tells it also when both copies are damaged, and gives nothing', () => {
    const flash = twice()
    flash.image[FIRST + CONTENTS_AT] ^= 1
    flash.image[SECOND + CONTENTS_AT] ^= 1
    expect(settings.load(flash, check)).toBeUndefined()
    expect(settings.isDamaged(flash, check)).toBe(true)
  })

  it('does not trust a length beyond 4000', () => {
    const flash = twice()
    flash.image[SECOND + 12] = 0x7f
    expect(settings.load(flash, check)).toEqual(contents(1))
  })
})

describe('settings: contents', () => {
  it('come back as they were packed, 812 bytes before salt and text', () => {
    const packed = settings.pack(sample()) as Uint8Array
    expect(packed.length).toBe(812 + 16 + 900)
    expect([...packed.subarray(0, 4)]).toEqual([2, 16, 0, 0])
    expect(Buffer.from(packed).readUInt32BE(4)).toBe(36000)
    expect(Buffer.from(packed).readInt32BE(8)).toBe(-559038737)
    // Rights from byte 684 on, two bytes a slot.
    expect([...packed.subarray(684 + 2 * 63, 684 + 2 * 64)]).toEqual([6300 >> 8, 6300 & 255])
    expect(settings.unpack(packed)).toEqual(sample())
  })

  it.each([
    ['a secret of 31 bytes', { secret: contents(1, 31) }],
    ['no salt', { salt: contents(1, 0) }],
    ['a salt of 65 bytes', { salt: contents(1, 65) }],
    ['255 tag words', { tags: new Uint16Array(255) }],
    ['63 meta words', { meta: new Uint16Array(63) }],
    ['65 words of rights', { rights: new Uint16Array(65) }],
    ['a text that makes it 4001 bytes', { configText: 'x'.repeat(4001 - 812 - 16) }],
  ])('are not packed with %s', (_, change) => {
    expect(settings.pack({ ...sample(), ...change })).toBeUndefined()
  })

  it('are packed at 4000 bytes', () => {
    const largest = { ...sample(), configText: 'x'.repeat(4000 - 812 - 16) }
    expect(settings.unpack(settings.pack(largest) as Uint8Array)).toEqual(largest)
  })

  it.each([
    ['of version 1, which had no rights', 0, 1],
    ['of a later version', 0, 3],
    ['without a salt', 1, 0],
    ['with a salt of 65 bytes', 1, 65],
  ])('%s are not unpacked', (_, at, value) => {
    const packed = settings.pack(sample()) as Uint8Array
    packed[at] = value
    expect(settings.unpack(packed)).toBeUndefined()
  })

  it('cut short are not unpacked', () => {
    const packed = settings.pack(sample()) as Uint8Array
    expect(settings.unpack(packed.subarray(0, 827))).toBeUndefined()
    expect(settings.unpack(packed.subarray(0, 828))?.configText).toBe('')
  })
})
