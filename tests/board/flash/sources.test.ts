import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateRawSync, gzipSync } from 'node:zlib'
import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import * as images from '../../../board/flash/image'
import * as ports from '../../../board/flash/ports'

const top = mkdtempSync(join(tmpdir(), 'sources-test-'))
afterAll(() => rmSync(top, { recursive: true, force: true }))
let root = ''
beforeEach(() => {
  root = mkdtempSync(join(top, 'root-'))
})

/** A USB serial device as Linux shows it: the tty's device is an interface below the USB device. */
function plug(device: string, usbId: string, byId = ''): void {
  const usb = join(root, 'sys/devices/usb1', device)
  mkdirSync(join(usb, 'if0', device), { recursive: true })
  const [vendor, product] = usbId.split(':')
  writeFileSync(join(usb, 'idVendor'), `${vendor}\n`)
  writeFileSync(join(usb, 'idProduct'), `${product}\n`)
  mkdirSync(join(root, 'sys/class/tty', device), { recursive: true })
  symlinkSync(join(usb, 'if0', device), join(root, 'sys/class/tty', device, 'device'))
  mkdirSync(join(root, 'dev/serial/by-id'), { recursive: true })
  writeFileSync(join(root, 'dev', device), '')
  if (byId !== '') symlinkSync(join(root, 'dev', device), join(root, 'dev/serial/by-id', byId))
}

describe('ports (hardware.md §5.3)', () => {
  it.each([
    ['10c4:ea60', /CP2102/],
    ['1a86:7523', /CH340/],
    ['1a86:55d4', /CH9102F \(LilyGO\)/],
    ['1a86:55d3', /CH343/],
    ['0403:6001', /FT232R/],
  ])('knows USB id %s', (usbId, chip) => {
    plug('ttyUSB0', usbId, 'usb-chip-if00')
    const found = ports.list(root)
    expect(found).toHaveLength(1)
    expect(found[0].chip).toMatch(chip)
    expect(ports.choose(found)).toEqual({ path: join(root, 'dev/serial/by-id/usb-chip-if00') })
  })

  it('takes the device itself when there is no name by id', () => {
    plug('ttyACM3', '1a86:55d4')
    expect(ports.choose(ports.list(root))).toEqual({ path: join(root, 'dev/ttyACM3') })
  })

  it('refuses an ESP32-S3 on its native USB', () => {
    plug('ttyACM0', '303a:1001', 'usb-Espressif')
    expect(ports.choose(ports.list(root))).toEqual({
      problem: expect.stringMatching(/no serial port found.*does not suit.*ESP32-S3/s),
    })
  })

  it('does not guess between two boards', () => {
    plug('ttyUSB0', '10c4:ea60', 'usb-a')
    plug('ttyUSB1', '1a86:7523', 'usb-b')
    expect(ports.choose(ports.list(root))).toEqual({
      problem: expect.stringMatching(/2 ports; choose one with --port:.*CP2102.*CH340/s),
    })
  })

  it('takes the board beside a device that is not one', () => {
    plug('ttyACM0', '303a:1001', 'usb-a')
    plug('ttyUSB1', '10c4:ea60', 'usb-b')
    expect(ports.choose(ports.list(root))).toEqual({ path: join(root, 'dev/serial/by-id/usb-b') })
  })

  it('finds none on a computer without any', () => {
    expect(ports.choose(ports.list(root))).toEqual({ problem: 'no serial port found' })
  })
})

const FILES: Record<string, Buffer> = {
  'bootloader.bin': Buffer.concat([Buffer.from([0xe9]), Buffer.alloc(20000)]),
  'partitions_espruino.bin': Buffer.concat([Buffer.from([0xaa, 0x50]), Buffer.alloc(3070)]),
  'espruino_esp32.bin': program('2v29.277'),
}

function program(version: string): Buffer {
  return Buffer.concat([Buffer.from([0xe9]), Buffer.alloc(600_000), Buffer.from(`\0${version}\0`)])
}

function tar(files: Record<string, Buffer>): Buffer {
  const parts = Object.entries(files).flatMap(([name, bytes]) => {
    const header = Buffer.alloc(512)
    header.write(`espruino_2v29.277_esp32/${name}`, 0)
    header.write(`${bytes.length.toString(8).padStart(11, '0')}\0`, 124)
    header.write('0', 156)
    return [header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]
  })
  return Buffer.concat([...parts, Buffer.alloc(1024)])
}

