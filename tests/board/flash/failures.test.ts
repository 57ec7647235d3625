import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import * as esptool from '../../../board/flash/esptool'
import { explain, FAILURES, find } from '../../../board/flash/failures'

const folder = mkdtempSync(join(tmpdir(), 'failures-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What tools really print, from hardware.md §5.4 and esptool 4.7 and 5.x. */
const SEEN: [string, string, RegExp][] = [
  [
    'rights',
    "Could not open /dev/ttyUSB0, the port is busy or doesn't exist. ([Errno 13] could not open port /dev/ttyUSB0: [Errno 13] Permission denied: '/dev/ttyUSB0')",
    /group dialout/,
  ],
  ['rights', 'Error: Permission denied, cannot open /dev/ttyUSB0', /log out and in/],
  [
    'busy',
    "A fatal error occurred: Could not open /dev/ttyUSB0 ([Errno 16] Device or resource busy: '/dev/ttyUSB0')",
    /serial monitor.*ModemManager/,
  ],
  ['busy', 'Error: Error Resource temporarily unavailable Cannot lock port', /serial monitor/],
  [
    'noPort',
    "could not open port '/dev/ttyUSB9': [Errno 2] No such file or directory: '/dev/ttyUSB9'",
    /another USB cable/,
  ],
  ['noPort', 'Error: No such file or directory, cannot open /dev/ttyUSB9', /brltty/],
  ['noPort', 'no serial port found', /cp210x, ch341 or cdc_acm/],
  [
    'noStub',
    "FileNotFoundError: [Errno 2] No such file or directory: '/usr/lib/python3/dist-packages/esptool/targets/stub_flasher/stub_flasher_32.json'",
    /--no-stub/,
  ],
  ['eraseNeedsStub', 'A fatal error occurred: ESP32 ROM does not support function erase_flash.', /upstream/],
  [
    'wrongChip',
    'A fatal error occurred: This chip is ESP32-S3, not ESP32. Wrong --chip argument?',
    /not the original ESP32/,
  ],
  ['stopped', 'A fatal error occurred: The chip stopped responding.', /powered USB port/],
  ['stopped', 'device disconnected', /modem/],
  ['garbled', 'A fatal error occurred: Invalid head of packet (0x1B): Possible serial noise or corruption.', /115200/],
  ['garbled', 'A fatal error occurred: Packet content transfer stopped (received 8 bytes)', /shorter cable/],
  [
    'noAnswer',
    'A fatal error occurred: Failed to connect to ESP32: Timed out waiting for packet header',
    /Hold BOOT, tap EN/,
  ],
  ['noAnswer', 'A fatal error occurred: Failed to connect to ESP32: No serial data received.', /GPIO0 and GPIO2/],
  ['flashVoltage', 'flash read err, 1000\nets_main.c 371', /GPIO12/],
  ['flashVoltage', 'rst:0x7 (TG0WDT_SYS_RESET),boot:0x33 (SPI_FAST_FLASH_BOOT)', /dio/],
  ['emptyFlash', 'invalid header: 0xffffffff', /0x1000, 0x8000 and 0x10000/],
  ['brownout', 'Brownout detector was triggered', /supply of its own/],
  [
    'downloadMode',
    'rst:0x1 (POWERON_RESET),boot:0x3 (DOWNLOAD_BOOT(UART0/UART1/SDIO_REI_REO_V2))\nwaiting for download',
    /Release BOOT/,
  ],
  ['storageCorrupt', 'Storage is corrupt.  Erasing.', /--erase/],
  ['refused', 'The program is not the one that was installed: run flash.sh again.', /arms nothing/],
  ['noMemory', 'New interpreter error: LOW_MEMORY,MEMORY', /variables/],
  ['notRunning', 'the panel did not say that it runs; it said last: load:0x3fff0018', /display/],
  ['notSame', '-- verify FAILED (digest mismatch)', /without --verify/],
  ['notSame', 'A fatal error occurred: Verification failed.', /without --verify/],
  ['silent', 'the console does not answer', /hold it for four/],
]

describe('failures (hardware.md §5.4)', () => {
  it.each(SEEN)('%s: "%s" has its sentence', (name, text, sentence) => {
    expect(find(text)?.name).toBe(name)
    expect(explain(text)).toMatch(sentence)
  })

  it('has a test for every row', () => {
    expect(FAILURES.map((failure) => failure.name).filter((name) => !SEEN.some((seen) => seen[0] === name))).toEqual([])
  })

  it('shows the last line of what nobody knows', () => {
    expect(explain('one\n\nsomething new\n')).toBe('something new')
  })

  it.each(SEEN.filter(([name]) => !['silent', 'refused', 'notRunning'].includes(name)))(
    '%s: an esptool that prints "%s" and fails is explained',
    async (name, text, sentence) => {
      const command = join(folder, `esptool-${name}`)
      writeFileSync(command, `#!/bin/sh\ncat <<'END'\nesptool v5.1.0\n${text}\nEND\nexit 2\n`)
      chmodSync(command, 0o755)
      const tool = { ...esptool.ASSUMED, command }
      await expect(esptool.run(tool, ['chip-id'], () => undefined)).rejects.toThrow(sentence)
      expect(tool.hasStub).toBe(name !== 'noStub')
    },
  )
})

describe('esptool', () => {
  /** A PATH with one tool that says this to `version`, and the shell's own folders. */
  function pathWith(name: string, says: string): NodeJS.ProcessEnv {
    const bin = mkdtempSync(join(folder, 'bin-'))
    writeFileSync(join(bin, name), `#!/bin/sh\nprintf '${says}'\n`)
    chmodSync(join(bin, name), 0o755)
    return { PATH: [bin, '/nowhere'].join(delimiter) }
  }

  it.each([
    ['esptool', 'esptool v5.1.0\\n5.1.0\\n', 5],
    ['esptool.py', 'esptool.py v4.7.0\\n4.7.0\\n', 4],
    ['esptool', 'esptool.py v3.0\\n3.0\\n', 3],
  ])('is found as %s saying %s', (name, says, major) => {
    const tool = esptool.locate(pathWith(name, says))
    expect([tool.command, tool.major]).toEqual([name, major])
  })

  it('of version 2.8 is too old', () => {
    expect(() => esptool.locate(pathWith('esptool', 'esptool.py v2.8\\n2.8\\n'))).toThrow(/2\.8 is too old/)
  })

  it('that is missing is told with how to install it', () => {
    expect(() => esptool.locate({ PATH: '/nowhere' })).toThrow(/not installed.*pip install esptool/)
  })

  const writes = [{ address: 0x1000, path: 'a.bin' }]

  it('5 is spoken to with hyphens, 4 with underscores', () => {
    const five = esptool.writeArguments({ ...esptool.ASSUMED, major: 5 }, 'PORT', 921600, writes).join(' ')
    expect(five).toBe(
      '--chip esp32 --port PORT --baud 921600 --before default-reset --after hard-reset write-flash -z --flash-mode dio --flash-freq 40m --flash-size detect 0x1000 a.bin',
    )
    const four = esptool.writeArguments({ ...esptool.ASSUMED, major: 4 }, 'PORT', 921600, writes).join(' ')
    expect(four).toBe(
      '--chip esp32 --port PORT --baud 921600 --before default_reset --after hard_reset write_flash -z --flash_mode dio --flash_freq 40m --flash_size detect 0x1000 a.bin',
    )
  })

  it('without stub writes uncompressed through the ROM loader', () => {
    const line = esptool.writeArguments({ ...esptool.ASSUMED, hasStub: false }, 'PORT', 115200, writes).join(' ')
    expect(line).toContain('--no-stub --chip esp32')
    expect(line).toContain('write-flash -u')
  })

  it.each([
    ['Chip is ESP32-D0WD-V3 (revision v3.1)\nMAC: 24:6F:28:AA:BB:CC', 'ESP32-D0WD-V3'],
    ['Chip type:          ESP32-D0WD-V3 (revision v3.1)\nMAC:                24:6f:28:aa:bb:cc', 'ESP32-D0WD-V3'],
  ])('tells chip and MAC: %s', (text, chip) => {
    expect(esptool.identity(text)).toEqual({ chip, mac: '24:6f:28:aa:bb:cc' })
  })
})
