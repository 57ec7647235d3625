/** Fuzz target: replies of a time server that were hurt. What is taken is in the packet by a second reading (RFC 4330). */

import * as client from '../../firmware/ethernet/sntp'
import type { Random } from '../random'
import { hex, mutateBytes, randomBytes } from './fuzz-mutate'
import { type FuzzRun, type FuzzTarget, keptBytes } from './fuzz-target'

const STAMP = 'stampstm'
/** 2020 and 2038 (clock.ts). */
const FIRST_SECONDS = 1577836800
const END_SECONDS = 2145916800

/** A reply of 2026. */
export function sntpReply(): string {
  return '\x24\x02\x06\xec\0\0\0\x10\0\0\0\x20GPS\0' + '\xed\0\0\0\0\0\0\0' + STAMP + '\xed\0\0\0\0\0\0\0'.repeat(2)
}

class Run implements FuzzRun {
  kept = 0
  counts = { taken: 0, refused: 0, leave: 0 }

  call(random: Random): string {
    const bytes = random.oneIn(10) ? randomBytes(random, random.below(101)) : mutateBytes(random, this.reply(random))
    const seconds = client.seconds(bytes, STAMP)
    this.kept = keptBytes(seconds)
    if (seconds === 0) this.counts.refused++
    else if (seconds === client.LEAVE) this.counts.leave++
    else this.counts.taken++
    const problem = judge(bytes, seconds)
    return problem === '' ? '' : `${problem}: ${hex(bytes)}`
  }

  private reply(random: Random): string {
    // Stratum 0: a kiss-of-death.
    return random.oneIn(8) ? sntpReply().replace('\x02', '\0') : sntpReply()
  }
}

function judge(bytes: string, seconds: number): string {
  if (seconds === 0) return bytes === sntpReply() ? 'a right reply was refused' : ''
  if (bytes.substr(24, 8) !== STAMP || bytes.length < 48) return 'took a reply to another request'
  if (seconds === client.LEAVE) return bytes.charCodeAt(1) === 0 ? '' : 'left without being told to'
  if (!(seconds >= FIRST_SECONDS && seconds < END_SECONDS)) return `time ${seconds}`
  // Seconds since 1900, of which 2^32 may have been left out (RFC 4330 3).
  const told = Buffer.from(bytes, 'latin1').readUInt32BE(40)
  return (Math.floor(seconds) + 2208988800 - told) % 4294967296 === 0 ? '' : `${seconds} is not in the packet`
}

export const sntp: FuzzTarget = {
  name: 'sntp',
  what: "a time server's datagrams",
  inputsPerCall: 1,
  // A number.
  keptLimitBytes: 8,
  create: () => new Run(),
}
