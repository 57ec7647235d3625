/**
 * An NTP server (RFC 5905 as RFC 4330's clients see it): network.serve(address, 123, server.serve).
 *
 * Not modelled: its own clock's errors beyond what a test sets, authentication, interleaving.
 */

import type { Datagram, Serve } from './nic'
import { replyTo } from './nic'

/** From 1900 to 1970. */
const UNIX_SECONDS = 2208988800
const ERA = 4294967296

export class NtpServer {
  isSilent = false
  stratum = 2
  leap = 0
  /** Four letters of a kiss-of-death with stratum 0, else who the server follows. */
  reference = 'GPS\0'
  /** Whole seconds that its clock is from the truth by, as it admits itself. */
  dispersionSeconds = 0
  mangle: (reply: Datagram) => Datagram | undefined = (reply) => reply
  /** When each request came, by the server's clock. */
  readonly log: number[] = []

  /** utcSeconds: its clock, with fractions. */
  constructor(private utcSeconds: () => number) {}

  readonly serve: Serve = (datagram, answer) => {
    const request = datagram.bytes
    if (this.isSilent || request.length < 48 || (request.charCodeAt(0) & 7) !== 3) return
    const now = this.utcSeconds()
    this.log.push(now)
    const version = (request.charCodeAt(0) >> 3) & 7
    let reply = String.fromCharCode((this.leap << 6) | (version << 3) | 4, this.stratum, 6, 0xec)
    reply += '\0\0\0\x10' + word(this.dispersionSeconds) + '\0\x20' + this.reference + stamp(now - 30)
    reply += request.substr(40, 8) + stamp(now) + stamp(now)
    const sent = this.mangle(replyTo(datagram, reply))
    if (sent !== undefined) answer(sent)
  }
}

/** Seconds since 1970 as 32.32 bits since 1900; from February 2036 on the next era's. */
function stamp(seconds: number): string {
  const whole = Math.floor(seconds)
  const since1900 = (whole + UNIX_SECONDS) % ERA
  const fraction = Math.floor((seconds - whole) * 65536)
  return word(Math.floor(since1900 / 65536)) + word(since1900 % 65536) + word(fraction) + '\0\0'
}

function word(value: number): string {
  return String.fromCharCode((value >> 8) & 255, value & 255)
}
