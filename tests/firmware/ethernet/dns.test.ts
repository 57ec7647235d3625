/** The DNS client alone (RFC 1035, RFC 5452), and 20 000 wrong answers. Conversations are in services.test.ts. */

import { describe, expect, it } from 'vitest'
import * as dns from '../../../firmware/ethernet/dns'
import { Random } from '../../../hal-mock/random'

const QUESTION = '\x03rct\x07example\x03net\x00\x00\x01\x00\x01'
const HEAD = '\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00'
const RECORD = '\xc0\x0c\x00\x01\x00\x01\x00\x00\x02\x58\x00\x04\xc0\x00\x02\x07'

function asking(host = 'rct.example.net'): { client: dns.Dns; query: string } {
  const client = dns.create()
  dns.start(client, host, 1000)
  const query = dns.poll(client, 2, new Random(3), 1000)
  return { client, query }
}

describe('queries', () => {
  it('asks one A question of class IN, recursion desired, for labels with their lengths', () => {
    const { client, query } = asking()
    expect(query).toBe(client.id + '\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00' + QUESTION)
  })

  it('asks each of two servers twice, 3 s each, then has failed', () => {
    const client = dns.create()
    dns.start(client, 'a.b', 0)
    const at: number[] = []
    for (let nowMs = 0; nowMs < 20000; nowMs += 100) {
      if (dns.poll(client, 2, new Random(nowMs), nowMs) !== '') at.push(nowMs)
    }
    expect(at).toEqual([0, 3000, 6000, 9000])
    expect([client.host, client.address, client.atMs]).toEqual(['', '', Infinity])
  })

  it.each(['', '.', 'a..b', '.a', 'a.', 'x'.repeat(64) + '.net', ('x'.repeat(62) + '.').repeat(4) + 'net'])(
    'fails at once for %j, which is no name',
    (host) => {
      const { client, query } = asking(host)
      expect([query, client.host]).toEqual(['', ''])
    },
  )

  it('asks for a name of 253 characters with labels of 63', () => {
    const host = ('x'.repeat(63) + '.').repeat(3) + 'y'.repeat(61)
    expect(host.length).toBe(253)
    expect(asking(host).query.length).toBe(12 + 255 + 4)
  })

  it('is done at once without a server', () => {
    const client = dns.create()
    dns.start(client, 'rct.example.net', 0)
    expect([dns.poll(client, 0, new Random(1), 0), client.host]).toEqual(['', ''])
  })
})

