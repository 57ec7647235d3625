/**
 * Bytes in words, for whoever holds a wire of the bench: DC-09 frames (with the demo's key, as the station has it), AT
 * dialogue, SPI frames of the W5500. Reads the standards for itself and takes what is damaged for what it is: bytes.
 */

import { createDecipheriv } from 'node:crypto'
import { NAMES } from '../receiver-names'
import type { Decoded } from './page-protocol'

type Rows = [name: string, value: string][]

/** LF, CRC (4), length (4), "id", sequence, receiver, line, account, [ data (reporting.md §3.1). */
const FRAME =
  /^\n([0-9A-F]{4})([0-9A-F]{4})"(\*?)([A-Z0-9-]+)"(\d{4})(R[0-9A-F]{1,6})?(L[0-9A-F]{1,6})?(#[0-9A-F]{3,16})?\[(.*)\r$/s

/** keyHex: of the account; '' for clear frames. */
export function decodePayload(bytes: string, keyHex: string): Rows {
  const found = FRAME.exec(bytes)
  if (found === null) return [['content', `${bytes.length} bytes, no DC-09 frame`]]
  const [, crc, length, star, id, sequence, receiver = '', line = '', account = '', rest] = found
  const rows: Rows = [
    ['DC-09', id + (star === '' ? ', clear' : ', encrypted')],
    ['CRC, length', `${crc}, ${parseInt(length, 16)} bytes`],
    ['sequence', sequence],
    ['receiver, line, account', [receiver, line, account].filter((part) => part !== '').join(' ')],
  ]
  const clear = star === '' ? rest : unsealed(rest, keyHex)
  if (clear === undefined) rows.push(['data', 'cannot be decrypted with the demo key'])
  else rows.push(...decodeContent(clear, star !== ''))
  return rows
}

/** AES-CBC, IV of zeros, padding in front of the first bar (reporting.md §4). */
function unsealed(hex: string, keyHex: string): string | undefined {
  if (keyHex === '' || hex.length % 32 !== 0 || !/^[0-9A-F]+$/.test(hex)) return undefined
  const decipher = createDecipheriv(`aes-${keyHex.length * 4}-cbc`, Buffer.from(keyHex, 'hex'), Buffer.alloc(16))
  decipher.setAutoPadding(false)
  return decipher.update(hex, 'hex', 'latin1') + decipher.final('latin1')
}

function decodeContent(text: string, isSealed: boolean): Rows {
  const start = isSealed ? text.indexOf('|') + 1 : 0
  const clear = text.slice(start)
  const rows: Rows = isSealed ? [['padding', `${start > 0 ? start - 1 : 0} bytes`]] : []
  const event = /(?:#?([0-9A-F]{3,16})\|)?([136])(\d{3}) (\d\d) (\d{3})\]/.exec(clear)
  if (event !== null) {
    const [, , qualifier, code, partition, number] = event
    const kind = { 1: 'new, opening', 3: 'restore, closing', 6: 'still so' }[qualifier]
    rows.push(['Contact ID', `${qualifier}${code} ${partition} ${number}`])
    rows.push(['event', `${NAMES[code] ?? 'code ' + code} (${kind}), partition ${partition}, number ${number}`])
  } else rows.push(['data', clear.replace(/_.*$/, '') === ']' ? 'none (null message, or a reply)' : printable(clear)])
  const occurred = /\[H([^\]]*)\]/.exec(clear)
  if (occurred !== null) rows.push(['occurred', occurred[1]])
  const stamp = /_(\d\d:\d\d:\d\d,\d\d-\d\d-\d{4})$/.exec(clear)
  if (stamp !== null) rows.push(['sent', stamp[1]])
  return rows
}

/** What goes over the UART. Frames in it are read as on the wire. */
export function decodeAt(bytes: string, isUp: boolean, keyHex: string): Decoded {
  const title = isUp ? 'panel to modem' : 'modem to panel'
  const hex = hexOf(bytes)
  const start = bytes.search(/\n[0-9A-F]{8}"/)
  const rows: Rows = []
  const words = (start < 0 ? bytes : bytes.slice(0, start)).split(/[\r\n]+/).filter((line) => line !== '')
  for (const line of words)
    rows.push([AT_WORDS.find(([pattern]) => pattern.test(line))?.[1] ?? 'line', printable(line)])
  if (start >= 0) {
    const end = bytes.indexOf('\r', start) + 1
    rows.push(...decodePayload(bytes.slice(start, end === 0 ? undefined : end), keyHex))
  }
  if (rows.length === 0) rows.push(['bytes', `${bytes.length}`])
  return { title, rows, hex }
}

/** Of 3GPP TS 27.007 and the A76xx series (hardware.md §2). */
const AT_WORDS: [pattern: RegExp, name: string][] = [
  [/^AT\+C(IP|NET|IPOPEN)SEND|^AT\+CIPSEND/, 'send bytes'],
  [/^AT\+CIPRXGET/, 'fetch what came'],
  [/^AT\+CIPOPEN/, 'open a connection'],
  [/^AT\+CIPCLOSE/, 'close a connection'],
  [/^AT\+(NETOPEN|CGACT|CNACT)/, 'bearer'],
  [/^AT\+C(G|E)?REG/, 'registered?'],
  [/^AT\+CSQ/, 'signal?'],
  [/^AT\+CPIN/, 'SIM?'],
  [/^AT\+CCLK/, 'time?'],
  [/^AT/, 'command'],
  [/^(OK|ERROR)$/, 'result'],
  [/^\+CM[ES] ERROR/, 'error'],
  [/^\+/, 'answer or notice'],
  [/^>/, 'prompt'],
]

const COMMON: { [address: number]: string } = {
  0: 'MR', 1: 'GAR gateway', 5: 'SUBR mask', 9: 'SHAR MAC', 15: 'SIPR address', 21: 'IR', 22: 'IMR', 23: 'SIR',
  24: 'SIMR', 25: 'RTR', 27: 'RCR', 46: 'PHYCFGR', 57: 'VERSIONR',
} // biome-ignore format: a table
const SOCKET: { [address: number]: string } = {
  0: 'Sn_MR', 1: 'Sn_CR', 2: 'Sn_IR', 3: 'Sn_SR', 4: 'Sn_PORT', 6: 'Sn_DHAR', 12: 'Sn_DIPR', 16: 'Sn_DPORT', 18: 'Sn_MSSR',
  30: 'Sn_RXBUF_SIZE', 31: 'Sn_TXBUF_SIZE', 32: 'Sn_TX_FSR', 34: 'Sn_TX_RD', 36: 'Sn_TX_WR', 38: 'Sn_RX_RSR',
  40: 'Sn_RX_RD', 42: 'Sn_RX_WR', 44: 'Sn_IMR', 47: 'Sn_KPALVTR',
} // biome-ignore format: a table
const COMMANDS: { [value: number]: string } = {
  1: 'OPEN', 2: 'LISTEN', 4: 'CONNECT', 8: 'DISCON', 16: 'CLOSE', 32: 'SEND', 33: 'SEND_MAC', 34: 'SEND_KEEP', 64: 'RECV',
} // biome-ignore format: a table
const SPI_HEAD_BYTES = 3
const SPI_SHOWN_BYTES = 16

/** An SPI frame in a few words: 'read socket 0 Sn_SR, 1 byte: 17' (data sheet, chapter 2). */
export function spiWords(frame: Uint8Array, reply: Uint8Array): string {
  if (frame.length < SPI_HEAD_BYTES) return `${frame.length} bytes, no frame`
  const address = (frame[0] << 8) | frame[1]
  const [area, socket, isWrite] = [(frame[2] >> 3) & 3, frame[2] >> 5, (frame[2] & 4) !== 0]
  const data = (isWrite ? frame : reply).subarray(SPI_HEAD_BYTES)
  const place =
    area === 0
      ? `common ${COMMON[address] ?? hexWord(address)}`
      : `socket ${socket} ${area === 1 ? (SOCKET[address] ?? hexWord(address)) : `${area === 2 ? 'TX' : 'RX'} buffer ${hexWord(address)}`}`
  const command = isWrite && area === 1 && address === 1 ? ` ${COMMANDS[data[0]] ?? ''}` : ''
  const shown = Buffer.from(data.subarray(0, SPI_SHOWN_BYTES)).toString('hex')
  const more = data.length > SPI_SHOWN_BYTES ? ' ...' : ''
  return `${isWrite ? 'write' : 'read'} ${place}${command}, ${data.length} byte${data.length === 1 ? '' : 's'}: ${shown}${more}`
}

export function hexOf(bytes: string): string {
  return Buffer.from(bytes, 'latin1')
    .toString('hex')
    .replace(/(..)(?=.)/g, '$1 ')
}

function hexWord(value: number): string {
  return `0x${value.toString(16).padStart(4, '0')}`
}

function printable(text: string): string {
  return text.replace(/[^ -~]/g, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`)
}
