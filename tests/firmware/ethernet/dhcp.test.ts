/**
 * The DHCP client alone, bytes against bytes: packets by RFC 2131 and RFC 2132 written anew, the table of states x
 * messages, limits, and 20 000 wrong inputs. Conversations over the chip are in services.test.ts.
 */

import { describe, expect, it } from 'vitest'
import * as dhcp from '../../../firmware/ethernet/dhcp'
import { type Dhcp, DhcpState, News } from '../../../firmware/ethernet/dhcp-message'
import { clientIn } from '../../../hal-mock/programs/fuzz-dhcp'
import { Random } from '../../../hal-mock/random'

const MAC = '\x02\x00\x00\x00\x00\x01'
const NOW = 100000
const OFFER = 2
const ACK = 5
const NAK = 6

interface Shape {
  kind: number
  address?: string
  server?: string
  options?: string[]
  transaction?: string
  mac?: string
  tail?: string
}

const MASK = '\x01\x04\xff\xff\xff\x00'
const ROUTER = '\x03\x04\x0a\x00\x00\x01'
const LEASE = '\x33\x04\x00\x00\x0e\x10'

function packet(shape: Shape): string {
  const options = shape.options ?? [LEASE, MASK, ROUTER]
  const server = shape.server ?? '\x0a\x00\x00\x01'
  return (
    '\x02\x01\x06\x00' +
    (shape.transaction ?? '\x11\x22\x33\x44') +
    '\x00\x00\x80\x00' +
    '\x00'.repeat(4) +
    (shape.address ?? '\x0a\x00\x00\x32') +
    '\x00'.repeat(8) +
    (shape.mac ?? MAC) +
    '\x00'.repeat(202) +
    '\x63\x82\x53\x63' +
    `\x35\x01${String.fromCharCode(shape.kind)}\x36\x04${server}` +
    options.join('') +
    (shape.tail ?? '\xff')
  )
}

function hex(bytes: string): string {
  return Array.from(bytes, (letter) => letter.charCodeAt(0).toString(16).padStart(2, '0')).join(' ')
}

/** Starts a client, polls once. */
function started(): { client: Dhcp; first: string } {
  const client = dhcp.create(MAC)
  dhcp.start(client, 0)
  const first = dhcp.poll(client, new Random(1), 0)
  return { client, first }
}

