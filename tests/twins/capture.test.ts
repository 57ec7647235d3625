/** What somebody with the cable and the air interface in hand has of the two runs (D-34), read back from the pcap files. */

import { execFileSync, spawnSync } from 'node:child_process'
import { createDecipheriv } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { DEMO_KEY } from '../../hal-mock/demo'
import type { Packet } from '../../hal-mock/network'
import { encode } from '../../hal-mock/programs/pcap'
import { nameOf, WIRES, type Wire, writeCaptures } from './capture'
import { type Frame, read } from './pcap-reader'
import { RUNS, type Run } from './recording'

let folder = ''
const files = new Map<string, Frame[]>()
const framesOf = (run: Run, wire: Wire) => files.get(nameOf(run, wire)) as Frame[]

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'twins-capture-'))
  await writeCaptures(folder)
  for (const run of RUNS) {
    for (const wire of WIRES) files.set(nameOf(run, wire), read(await readFile(join(folder, nameOf(run, wire)))))
  }
})

afterAll(() => rm(folder, { recursive: true, force: true }))

/** A frame of DC-09 without what may differ: the CRC behind the line feed, and what is encrypted (reporting.md §3.1, §4). */
function clearOf(payload: string): string {
  return payload.replace(/^\n[0-9A-F]{4}/, '\nCRC ').replace(/\[[0-9A-F]+\r$/, (cipher) => `[${cipher.length}\r`)
}

/** What shows of a frame to somebody without the key. */
function shownOf({ atMicroseconds, lengthBytes, header, payload }: Frame) {
  return { atMicroseconds, lengthBytes, header, clear: clearOf(payload) }
}

/** AES-128-CBC, IV of zeros (reporting.md §4). Returns the event, the padding in front of it left out. */
function decrypted(payload: string): string {
  const cipher = /\[([0-9A-F]+)\r$/.exec(payload)?.[1] ?? ''
  const decipher = createDecipheriv('aes-128-cbc', Buffer.from(DEMO_KEY, 'hex'), Buffer.alloc(16)).setAutoPadding(false)
  const clear = Buffer.concat([decipher.update(cipher, 'hex'), decipher.final()]).toString('latin1')
  return /\|(.*?)\]/.exec(clear)?.[1] ?? clear
}

describe.each(WIRES)('a capture of both codes on the %s wire', (wire) => {
  it('is the same in packets, times, lengths, flags and each field of the headers', () => {
    const [ordinary, duress] = RUNS.map((run) => framesOf(run, wire))
    expect(ordinary.length).toBeGreaterThan(10)
    expect(duress.map(shownOf)).toEqual(ordinary.map(shownOf))
  })

  it('differs in one frame only, which is 121 in place of 602 to whoever has the key', () => {
    const [ordinary, duress] = RUNS.map((run) => framesOf(run, wire))
    const places = ordinary.flatMap(({ payload }, index) => (payload === duress[index].payload ? [] : [index]))
    expect(places.length).toBe(1)
    const [[left, right]] = places.map((index) => [ordinary[index], duress[index]])
    expect(left.checksum).not.toBe(right.checksum)
    expect(decrypted(left.payload)).toMatch(/^#1234\|1602 /)
    expect(decrypted(right.payload)).toMatch(/^#1234\|1121 /)
  })

  it('is a conversation that adds up: every byte in order, and nothing acknowledged that was not sent', () => {
    const sides = new Map<number, { next: number; acknowledged: number }>()
    for (const { header, payload } of framesOf('duress', wire)) {
      const { sourcePort, targetPort, sequence, acknowledgement, flags } = header as { [field: string]: number }
      const isSyn = String(flags).includes('SYN')
      const side = sides.get(sourcePort) ?? { next: sequence, acknowledged: acknowledgement }
      const isProbe = payload === '' && sequence === side.next - 1
      if (!isProbe) expect(sequence).toBe(side.next)
      side.next += isProbe ? 0 : payload.length + (isSyn ? 1 : 0)
      expect(acknowledgement).toBeGreaterThanOrEqual(side.acknowledged)
      side.acknowledged = acknowledgement
      sides.set(sourcePort, side)
      if (String(flags).includes('ACK')) {
        const other = sides.get(targetPort)
        expect(acknowledgement).toBeLessThanOrEqual(other?.next ?? -1)
      }
    }
    expect(sides.size).toBe(2)
  })
})

describe('the comparison', () => {
  const packet: Packet = {
    atMs: 1500,
    via: 'ethernet',
    isUp: true,
    kind: 'PSH',
    bytes: '\n12340098"ADM-CID"0001R0L0#1234[0A1B\r',
    address: '198.51.100.10',
    port: 12128,
    localPort: 50000,
  }
  const shown = (changed: Partial<Packet>) =>
    read(encode([packet, { ...packet, ...changed }], '10.0.0.1', 0)).map(shownOf)

  it.each<[string, Partial<Packet>]>([
    ['a millisecond', { atMs: 1501 }],
    ['a byte more', { bytes: packet.bytes.replace('0A1B', '0A1B0') }],
    ['another number in the clear part', { bytes: packet.bytes.replace('0001R', '0002R') }],
    ['another flag', { kind: 'FIN' }],
    ['another port', { localPort: 50001 }],
    ['another direction', { isUp: false }],
    ['another peer', { address: '198.51.100.11' }],
  ])('sees %s', (_, changed) => {
    expect(shown(changed)).not.toEqual(shown({}))
  })

  it('does not see other ciphertext of the same length, nor the CRC and sum that follow from it', () => {
    const other = { bytes: '\n99990098"ADM-CID"0001R0L0#1234[FFFF\r' }
    expect(shown(other)).toEqual(shown({}))
  })

  it('reads only what is right: a bent byte anywhere in a packet is refused', () => {
    const file = encode([packet], '10.0.0.1', 0)
    for (let at = 40; at < file.length; at++) {
      const bent = Buffer.from(file)
      bent[at] ^= 0x40
      expect(() => read(bent), `byte ${at}`).toThrow('not so')
    }
  })
})

/** A program that reads pcap files, if this machine has it. */
function isThere(program: string): boolean {
  return spawnSync(program, ['--version']).status === 0
}

describe("somebody else's reader (skipped where the machine has none)", () => {
  it.skipIf(!isThere('tshark'))('tshark complains of nothing but the keep-alive that there is', () => {
    const complaint =
      '_ws.malformed || _ws.expert.severity >= "Warning" || (tcp.analysis.flags && !tcp.analysis.keep_alive'
    for (const name of files.keys()) {
      const options = ['-o', 'ip.check_checksum:TRUE', '-o', 'tcp.check_checksum:TRUE', '-r', join(folder, name)]
      const all = execFileSync('tshark', options, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
      expect(all.trim().split('\n').length, name).toBe(files.get(name)?.length)
      const filter = ['-Y', `${complaint} && !tcp.analysis.keep_alive_ack)`]
      const bad = execFileSync('tshark', [...options, ...filter], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      })
      expect(bad, name).toBe('')
    }
  })

  it.skipIf(!isThere('tcpdump'))('tcpdump finds every sum right', () => {
    for (const name of files.keys()) {
      const all = execFileSync('tcpdump', ['-nvv', '-r', join(folder, name)], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      })
      expect(all.match(/cksum 0x[0-9a-f]+ \(correct\)/g)?.length, name).toBe(files.get(name)?.length)
      expect(all).not.toMatch(/incorrect|bad cksum/)
    }
  })
})
