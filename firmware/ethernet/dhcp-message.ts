/**
 * DHCP's packets (RFC 2131 §2, options RFC 2132; layout in hardware.md §1.12), and the client's record that they fill.
 *
 * Exact: a reply is taken only when every field that matters is there once, has its length and makes sense together.
 * Not here: options in sname and file (52), long options in pieces (RFC 3396), authentication.
 */

export enum DhcpState {
  INIT,
  SELECTING,
  REQUESTING,
  PROBING,
  REBOOTING,
  DECLINING,
  /** From here on the address may be used. */
  BOUND,
  RENEWING,
  REBINDING,
}

/** What a datagram changed: nothing; poll() now; try whether the address is free; a lease; no lease any more. */
export enum News {
  NOTHING,
  ASK,
  PROBE,
  LEASE,
  LOST,
}

export interface Dhcp {
  state: DhcpState
  mac: string
  /** xid, 4 bytes: random, new for each transaction. */
  transaction: string
  /** Offered or leased. */
  address: string
  mask: string
  /** 0.0.0.0 when there is none. */
  router: string
  /** At most two. */
  dnsServers: string
  server: string
  /** A server that did not keep to its offer: it is not listened to until the next pause. */
  shunned: string
  tries: number
  /** Beginning of the transaction, and when the last request left: the lease counts from there (RFC 2131 §4.4.1). */
  startMs: number
  requestMs: number
  /** poll() has nothing to do before this. */
  atMs: number
  /** T1, T2 and the end of the lease. */
  renewAtMs: number
  rebindAtMs: number
  endAtMs: number
}

/** Message types (RFC 2132 §9.6). */
export const DISCOVER = 1
export const OFFER = 2
export const REQUEST = 3
export const DECLINE = 4
export const ACK = 5
export const NAK = 6

/** Options (RFC 2132). */
const PAD = 0
const MASK = 1
const ROUTER = 3
const DNS = 6
const REQUESTED = 50
const LEASE = 51
const KIND = 53
const SERVER = 54
const RENEWAL = 58
const REBINDING = 59
const CLIENT = 61
const END = 255

const OPTIONS_AT = 240
/** Old servers drop shorter messages (hardware.md §1.12). */
const LEAST_BYTES = 300
const COOKIE = '\x63\x82\x53\x63'
const NO_ADDRESS = '\0\0\0\0'
/** A lease that ends sooner would keep the socket busy for nothing. */
const LEAST_LEASE_SECONDS = 60
/** RFC 2131 §3.3: all ones is for ever. */
const FOR_EVER_SECONDS = 4294967295

/** The message of the client's state: 300 bytes. kind: DISCOVER, REQUEST or DECLINE. */
export function build(d: Dhcp, kind: number, nowMs: number): string {
  const seconds = Math.min(((nowMs - d.startMs) / 1000) | 0, 65535)
  const isLeased = kind === REQUEST && d.state >= DhcpState.BOUND
  let bytes =
    // Replies come as broadcasts: without an address the chip takes no others.
    '\x01\x01\x06\0' + d.transaction + String.fromCharCode(seconds >> 8, seconds & 255, 0x80, 0)
  bytes += (isLeased ? d.address : NO_ADDRESS) + NO_ADDRESS.repeat(3) + d.mac + '\0'.repeat(202) + COOKIE
  bytes += String.fromCharCode(KIND, 1, kind, CLIENT, 7, 1) + d.mac
  if (kind !== DISCOVER && !isLeased) {
    bytes += String.fromCharCode(REQUESTED, 4) + d.address
    // INIT-REBOOT names no server (RFC 2131 §4.3.2).
    if (d.state !== DhcpState.REBOOTING) bytes += String.fromCharCode(SERVER, 4) + d.server
  }
  if (kind !== DECLINE) bytes += String.fromCharCode(55, 6, MASK, ROUTER, DNS, LEASE, RENEWAL, REBINDING)
  bytes += '\xff'
  return bytes + '\0'.repeat(LEAST_BYTES - bytes.length)
}