describe('packets out', () => {
  it('DISCOVER: 300 bytes, broadcast flag, client id, a list of wishes, padded behind the end mark', () => {
    const { client, first } = started()
    expect(first.length).toBe(300)
    expect(hex(first.substr(0, 4))).toBe('01 01 06 00')
    expect(first.substr(4, 4)).toBe(client.transaction)
    expect(hex(first.substr(8, 20))).toBe('00 00 80 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00')
    expect(hex(first.substr(28, 16))).toBe('02 00 00 00 00 01 00 00 00 00 00 00 00 00 00 00')
    expect(first.substr(44, 192)).toBe('\x00'.repeat(192))
    expect(hex(first.substring(236, 265))).toBe(
      '63 82 53 63 35 01 01 3d 07 01 02 00 00 00 00 01 37 06 01 03 06 33 3a 3b ff 00 00 00 00',
    )
  })

  it('REQUEST after an offer names address and server, and none of ciaddr', () => {
    const { client } = started()
    const offer = packet({ kind: OFFER, transaction: client.transaction })
    expect(dhcp.receive(client, offer, 500)).toBe(News.ASK)
    const request = dhcp.poll(client, new Random(2), 3500)
    expect(request.substr(4, 4)).toBe(client.transaction)
    expect(hex(request.substr(8, 2))).toBe('00 03')
    expect(request.substr(12, 4)).toBe('\x00'.repeat(4))
    expect(hex(request.substring(240, 265))).toBe(
      '35 01 03 3d 07 01 02 00 00 00 00 01 32 04 0a 00 00 32 36 04 0a 00 00 01 37',
    )
    expect(dhcp.destination(client)).toBe('')
  })

  it('REQUEST in INIT-REBOOT names the address, not the server (RFC 2131 §4.3.2)', () => {
    const client = clientIn(DhcpState.BOUND)
    dhcp.start(client, NOW)
    expect(client.state).toBe(DhcpState.REBOOTING)
    const request = dhcp.poll(client, new Random(2), NOW)
    expect(request.indexOf('\x32\x04\x0a\x00\x00\x32')).toBeGreaterThan(240)
    expect(request.indexOf('\x36\x04')).toBe(-1)
  })

  it.each([
    [DhcpState.RENEWING, 1800000, '\x0a\x00\x00\x01'],
    [DhcpState.REBINDING, 3000000, ''],
  ])('REQUEST in state %i has its address in ciaddr and no options 50 and 54', (state, afterMs, destination) => {
    const client = clientIn(DhcpState.BOUND)
    client.atMs = NOW
    const request = dhcp.poll(client, new Random(2), NOW + afterMs)
    expect(client.state).toBe(state)
    expect(request.substr(12, 4)).toBe('\x0a\x00\x00\x32')
    expect(request.indexOf('\x32\x04')).toBe(-1)
    expect(request.indexOf('\x36\x04')).toBe(-1)
    expect(dhcp.destination(client)).toBe(destination)
  })

  it('DECLINE names address and server, and the next DISCOVER comes 10 s later', () => {
    const client = clientIn(DhcpState.PROBING)
    dhcp.decline(client, NOW)
    const bytes = dhcp.poll(client, new Random(1), NOW)
    expect(hex(bytes.substring(240, 265))).toBe(
      '35 01 04 3d 07 01 02 00 00 00 00 01 32 04 0a 00 00 32 36 04 0a 00 00 01 ff',
    )
    expect(dhcp.poll(client, new Random(1), NOW + 9999)).toBe('')
    expect(dhcp.poll(client, new Random(1), NOW + 10000).charCodeAt(242)).toBe(1)
  })

  it('counts the seconds since it began, up to 65535', () => {
    const client = clientIn(DhcpState.REBINDING)
    client.startMs = 0
    client.atMs = 0
    client.endAtMs = Infinity
    expect(hex(dhcp.poll(client, new Random(1), 70000000).substr(8, 2))).toBe('ff ff')
  })
})

describe('states x messages', () => {
  const nothing = [News.NOTHING, News.NOTHING, News.NOTHING]
  it.each<[string, DhcpState, News[], DhcpState[]]>([
    ['INIT', DhcpState.INIT, nothing, [0, 0, 0]],
    ['SELECTING', DhcpState.SELECTING, [News.ASK, 0, 0], [DhcpState.REQUESTING, 1, 1]],
    ['REQUESTING', DhcpState.REQUESTING, [0, News.PROBE, News.LOST], [2, DhcpState.PROBING, DhcpState.INIT]],
    ['PROBING', DhcpState.PROBING, nothing, [3, 3, 3]],
    ['REBOOTING', DhcpState.REBOOTING, [0, News.LEASE, News.LOST], [4, DhcpState.BOUND, DhcpState.INIT]],
    ['DECLINING', DhcpState.DECLINING, nothing, [5, 5, 5]],
    ['BOUND', DhcpState.BOUND, nothing, [6, 6, 6]],
    ['RENEWING', DhcpState.RENEWING, [0, News.LEASE, News.LOST], [7, DhcpState.BOUND, DhcpState.INIT]],
    ['REBINDING', DhcpState.REBINDING, [0, News.LEASE, News.LOST], [8, DhcpState.BOUND, DhcpState.INIT]],
  ])('%s takes OFFER, ACK and NAK as it should', (_, state, news, states) => {
    for (const [index, kind] of [OFFER, ACK, NAK].entries()) {
      const client = clientIn(state)
      expect(dhcp.receive(client, packet({ kind }), NOW)).toBe(news[index])
      expect(client.state).toBe(states[index])
    }
  })

  it('leaves the last lease time alone while an offer is only an offer', () => {
    const client = clientIn(DhcpState.SELECTING)
    dhcp.receive(client, packet({ kind: OFFER }), NOW)
    expect(dhcp.hasLease(client)).toBe(0)
  })
})

