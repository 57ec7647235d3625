/**
 * The body of a DC-09 frame (reporting.md 3.1, 3.5): token, header, content, and the Contact ID data in it. Each reader
 * gives undefined for what does not follow the grammar.
 */

import { DECIMAL, spanOf, UPPER_HEX } from './receiver-bytes'
import { NAMES } from './receiver-names'
import { isStamp } from './receiver-stamp'

/** One accepted event, as an operator would see it. */
export interface StationEvent {
  /** The account of the sending device, from the header. */
  account: string
  sequence: number
  /** 1 new or opening, 3 restore or closing, 6 still so. */
  qualifier: number
  /** Three digits, '121' for duress. */
  code: string
  partition: number
  /** Zone or user (CCC). */
  number: number
  via: string
  isEncrypted: boolean
  /** The same account, sequence and data came before: acknowledged again, but no second event. */
  isDuplicate: boolean
  /** 'Duress'; 'event NNN' for a code that the table below leaves out. */
  name: string
  /** Panic, duress and hold-up, codes 120 to 129. */
  isPriority: boolean
  /** Time of sending, HH:MM:SS,MM-DD-YYYY in UTC, or ''. */
  stamp: string
  /** Time of occurrence from extended data H, in the same form, or ''. */
  occurred: string
}

export interface Header {
  id: string
  isEncrypted: boolean
  sequence: number
  /** '' when the frame names none. */
  account: string
  /** Sequence, R, L and account as they came: what a reply echoes. */
  echo: string
  /** The sequence's four digits. */
  digits: string
  /** 'R1', or '' when the frame names none. */
  receiver: string
  /** 'L0'. */
  prefix: string
  /** All that follows the first bracket. */
  content: string
}

export interface Content {
  data: string
  occurred: string
  stamp: string
  /** Blocks of extended data. */
  blockCount: number
}

/** The id between the quotes without its asterisk. */
export function tokenOf(body: string): string {
  return body.slice(body.charAt(1) === '*' ? 2 : 1, Math.max(body.indexOf('"', 1), 1))
}

/** reporting.md 3.1: seq [ "R" rcvr ] "L" pref [ "#" acct ] "[". Undefined when the header does not follow the grammar. */
export function parseHeader(body: string, id: string, isPrefixOptional: boolean): Header | undefined {
  const first = body.indexOf('"', 1) + 1
  if (first === 0 || spanOf(body, first, DECIMAL) !== 4) return undefined
  let at = first + 4
  if (body.charAt(at) === 'R') at = fieldEnd(body, at, 1, 6)
  if (at < 0) return undefined
  const prefixAt = at
  const hasPrefix = body.charAt(at) === 'L'
  if (!hasPrefix && !isPrefixOptional) return undefined
  const accountAt = hasPrefix ? fieldEnd(body, at, 1, 6) : at
  if (accountAt < 0) return undefined
  const end = body.charAt(accountAt) === '#' ? fieldEnd(body, accountAt, 3, 16) : accountAt
  if (end < 0 || body.charAt(end) !== '[') return undefined
  return {
    id,
    isEncrypted: body.charAt(1) === '*',
    sequence: parseInt(body.substr(first, 4), 10),
    account: body.slice(accountAt + 1, end),
    echo: body.slice(first, end),
    digits: body.substr(first, 4),
    receiver: body.slice(first + 4, prefixAt),
    prefix: body.slice(prefixAt, accountAt),
    content: body.slice(end + 1),
  }
}

/** reporting.md 3.1: data "]" *( "[" xdata "]" ) [ "_" stamp ]. Undefined when the content does not follow the grammar. */
export function parseContent(text: string): Content | undefined {
  let at = text.indexOf(']')
  if (at < 0) return undefined
  const content: Content = { data: text.slice(0, at), occurred: '', stamp: '', blockCount: 0 }
  at++
  while (text.charAt(at) === '[') {
    const end = text.indexOf(']', at)
    if (end < 0) return undefined
    const block = text.slice(at + 2, end)
    content.blockCount++
    if (text.charAt(at + 1) === 'H' && isStamp(block)) content.occurred = block
    at = end + 1
  }
  if (at === text.length) return content
  content.stamp = text.slice(at + 1)
  return text.charAt(at) === '_' && isStamp(content.stamp) ? content : undefined
}

/** reporting.md 3.5: [#]acct|Qxyz gg ccc. Undefined for anything else. The caller fills in what the frame around it says. */
export function parseData(data: string): StationEvent | undefined {
  const bar = data.indexOf('|')
  const first = data.charAt(0) === '#' ? 1 : 0
  const block = data.slice(bar + 1)
  if (bar <= first || spanOf(data, first, UPPER_HEX) !== bar - first || block.length !== 11) return undefined
  const isWell =
    spanOf(block, 0, DECIMAL) === 4 &&
    block.charAt(4) === ' ' &&
    spanOf(block, 5, DECIMAL) === 2 &&
    block.charAt(7) === ' ' &&
    spanOf(block, 8, DECIMAL) === 3
  if (!isWell || '136'.indexOf(block.charAt(0)) < 0) return undefined
  const code = block.substr(1, 3)
  return {
    account: '',
    sequence: 0,
    qualifier: parseInt(block.charAt(0), 10),
    code,
    partition: parseInt(block.substr(5, 2), 10),
    number: parseInt(block.substr(8, 3), 10),
    via: '',
    isEncrypted: false,
    isDuplicate: false,
    name: NAMES[code] || 'event ' + code,
    isPriority: code.substr(0, 2) === '12',
    stamp: '',
    occurred: '',
  }
}

/** Index behind a letter and its hex digits; -1 when there are too few or too many of them. */
function fieldEnd(text: string, at: number, least: number, most: number): number {
  const count = spanOf(text, at + 1, UPPER_HEX)
  return count < least || count > most ? -1 : at + 1 + count
}
