import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32 } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { chain, verify } from '../../../board/log/chain'
import { linesOf } from '../../../board/log/lines'
import { main } from '../../../board/log/main'
import * as counters from '../../../firmware/store/counters'
import * as eventLog from '../../../firmware/store/event-log'
import * as settings from '../../../firmware/store/settings'
import { FlashChip } from '../../../hal-mock/flash'
import { nodeCrypto } from '../../../hal-mock/programs/node-crypto'

const PAGE_BYTES = 4096
const START = Date.UTC(2026, 0, 5, 8) / 1000
const SECRET = new Uint8Array(32).fill(0x5c)
const check = { crc32: (bytes: Uint8Array) => crc32(bytes) }
const folder = mkdtempSync(join(tmpdir(), 'panel-log-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function provision(flash: FlashChip, secret = SECRET): void {
  const contents = settings.pack({
    programBytes: 1,
    programCrc: 2,
    secret,
    salt: new Uint8Array(16),
    tags: new Uint16Array(256),
    meta: new Uint16Array(64),
    rights: new Uint16Array(64),
    configText: '{}',
  })
  settings.save(flash, check, contents as Uint8Array)
}

/** One start: a boot record, a log, its restart. */
function boot(flash: FlashChip, cause: number, utcSeconds: number): eventLog.EventLog {
  const c = counters.create(flash, check, counters.POWER, 0)
  const log = eventLog.create(flash, nodeCrypto, SECRET, c.boot)
  add(log, 305, 1, 0, cause, utcSeconds)
  return log
}

function add(
  log: eventLog.EventLog,
  code: number,
  qualifier: number,
  partition: number,
  number: number,
  utcSeconds: number,
): void {
  eventLog.append(log, code, qualifier, partition, number, utcSeconds)
  for (let isMore = true; isMore; ) isMore = eventLog.maintain(log)
}

/** A panel whose mandatory ring has turned twice. */
function longLived(): FlashChip {
  const flash = new FlashChip()
  provision(flash)
  for (let number = 1; number <= 3; number++) {
    const log = boot(flash, 2, START)
    for (let count = 0; count < 400; count++) {
      add(log, 131, 1, 1, count, START + count)
      eventLog.period(log, 1, 0)
    }
  }
  return flash
}

function run(...words: string[]): { code: number; out: string; err: string } {
  let [out, err] = ['', '']
  const code = main(words, {
    say: (text) => {
      out += text
    },
    complain: (text) => {
      err += text
    },
  })
  return { code, out, err }
}

function file(name: string, contents: string | Uint8Array): string {
  const path = join(folder, name)
  writeFileSync(path, contents)
  return path
}

/** Changes bits of a page that the chip would not let change. */
function changed(flash: FlashChip, change: (image: Uint8Array) => void): Uint8Array {
  const image = flash.image()
  change(image)
  return image
}

describe('lines of an event log', () => {
  it('have ring, place, boot, time, event and its name, oldest first, the counts of repetitions too (E-3, E-4)', () => {
    const flash = new FlashChip()
    const log = boot(flash, 1, 0)
    for (let count = 0; count < 5; count++) add(log, 131, 1, 2, 7, START + count)
    add(log, 131, 3, 2, 7, START + 60)
    eventLog.period(log, 2, START + 90)
    add(log, 401, 1, 2, 64, START + 90)
    add(log, eventLog.CHIME, 1, 1, 3, START + 91)
    const second = boot(flash, 9, START + 200)
    add(second, 401, 3, 2, 1, START + 300)
    expect(linesOf(flash.image(), SECRET, 2)).toEqual([
      'M 000001 boot 1     no time              1305 00 001 System reset',
      'M 000002 boot 1     2026-01-05T08:00:00Z 1131 02 007 Perimeter burglary',
      'M 000003 boot 1     2026-01-05T08:00:01Z 1131 02 007 Perimeter burglary',
      'M 000004 boot 1     2026-01-05T08:00:02Z 1131 02 007 Perimeter burglary',
      'M 000005 boot 1     2026-01-05T08:01:00Z 3131 02 007 Perimeter burglary restored',
      'M 000006 boot 1     2026-01-05T08:01:30Z 6131 02 007 Perimeter burglary again',
      'M 000007 boot 1     2026-01-05T08:01:30Z and 2 times more',
      'M 000008 boot 1     2026-01-05T08:01:30Z 1401 02 064 Open/close by user',
      'M 000009 boot 2     2026-01-05T08:03:20Z 1305 00 009 System reset',
      'M 000010 boot 2     2026-01-05T08:05:00Z 3401 02 001 Open/close by user (closing)',
      'O 000001 boot 1     no time              1305 00 001 System reset',
      'O 000002 boot 1     2026-01-05T08:01:31Z 11002 01 003 Chime',
      'O 000003 boot 2     2026-01-05T08:03:20Z 1305 00 009 System reset',
    ])
  })

  it('are those that the panel itself reads, in the opposite order', () => {
    const flash = longLived()
    const log = eventLog.create(flash, nodeCrypto, SECRET, 4)
    const read: string[] = []
    for (let back = 0; ; back++) {
      const entry = eventLog.at(log, eventLog.MANDATORY, back)
      if (entry === undefined) break
      read.push(`${entry.qualifier}${entry.code} 0${entry.partition} ${String(entry.number).padStart(3, '0')}`)
    }
    const lines = linesOf(flash.image(), SECRET, 4).filter((line) => /^M \d/.test(line))
    expect(lines.map((line) => line.slice(41, 52))).toEqual(read.reverse())
    expect(lines).toHaveLength(511 + 1203 - 2 * 511)
  })

  it('know the boot of a record whose page was begun later, and of more than 1024 boots', () => {
    const flash = new FlashChip()
    for (let number = 1; number <= 1030; number++) boot(flash, 1, START)
    const lines = linesOf(flash.image(), SECRET, 1030).filter((line) => line.startsWith('O 0'))
    expect(lines[lines.length - 1].slice(9, 19)).toBe('boot 1030 ')
    expect(lines[0].slice(0, 19)).toBe('O 000512 boot 512  ')
    expect(linesOf(flash.image(), SECRET, 0).pop()?.slice(9, 19)).toBe('boot 6    ')
  })

  it('say of a full page whether anything in it was changed since, and what was cut (E-8)', () => {
    const flash = longLived()
    const anchorOf = (image: Uint8Array, secret: Uint8Array | undefined = SECRET) =>
      linesOf(image, secret, 4).filter((line) => /^M page/.test(line))
    expect(anchorOf(flash.image())).toEqual(['M page 3: page 2 is as it was when it was full'])
    expect(linesOf(flash.image(), undefined, 4)).toContain(
      'M page 3: whether page 2 was changed cannot be said without the device secret',
    )
    const wrong = 'M page 3: PAGE 2 WAS CHANGED after it was full, or the panel has other settings since'
    for (const at of [8, 100, 2000, 4095]) {
      const image = changed(flash, (bytes) => {
        bytes[13 * PAGE_BYTES + at] ^= 4
      })
      expect(anchorOf(image), `byte ${at}`).toEqual([wrong])
    }
    // A record that was replaced by a sound one.
    const image = changed(flash, (bytes) =>
      bytes.copyWithin(13 * PAGE_BYTES + 80, 13 * PAGE_BYTES + 88, 13 * PAGE_BYTES + 96),
    )
    expect(linesOf(image, SECRET, 4).some((line) => line.includes('damaged'))).toBe(false)
    expect(anchorOf(image)).toEqual([wrong])
    expect(anchorOf(flash.image(), new Uint8Array(32))).toEqual([wrong])
  })

  it('show a damaged record with its bytes, and leave out a page without a header, with a word', () => {
    const flash = longLived()
    const image = changed(flash, (bytes) => bytes.fill(0, 13 * PAGE_BYTES + 16, 13 * PAGE_BYTES + 24))
    expect(linesOf(image, SECRET, 4).find((line) => line.includes('damaged'))).toBe(
      'M 000513 boot 2     cut or damaged: 0000000000000000',
    )
    const headless = changed(flash, (bytes) => bytes.fill(0, 13 * PAGE_BYTES, 13 * PAGE_BYTES + 8))
    const lines = linesOf(headless, SECRET, 4)
    expect(lines[0]).toBe('M flash page 13 has no whole header: what is in it is left out')
    expect(lines.filter((line) => line.startsWith('M 0'))).toHaveLength(1203 - 2 * 511)
  })
})

describe('the chain of lines (E-8)', () => {
  const LINES = ['one', 'two', 'three', 'four']
  const sealed = chain(LINES, SECRET)
  const text = `${sealed.join('\n')}\n`

  it('finds nothing in what it made', () => {
    expect(verify(text, SECRET)).toBeUndefined()
    expect(verify(text.replace(/\n/g, '\r\n'), undefined)).toBeUndefined()
    expect(verify(chain([], SECRET).join('\n'), SECRET)).toBeUndefined()
    expect(sealed[0]).toMatch(/^one [0-9a-f]{16}$/)
    expect(sealed[4]).toMatch(/^end of 4 lines, seal [0-9a-f]{64}$/)
  })

  it('tells the first line of each change of one character', () => {
    const lines = text.split('\n')
    for (let line = 0; line < 4; line++) {
      for (let at = 0; at < lines[line].length; at++) {
        const other = lines[line][at] === '0' ? '1' : '0'
        const now = [...lines]
        now[line] = lines[line].slice(0, at) + other + lines[line].slice(at + 1)
        expect(verify(now.join('\n'), undefined)?.line, `line ${line + 1}, character ${at}`).toBe(line + 1)
      }
    }
  })

  it('tells where a line is missing, was added, or has another place', () => {
    const without = (index: number) => sealed.filter((_, at) => at !== index).join('\n')
    expect([0, 1, 3].map((index) => verify(without(index), undefined)?.line)).toEqual([1, 2, 4])
    expect(verify(without(4), SECRET)).toEqual({ line: 5, why: 'the last lines are missing' })
    expect(verify([...sealed.slice(0, 2), sealed[0], ...sealed.slice(2)].join('\n'), undefined)?.line).toBe(3)
    expect(verify([sealed[1], sealed[0], ...sealed.slice(2)].join('\n'), undefined)?.line).toBe(1)
    expect(verify(`${text}more\n`, undefined)).toEqual({ line: 6, why: 'it was added behind the end' })
    expect(verify('', SECRET)?.line).toBe(1)
  })

  it('does not believe a chain made anew without the secret, shortened or not sealed', () => {
    const forged = [...chain(['one', 'TWO', 'three', 'four'], undefined).slice(0, 4), sealed[4]]
    expect(verify(forged.join('\n'), undefined)).toBeUndefined()
    expect(verify(forged.join('\n'), SECRET)?.why).toContain('the seal is wrong')
    expect(verify(chain(LINES, undefined).join('\n'), SECRET)?.why).toContain('not sealed')
    expect(verify(chain(LINES, new Uint8Array(32)).join('\n'), SECRET)?.line).toBe(5)
    const short = [...sealed.slice(0, 3), sealed[4].replace('4 lines', '3 lines')]
    expect(verify(short.join('\n'), SECRET)?.line).toBe(4)
    expect(verify([...sealed.slice(0, 3), sealed[4]].join('\n'), undefined)?.why).toContain('there are 3')
  })
})

describe('npm run log', () => {
  const flash = longLived()
  const image = file('panel.bin', flash.image())

  it('prints a log that it finds unchanged, and tells the line that somebody changed', () => {
    const printed = run(image)
    expect([printed.code, printed.err]).toEqual([0, ''])
    const lines = printed.out.trimEnd().split('\n')
    expect(lines).toHaveLength(1 + 511 + 181 + 3 + 1)
    const path = file('log.txt', printed.out)
    expect(run('--verify', path, image)).toEqual({
      code: 0,
      out: `${path}: no line was changed, and the seal is the panel's.\n`,
      err: '',
    })
    expect(run('--verify', path).out).toContain('The seal was not checked')
    lines[99] = lines[99].replace('Perimeter', 'Interior')
    const other = file('changed.txt', lines.join('\n'))
    for (const words of [[other], [other, image]]) {
      const found = run('--verify', ...words)
      expect([found.code, found.out.includes('line 100:')]).toEqual([1, true])
    }
  })

  it('prints no secret, no hash of a code and no duress', () => {
    const secret = Buffer.from(SECRET).toString('hex')
    expect(run(image).out).not.toContain(secret.slice(0, 16))
    expect(run(image).out.toLowerCase()).not.toMatch(/duress|hold-up| 1121 /)
  })

  it('prints without a seal what has no settings, and says so', () => {
    const bare = new FlashChip()
    boot(bare, 1, START)
    const path = file('bare.bin', bare.image())
    const printed = run(path)
    expect(printed.code).toBe(0)
    expect(printed.err).toContain('not sealed')
    expect(printed.out).toMatch(/end of 2 lines, not sealed\n$/)
    const made = file('bare.txt', printed.out)
    expect(run('--verify', made).code).toBe(0)
    expect(run('--verify', made, path).err).toContain('no sound settings')
    expect(run('--verify', made, image).out).toContain('not sealed')
  })

  it.each([
    [1, ['/nowhere/panel.bin'], 'ENOENT'],
    [1, ['--verify', '/nowhere/log.txt'], 'ENOENT'],
    [2, [], 'Usage'],
    [2, ['--other'], 'unknown option'],
    [0, ['--help'], ''],
  ])('ends with %i and a sentence, given %j', (code, words, text) => {
    const result = run(...words)
    expect(result.code).toBe(code)
    expect(result.err).toContain(text)
  })

  it('refuses an image that is not 64 KiB', () => {
    expect(run(file('short.bin', new Uint8Array(4096))).err).toContain('4096 bytes')
  })
})
