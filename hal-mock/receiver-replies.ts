/** What the receiver says: bodies of replies (reporting.md 3.8), in the form that its habits ask for (7). */

import type { Answer, Habits } from './receiver-habits'
import type { Header } from './receiver-message'

export interface Words {
  /** '' for silence. */
  text: string
  /** False for bytes that go out as they are: no frame around them. */
  isFrame: boolean
}

/** How a verdict begins; silence has only its reason. */
const VERDICTS: { [answer in Answer]: string } = {
  silence: '',
  hangUp: 'closed: ',
  lineEnd: 'LF CR: ',
  nak: 'NAK: ',
  nakLineFirst: 'NAK: ',
  nakEcho: 'NAK: ',
  bareNak: 'bare NAK: ',
  duh: 'DUH: ',
  duhBare: 'DUH: ',
  ack: 'ACK, but no event: ',
}

export function verdictOf(answer: Answer, reason: string): string {
  return VERDICTS[answer] + reason
}

/** time is '_HH:MM:SS,MM-DD-YYYY' or '' without a clock. A header that could not be read cannot be echoed. */
export function wordsOf(answer: Answer, header: Header | undefined, time: string, habits: Habits): Words {
  switch (answer) {
    case 'silence':
    case 'hangUp':
      return { text: '', isFrame: false }
    case 'lineEnd':
      return { text: '\n\r', isFrame: false }
    case 'bareNak':
      return { text: '"NAK"', isFrame: false }
    case 'nakLineFirst':
      return { text: '"NAK"0000L0R0A0[]' + time, isFrame: true }
    case 'nakEcho':
      if (header !== undefined)
        return { text: '"NAK"0000' + receiverOf(header, habits) + header.prefix + 'A0[]' + time, isFrame: true }
      break
    case 'duh':
      if (header !== undefined) return { text: '"DUH"' + header.echo + '[]', isFrame: true }
      return { text: '"DUH"0000L0', isFrame: true }
    case 'duhBare':
      return { text: '"DUH"0000L0', isFrame: true }
    case 'ack':
      if (header === undefined) return { text: '"DUH"0000L0', isFrame: true }
      return { text: clearAck(header, '', time, habits), isFrame: true }
  }
  // reporting.md 3.8: fixed text, never encrypted; without a time when the receiver has none.
  return { text: '"NAK"0000R0L0A0[]' + time, isFrame: true }
}

/** stamp is the message's own, '' for none. */
export function clearAck(header: Header, stamp: string, time: string, habits: Habits): string {
  const echoed = echoOf(header, habits)
  if (habits.echo === 'noAccount') return '"ACK"' + echoed
  const isStamped = habits.clearStamp === 'always' || (habits.clearStamp === 'asSent' && stamp !== '')
  return '"ACK"' + echoed + '[]' + (isStamped ? time : '')
}

/** Sequence, R, L and account of an acknowledgement. */
export function echoOf(header: Header, habits: Habits): string {
  switch (habits.echo) {
    case 'all':
      return header.echo
    case 'noAccount':
      return header.digits + header.receiver + header.prefix
    case 'shortAccount': {
      let account = header.account
      while (account.length > 1 && account.charAt(0) === '0') account = account.slice(1)
      return header.digits + (header.receiver === '' ? 'R0' : header.receiver) + header.prefix + '#' + account
    }
    default:
      return header.digits + receiverOf(header, habits) + header.prefix + '#' + header.account
  }
}

function receiverOf(header: Header, habits: Habits): string {
  return header.receiver === '' && habits.echo === 'noneForR' ? 'None' : header.receiver
}