/** Options of a reply to this client's transaction by their number; undefined when it is none, or is malformed. */
export function read(d: Dhcp, bytes: string): string[] | undefined {
  if (bytes.substr(0, 3) !== '\x02\x01\x06' || bytes.substr(4, 4) !== d.transaction) return undefined
  if (bytes.substr(28, 6) !== d.mac || bytes.substr(236, 4) !== COOKIE) return undefined
  const options: string[] = []
  let at = OPTIONS_AT
  while (at < bytes.length) {
    const code = bytes.charCodeAt(at)
    if (code === END) return serverOf(options) === '' ? undefined : options
    at++
    if (code === PAD) continue
    const lengthBytes = at < bytes.length ? bytes.charCodeAt(at) : 256
    at += 1 + lengthBytes
    // What is cut off here never reaches an end mark.
    if (options[code] !== undefined) return undefined
    options[code] = bytes.substr(at - lengthBytes, lengthBytes)
  }
  // No end mark: cut off on the way.
  return undefined
}

/** Message type; 0 when there is none. */
export function kindOf(options: string[]): number {
  return field(options, KIND, 1).charCodeAt(0) | 0
}

/** Who sent it; '' when it does not say so. */
export function serverOf(options: string[]): string {
  const server = field(options, SERVER, 4)
  return isHost(server) ? server : ''
}

/** True when a reply is about the address that was asked for. */
export function isFor(d: Dhcp, bytes: string): boolean {
  return bytes.substr(16, 4) === d.address
}

/** Takes address and lease over from an OFFER or ACK; false, and nothing changes, when they make no sense. */
export function keep(d: Dhcp, bytes: string, options: string[]): boolean {
  const address = bytes.substr(16, 4)
  const mask = field(options, MASK, 4)
  const leaseSeconds = number(field(options, LEASE, 4))
  if (!isHost(address) || !fits(address, mask) || leaseSeconds < LEAST_LEASE_SECONDS) return false
  const router = first(options, ROUTER)
  d.address = address
  d.mask = mask
  d.router = isHost(router) ? router : NO_ADDRESS
  const name = first(options, DNS)
  d.dnsServers = isHost(name) ? name : ''
  const second = d.dnsServers === '' ? '' : options[DNS].substr(4, 4)
  if (isHost(second)) d.dnsServers += second
  if (leaseSeconds === FOR_EVER_SECONDS) {
    d.renewAtMs = d.rebindAtMs = d.endAtMs = Infinity
    return true
  }
  let renewSeconds = number(field(options, RENEWAL, 4))
  let rebindSeconds = number(field(options, REBINDING, 4))
  // RFC 2131 §4.4.5: T1 before T2 before the end; by default half of the lease and seven eighths.
  if (!(renewSeconds > 0 && renewSeconds < rebindSeconds && rebindSeconds < leaseSeconds)) {
    renewSeconds = leaseSeconds / 2
    rebindSeconds = (leaseSeconds * 7) / 8
  }
  d.renewAtMs = d.requestMs + renewSeconds * 1000
  d.rebindAtMs = d.requestMs + rebindSeconds * 1000
  d.endAtMs = d.requestMs + leaseSeconds * 1000
  return true
}

/** True for a single host's address: not 0.x, 127.x, or a group's. */
export function isHost(address: string): boolean {
  const first = address.charCodeAt(0)
  return address.length === 4 && first > 0 && first < 224 && first !== 127
}

/** A mask of ones and then two zeros or more, and an address that is neither the net's own nor its broadcast. */
function fits(address: string, mask: string): boolean {
  if (mask.length !== 4) return false
  const hostMask = ~number(mask)
  const host = number(address) & hostMask
  return hostMask >= 3 && (hostMask & (hostMask + 1)) === 0 && host !== 0 && host !== hostMask
}

/** An option of exactly that length, or ''. */
function field(options: string[], code: number, lengthBytes: number): string {
  const value = options[code]
  return value !== undefined && value.length === lengthBytes ? value : ''
}

/** The first of a list of addresses, or ''. */
function first(options: string[], code: number): string {
  const value = options[code]
  return value !== undefined && value.length >= 4 && value.length % 4 === 0 ? value.substr(0, 4) : ''
}

/** Four bytes, highest first, as an unsigned number; 0 for ''. */
function number(bytes: string): number {
  if (bytes === '') return 0
  return (
    bytes.charCodeAt(0) * 16777216 + ((bytes.charCodeAt(1) << 16) | (bytes.charCodeAt(2) << 8) | bytes.charCodeAt(3))
  )
}
