/** Fuzz target: answers of a DNS server that were hurt. What is taken is in the packet by a second reading (RFC 1035). */

import * as client from '../../firmware/ethernet/dns'
import type { Random } from '../random'
import { hex, mutateBytes, randomBytes } from './fuzz-mutate'
import { type FuzzRun, type FuzzTarget, keptBytes } from './fuzz-target'

const NOW_MS = 5000
const HOST = 'rct.example.net'
const QUESTION = '\x03rct\x07example\x03net\0\0\x01\0\x01'

/** A client that waits for the address of HOST. */
function asking(random: Random): client.Dns {
  const dns = client.create()
  client.start(dns, HOST, NOW_MS)
  client.poll(dns, 2, random, NOW_MS)
  return dns
}

/** An answer that it would take: perhaps behind an alias, with names as pointers or in full. */
function reply(id: string, random: Random): string {
  const isAlias = random.oneIn(3)
  let bytes = id + '\x81\x80\0\x01\0' + String.fromCharCode(isAlias ? 2 : 1) + '\0\0\0\0' + QUESTION
  if (isAlias) bytes += '\xc0\x0c\0\x05\0\x01\0\0\x01\x2c\0\x07\x04host\xc0\x10'
  const names = ['\xc0\x0c', '\x04host\xc0\x10', '\x03rct\x07example\x03net\0']
  return bytes + names[random.below(3)] + '\0\x01\0\x01\0\0\x02\x58\0\x04\xc0\0\x02\x07'
}

/** An answer that was hurt, half of the time behind an unhurt header and question. */
function input(id: string, random: Random): string {
  if (random.oneIn(10)) return randomBytes(random, random.below(201))
  const right = reply(id, random)
  const headBytes = 12 + QUESTION.length
  if (random.oneIn(5)) return right.slice(0, headBytes) + randomBytes(random, random.below(81))
  return random.oneIn(2)
    ? right.slice(0, headBytes) + mutateBytes(random, right.slice(headBytes))
    : mutateBytes(random, right)
}

class Run implements FuzzRun {
  kept = 0
  counts = { NONE: 0, FOUND: 0, REFUSED: 0 }

  call(random: Random): string {
    const dns = asking(random)
    const { id } = dns
    const before = JSON.stringify(dns)
    const bytes = input(id, random)
    const answer = client.receive(dns, bytes, NOW_MS + 20)
    this.kept = keptBytes(dns)
    this.counts[(['NONE', 'FOUND', 'REFUSED'] as const)[answer]]++
    const isChanged = JSON.stringify(dns) !== before
    const problem =
      answer === client.Answer.NONE ? (isChanged ? 'refused, but changed' : '') : judge(dns, answer, id, bytes)
    return problem === '' ? '' : `${problem}: ${hex(bytes)}`
  }
}

function judge(dns: client.Dns, answer: client.Answer, id: string, bytes: string): string {
  if (bytes.substr(0, 2) !== id || bytes.substr(12, QUESTION.length).toLowerCase() !== QUESTION) {
    return 'took an answer to another question'
  }
  if (answer === client.Answer.REFUSED) return dns.address === '' && dns.host === HOST ? '' : 'refused, but done'
  const first = dns.address.charCodeAt(0)
  if (dns.address.length !== 4 || first === 0 || first === 127 || first >= 224) return 'not a host'
  if (bytes.indexOf('\0\x04' + dns.address, 12) < 0) return 'address is not in the packet'
  return dns.ttlSeconds >= 60 && dns.ttlSeconds <= 86400 && dns.host === '' ? '' : 'TTL out of limits'
}

export const dns: FuzzTarget = {
  name: 'dns',
  what: "a name server's datagrams",
  inputsPerCall: 1,
  // Name, id, address and three numbers.
  keptLimitBytes: HOST.length + 2 + 4 + 3 * 8,
  create: () => new Run(),
}
