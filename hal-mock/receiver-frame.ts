/**
 * DC-09's envelope (reporting.md 3.1-3.3): LF, CRC, length, body, CR; where a frame ends, what is wrong with it, and how
 * one is made. The CRC comes as four digits or, from some panels, as two raw bytes.
 */

import { hexDigits, spanOf, UPPER_HEX } from './receiver-bytes'
import type { Habits } from './receiver-habits'

/** Largest frame: 0FFF bytes of body, four digits each of CRC and length, LF and CR. */
const FRAME_LIMIT_BYTES = 4095 + 10
/** Enough to see where the first quote stands: offset 7 in the binary form, 9 in the ASCII form. */
const DECIDE_BYTES = 8

/** frameEnd(): the rest of the frame has not come yet. */
export const INCOMPLETE = -1
/** frameEnd(): no frame begins here. */
export const TORN = -2

/** CRC-16/ARC (reflected polynomial A001), four bits at a time. */
const CRC_NIBBLE = new Uint16Array([
  0x0000, 0xcc01, 0xd801, 0x1400, 0xf001, 0x3c00, 0x2800, 0xe401, 0xa001, 0x6c00, 0x7800, 0xb401, 0x5000, 0x9c01,
  0x8801, 0x4400,
])

/** reporting.md 3.3: two raw CRC bytes instead of four digits, told by where the first quote stands. */
export function hasBinaryCrc(bytes: string, start: number): boolean {
  return bytes.charAt(start + 7) === '"' && bytes.charAt(start + 3) === '0' && spanOf(bytes, start + 3, UPPER_HEX) === 4
}

/** Index behind the frame that begins at start, or INCOMPLETE, or TORN. */
export function frameEnd(bytes: string, start: number): number {
  if (bytes.length - start < DECIDE_BYTES) return INCOMPLETE
  if (hasBinaryCrc(bytes, start)) {
    // Raw CRC bytes can be LF or CR: only the length tells the end.
    const end = start + DECIDE_BYTES + parseInt(bytes.substr(start + 3, 4), 16)
    if (bytes.length < end) return INCOMPLETE
    return bytes.charAt(end - 1) === '\r' ? end : TORN
  }
  const next = bytes.indexOf('\n', start + 1)
  const piece = next >= 0 ? bytes.slice(start, next) : bytes.slice(start)
  const sizeBytes = piece.indexOf('\r') + 1
  if (sizeBytes > FRAME_LIMIT_BYTES) return TORN
  if (sizeBytes > 0) return start + sizeBytes
  return next >= 0 || piece.length >= FRAME_LIMIT_BYTES ? TORN : INCOMPLETE
}

/** A frame's body. */
export function bodyOf(frame: string, isBinary: boolean): string {
  return frame.slice(lengthAt(isBinary) + 4, frame.length - 1)
}

/** What is wrong with the envelope, '' when nothing is. Lower-case digits are wrong ones (reporting.md 3.1) by habit. */
export function flawOf(frame: string, body: string, isBinary: boolean, habits: Habits): string {
  if (body.charAt(0) !== '"') return 'not a frame'
  const envelope = wrap(body, isBinary)
  const at = lengthAt(isBinary)
  const cased = (text: string) => (habits.hasLowerCase ? text.toUpperCase() : text)
  if (habits.hasLengthCheck && cased(frame.substr(at, 4)) !== envelope.substr(at, 4)) return 'length wrong'
  const crc = frame.slice(1, at)
  return (isBinary ? crc : cased(crc)) === envelope.slice(1, at) ? '' : 'CRC wrong'
}

/** The frame around a body; length stands in for the right one. */
export function wrap(body: string, isBinary: boolean, length = hexDigits(body.length, 4)): string {
  const crc = crc16(body)
  const text = isBinary ? String.fromCharCode(crc >> 8, crc & 255) : hexDigits(crc, 4)
  return '\n' + text + length + body + '\r'
}

/** Where the four digits of the length stand. */
function lengthAt(isBinary: boolean): number {
  return isBinary ? 3 : 5
}

/** CRC-16/ARC over the body: initial value 0, no final xor; the check value of '123456789' is BB3D (reporting.md 3.2). */
function crc16(text: string): number {
  let crc = 0
  for (let index = 0; index < text.length; index++) {
    crc = crc ^ (text.charCodeAt(index) & 255)
    crc = (crc >> 4) ^ CRC_NIBBLE[crc & 15]
    crc = (crc >> 4) ^ CRC_NIBBLE[crc & 15]
  }
  return crc
}
