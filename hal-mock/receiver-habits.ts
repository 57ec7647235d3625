/**
 * What a receiver takes, and how it answers: the points in which receivers that exist differ (reporting.md 7). The
 * station's own habits are here, those of the others in receiver-quirks.ts.
 */

/** What is said when there is no acknowledgement to give. 'ack' acknowledges all the same, without an event. */
export type Answer =
  | 'silence'
  /** Silence, and the connection is closed. */
  | 'hangUp'
  /** The two bytes LF CR. */
  | 'lineEnd'
  /** The fixed text of 3.8, R0L0A0. */
  | 'nak'
  /** The same with L in front of R: L0R0A0 (R6). */
  | 'nakLineFirst'
  /** With the R and L of the message (R7). */
  | 'nakEcho'
  /** Five bytes, no frame (R8). */
  | 'bareNak'
  | 'duh'
  /** Sequence 0000, no account, no brackets (R11). */
  | 'duhBare'
  | 'ack'

export interface Habits {
  /** CRC and length may be written in lower case. */
  hasLowerCase: boolean
  /** Takes two raw bytes for a CRC (3.3). */
  hasBinaryCrc: boolean
  hasLengthCheck: boolean
  /** Puts together what comes in pieces, and takes apart what comes joined; else one read is one frame (5.1). */
  reassembles: boolean
  /** Only the first read of a connection is answered. */
  answersOnce: boolean
  /** L may be missing. */
  isPrefixOptional: boolean
  /** The header must name the account. */
  needsAccount: boolean
  /** CRC or length wrong. */
  damaged: Answer
  /** No frame, or header, content or cipher that cannot be read. */
  unreadable: Answer
  otherToken: Answer
  unknownAccount: Answer
  /** A clear message for an account with a key; 'take' for one like any other. */
  clearDespiteKey: Answer | 'take'
  /** Decrypts; else every encrypted message is unreadable. */
  hasCipher: boolean
  /** A decrypted byte above 7F loses the message (4). */
  isAsciiOnly: boolean
  /** Stamps that are taken, relative to the receiver's clock; 0 and 0: all. */
  oldestSeconds: number
  newestSeconds: number
  offTime: Answer
  /** An encrypted message must have a stamp (3.4). */
  needsStamp: boolean
  /** Blocks of extended data that are read; with one more 'refuse' the message or lose the stamp behind them (3.6). */
  blockLimit: number
  onMoreBlocks: 'refuse' | 'loseStamp'
  nullMessage: Answer | 'take'
  badData: Answer
  /** Copies are marked, or events like any other, or dropped when every byte is the same. */
  copies: 'mark' | 'count' | 'dropIdentical'
  /** What the acknowledgement echoes of the header. */
  echo: 'all' | 'noneForR' | 'noAccount' | 'shortAccount'
  /** A clear ACK carries the receiver's time: never, always, or when the message did. */
  clearStamp: 'never' | 'always' | 'asSent'
  /** The acknowledgement of an encrypted message: pad letters and bar, zeros, NULs with a PKCS#7 tail, letters; or clear. */
  sealed: 'standard' | 'zeros' | 'nulls' | 'noBar' | 'clear'
  /** On a connection a NAK comes twice, and then the connection is closed (7.2). */
  doublesNak: boolean
  /** The length field of its frames, py-sia-dc-07: decimal, and one too many. */
  hasDecimalLength: boolean
}

/** The station as the standard has it. */
export const STANDARD: Habits = {
  hasLowerCase: false,
  hasBinaryCrc: true,
  hasLengthCheck: true,
  reassembles: true,
  answersOnce: false,
  isPrefixOptional: false,
  needsAccount: false,
  damaged: 'silence',
  unreadable: 'nak',
  otherToken: 'duh',
  unknownAccount: 'duh',
  clearDespiteKey: 'duh',
  hasCipher: true,
  isAsciiOnly: false,
  oldestSeconds: -40,
  newestSeconds: 20,
  offTime: 'nak',
  needsStamp: true,
  blockLimit: 99,
  onMoreBlocks: 'refuse',
  nullMessage: 'take',
  badData: 'duh',
  copies: 'mark',
  echo: 'all',
  clearStamp: 'never',
  sealed: 'standard',
  doublesNak: false,
  hasDecimalLength: false,
}
