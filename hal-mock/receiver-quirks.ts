/**
 * How receivers that exist answer, and what they refuse, as one record each (reporting.md 7). What is not said there was
 * read in the program's source, as far as a panel can notice it. The station's own habits are in receiver-habits.ts: this
 * table is for Node, and stays out of the bench in the interpreter.
 *
 * Not modelled: which event codes a receiver knows, SIA-DCS content, accounts in lower case, the time after which one
 * closes an idle connection, pysiaalarm's UDP server under old versions of Python.
 */

import { type Habits, STANDARD } from './receiver-habits'

export type Quirk = 'none' | 'pysiaalarm' | 'ioBroker' | 'dc09-rs' | 'dev-receiver' | 'py-sia-dc-07' | 'hacs'

export const HABITS: { [quirk in Quirk]: Habits } = {
  none: STANDARD,
  // 7.1, eavanvalkenburg/pysiaalarm, and with it Home Assistant's sia.
  pysiaalarm: {
    ...STANDARD,
    hasBinaryCrc: false,
    hasLengthCheck: false,
    reassembles: false,
    damaged: 'lineEnd',
    unreadable: 'nakLineFirst',
    otherToken: 'nakLineFirst',
    unknownAccount: 'bareNak',
    clearDespiteKey: 'take',
    offTime: 'nakEcho',
    needsStamp: false,
    blockLimit: 1,
    badData: 'nakLineFirst',
    copies: 'count',
    echo: 'noneForR',
    sealed: 'zeros',
  },
  // 7.2, schmupu/ioBroker.sia 2.0.4, its check of 10 s switched on.
  ioBroker: {
    ...STANDARD,
    hasLowerCase: true,
    reassembles: false,
    needsAccount: true,
    damaged: 'nak',
    otherToken: 'ack',
    unknownAccount: 'nak',
    clearDespiteKey: 'nak',
    oldestSeconds: -10,
    newestSeconds: 10,
    needsStamp: false,
    blockLimit: 1,
    onMoreBlocks: 'loseStamp',
    nullMessage: 'nak',
    badData: 'ack',
    copies: 'count',
    sealed: 'nulls',
    doublesNak: true,
  },
  // 7.3, fioletoven/dc09.
  'dc09-rs': {
    ...STANDARD,
    hasLowerCase: true,
    hasBinaryCrc: false,
    reassembles: false,
    isPrefixOptional: true,
    needsAccount: true,
    damaged: 'hangUp',
    unreadable: 'hangUp',
    otherToken: 'ack',
    unknownAccount: 'ack',
    clearDespiteKey: 'take',
    oldestSeconds: 0,
    newestSeconds: 0,
    needsStamp: false,
    badData: 'ack',
    isAsciiOnly: true,
    copies: 'count',
    clearStamp: 'always',
    sealed: 'noBar',
  },
  // 7.4, artis101/sia-dc09-dev-receiver.
  'dev-receiver': {
    ...STANDARD,
    hasBinaryCrc: false,
    damaged: 'duhBare',
    unreadable: 'ack',
    otherToken: 'ack',
    unknownAccount: 'ack',
    clearDespiteKey: 'take',
    hasCipher: false,
    oldestSeconds: 0,
    newestSeconds: 0,
    badData: 'ack',
    copies: 'count',
    echo: 'noAccount',
    sealed: 'clear',
  },
  // 7.6, CreepPork/py-sia-dc-07.
  'py-sia-dc-07': {
    ...STANDARD,
    hasBinaryCrc: false,
    hasLengthCheck: false,
    reassembles: false,
    answersOnce: true,
    damaged: 'nak',
    otherToken: 'nak',
    unknownAccount: 'ack',
    clearDespiteKey: 'take',
    hasCipher: false,
    oldestSeconds: 0,
    newestSeconds: 0,
    nullMessage: 'silence',
    badData: 'silence',
    copies: 'count',
    echo: 'shortAccount',
    sealed: 'clear',
    hasDecimalLength: true,
  },
  // 7.7, mikkel-esp/SIADC-09HACSImplementation: it judges stamps and copies after it has acknowledged.
  hacs: {
    ...STANDARD,
    hasLowerCase: true,
    hasBinaryCrc: false,
    damaged: 'nak',
    unreadable: 'silence',
    otherToken: 'ack',
    clearDespiteKey: 'nak',
    offTime: 'ack',
    badData: 'ack',
    copies: 'dropIdentical',
    clearStamp: 'asSent',
    sealed: 'clear',
  },
}
