/** Whom the receiver knows, and what it has heard from them before. */

import { bytesOfHex, spanOf, UPPER_HEX } from './receiver-bytes'

export interface Account {
  /** 3 to 16 hex digits, upper case; leading zeros count. */
  account: string
  /** 32, 48 or 64 hex digits (AES-128, -192, -256); '' for an account that reports in clear. */
  keyHex: string
}

export interface Keyed {
  account: string
  key: Uint8Array | undefined
}

/** Messages remembered to tell a copy from a new event; far fewer than the 9999 sequence numbers. */
const SEEN_LIMIT = 64
/** Long enough for a panel that was without a path for hours, far shorter than a panel needs to use up all numbers. */
const DUPLICATE_SECONDS = 86400

/** Throws when the account or its key does not have the form that Account asks for. */
export function keyed(entry: Account): Keyed {
  const length = entry.account.length
  if (length < 3 || length > 16 || spanOf(entry.account, 0, UPPER_HEX) !== length) {
    throw new Error('account ' + entry.account + ' is not 3 to 16 hex digits in upper case')
  }
  if (entry.keyHex === '') return { account: entry.account, key: undefined }
  const key = bytesOfHex(entry.keyHex.toUpperCase())
  if (key === undefined || [16, 24, 32].indexOf(key.length) < 0) {
    throw new Error('the key of account ' + entry.account + ' is not 32, 48 or 64 hex digits')
  }
  return { account: entry.account, key }
}

/** The last messages, each with the time at which it last came. */
export class Seen {
  private messages: { text: string; atSeconds: number }[] = []

  constructor(private windowSeconds = DUPLICATE_SECONDS) {}

  /** Says whether the message came before within the window, and remembers it. Without a clock (0) no time passes. */
  has(text: string, nowSeconds: number): boolean {
    const index = this.messages.findIndex((message) => message.text === text)
    const found = index >= 0 ? this.messages[index] : undefined
    if (found !== undefined && nowSeconds - found.atSeconds <= this.windowSeconds) {
      found.atSeconds = nowSeconds
      return true
    }
    if (found !== undefined) this.messages.splice(index, 1)
    this.messages.push({ text, atSeconds: nowSeconds })
    if (this.messages.length > SEEN_LIMIT) this.messages.shift()
    return false
  }
}
