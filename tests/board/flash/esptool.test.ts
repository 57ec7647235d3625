/**
 * The command lines of esptool.ts given to a real esptool, against a model of the chip's loader (rom-loader.ts). Skipped
 * where none is installed. docs/flashing.md lists the versions with which this was run.
 */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import * as esptool from '../../../board/flash/esptool'
import { RomLoader } from './rom-loader'

const folder = mkdtempSync(join(tmpdir(), 'esptool-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const LIMIT_MS = 120_000
/** Version 4.7 sets both lines by an ioctl, which a socket has not; with a sequence of its own it does as the others. */
writeFileSync(join(folder, 'esptool.cfg'), '[esptool]\ncustom_reset_sequence = D0|R1|W0.1|D1|R0|W0.1|D0\n')
process.env.ESPTOOL_CFGFILE = join(folder, 'esptool.cfg')

function installed(): esptool.Esptool | undefined {
  try {
    return esptool.locate()
  } catch {
    return undefined
  }
}

const found = installed()

/** The three files of an image, and a blank one. */
function files(): esptool.Write[] {
  return [
    { address: 0x1000, path: file('bootloader.bin', bootImage(DIO_4_MIB)) },
    { address: 0x8000, path: file('partitions_espruino.bin', [0xaa, 0x50, ...noise(3070)]) },
    { address: 0x10000, path: file('espruino_esp32.bin', bootImage(DIO_4_MIB, 100_000)) },
    { address: 0x314000, path: file('blank-8k.bin', new Array(8192).fill(0xff)) },
  ]
}

/** Mode DIO, then size and frequency: 4 or 2 MiB at 40 MHz. */
const DIO_4_MIB = [2, 0x20]
const DIO_2_MIB = [2, 0x10]

/**
 * A sound image of one segment, for esptool changes the flash size in the header of no other: header of 24 bytes, segment,
 * checksum in the last byte of a block of 16. Source: Espressif, "Firmware Image Format".
 */
function bootImage(flash: number[], dataBytes = 20_000): number[] {
  const data = noise(dataBytes)
  const image = [0xe9, 1, ...flash, 0, 0, 8, 0x40, 0xee, ...new Array(15).fill(0), 0x18, 0, 0xff, 0x3f]
  image.push(dataBytes & 255, (dataBytes >> 8) & 255, dataBytes >> 16, 0, ...data)
  while (image.length % 16 !== 15) image.push(0)
  return [...image, data.reduce((sum, byte) => sum ^ byte, 0xef)]
}

function noise(count: number): number[] {
  return Array.from({ length: count }, (_, index) => (index * 7919) % 251)
}

function file(name: string, bytes: number[]): string {
  writeFileSync(join(folder, name), Buffer.from(bytes))
  return join(folder, name)
}

describe.skipIf(found === undefined)(`real ${found?.command} ${found?.version}`, () => {
  const tool = { ...(found as esptool.Esptool) }

  async function withChip(act: (chip: RomLoader, port: string) => Promise<void>): Promise<void> {
    const chip = new RomLoader()
    const served = await chip.serve()
    try {
      await act(chip, served.port)
    } finally {
      served.close()
    }
  }
  const run = (line: string[]) => esptool.run(tool, line, () => undefined)

  it(
    'tells chip and MAC',
    async () => {
      await withChip(async (_, port) => {
        let text: string
        try {
          text = await run(esptool.chipArguments(tool, port))
        } catch (reason) {
          // Debian's: the same once more without stub, as main.ts does.
          if (tool.hasStub) throw reason
          text = await run(esptool.chipArguments(tool, port))
        }
        expect(esptool.identity(text)).toEqual({ chip: expect.stringMatching(/^ESP32-D0WD/), mac: '24:6f:28:aa:bb:cc' })
      })
    },
    LIMIT_MS,
  )

  it.each([true, false])(
    'writes, and finds again what it wrote; one bent byte is told (stub: %s)',
    async (hasStub) => {
      if (hasStub && !tool.hasStub) return
      const one = { ...tool, hasStub }
      await withChip(async (chip, port) => {
        chip.flash.fill(0x55, 0x314000, 0x316000)
        await run(esptool.writeArguments(one, port, 460800, files()))
        expect(chip.flash.subarray(0x8000, 0x8002)).toEqual(Buffer.from([0xaa, 0x50]))
        expect(chip.flash.subarray(0x10020, 0x10020 + 100_000)).toEqual(Buffer.from(noise(100_000)))
        expect(chip.flash.subarray(0x314000, 0x316000).every((byte) => byte === 0xff)).toBe(true)
        await run(esptool.verifyArguments(one, port, files()))
        chip.flash[0x10000 + 5000] ^= 1
        await expect(run(esptool.verifyArguments(one, port, files()))).rejects.toThrow(/is not the one of this image/)
      })
    },
    LIMIT_MS,
  )

  it(
    'writes a bootloader for 2 MiB such that it is found again',
    async () => {
      const writes = [{ address: 0x1000, path: file('small.bin', bootImage(DIO_2_MIB)) }]
      await withChip(async (chip, port) => {
        await run(esptool.writeArguments(tool, port, 115200, writes))
        expect(chip.flash[0x1003]).toBe(DIO_4_MIB[1])
        await run(esptool.verifyArguments(tool, port, writes))
      })
    },
    LIMIT_MS,
  )

  it(
    'erases all, where it has a stub; where not, that is told',
    async () => {
      await withChip(async (chip, port) => {
        chip.flash.fill(0)
        if (tool.hasStub) {
          await run(esptool.eraseArguments(tool, port))
          expect(chip.flash.every((byte) => byte === 0xff)).toBe(true)
        }
        await expect(run(esptool.eraseArguments({ ...tool, hasStub: false }, port))).rejects.toThrow(
          /needs an esptool with a stub/,
        )
      })
    },
    LIMIT_MS,
  )

  it(
    'explains a port that is not there',
    async () => {
      await expect(run(esptool.chipArguments(tool, '/dev/ttyUSB99'))).rejects.toThrow(/another USB cable/)
    },
    LIMIT_MS,
  )
})

it.skipIf(found !== undefined)('no esptool is installed: its real command lines are not tested here', () => {
  expect(() => esptool.locate()).toThrow(/not installed|too old/)
})