describe('answers', () => {
  it.each<[string, string]>([
    ['a record whose name is a pointer', HEAD + QUESTION + RECORD],
    ['a name in full', HEAD + QUESTION + '\x03rct\x07example\x03net\x00' + RECORD.substr(2)],
    ['the question in capitals', HEAD + QUESTION.toUpperCase() + RECORD],
    [
      'the address behind an alias',
      HEAD.replace('\x00\x01\x00\x01', '\x00\x01\x00\x02') +
        QUESTION +
        '\xc0\x0c\x00\x05\x00\x01\x00\x00\x02\x58\x00\x07\x04host\xc0\x10' +
        '\x04host\xc0\x10' +
        RECORD.substr(2),
    ],
    ['records behind it', HEAD + QUESTION + RECORD + '\x00\x00\x29\x10\x00\x00\x00\x00\x00\x00\x00'],
  ])('takes %s', (_, rest) => {
    const { client } = asking()
    expect(dns.receive(client, client.id + rest, 1500)).toBe(dns.Answer.FOUND)
    expect([client.address, client.ttlSeconds, client.host]).toEqual(['\xc0\x00\x02\x07', 600, ''])
  })

  it.each<[string, string]>([
    ['another id', '\x00\x00' + HEAD + QUESTION + RECORD],
    ['a query', 'ID\x01\x00' + HEAD.substr(2) + QUESTION + RECORD],
    ['an inverse query', 'ID\x89\x80' + HEAD.substr(2) + QUESTION + RECORD],
    ['no question', 'ID\x81\x80\x00\x00\x00\x01\x00\x00\x00\x00' + RECORD],
    ['another name', 'ID' + HEAD + QUESTION.replace('rct', 'rcu') + RECORD],
    ['another type', 'ID' + HEAD + QUESTION.substr(0, 17) + '\x00\x1c\x00\x01' + RECORD],
    ['nothing', ''],
    ['eleven bytes', 'ID' + HEAD.substr(0, 9)],
  ])('passes over %s', (_, bytes) => {
    const { client } = asking()
    client.id = bytes.startsWith('ID') ? 'ID' : client.id
    const before = JSON.stringify(client)
    expect(dns.receive(client, bytes, 1500)).toBe(dns.Answer.NONE)
    expect(JSON.stringify(client)).toBe(before)
  })

  it.each<[string, string]>([
    ['SERVFAIL', '\x81\x82' + HEAD.substr(2) + QUESTION],
    ['NXDOMAIN', '\x81\x83' + HEAD.substr(2) + QUESTION],
    ['no answer', '\x81\x80\x00\x01\x00\x00\x00\x00\x00\x00' + QUESTION],
    ['an address 0.0.0.0', HEAD + QUESTION + RECORD.substr(0, 12) + '\x00\x00\x00\x00'],
    ['an address 127.0.0.1', HEAD + QUESTION + RECORD.substr(0, 12) + '\x7f\x00\x00\x01'],
    ['an address 239.1.1.1', HEAD + QUESTION + RECORD.substr(0, 12) + '\xef\x01\x01\x01'],
    ['an alias alone', HEAD + QUESTION + '\xc0\x0c\x00\x05\x00\x01\x00\x00\x02\x58\x00\x02\xc0\x10'],
    ['data cut off', HEAD + QUESTION + RECORD.substr(0, 15)],
    ['a record cut off', HEAD + QUESTION + RECORD.substr(0, 8)],
    ['a name without an end', HEAD + QUESTION + '\x3fabc'],
    ['a label of a reserved kind', HEAD + QUESTION + '\x80' + RECORD],
    ['an A record of 16 bytes', HEAD + QUESTION + RECORD.substr(0, 11) + '\x10' + 'x'.repeat(16)],
  ])('turns to the next server at once after %s', (_, rest) => {
    const { client } = asking()
    expect(dns.receive(client, client.id + rest, 1500)).toBe(dns.Answer.REFUSED)
    expect([client.host, client.address, client.atMs]).toEqual(['rct.example.net', '', 1500])
  })

  it.each([
    ['\x00\x00\x00\x00', 60],
    ['\x00\x00\x00\x3c', 60],
    ['\x00\x00\x00\x3d', 61],
    ['\x00\x01\x51\x80', 86400],
    ['\x00\x01\x51\x81', 86400],
    ['\x7f\xff\xff\xff', 86400],
    // RFC 2181 §8: the top bit set counts as 0.
    ['\x80\x00\x00\x00', 60],
  ])('keeps a TTL of %j for %i s', (ttl, kept) => {
    const { client } = asking()
    dns.receive(client, client.id + HEAD + QUESTION + RECORD.substr(0, 6) + ttl + RECORD.substr(10), 1500)
    expect(client.ttlSeconds).toBe(kept)
  })

  it('takes the shorter TTL of alias and address', () => {
    const { client } = asking()
    const alias = '\xc0\x0c\x00\x05\x00\x01\x00\x00\x00\x64\x00\x02\xc0\x10'
    dns.receive(client, client.id + '\x81\x80\x00\x01\x00\x02\x00\x00\x00\x00' + QUESTION + alias + RECORD, 1500)
    expect(client.ttlSeconds).toBe(100)
  })

  it('reads 20 records, not 21', () => {
    for (const [count, answer] of [
      [19, dns.Answer.FOUND],
      [20, dns.Answer.REFUSED],
    ]) {
      const { client } = asking()
      const other = '\xc0\x0c\x00\x10\x00\x01\x00\x00\x02\x58\x00\x01x'
      const head = `\x81\x80\x00\x01\x00${String.fromCharCode(count + 1)}\x00\x00\x00\x00`
      expect(dns.receive(client, client.id + head + QUESTION + other.repeat(count) + RECORD, 1500)).toBe(answer)
    }
  })

  it('takes nothing once it is done', () => {
    const { client } = asking()
    const answer = client.id + HEAD + QUESTION + RECORD
    dns.receive(client, answer, 1500)
    expect(dns.receive(client, answer, 1600)).toBe(dns.Answer.NONE)
  })
})
