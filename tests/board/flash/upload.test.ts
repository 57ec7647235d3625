import { pbkdf2Sync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { crc32 } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { Console } from '../../../board/flash/console'
import { find } from '../../../board/flash/failures'
import { contents, type UserCode } from '../../../board/flash/provision'
import * as upload from '../../../board/flash/upload'
import * as settings from '../../../firmware/store/settings'
import { demoConfig } from '../../../hal-mock/demo'
import { FlashChip } from '../../../hal-mock/flash'
import { FakeBoard, type Faults } from './fake-board'

const TARGET = { image: 'ESP32', flashBase: 0x310000 }
const PROGRAM = upload.programOf(`print("${'x'.repeat(2000)}")`)
/** Waits are a fiftieth of those on a board: 100 ms for an answer. */
const QUICK = 0.02
const CODES: UserCode[] = [
  { slot: 0, digits: '352670', user: 1, isDuress: false },
  { slot: 32, digits: '904418', user: 1, isDuress: true },
]
const CONFIG = demoConfig()

async function attached(faults: Faults = {}): Promise<{ board: FakeBoard; link: Console }> {
  const board = new FakeBoard(faults)
  const link = new Console(board, QUICK)
  await link.attach()
  return { board, link }
}

async function install(board: FakeBoard, program = PROGRAM, bytes = contents(program, CONFIG, CODES)): Promise<void> {
  const link = new Console(board, QUICK)
  await link.attach()
  await upload.writeProgram(link, program, () => undefined)
  await upload.writeSettings(link, TARGET, bytes)
}

describe('console', () => {
  it('gives values, and the exception of what fails', async () => {
    const { link } = await attached()
    expect(await link.ask('1+41')).toBe(42)
    expect(await link.ask('undefined')).toBeUndefined()
    await expect(link.ask('nothingThere()')).rejects.toThrow(/nothingThere is not defined/)
  })

  it('sends nothing between XOFF and XON', async () => {
    const { board, link } = await attached({ xoffEvery: 128 })
    await upload.writeProgram(link, PROGRAM, () => undefined)
    expect(board.bytesWhileStopped).toBe(0)
    expect(board.files.get('.bootcde')?.toString('latin1')).toBe(PROGRAM)
  })

  it('goes on when the XON was lost, after its limit of 10 s', async () => {
    const { board, link } = await attached()
    const answer = link.ask('7')
    board.faults.xoffEvery = undefined
    ;(board as unknown as { listener: (bytes: string) => void }).listener('\x13')
    expect(await answer).toBe(7)
    ;(board as unknown as { listener: (bytes: string) => void }).listener('\x13')
    expect(await link.ask('8')).toBe(8)
  })

  it('repeats a line that lost a byte on the way', async () => {
    const { board, link } = await attached({ damagedLine: 'atob' })
    await upload.writeProgram(link, PROGRAM, () => undefined)
    expect(board.files.get('.bootcde')?.toString('latin1')).toBe(PROGRAM)
  })

  it('says that a closed console does not answer, with what the board said last', async () => {
    const board = new FakeBoard({ isClosed: true })
    const link = new Console(board, QUICK)
    const attempt = link.attach(1)
    ;(board as unknown as { listener: (bytes: string) => void }).listener('Brownout detector was triggered\r\n')
    await expect(attempt).rejects.toThrow(/does not answer; it said last: Brownout detector was triggered/)
  })
})

describe('image on the board', () => {
  const modules = 'Flash,Storage,crypto'
  it.each([
    ['ESP32_IDF4', '2v29.277', modules, /image is for ESP32_IDF4/],
    ['ESP32', '2v29', modules, /2v29 is too old/],
    ['ESP32', '2v29.276', modules, /2v29.276 is too old/],
    ['ESP32', '2v30', 'Flash,Storage', /no module crypto/],
  ])('refuses %s %s with %s', async (BOARD, VERSION, MODULES, sentence) => {
    const { link } = await attached({ env: { BOARD, VERSION, MODULES } })
    await expect(upload.checkImage(link, TARGET)).rejects.toThrow(sentence)
  })

  it('accepts 2v29.277', async () => {
    const { link } = await attached()
    expect(await upload.checkImage(link, TARGET)).toBe('2v29.277')
  })
})

describe('upload', () => {
  it('leaves a panel that starts with its program and settings', async () => {
    const board = new FakeBoard()
    await install(board)
    expect(board.wouldArm()).toBe(true)
  })

  it('cut after every single flash operation never leaves a panel that arms, until the commit mark is written', async () => {
    const whole = new FakeBoard()
    await install(whole)
    const bytes = contents(PROGRAM, CONFIG, CODES)
    for (let cutAfter = 1; cutAfter < whole.operations; cutAfter++) {
      const board = new FakeBoard({ cutAfter })
      await expect(install(board, PROGRAM, bytes)).rejects.toThrow()
      expect(board.wouldArm(), `cut after operation ${cutAfter}`).toBe(false)
      expect(board.region.slice(0x4ffc, 0x5000).every((byte) => byte === 0)).toBe(false)
    }
    // The last operation of all is the mark.
    const last = new FakeBoard({ cutAfter: whole.operations })
    await expect(install(last, PROGRAM, bytes)).rejects.toThrow()
    expect(last.region.slice(0x4ffc, 0x5000)).not.toEqual(new Uint8Array(4))
  })

  it('cut in the middle leaves a program that begins with erased bytes, so none of it runs', async () => {
    const board = new FakeBoard({ cutAfter: 5 })
    await expect(install(board)).rejects.toThrow()
    const file = board.files.get('.bootcde') as Buffer
    expect(file.subarray(0, 8).toString('latin1')).toBe('\n\n\n\n\xff\xff\xff\xff')
    expect(file.subarray(-4).toString('latin1')).toBe('xx")'.slice(-4))
  })

  it('can be repeated after a cut', async () => {
    const board = new FakeBoard({ cutAfter: 9 })
    await expect(install(board)).rejects.toThrow()
    const again = new FakeBoard()
    again.files = board.files
    again.region = board.region
    await install(again)
    expect(again.wouldArm()).toBe(true)
  })

  it('finds another program on the board by its CRC', async () => {
    const board = new FakeBoard()
    await install(board)
    const link = new Console(board, QUICK)
    await link.attach()
    expect(await upload.programProblem(link, PROGRAM)).toBe('')
    expect(await upload.settingsProblem(link, TARGET, PROGRAM)).toBe('')
    ;(board.files.get('.bootcde') as Buffer)[100] = 65
    expect(await upload.programProblem(link, PROGRAM)).toMatch(/CRC differs/)
  })

  it('with --app-only keeps secret, codes and configuration, and expects the new program', async () => {
    const board = new FakeBoard()
    await install(board)
    const check = { crc32: (bytes: Uint8Array) => crc32(bytes) }
    const before = settings.unpack(settings.load(board.flash(), check) as Uint8Array) as settings.Settings
    const next = upload.programOf('print("the next version")')
    const link = new Console(board, QUICK)
    await link.attach()
    await upload.writeProgram(link, next, () => undefined)
    expect(board.wouldArm()).toBe(false)
    await upload.renewSettings(link, TARGET, next)
    expect(board.wouldArm()).toBe(true)
    const after = settings.unpack(settings.load(board.flash(), check) as Uint8Array) as settings.Settings
    expect({ ...after, programBytes: 0, programCrc: 0 }).toEqual({ ...before, programBytes: 0, programCrc: 0 })
  })

  it('with --app-only refuses a board without settings', async () => {
    const { link } = await attached()
    await expect(upload.renewSettings(link, TARGET, PROGRAM)).rejects.toThrow(/without --app-only/)
  })

  it('with --app-only refuses settings of another version, which the program could not read, and leaves them', async () => {
    const board = new FakeBoard()
    const old = contents(PROGRAM, CONFIG, CODES)
    old[0] = 1
    const check = { crc32: (bytes: Uint8Array) => crc32(bytes) }
    const chip = new FlashChip()
    expect(settings.save(chip, check, old)).toBe(true)
    board.region.set(chip.image())
    const link = new Console(board, QUICK)
    await link.attach()
    await expect(upload.renewSettings(link, TARGET, upload.programOf('print(1)'))).rejects.toThrow(/without --app-only/)
    expect(settings.load(board.flash(), check)).toEqual(old)
  })

  it('switches both radios off, and waits for the two restarts', async () => {
    const { board, link } = await attached({ hasRadios: true })
    await upload.closeRadios(link)
    expect(board.restarts).toBe(2)
    await upload.closeRadios(link)
    expect(board.restarts).toBe(2)
  })
})

describe('restart', () => {
  it('is a success only by the line of the panel itself', async () => {
    const board = new FakeBoard()
    await install(board)
    const link = new Console(board, QUICK)
    await link.attach()
    await upload.restart(link, upload.START_LIMIT_MS)
    expect(board.told.trimEnd().split('\r\n').at(-1)).toBe('Panel runs.')
    expect(board.isClosed).toBe(true)
  })

  it.each([
    ['configsip: 0, SPIWP:0xee', /did not say that it runs; it said last: configsip/],
    // Half a line is none, and a longer one is another one.
    ['Panel runs.no', /did not say that it runs/],
    ['Brownout detector was triggered\r\nrst:0xc (SW_CPU_RESET)', /Brownout detector was triggered/],
    ['rst:0x7 (TG0WDT_SYS_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)', /TG0WDT/],
  ])('into silence or a loop is a failure: "%s"', async (bootLog, sentence) => {
    const { link } = await attached({ bootLog })
    await expect(upload.restart(link, 5000)).rejects.toThrow(sentence)
  })

  it("fails with the safe state's sentence at once, without waiting for the limit", async () => {
    const board = new FakeBoard()
    await install(board)
    ;(board.files.get('.bootcde') as Buffer)[100] = 65
    const link = new Console(board)
    await link.attach()
    const startMs = Date.now()
    await expect(upload.restart(link, upload.START_LIMIT_MS)).rejects.toThrow(/not the one that was installed/)
    expect(Date.now() - startMs).toBeLessThan(5000)
  })

  it('knows every sentence of the safe state (board/boot.ts) as one', () => {
    const source = readFileSync(new URL('../../../board/boot.ts', import.meta.url), 'utf8')
    const sentences = [...source.matchAll(/(?:refuse\(s, \d+, |return )(['`])([A-Z].*?[.])\1/g)].map(
      (match) => match[2],
    )
    expect(sentences.length).toBeGreaterThanOrEqual(12)
    for (const sentence of sentences) {
      expect(find(sentence.replace(/\$\{[^}]*\}/g, '3'))?.name, sentence).toBe('refused')
    }
  })
})

describe('secrets', () => {
  it('reach the board as keyed hashes: no code is on the wire, and the secret never comes back', async () => {
    const board = new FakeBoard()
    await install(board)
    const check = { crc32: (bytes: Uint8Array) => crc32(bytes) }
    const found = settings.unpack(settings.load(board.flash(), check) as Uint8Array) as settings.Settings
    const pieces = [...board.sent.matchAll(/atob\("([^"]*)"\)/g)].map((match) =>
      Buffer.from(match[1], 'base64').toString('latin1'),
    )
    const wire = board.sent + pieces.join('')
    for (const code of CODES) {
      expect(wire).not.toContain(code.digits)
      // Nor as the keypad's entry bytes.
      expect(wire).not.toContain(String.fromCharCode(...[...code.digits].map((digit) => Number(digit) || 10)))
    }
    const secret = Buffer.from(found.secret)
    expect(board.told).not.toContain(secret.toString('latin1'))
    expect(board.told).not.toContain(secret.toString('base64').slice(0, 20))
    expect(board.told).not.toContain(secret.toString('hex').slice(0, 20))
  })

  it('are hashed as the panel does it: PBKDF2-HMAC-SHA256, 16 rounds, salt and eight entry bytes (C-12)', () => {
    const found = settings.unpack(contents(PROGRAM, CONFIG, CODES)) as settings.Settings
    for (const { slot, digits, isDuress } of CODES) {
      const entry = [...digits.padEnd(8, ' ')].map((digit) => (digit === ' ' ? 0 : Number(digit) || 10))
      const hash = pbkdf2Sync(found.secret, Buffer.concat([found.salt, Buffer.from(entry)]), 16, 6, 'sha256')
      const words = [...found.tags.slice(slot * 4, slot * 4 + 4)]
        .map((word) => word.toString(16).padStart(3, '0'))
        .join('')
      expect(words).toBe(hash.toString('hex'))
      expect(found.meta[slot]).toBe((isDuress ? 4096 : 0) | slot)
    }
  })

  it('may do what is asked for, and everything a user may where nothing is said; other slots nothing (C-4)', () => {
    const guest = { ...CODES[1], isDuress: false, user: 33, rights: (1 << 12) | (5 << 8) | 2 }
    const config = { ...CONFIG, partitions: 'House\nShop' }
    const { rights } = settings.unpack(contents(PROGRAM, config, [CODES[0], guest])) as settings.Settings
    expect(rights[0]).toBe((1 << 12) | (3 << 8) | 3)
    expect(rights[32]).toBe(guest.rights)
    expect(rights.filter((word) => word !== 0)).toHaveLength(2)
  })

  it('differ between two panels with the same codes and configuration', () => {
    const [one, other] = [1, 2].map(() => settings.unpack(contents(PROGRAM, CONFIG, CODES)) as settings.Settings)
    expect(one.secret).not.toEqual(other.secret)
    expect(one.salt).not.toEqual(other.salt)
    expect(one.tags).not.toEqual(other.tags)
  })
})
