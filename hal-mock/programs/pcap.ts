/**
 * Packets of the virtual network as a pcap file (the format of libpcap, link type "raw IP"), to look at in Wireshark.
 *
 * From the model come times, ends, flags, payload, and with them lengths, sequence and acknowledgement numbers. What it does
 * not have is constant: first sequence numbers, window, TTL, identification (0 with DF, RFC 6864), and the address and ports
 * that a modem keeps to itself. A packet that is sent again would count twice: the way must lose nothing.
 */

import type { Packet } from '../network'

/** The cellular network gives an address that the modem does not tell; one of the range for that (RFC 6598). */
export const CELLULAR_ADDRESS = '100.64.0.2'

const MAGIC_MICROSECONDS = 0xa1b2c3d4
const LINK_RAW_IP = 101
const SNAP_BYTES = 65535
const IP_BYTES = 20
const TCP_BYTES = 20
const UDP_BYTES = 8
const PROTOCOL_TCP = 6
const PROTOCOL_UDP = 17
const DONT_FRAGMENT = 0x4000
const TTL = 64
/** Of a W5500 socket of 2 KB; the peer's is taken for the same. */
const WINDOW = 2048
/** Where the ports of a modem begin (RFC 6335), one more with each connection. */
const FIRST_PORT = 49152

const FIN = 1
const SYN = 2
const RST = 4
const PSH = 8
const ACK = 16

/** Both ends of a connection or of datagrams: what each has sent, and what it has acknowledged. */
interface Flow {
  port: number
  sent: { up: number; down: number }
  /** Of the other side's bytes. */
  acknowledged: { up: number; down: number }
}

interface Wire {
  panelAddress: string
  flows: Map<string, Flow>
}

/** A pcap file. packets: in order. panelAddress: on the one wire, or on each by its name. epochSeconds: UTC at virtual 0. */
export function encode(
  packets: readonly Packet[],
  panelAddress: string | { [via: string]: string },
  epochSeconds: number,
): Buffer {
  const head = Buffer.alloc(24)
  head.writeUInt32LE(MAGIC_MICROSECONDS, 0)
  head.writeUInt16LE(2, 4)
  head.writeUInt16LE(4, 6)
  head.writeUInt32LE(SNAP_BYTES, 16)
  head.writeUInt32LE(LINK_RAW_IP, 20)
  const wires = new Map<string, Wire>()
  const wireOf = (via: string): Wire => {
    const address = typeof panelAddress === 'string' ? panelAddress : panelAddress[via]
    const wire = wires.get(via) ?? { panelAddress: address, flows: new Map() }
    wires.set(via, wire)
    return wire
  }
  return Buffer.concat([
    head,
    ...packets.map((packet) => record(packet, frame(wireOf(packet.via), packet), epochSeconds)),
  ])
}

function record(packet: Packet, bytes: Buffer, epochSeconds: number): Buffer {
  const head = Buffer.alloc(16)
  head.writeUInt32LE(epochSeconds + Math.floor(packet.atMs / 1000), 0)
  head.writeUInt32LE(Math.floor((packet.atMs % 1000) * 1000), 4)
  head.writeUInt32LE(bytes.length, 8)
  head.writeUInt32LE(bytes.length, 12)
  return Buffer.concat([head, bytes])
}

function frame(wire: Wire, packet: Packet): Buffer {
  const flow = flowOf(wire, packet)
  const panel = { address: wire.panelAddress, port: flow.port }
  const [source, target] = packet.isUp ? [panel, packet] : [packet, panel]
  const isUdp = packet.kind === 'UDP'
  const protocol = isUdp ? PROTOCOL_UDP : PROTOCOL_TCP
  const payload = Buffer.from(packet.bytes, 'latin1')
  const segment = Buffer.concat([isUdp ? udpHead(payload.length) : tcpHead(flow, packet), payload])
  segment.writeUInt16BE(source.port, 0)
  segment.writeUInt16BE(target.port, 2)
  const pseudo = Buffer.concat([quads(source.address), quads(target.address), Buffer.from([0, protocol, 0, 0])])
  pseudo.writeUInt16BE(segment.length, 10)
  const sum = checksum(Buffer.concat([pseudo, segment]))
  // RFC 768: a UDP sum of 0 is sent as all ones.
  segment.writeUInt16BE(isUdp && sum === 0 ? 0xffff : sum, isUdp ? 6 : 16)
  return Buffer.concat([ipHead(source.address, target.address, protocol, segment.length), segment])
}

