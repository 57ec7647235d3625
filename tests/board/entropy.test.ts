import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import * as entropy from '../../board/entropy'
import { cutEverywhere, NorFlash, PAGE_BYTES } from '../firmware/store/nor-flash'

// The layout, written down again from docs/flash-layout.md.
const FIRST_PAGE = 8 * PAGE_BYTES
const SLOT_BYTES = 64
const NOISE = 0x3ff75144
const MAC = 0x3ff5a004

const check = { crc32: (bytes: Uint8Array) => crc32(bytes) }
const SECRET = new Uint8Array(32).fill(0x42)

/** A chip: noise from a seed (0 for a register that is stuck), a clock that only the reads move. */
class Chip implements entropy.NoiseNatives {
  reads: number[] = []
  hashes = 0
  private state: number
  private seconds = 1.5

  constructor(
    seed: number,
    readonly mac = 0x24dcc312,
    readonly tickSeconds = 0.001037,
  ) {
    this.state = seed
  }

  peek32(address: number): number {
    this.reads.push(address)
    if (address === MAC || address === MAC + 4) return this.mac
    this.state = (Math.imul(this.state, 1664525) + (this.state === 0 ? 0 : 1013904223)) | 0
    return this.state
  }

  getTime(): number {
    this.seconds += this.tickSeconds
    return this.seconds
  }

  sha256(bytes: Uint8Array): ArrayBuffer {
    this.hashes++
    const digest = createHash('sha256').update(bytes).digest()
    return new Uint8Array(digest).buffer
  }
}

function boot(flash: NorFlash, chip = new Chip(1), secret = SECRET): entropy.Entropy {
  return entropy.create(chip, flash, check, secret)
}

function draw(e: entropy.Entropy, lengthBytes = 32): string {
  const bytes = new Uint8Array(lengthBytes)
  entropy.fill(e, bytes)
  return Buffer.from(bytes).toString('hex')
}

