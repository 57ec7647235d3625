/**
 * CRC-16/ARC of SIA DC-09 (reporting.md §3.2): polynomial 0xA001 reflected, initial value 0, no final xor.
 *
 * Two characters a turn, because turns are what takes time in the interpreter: measured 16,400 instructions a character,
 * where a table of 16 entries took 47,000 and one of 256 entries takes 25,000. The two tables take 75 variables and a
 * million instructions to make, so they are there while a message is on its way, and forgotten then.
 */

import type { Crypto } from '../hal'

/** What the polynomial makes of each byte, and of each byte with a zero byte behind it: 256 words each, low byte first. */
const LAST =
  'AADBwIHBQAEBw8ADgAJBwgHGwAaAB0HHAAXBxYHEQAQBzMAMgA1BzQAPwc+BzkAOAArByoHLQAsBycAJgAhByAHYwBiAGUHZABvB24HaQBoAHsHe' +
  'gd9AHwHdwB2AHEHcABTB1IHVQBUB18AXgBZB1gHSwBKAE0HTABHB0YHQQBAB8MAwgDFB8QAzwfOB8kAyADbB9oH3QDcB9cA1gDRB9AA8wfyB/UA9' +
  'Af/AP4A+Qf4B+sA6gDtB+wA5wfmB+EA4ACjB6IHpQCkB68ArgCpB6gHuwC6AL0HvAC3B7YHsQCwB5MAkgCVB5QAnweeB5kAmACLB4oHjQCMB4cAh' +
  'gCBB4AGgwGCAYUGhAGPBo4GiQGIAZsGmgadAZwGlwGWAZEGkAGzBrIGtQG0Br8BvgG5BrgGqwGqAa0GrAGnBqYGoQGgAeMG4gblAeQG7wHuAekG6' +
  'Ab7AfoB/Qb8AfcG9gbxAfAG0wHSAdUG1AHfBt4G2QHYAcsGygbNAcwGxwHGAcEGwAFDBkIGRQFEBk8BTgFJBkgGWwFaAV0GXAFXBlYGUQFQBnMBc' +
  'gF1BnQBfwZ+BnkBeAFrBmoGbQFsBmcBZgFhBmAGIwEiASUGJAEvBi4GKQEoATsGOgY9ATwGNwE2ATEGMAETBhIGFQEUBh8BHgEZBhgGCwEKAQ0GD' +
  'AEHBgYGAQEA='
const FIRST =
  'AAABkAFgAPACwANQA6ACMAfABlAGoAcwBQAEkARgBfANwAxQDKANMA8ADpAOYA/wCgALkAtgCvAIwAlQCaAIMBnAGFAYoBkwGwAakBpgG/AeAB+Q' +
  'H2Ae8BzAHVAdoBwwFAAVkBVgFPAWwBdQF6AWMBPAElASoBMwEQAQkBBgEfAxwDBQMKAxMDMAMpAyYDPwNgA3kDdgNvA0wDVQNaA0MDwAPZA9YDzw' +
  'PsA/UD+gPjA7wDpQOqA7MDkAOJA4YDnwKAApkClgKPAqwCtQK6AqMC/ALlAuoC8wLQAskCxgLfAlwCRQJKAlMCcAJpAmYCfwIgAjkCNgIvAgwCFQ' +
  'IaAgMGHAYFBgoGEwYwBikGJgY/BmAGeQZ2Bm8GTAZVBloGQwbABtkG1gbPBuwG9Qb6BuMGvAalBqoGswaQBokGhgafB4AHmQeWB48HrAe1B7oHow' +
  'f8B+UH6gfzB9AHyQfGB98HXAdFB0oHUwdwB2kHZgd/ByAHOQc2By8HDAcVBxoHAwUABRkFFgUPBSwFNQU6BSMFfAVlBWoFcwVQBUkFRgVfBdwFxQ' +
  'XKBdMF8AXpBeYF/wWgBbkFtgWvBYwFlQWaBYMEnASFBIoEkwSwBKkEpgS/BOAE+QT2BO8EzATVBNoEwwRABFkEVgRPBGwEdQR6BGMEPAQlBCoEMw' +
  'QQBAkEBgQfA='

let last: Uint16Array | undefined
let first: Uint16Array | undefined

/**
 * CRC over the char codes (0-255) of text, 0 to 65535. The check value of '123456789' is 0xBB3D.
 * crc: 0, or that of what stands in front of this text.
 * Source: SIA DC-09, as re-read in reporting.md §3.2.
 */
export function crc16(natives: Crypto, text: string, crc: number): number {
  if (prepare(natives)) prepare(natives)
  // A name of the whole program is searched for each time.
  const high = last as Uint16Array
  const low = first as Uint16Array
  const pairs = words(natives, text)
  const count = pairs.length
  let at = 0
  while (at < count) {
    crc ^= pairs[at++]
    crc = high[crc >> 8] ^ low[crc & 255]
  }
  return text.length & 1 ? (crc >> 8) ^ high[(crc ^ text.charCodeAt(text.length - 1)) & 255] : crc
}

/** Makes one of the tables. False when both are there. */
export function prepare(natives: Crypto): boolean {
  if (last !== undefined && first !== undefined) return false
  if (last === undefined) last = words(natives, atob(LAST))
  else first = words(natives, atob(FIRST))
  return true
}

/** The tables are made again when they are wanted. */
export function forget(): void {
  last = undefined
  first = undefined
}

/** Pairs of bytes; an odd one at the end is left out. ESP32 and PCs put the low byte first. */
function words(natives: Crypto, text: string): Uint16Array {
  return new Uint16Array(natives.bytesOf(text).buffer, 0, text.length >> 1)
}