/** A SYN of the panel begins another connection. */
function flowOf(wire: Wire, packet: Packet): Flow {
  const key = `${packet.kind === 'UDP'} ${packet.address}:${packet.port} ${packet.localPort}`
  const found = wire.flows.get(key)
  if (found !== undefined && !(packet.isUp && packet.kind === 'SYN')) return found
  const port = packet.localPort !== 0 ? packet.localPort : (found?.port ?? FIRST_PORT - 1 + wire.flows.size) + 1
  const flow = { port, sent: { up: 0, down: 0 }, acknowledged: { up: 0, down: 0 } }
  wire.flows.set(key, flow)
  return flow
}

function tcpHead(flow: Flow, { isUp, kind, bytes }: Packet): Buffer {
  const [own, other] = isUp ? (['up', 'down'] as const) : (['down', 'up'] as const)
  // The panel acknowledges all there is; the peer by packets of its own, which the chip waits for (network-tcp.ts).
  if (isUp || kind !== 'PSH') flow.acknowledged[own] = flow.sent[other]
  // A bare ACK of the panel is the chip's keep-alive: a byte before what it will send next (RFC 9293 §3.8.4).
  const isProbe = isUp && kind === 'ACK'
  const isFirst = isUp && kind === 'SYN'
  const head = Buffer.alloc(TCP_BYTES)
  head.writeUInt32BE(firstOf(own) + flow.sent[own] - (isProbe ? 1 : 0), 4)
  if (!isFirst) head.writeUInt32BE(firstOf(other) + flow.acknowledged[own], 8)
  head.writeUInt8((TCP_BYTES / 4) << 4, 12)
  head.writeUInt8(flagsOf(kind) | (isFirst ? 0 : ACK), 13)
  head.writeUInt16BE(WINDOW, 14)
  flow.sent[own] += kind === 'SYN' || kind === 'FIN' ? 1 : bytes.length
  return head
}

/** First sequence number. */
function firstOf(side: 'up' | 'down'): number {
  return side === 'up' ? 0x10000000 : 0x50000000
}

function flagsOf(kind: Packet['kind']): number {
  if (kind === 'SYN') return SYN
  if (kind === 'FIN') return FIN
  if (kind === 'RST') return RST
  return kind === 'PSH' ? PSH : ACK
}

function udpHead(payloadBytes: number): Buffer {
  const head = Buffer.alloc(UDP_BYTES)
  head.writeUInt16BE(UDP_BYTES + payloadBytes, 4)
  return head
}

function ipHead(source: string, target: string, protocol: number, bodyBytes: number): Buffer {
  const head = Buffer.alloc(IP_BYTES)
  head.writeUInt8(0x45, 0)
  head.writeUInt16BE(IP_BYTES + bodyBytes, 2)
  head.writeUInt16BE(DONT_FRAGMENT, 6)
  head.writeUInt8(TTL, 8)
  head.writeUInt8(protocol, 9)
  quads(source).copy(head, 12)
  quads(target).copy(head, 16)
  head.writeUInt16BE(checksum(head), 10)
  return head
}

function quads(address: string): Buffer {
  return Buffer.from(address.split('.').map(Number))
}

/** RFC 1071. */
function checksum(bytes: Buffer): number {
  let sum = 0
  for (let index = 0; index < bytes.length; index += 2) sum += (bytes[index] << 8) | (bytes[index + 1] ?? 0)
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16)
  return ~sum & 0xffff
}
