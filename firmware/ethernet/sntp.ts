/**
 * SNTP: the time of day from a server (RFC 4330, client of version 4, unicast). The interpreter's own client must not be
 * used (espruino.md §3.7).
 *
 * Bytes in, a number out. Nothing in SNTP is authentic beyond the random stamp that a forger on the way can read: the
 * owner decides what such a time is good for.
 */

/** A reply's data; what follows is an extension or a digest that we did not ask for. */
const LEAST_BYTES = 48
/** Leap indicator 0, version 4, mode 3: client. */
const CLIENT = '\x23'
const STAMP_BYTES = 8
/** From 1900 to 1970. */
const UNIX_SECONDS = 2208988800
const ERA_SECONDS = 4294967296
/** 2020-01-01 to 2037-12-31, the wall clock's range (clock.ts). */
const FIRST_SECONDS = 1577836800
const END_SECONDS = 2145916800

/** The server wants to be left alone (stratum 0, RFC 4330 §8). */
export const LEAVE = -1

/** A request of 48 bytes. stamp: 8 random bytes in place of our time, which the reply must repeat. */
export function request(stamp: string): string {
  return CLIENT + '\0'.repeat(LEAST_BYTES - STAMP_BYTES - 1) + stamp
}

/** UTC seconds since 1970 with their fraction; LEAVE; 0 when the reply is none, or makes no sense (RFC 4330 §5). */
export function seconds(bytes: string, stamp: string): number {
  const flags = bytes.charCodeAt(0)
  if (bytes.length < LEAST_BYTES || bytes.substr(24, STAMP_BYTES) !== stamp) return 0
  // Mode 4: server. Version 3 or 4.
  if ((flags & 0x3f) !== 0x24 && (flags & 0x3f) !== 0x1c) return 0
  const stratum = bytes.charCodeAt(1)
  if (stratum === 0) return LEAVE
  // Leap indicator 3: the server's clock is not set. Root delay or dispersion of a second or more: it is not worth much.
  if (flags >= 0xc0 || stratum > 15 || word(bytes, 4) !== 0 || word(bytes, 8) !== 0) return 0
  // RFC 4330 §5: zero is no time, not the first second of the next era.
  if (bytes.substr(40, STAMP_BYTES) === '\0'.repeat(STAMP_BYTES)) return 0
  let since1900 = word(bytes, 40) * 65536 + word(bytes, 42)
  // RFC 4330 §3: with the top bit clear it is an instant after February 2036.
  if (since1900 < ERA_SECONDS / 2) since1900 += ERA_SECONDS
  const utc = since1900 - UNIX_SECONDS
  if (utc < FIRST_SECONDS || utc >= END_SECONDS) return 0
  return utc + word(bytes, 44) / 65536
}

function word(bytes: string, at: number): number {
  return bytes.charCodeAt(at) * 256 + bytes.charCodeAt(at + 1)
}
