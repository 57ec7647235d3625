/**
 * An ESP32 in download mode behind a TCP port, for a real esptool (socket://): the ROM's serial protocol, and that of the
 * stub once one was uploaded and started. Source: esptool's documentation, "Serial Protocol".
 *
 * Models 4 MiB of flash, which erases to 0xFF and is only programmed downwards, and the registers by which esptool tells
 * chip, crystal, MAC and flash size. Does not model: timing, baud rates, the control lines, what the stub's code does.
 */

import { createHash } from 'node:crypto'
import { createServer, type Socket } from 'node:net'
import { inflateSync } from 'node:zlib'

const END = 0xc0
const ESCAPE = 0xdb
const ESCAPED_END = 0xdc
const ESCAPED_ESCAPE = 0xdd
const FLASH_BYTES = 4 << 20
const SECTOR_BYTES = 4096

const FLASH_BEGIN = 0x02
const FLASH_DATA = 0x03
const MEM_END = 0x06
const SYNC = 0x08
const READ_REG = 0x0a
const DEFLATED_BEGIN = 0x10
const DEFLATED_DATA = 0x11
const MD5 = 0x13
const ERASE_FLASH = 0xd0
/** Done without a trace here: FLASH_END, MEM_BEGIN, MEM_DATA, WRITE_REG, SPI_SET_PARAMS, SPI_ATTACH, baud, DEFL_END. */
const HARMLESS = [0x04, 0x05, 0x07, 0x09, 0x0b, 0x0d, 0x0f, 0x12]
const UNKNOWN_COMMAND = Buffer.from([1, 5, 0, 0])

/** Magic word of the ROM, efuses with the MAC 24:6f:28:aa:bb:cc, UART divider of a 40 MHz crystal, flash id of 4 MiB. */
const REGISTERS: Record<number, number> = {
  1073745920: 0x00f01d83,
  1073061892: 0x28aabbcc,
  1073061896: 0x0000246f,
  1072955412: 347,
  1072963712: 0x00164020,
}

export class RomLoader {
  readonly flash = Buffer.alloc(FLASH_BYTES, 0xff)
  /** Numbers of the commands that came, in order. */
  readonly commands: number[] = []
  isStub = false
  private offset = 0
  private blockBytes = 0
  private blockCount = 0
  private packed: Buffer[] = []
  private frame: number[] = []
  private isEscaped = false

  /** Listens; the address as pyserial takes it. */
  async serve(): Promise<{ port: string; close: () => void }> {
    const server = createServer((socket) => {
      socket.on('error', () => undefined)
      this.isStub = false
      socket.on('data', (bytes) => {
        for (const byte of bytes) this.take(socket, byte)
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as { port: number }
    return { port: `socket://127.0.0.1:${port}`, close: () => server.close() }
  }

  private take(socket: Socket, byte: number): void {
    if (byte === END) {
      const request = Buffer.from(this.frame)
      this.frame = []
      if (request.length >= 8 && request[0] === 0) this.answer(socket, request)
    } else if (byte === ESCAPE) this.isEscaped = true
    else {
      this.frame.push(this.isEscaped ? (byte === ESCAPED_END ? END : ESCAPE) : byte)
      this.isEscaped = false
    }
  }

  private answer(socket: Socket, request: Buffer): void {
    const command = request[1]
    const data = request.subarray(8)
    this.commands.push(command)
    const count = command === SYNC ? 8 : 1
    const value = command === READ_REG ? (REGISTERS[data.readUInt32LE(0)] ?? 0) : command === SYNC ? 0x20120707 : 0
    const body = this.execute(command, data, request.readUInt32LE(4))
    for (let index = 0; index < count; index++) {
      const head = Buffer.alloc(8)
      head[0] = 1
      head[1] = command
      head.writeUInt16LE(body.length, 2)
      head.writeUInt32LE(value >>> 0, 4)
      socket.write(slip(Buffer.concat([head, body])))
    }
    if (command === MEM_END && data.readUInt32LE(4) !== 0) {
      this.isStub = true
      socket.write(slip(Buffer.from('OHAI')))
    }
  }

  /** Result and status: four bytes from the ROM, two from the stub. */
  private execute(command: number, data: Buffer, sum: number): Buffer {
    const good = Buffer.alloc(this.isStub ? 2 : 4)
    if (command === FLASH_BEGIN || command === DEFLATED_BEGIN) this.begin(data)
    else if (command === FLASH_DATA || command === DEFLATED_DATA) {
      const piece = data.subarray(16, 16 + data.readUInt32LE(0))
      if (piece.reduce((all, byte) => all ^ byte, 0xef) !== (sum & 0xff)) return Buffer.from([1, 7, 0, 0])
      if (command === FLASH_DATA) this.program(this.offset + data.readUInt32LE(4) * this.blockBytes, piece)
      else this.unpack(piece)
    } else if (command === MD5) return Buffer.concat([this.digest(data), good])
    else if (command === ERASE_FLASH && this.isStub) this.flash.fill(0xff)
    else if (![SYNC, READ_REG, MEM_END, ...HARMLESS].includes(command)) return UNKNOWN_COMMAND
    return good
  }

  private begin(data: Buffer): void {
    const [bytes, blockCount, blockBytes, offset] = [0, 4, 8, 12].map((at) => data.readUInt32LE(at))
    Object.assign(this, { blockCount, blockBytes, offset, packed: [] })
    this.flash.fill(0xff, offset, offset + Math.ceil(bytes / SECTOR_BYTES) * SECTOR_BYTES)
  }

  private unpack(piece: Buffer): void {
    this.packed.push(Buffer.from(piece))
    if (this.packed.length === this.blockCount) this.program(this.offset, inflateSync(Buffer.concat(this.packed)))
  }

  private program(address: number, bytes: Buffer): void {
    for (let at = 0; at < bytes.length; at++) this.flash[address + at] &= bytes[at]
  }

  private digest(data: Buffer): Buffer {
    const [address, bytes] = [data.readUInt32LE(0), data.readUInt32LE(4)]
    const hash = createHash('md5').update(this.flash.subarray(address, address + bytes))
    return this.isStub ? hash.digest() : Buffer.from(hash.digest('hex'))
  }
}

function slip(bytes: Buffer): Buffer {
  const coded = [...bytes].flatMap((byte) => {
    if (byte === END) return [ESCAPE, ESCAPED_END]
    return byte === ESCAPE ? [ESCAPE, ESCAPED_ESCAPE] : [byte]
  })
  return Buffer.from([END, ...coded, END])
}
