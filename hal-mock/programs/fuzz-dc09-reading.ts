/**
 * Another reading of reporting.md 3 and 4 than the firmware's, for account 1234: which replies do these bytes hold? It
 * shares no code with firmware/report/ and is not in a hurry: CRC bit by bit, every line feed tried as a beginning.
 */

import { nodeCrypto } from './node-crypto'

/** The message in flight. */
export interface Flight {
  /** Four digits. */
  sequence: string
  key: Uint8Array
  acceptsClearAck: boolean
  /** 0 while the panel's clock is not sure. */
  sureSeconds: number
}

/** Of a stamp in an encrypted reply (4): a minute or two. */
const FRESH_SECONDS = 120

/** 'ACK', 'NAK', 'DUH': what the bytes may be taken for. They are what a judge used up, so a frame ends with them. */
export function reading(bytes: string, flight: Flight): Set<string> {
  const found = new Set<string>()
  if (bytes === '"NAK"') found.add('NAK')
  if (!bytes.endsWith('\r')) return found
  for (let at = bytes.indexOf('\n'); at >= 0; at = bytes.indexOf('\n', at + 1)) {
    for (const crcBytes of [2, 4]) {
      const body = bytes.slice(at + 5 + crcBytes, -1)
      if (body.startsWith('"') && isSound(bytes.slice(at + 1, at + 5 + crcBytes), body)) {
        const what = meaning(body, flight)
        if (what !== '') found.add(what)
      }
    }
  }
  return found
}

/** Two raw bytes or four digits of CRC (3.2, 3.3), then the length; py-sia-dc-07 counts one more, in decimal (7.6). */
function isSound(preamble: string, body: string): boolean {
  const length = preamble.slice(-4).toUpperCase()
  if (length !== lengthOf(body) && length !== String(body.length + 1).padStart(4, '0')) return false
  const crc = crcOf(body)
  if (preamble.length === 6) return preamble.charCodeAt(0) === crc >> 8 && preamble.charCodeAt(1) === (crc & 255)
  return /^[0-9A-Fa-f]{4}/.test(preamble) && parseInt(preamble.slice(0, 4), 16) === crc
}

/** 5.3, with the security notes of 4. */
function meaning(body: string, flight: Flight): string {
  if (body.startsWith('"NAK"')) return 'NAK'
  const parts = /^"(\*?)(ACK|RSP|DUH)"([\s\S]{4})([^[]*)(\[([\s\S]*))?$/.exec(body)
  if (parts === null) return ''
  const [, star, id, sequence, header, , content] = parts
  if (id === 'DUH') return star === '' && (sequence === flight.sequence || sequence === '0000') ? 'DUH' : ''
  if (sequence !== flight.sequence || !header.includes('L')) return ''
  const believesClear = flight.key.length === 0 || flight.acceptsClearAck
  // Leading zeros may come or go (7.6), up to the sixteen digits of an account.
  if (header.includes('#') ? !/^[^#]*#0{0,12}1234$/.test(header) : !believesClear) return ''
  if (star === '') return believesClear ? 'ACK' : ''
  if (flight.key.length === 0 || !/^([0-9A-Fa-f]{32})+$/.test(content ?? '')) return ''
  const bytes = nodeCrypto.decryptCbc(new Uint8Array(Buffer.from(content, 'hex')), flight.key)
  return isFresh(Buffer.from(bytes).toString('latin1'), flight.sureSeconds) ? 'ACK' : ''
}

/** A time behind the last bracket, the only sign that the key was right. */
function isFresh(text: string, sureSeconds: number): boolean {
  const stamp = /^\] ?_(\d\d:\d\d:\d\d),(\d\d)-(\d\d)-(20[23]\d)/.exec(text.slice(text.lastIndexOf(']')))
  if (stamp === null) return false
  const [, time, month, day, year] = stamp
  const date = new Date(`${year}-${month}-${day}T${time}Z`)
  if (Number.isNaN(date.getTime()) || !date.toISOString().startsWith(`${year}-${month}-${day}T${time}`)) return false
  return sureSeconds === 0 || Math.abs(date.getTime() / 1000 - sureSeconds) <= FRESH_SECONDS
}

/** The standard's words: for each byte c ^= b, then eight times shift and xor (3.2). */
export function crcOf(text: string): number {
  let crc = 0
  for (let index = 0; index < text.length; index++) {
    crc ^= text.charCodeAt(index)
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1
  }
  return crc
}

export function lengthOf(body: string): string {
  return body.length.toString(16).toUpperCase().padStart(4, '0')
}
