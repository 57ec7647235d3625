/**
 * Reads pcap files of raw IPv4 with TCP, as their own specifications have it (draft-ietf-opsawg-pcap, RFC 791, RFC 9293): a
 * second reading beside pcap.ts, which it does not import. Throws at what is not so, sums included.
 */

export interface Frame {
  /** Microseconds since 1970. */
  atMicroseconds: number
  /** Bytes of the IP packet. */
  lengthBytes: number
  /** Everything in the headers but the TCP checksum, which follows from the payload. */
  header: { [field: string]: string | number }
  checksum: number
  payload: string
}

export function read(file: Uint8Array): Frame[] {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  must(view.getUint32(0, true) === 0xa1b2c3d4, 'little-endian, microseconds')
  must(view.getUint16(4, true) === 2 && view.getUint16(6, true) === 4, 'version 2.4')
  must(view.getUint32(20, true) === 101, 'link type 101: raw IP')
  const frames: Frame[] = []
  for (let at = 24; at < file.length; ) {
    const microseconds = view.getUint32(at + 4, true)
    const lengthBytes = view.getUint32(at + 8, true)
    must(microseconds < 1000000, 'less than a second of microseconds')
    must(lengthBytes === view.getUint32(at + 12, true), 'nothing is cut off')
    must(at + 16 + lengthBytes <= file.length, 'the record is whole')
    const packet = file.subarray(at + 16, at + 16 + lengthBytes)
    frames.push({ atMicroseconds: view.getUint32(at, true) * 1000000 + microseconds, lengthBytes, ...dissect(packet) })
    at += 16 + lengthBytes
  }
  return frames
}

function dissect(packet: Uint8Array): Pick<Frame, 'header' | 'checksum' | 'payload'> {
  const view = new DataView(packet.buffer, packet.byteOffset, packet.byteLength)
  must(packet[0] === 0x45, 'IPv4 without options')
  must(view.getUint16(2) === packet.length, 'total length')
  must(packet[9] === 6, 'TCP')
  must(onesSum(packet.subarray(0, 20)) === 0xffff, 'sum of the IP header')
  const tcp = packet.subarray(20)
  const dataAt = (tcp[12] >> 4) * 4
  const pseudo = [...packet.subarray(12, 20), 0, 6, tcp.length >> 8, tcp.length & 255]
  must(onesSum(Uint8Array.from([...pseudo, ...tcp])) === 0xffff, 'sum of the TCP segment')
  const names = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG']
  return {
    header: {
      serviceType: packet[1],
      identification: view.getUint16(4),
      fragment: view.getUint16(6),
      timeToLive: packet[8],
      ipChecksum: view.getUint16(10),
      source: packet.subarray(12, 16).join('.'),
      target: packet.subarray(16, 20).join('.'),
      sourcePort: view.getUint16(20),
      targetPort: view.getUint16(22),
      sequence: view.getUint32(24),
      acknowledgement: view.getUint32(28),
      headerBytes: dataAt,
      flags: names.filter((_, bit) => (tcp[13] >> bit) & 1).join('+'),
      window: view.getUint16(34),
      urgent: view.getUint16(38),
      options: tcp.subarray(20, dataAt).join(' '),
    },
    checksum: view.getUint16(36),
    payload: Buffer.from(tcp.subarray(dataAt)).toString('latin1'),
  }
}

/** Sum of 16-bit words with the carries added in; all ones when the checksum inside fits (RFC 1071). */
function onesSum(bytes: Uint8Array): number {
  let sum = 0
  bytes.forEach((byte, index) => {
    sum += index % 2 === 0 ? byte * 256 : byte
    if (sum > 0xffff) sum -= 0xffff
  })
  return sum
}

function must(isSo: boolean, what: string): void {
  if (!isSo) throw new Error(`not so: ${what}`)
}