beforeEach(() => {
  // The interpreter's fixed sequence (espruino.md fact 7): whoever touches it fails.
  vi.spyOn(Math, 'random').mockImplementation(() => {
    throw new Error('Math.random was used')
  })
  vi.stubGlobal('E', {
    hwRand: () => {
      throw new Error('E.hwRand was used')
    },
  })
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

describe('entropy: the fixed sequence', () => {
  it('is never used: the traps hold through boot, stir and fill, and the source names neither', () => {
    const e = boot(new NorFlash())
    entropy.stir(e, 5)
    draw(e, 1000)
    expect(() => Math.random()).toThrow('was used')
    const source = readFileSync(new URL('../../board/entropy.ts', import.meta.url), 'utf8')
    expect(source).not.toMatch(/hwRand|Math\.random|srand/)
  })
})

describe('entropy: boots differ', () => {
  it('reads the noise register 64 times and more, and both words of the MAC address', () => {
    const chip = new Chip(1)
    boot(new NorFlash(), chip)
    expect(chip.reads.filter((address) => address === NOISE).length).toBeGreaterThanOrEqual(64)
    expect(chip.reads).toContain(MAC)
    expect(chip.reads).toContain(MAC + 4)
  })

  it('hashes between any two reads, which is what spaces them', () => {
    const chip = new Chip(1)
    const steps: string[] = []
    const natives: entropy.NoiseNatives = {
      peek32: (address) => {
        if (address === NOISE) steps.push('read')
        return chip.peek32(address)
      },
      getTime: () => chip.getTime(),
      sha256: (bytes) => {
        steps.push('hash')
        return chip.sha256(bytes)
      },
    }
    entropy.create(natives, new NorFlash(), check, SECRET)
    const text = steps.slice(steps.indexOf('read') + 1).join(' ')
    expect(text).not.toContain('read read')
  })

  it('by the stored seed alone: 200 boots with the same noise and times give 200 different outputs', () => {
    const flash = new NorFlash()
    const seen = new Set<string>()
    for (let turn = 0; turn < 200; turn++) seen.add(draw(boot(flash)))
    expect(seen.size).toBe(200)
  })

  it.each([
    ['noise', new Chip(2), SECRET],
    ['timing alone', new Chip(1, 0x24dcc312, 0.001038), SECRET],
    ['MAC address alone', new Chip(1, 0x24dcc313), SECRET],
    ['device secret alone', new Chip(1), new Uint8Array(32).fill(0x43)],
  ])('on blank flash by %s', (_, chip, secret) => {
    expect(draw(boot(new NorFlash(), chip, secret))).not.toBe(draw(boot(new NorFlash())))
  })

  it('not at all when nothing differs: the test above can fail', () => {
    expect(draw(boot(new NorFlash()))).toBe(draw(boot(new NorFlash())))
  })

  it('says whether the register moves: 0 changes is stuck', () => {
    expect(boot(new NorFlash(), new Chip(1)).isNoisy).toBe(true)
    expect(boot(new NorFlash(), new Chip(0)).isNoisy).toBe(false)
  })
})

describe('entropy: the stored seed', () => {
  it('stands in 64-byte slots on page 8: number, seed, CRC; its predecessor is wiped', () => {
    const flash = new NorFlash()
    boot(flash)
    const first = flash.read(FIRST_PAGE, SLOT_BYTES)
    expect(Buffer.from(first).readUInt32BE(0)).toBe(1)
    expect(Buffer.from(first).readUInt32BE(36)).toBe(crc32(first.subarray(0, 36)))
    expect(first.subarray(4, 36).every((byte) => byte === 0)).toBe(false)
    boot(flash)
    expect(flash.read(FIRST_PAGE + 4, 32).every((byte) => byte === 0)).toBe(true)
    expect(Buffer.from(flash.read(FIRST_PAGE + SLOT_BYTES, 4)).readUInt32BE(0)).toBe(2)
  })

  it('is not what goes out', () => {
    const flash = new NorFlash()
    const e = boot(flash)
    const seed = Buffer.from(flash.read(FIRST_PAGE + 4, 32)).toString('hex')
    expect(draw(e, 320)).not.toContain(seed)
  })

  it('takes 200 boots with 4 erases, on pages 8 and 9 only', () => {
    const flash = new NorFlash()
    for (let turn = 0; turn < 200; turn++) boot(flash)
    expect(flash.erases).toBe(4)
    for (let page = 0; page < 8; page++) {
      expect(flash.read(page * PAGE_BYTES, PAGE_BYTES).every((byte) => byte === 0xff)).toBe(true)
    }
  })

  it.each([
    ['at the first start', 0],
    ['in a page', 3],
    ['at the change of page', 64],
  ])('cut after any byte %s: no output of the boot that was cut comes again', (_, boots) => {
    const flash = new NorFlash()
    for (let turn = 0; turn < boots; turn++) boot(flash)
    // What a boot gives out although its flash died under it: nothing stored, so nothing that the next may repeat.
    let outputOfCut = ''
    cutEverywhere(
      flash.image,
      (fork) => {
        outputOfCut = draw(boot(fork))
      },
      (fork) => expect(draw(boot(fork))).not.toBe(outputOfCut),
      37,
    )
  })

  it('is left out when flash is locked: output is not that of the boot which can use it', () => {
    const flash = new NorFlash()
    boot(flash)
    const locked = new NorFlash(flash.image)
    locked.isFailing = true
    const e = boot(locked)
    expect(e.isStored).toBe(false)
    const output = draw(e)
    expect(output).not.toBe(draw(boot(new NorFlash(flash.image))))
    // No trace of the seed: the same as on a locked chip that never had one.
    const blank = new NorFlash()
    blank.isFailing = true
    expect(output).toBe(draw(boot(blank)))
    expect(boot(flash).isStored).toBe(true)
  })
})

describe('entropy: output', () => {
  it('fills any length: 0, 1, 31, 32, 33, 100 bytes', () => {
    const e = boot(new NorFlash())
    for (const lengthBytes of [0, 1, 31, 32, 33, 100]) expect(draw(e, lengthBytes).length).toBe(lengthBytes * 2)
  })

  it('is the hash of the pool under purpose 2 and the count, and the key is replaced after it', () => {
    const chip = new Chip(1)
    const e = boot(new NorFlash(), chip)
    const before = new Uint8Array(e.pool)
    const expected = [0, 1].map((count) => {
      const pool = new Uint8Array(before)
      pool.set([2, 0, 0, count], 64)
      return createHash('sha256').update(pool).digest('hex')
    })
    expect(draw(e, 64)).toBe(expected.join(''))
    expect(Buffer.from(e.pool.subarray(0, 32))).not.toEqual(Buffer.from(before.subarray(0, 32)))
    expect(Buffer.from(e.pool).toString('hex')).not.toContain(expected[1])
  })

  it('repeats no block of 10 000, and ones and zeros balance within 4 standard deviations', () => {
    const e = boot(new NorFlash())
    const seen = new Set<string>()
    const block = new Uint8Array(32)
    let ones = 0
    for (let count = 0; count < 10000; count++) {
      entropy.fill(e, block)
      seen.add(Buffer.from(block).toString('latin1'))
      for (const byte of block) for (let bits = byte; bits > 0; bits &= bits - 1) ones++
    }
    expect(seen.size).toBe(10000)
    const bits = 10000 * 256
    expect(Math.abs(ones - bits / 2)).toBeLessThan((4 * Math.sqrt(bits)) / 2)
  })

  it('changes with the moment of one key press, and with its value', () => {
    const outputs = [-1, 0, 1].map((value) => {
      const e = boot(new NorFlash())
      if (value >= 0) entropy.stir(e, value)
      return draw(e)
    })
    expect(new Set(outputs).size).toBe(3)
  })

  it('gathers 1000 presses within its 32 bytes', () => {
    const e = boot(new NorFlash())
    const key = e.pool.slice(0, 32)
    const tail = e.pool.slice(64)
    for (let press = 0; press < 1000; press++) entropy.stir(e, press)
    expect(e.pool.slice(0, 32)).toEqual(key)
    expect(e.pool.slice(64)).toEqual(tail)
    expect(e.at).toBe(2000 % 32)
  })

  it('comes through the boundary as well', () => {
    const bytes = new Uint8Array(8)
    entropy.random(boot(new NorFlash())).fill(bytes)
    expect(Buffer.from(bytes).toString('hex')).toBe(draw(boot(new NorFlash()), 8))
  })
})