describe('what makes no sense is refused', () => {
  it.each<[string, Shape]>([
    ['another transaction', { kind: ACK, transaction: '\x11\x22\x33\x45' }],
    ["another client's MAC", { kind: ACK, mac: '\x02\x00\x00\x00\x00\x02' }],
    ['another address than asked for', { kind: ACK, address: '\x0a\x00\x00\x33' }],
    ['no lease time', { kind: ACK, options: [MASK, ROUTER] }],
    ['a lease of 59 s', { kind: ACK, options: ['\x33\x04\x00\x00\x00\x3b', MASK, ROUTER] }],
    ['a lease time of 3 bytes', { kind: ACK, options: ['\x33\x03\x00\x0e\x10', MASK, ROUTER] }],
    ['no mask', { kind: ACK, options: [LEASE, ROUTER] }],
    ['a mask with a hole', { kind: ACK, options: [LEASE, '\x01\x04\xff\x00\xff\x00'] }],
    ['a mask of zeros', { kind: ACK, options: [LEASE, '\x01\x04\x00\x00\x00\x00'] }],
    ['a mask that leaves one address', { kind: ACK, options: [LEASE, '\x01\x04\xff\xff\xff\xff'] }],
    ['the same option twice', { kind: ACK, options: [LEASE, MASK, MASK, ROUTER] }],
    ['no end mark', { kind: ACK, tail: '' }],
    ['a length beyond the end', { kind: ACK, tail: '\x0c\x09host' }],
    ['a length byte that is missing', { kind: ACK, tail: '\x0c' }],
    ['a server 0.0.0.0', { kind: ACK, server: '\x00\x00\x00\x00' }],
    ['a group for a server', { kind: ACK, server: '\xe0\x00\x00\x01' }],
    ['message type 7', { kind: 7 }],
  ])('%s', (_, shape) => {
    const client = clientIn(DhcpState.RENEWING)
    const before = JSON.stringify(client)
    expect(dhcp.receive(client, packet(shape), NOW)).toBe(News.NOTHING)
    expect(JSON.stringify(client)).toBe(before)
  })

  it.each(['\x0a\x00\x00\x00', '\x0a\x00\x00\xff', '\x7f\x00\x00\x01', '\x00\x00\x00\x09', '\xe0\x00\x00\x05'])(
    'an offer of the address %j',
    (address) => {
      const client = clientIn(DhcpState.SELECTING)
      expect(dhcp.receive(client, packet({ kind: OFFER, address }), NOW)).toBe(News.NOTHING)
    },
  )

  it('the confirmation of another server than the one whose offer was taken', () => {
    const client = clientIn(DhcpState.REQUESTING)
    for (const kind of [ACK, NAK]) {
      expect(dhcp.receive(client, packet({ kind, server: '\x0a\x00\x00\x09' }), NOW)).toBe(News.NOTHING)
    }
  })

  it('a message cut off at any byte', () => {
    const whole = packet({ kind: ACK })
    for (let lengthBytes = 0; lengthBytes < whole.length; lengthBytes++) {
      const client = clientIn(DhcpState.RENEWING)
      expect(dhcp.receive(client, whole.substr(0, lengthBytes), NOW)).toBe(News.NOTHING)
    }
  })
})

