/**
 * Contact ID (SIA DC-05, reporting.md §1): the digits of one event, as DC-09 carries them and as a whole block.
 * Which event has which code is not decided here (event.ts); tones and handshake of a telephone line are not made.
 */

/** A digit's place is its value (§1.2): 0 counts ten, and there is no A. */
const DIGITS = ' 1234567890BCDEF'
/** Message type: 18 is the one that every receiver knows (§1.1). */
const MESSAGE_TYPE = '18'
/** Digits of a block without its checksum. */
const BLOCK_DIGITS = 15

/**
 * Event digits for the data field of DC-09.
 * Shape: 'QEEE GG CCC': Q 1 new or opening, 3 restore or closing, 6 still so; EEE event code; GG partition 00-99, 00 the
 * whole system; CCC zone or user 000-999.
 * Fails: never. Of a number beyond its digits only the last digits are left; config.ts keeps the numbers within.
 * Source: reporting.md §3.5.
 */
export function digits(qualifier: number, code: number, partition: number, number: number): string {
  return '' + qualifier + code + ' ' + ('0' + partition).slice(-2) + ' ' + ('00' + number).slice(-3)
}

/**
 * The 16-digit message block 'ACCT 18 QEEE GG CCC S' without the spaces, for transports other than DC-09.
 * Fails: '' when the account is not four of 0-9, A-F or a number does not fit; A is written as the 0 that it means.
 * Source: SIA DC-05, message block and checksum (reporting.md §1.1, §1.2).
 */
export function block(account: string, qualifier: number, code: number, partition: number, number: number): string {
  const event = digits(qualifier, code, partition, number)
  const text = account.replaceAll('A', '0') + MESSAGE_TYPE + event.replaceAll(' ', '')
  if (account.length !== 4 || text.length !== BLOCK_DIGITS) return ''
  let sum = 0
  for (let index = 0; index < BLOCK_DIGITS; index++) {
    const value = DIGITS.indexOf(text.charAt(index))
    if (value < 1) return ''
    sum += value
  }
  return text + DIGITS.charAt(15 - (sum % 15))
}