/** Entries deflated, sizes in the directory only, as a writer to a stream does it. */
function zip(files: Record<string, Buffer>): Buffer {
  const locals: Buffer[] = []
  const directory: Buffer[] = []
  let at = 0
  for (const [name, bytes] of Object.entries(files)) {
    const packed = deflateRawSync(bytes)
    const local = Buffer.alloc(30 + name.length)
    local.writeUInt32LE(0x04034b50)
    local.writeUInt16LE(8, 8)
    local.writeUInt16LE(name.length, 26)
    local.write(name, 30)
    const entry = Buffer.alloc(46 + name.length)
    entry.writeUInt32LE(0x02014b50)
    entry.writeUInt16LE(8, 10)
    entry.writeUInt32LE(packed.length, 20)
    entry.writeUInt32LE(bytes.length, 24)
    entry.writeUInt16LE(name.length, 28)
    entry.writeUInt32LE(at, 42)
    entry.write(name, 46)
    locals.push(local, packed)
    directory.push(entry)
    at += local.length + packed.length
  }
  const end = Buffer.alloc(22)
  end.writeUInt32LE(0x06054b50)
  end.writeUInt16LE(directory.length, 8)
  end.writeUInt16LE(directory.length, 10)
  end.writeUInt32LE(Buffer.concat(directory).length, 12)
  end.writeUInt32LE(at, 16)
  return Buffer.concat([...locals, ...directory, end])
}

function put(name: string, bytes: Buffer): string {
  const path = join(root, name)
  writeFileSync(path, bytes)
  return path
}

function folderOf(files: Record<string, Buffer>): string {
  const folder = mkdtempSync(join(root, 'image-'))
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes)
  return folder
}

describe('image', () => {
  it.each([
    ['a folder', () => folderOf(FILES)],
    ['a .tgz of the build server', () => put('i.tgz', gzipSync(tar(FILES)))],
    ['a .zip', () => put('i.zip', zip(FILES))],
    [
      'a release .zip with the .tgz in it',
      () => put('r.zip', zip({ 'espruino_2v29.277_esp32.tgz': gzipSync(tar(FILES)) })),
    ],
  ])('comes from %s', (_, make) => {
    const image = images.open(make())
    expect(image.version).toBe('2v29.277')
    expect(image.parts.map((part) => [part.name, part.address])).toEqual([
      ['bootloader.bin', 0x1000],
      ['partitions_espruino.bin', 0x8000],
      ['espruino_esp32.bin', 0x10000],
    ])
    for (const part of image.parts) expect(part.bytes.equals(FILES[part.name])).toBe(true)
  })

  it('comes from the folder above an unpacked archive', () => {
    const above = mkdtempSync(join(root, 'above-'))
    symlinkSync(folderOf(FILES), join(above, 'espruino_2v29.277_esp32'))
    expect(images.open(above).version).toBe('2v29.277')
  })

  it.each([
    ['a file is missing', { 'bootloader.bin': undefined }, /bootloader\.bin is missing/],
    ['the bootloader begins with 0x00', { 'bootloader.bin': Buffer.alloc(20000) }, /begins with 0x00 instead of 0xE9/],
    ['the program has 10 bytes', { 'espruino_esp32.bin': Buffer.from('0123456789') }, /has 10 bytes instead of 500000/],
    [
      'the bootloader reaches into the partition table',
      { 'bootloader.bin': Buffer.alloc(0x7001, 0xe9) },
      /28673 bytes/,
    ],
    [
      'it is the released 2v29',
      { 'espruino_esp32.bin': program('2v29') },
      /holds Espruino 2v29: use 2v29\.277 or newer/,
    ],
  ])('is refused when %s', (_, change, sentence) => {
    const files = Object.fromEntries(Object.entries({ ...FILES, ...change }).filter(([, bytes]) => bytes !== undefined))
    expect(() => images.open(folderOf(files as Record<string, Buffer>))).toThrow(sentence)
  })

  it('says where to get it when it is not there or damaged', () => {
    expect(() => images.open(join(root, 'nothing'))).toThrow(
      /www\.espruino\.com\/binaries\/travis\/c5ff787b199148c31ef2776fb6f70673cba01a25/,
    )
    expect(() => images.open(put('torn.tgz', gzipSync(tar(FILES)).subarray(0, 600)))).toThrow(/cannot be unpacked/)
  })

  it.each([
    ['2v29', false],
    ['2v29.276', false],
    ['2v29.277', true],
    ['2v30', true],
    ['3v00', true],
    ['1v99', false],
    ['', false],
  ])('version %s is recent: %s', (version, isRecent) => {
    expect(images.isRecent(version)).toBe(isRecent)
  })
})
