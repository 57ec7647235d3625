/** The modem model's switches for what real modems, networks and lines do wrong (hardware.md §2.13). */

/** What can go wrong between modem and host; plain fields that a scenario sets and clears. */
export interface ModemFaults {
  /** Says nothing and hears nothing; power key and supply still work. Stays until the scenario clears it. */
  silent: boolean
  /** Says nothing more after so many bytes; 0 = never. */
  silentAfterBytes: number
  /** Returns what is typed, and nothing else. */
  echoOnly: boolean
  /** Host and modem do not agree on the baud rate: either side hears junk. */
  wrongBaud: boolean
  /** A send shows no prompt but waits for the payload all the same: the worst reading, the host must pad. */
  promptMissing: boolean
  /** Added to the latency of every command. */
  lateAnswerMs: number
  /** One URC in so many is lost, 0 = none, 1 = all. Delayed results of a command are no URCs. */
  loseUrcOneIn: number
  /** An unsolicited line at every legal border, and some URCs twice. */
  urcStorm: boolean
  /** Registered, but there is no bearer to be had. */
  pdpRefused: boolean
  /** A send takes only half of the bytes, or fails where the family cannot say so. */
  partialSend: boolean
  /** The other order of an open's (and of CIPCLOSE's) result and its OK than the family's usual one. */
  resultFirst: boolean
  /** The delayed results (`+NETOPEN:`, `+CIPOPEN:`, `+CIPSEND:` ...) never come. */
  resultMissing: boolean
  /** A notice between the header of CIPRXGET=2 and its bytes: not told from payload by counting (hardware.md §2.13). */
  noticeInPayload: boolean
  /** Unread bytes are gone once the peer has closed, as with some firmware (§2.5). */
  closeDropsData: boolean
  /** A command that comes while another runs is dropped instead of answered afterwards. */
  overlapDrops: boolean
  /** The network takes the bearer without a word. */
  lossUntold: boolean
  /** The network says that the year is 2070. */
  absurdTime: boolean
  /** The SIM's part for messages never gets ready. */
  smsNeverReady: boolean
  /** What the network says to a message: a code of +CMS ERROR; 0 = it takes it. */
  smsError: number
  /** ... and so much later than usual. */
  smsLateMs: number
  /** The first command after a boot is lost (§2.1). */
  firstCommandLost: boolean
  /** A command that begins sooner than this after the last result loses its first byte (§2.1); 0 = never. */
  commandGapMs: number
}

export function noFaults(): ModemFaults {
  return {
    silent: false,
    silentAfterBytes: 0,
    echoOnly: false,
    wrongBaud: false,
    promptMissing: false,
    lateAnswerMs: 0,
    loseUrcOneIn: 0,
    urcStorm: false,
    pdpRefused: false,
    partialSend: false,
    resultFirst: false,
    resultMissing: false,
    noticeInPayload: false,
    closeDropsData: false,
    overlapDrops: false,
    lossUntold: false,
    absurdTime: false,
    smsNeverReady: false,
    smsError: 0,
    smsLateMs: 0,
    firstCommandLost: false,
    commandGapMs: 0,
  }
}