describe('what is taken', () => {
  it('a lease of 60 s, no router, odd DNS lists, pad bytes, options that were not asked for', () => {
    const client = clientIn(DhcpState.RENEWING)
    const options = ['\x00\x00\x0f\x03lan', '\x33\x04\x00\x00\x00\x3c', MASK, '\x06\x05\x0a\x00\x00\x01\x0a']
    expect(dhcp.receive(client, packet({ kind: ACK, options }), NOW)).toBe(News.LEASE)
    expect([client.router, client.dnsServers]).toEqual(['\x00\x00\x00\x00', ''])
    expect(client.endAtMs).toBe(NOW - 50 + 60000)
  })

  it('the first two of three DNS servers', () => {
    const client = clientIn(DhcpState.RENEWING)
    const list = '\x06\x0c\x0a\x00\x00\x01\x0a\x00\x00\x02\x0a\x00\x00\x03'
    dhcp.receive(client, packet({ kind: ACK, options: [LEASE, MASK, list] }), NOW)
    expect(client.dnsServers).toBe('\x0a\x00\x00\x01\x0a\x00\x00\x02')
  })

  it.each([
    ['none: half and seven eighths', '', 1800000, 3150000],
    ['both', '\x3a\x04\x00\x00\x03\xe8\x3b\x04\x00\x00\x07\xd0', 1000000, 2000000],
    ['out of order: half and seven eighths', '\x3a\x04\x00\x00\x07\xd0\x3b\x04\x00\x00\x03\xe8', 1800000, 3150000],
    ['beyond the end: half and seven eighths', '\x3a\x04\x00\x00\x03\xe8\x3b\x04\x00\x00\x0e\x10', 1800000, 3150000],
  ])('T1 and T2, %s, counted from the request', (_, extra, renewMs, rebindMs) => {
    const client = clientIn(DhcpState.RENEWING)
    dhcp.receive(client, packet({ kind: ACK, options: [LEASE, MASK, extra] }), NOW)
    expect([client.renewAtMs, client.rebindAtMs, client.endAtMs]).toEqual([
      NOW - 50 + renewMs,
      NOW - 50 + rebindMs,
      NOW - 50 + 3600000,
    ])
  })

  it('a lease of 2^32 - 2 s without overflow', () => {
    const client = clientIn(DhcpState.RENEWING)
    dhcp.receive(client, packet({ kind: ACK, options: ['\x33\x04\xff\xff\xff\xfe', MASK] }), NOW)
    expect(client.endAtMs).toBe(NOW - 50 + 4294967294000)
  })
})

describe('times', () => {
  it('waits 4, 8, 16 and 32 s, each by at most 1 s more or less, and not the same for two seeds', () => {
    const seen = new Set<string>()
    for (let seed = 1; seed <= 20; seed++) {
      const client = dhcp.create(MAC)
      const random = new Random(seed)
      dhcp.start(client, 0)
      let atMs = 0
      const waits: number[] = []
      for (let tries = 0; tries < 4; tries++) {
        expect(dhcp.poll(client, random, atMs).length).toBe(300)
        waits.push(client.atMs - atMs)
        atMs = client.atMs
      }
      for (const [index, wanted] of [4000, 8000, 16000, 32000].entries()) {
        expect(Math.abs(waits[index] - wanted)).toBeLessThanOrEqual(1000)
      }
      seen.add(waits.join())
    }
    expect(seen.size).toBeGreaterThan(15)
  })

  it('asks again after half of what is left, at least 60 s apart, and never beyond T2 (RFC 2131 §4.4.5)', () => {
    const client = clientIn(DhcpState.BOUND)
    client.renewAtMs = client.atMs = NOW
    client.rebindAtMs = NOW + 400000
    client.endAtMs = NOW + 500000
    const gaps: number[] = []
    for (let nowMs = NOW; nowMs < client.rebindAtMs; nowMs = client.atMs) {
      dhcp.poll(client, new Random(1), nowMs)
      gaps.push(client.atMs - nowMs)
    }
    expect(gaps).toEqual([200000, 100000, 60000, 40000])
  })

  it('takes a new transaction number for each round and keeps it for its repetitions', () => {
    const random = new Random(4)
    const client = dhcp.create(MAC)
    dhcp.start(client, 0)
    dhcp.poll(client, random, 0)
    const first = client.transaction
    dhcp.poll(client, random, client.atMs)
    expect(client.transaction).toBe(first)
    dhcp.start(client, 50000)
    dhcp.poll(client, random, 50000)
    expect(client.transaction).not.toBe(first)
  })

  it('sends nothing before its time', () => {
    const { client } = started()
    expect(dhcp.poll(client, new Random(1), client.atMs - 1)).toBe('')
    expect(dhcp.poll(client, new Random(1), client.atMs).length).toBe(300)
  })
})
