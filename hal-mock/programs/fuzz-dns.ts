/**
 * Wrong bytes for the DNS and SNTP clients: they never throw, and what they take is in the packet by a second reading
 * (RFC 1035, RFC 4330).
 */

import * as dns from '../../firmware/ethernet/dns'
import * as sntp from '../../firmware/ethernet/sntp'
import { Random } from '../random'
import { hex, mutate, noise } from './fuzz-mutate'

const NOW_MS = 5000
const QUESTION = '\x03rct\x07example\x03net\0\0\x01\0\x01'
const STAMP = 'stampstm'

/** A client that waits for the address of rct.example.net. */
function asking(random: Random): dns.Dns {
  const client = dns.create()
  dns.start(client, 'rct.example.net', NOW_MS)
  dns.poll(client, 2, random, NOW_MS)
  return client
}

/** An answer that it would take: perhaps behind an alias, with names as pointers or in full. */
export function dnsReply(id: string, random: Random): string {
  const isAlias = random.oneIn(3)
  let bytes = id + '\x81\x80\0\x01\0' + String.fromCharCode(isAlias ? 2 : 1) + '\0\0\0\0' + QUESTION
  if (isAlias) bytes += '\xc0\x0c\0\x05\0\x01\0\0\x01\x2c\0\x07\x04host\xc0\x10'
  const names = ['\xc0\x0c', '\x04host\xc0\x10', '\x03rct\x07example\x03net\0']
  return bytes + names[random.below(3)] + '\0\x01\0\x01\0\0\x02\x58\0\x04\xc0\0\x02\x07'
}

/** One input: an answer that was hurt, half of the time behind an unhurt header and question. */
export function dnsInput(id: string, random: Random): string {
  if (random.oneIn(10)) return noise(200, random)
  const right = dnsReply(id, random)
  const headBytes = 12 + QUESTION.length
  if (random.oneIn(5)) return right.substr(0, headBytes) + noise(80, random)
  return random.oneIn(2) ? right.substr(0, headBytes) + mutate(right.substr(headBytes), random) : mutate(right, random)
}

export const fuzzDns = {
  name: 'dns',
  run(seed: number, count: number): string[] {
    const random = new Random(seed)
    const failures: string[] = []
    for (let index = 0; index < count; index++) {
      const client = asking(random)
      const bytes = dnsInput(client.id, random)
      const problem = judgeDns(client, bytes)
      if (problem !== '') failures.push(`dns seed ${seed} input ${index}: ${problem}: ${hex(bytes)}`)
    }
    return failures
  },
}

function judgeDns(client: dns.Dns, bytes: string): string {
  const before = JSON.stringify(client)
  const id = client.id
  try {
    const answer = dns.receive(client, bytes, NOW_MS + 20)
    if (answer === dns.Answer.NONE) return JSON.stringify(client) === before ? '' : 'refused, but changed'
    if (bytes.substr(0, 2) !== id || bytes.substr(12, QUESTION.length).toLowerCase() !== QUESTION) {
      return 'took an answer to another question'
    }
    if (answer === dns.Answer.REFUSED) return client.address === '' && client.host !== '' ? '' : 'refused, but done'
    const first = client.address.charCodeAt(0)
    if (client.address.length !== 4 || first === 0 || first === 127 || first >= 224) return 'not a host'
    if (bytes.indexOf('\0\x04' + client.address, 12) < 0) return 'address is not in the packet'
    return client.ttlSeconds >= 60 && client.ttlSeconds <= 86400 && client.host === '' ? '' : 'TTL out of limits'
  } catch (error) {
    return String(error)
  }
}

/** A reply of 2026. */
export function sntpReply(): string {
  return '\x24\x02\x06\xec\0\0\0\x10\0\0\0\x20GPS\0' + '\xed\0\0\0\0\0\0\0' + STAMP + '\xed\0\0\0\0\0\0\0'.repeat(2)
}

export const fuzzSntp = {
  name: 'sntp',
  run(seed: number, count: number): string[] {
    const random = new Random(seed)
    const failures: string[] = []
    for (let index = 0; index < count; index++) {
      const bytes = random.oneIn(10) ? noise(100, random) : mutate(sntpReply(), random)
      const problem = judgeSntp(bytes)
      if (problem !== '') failures.push(`sntp seed ${seed} input ${index}: ${problem}: ${hex(bytes)}`)
    }
    return failures
  },
}

function judgeSntp(bytes: string): string {
  try {
    const seconds = sntp.seconds(bytes, STAMP)
    if (seconds === 0) return ''
    if (bytes.substr(24, 8) !== STAMP || bytes.length < 48) return 'took a reply to another request'
    if (seconds === sntp.LEAVE) return bytes.charCodeAt(1) === 0 ? '' : 'left without being told to'
    return seconds >= 1577836800 && seconds < 2145916800 ? '' : `time ${seconds}`
  } catch (error) {
    return String(error)
  }
}
