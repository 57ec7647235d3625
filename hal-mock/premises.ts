/**
 * What a premises' network has: a router with DHCP and DNS on the cable, a time server behind it. It also says how a panel
 * is set up that makes use of them.
 *
 * Not here: what goes wrong with them (scenario-world.ts).
 */

import { type DemoConfig, RECEIVER_ADDRESS, RECEIVER_NAME } from './demo'
import { DhcpServer } from './dhcp-server'
import { DnsServer } from './dns-server'
import { NtpServer } from './ntp-server'
import type { Simulator } from './simulator'

const ROUTER = '192.168.1.1'
/** A neighbour of the demo panel's own address. */
const FIRST_LEASE = '192.168.1.50'
const LEASE_SECONDS = 3600
/** Names that the router's DNS knows; the receiver's comes first. */
const TIME_NAME = 'time.example.net'
const TIME_ADDRESS = '198.51.100.20'
const TTL_SECONDS = 300

/** What a story may say of its panel's settings. */
export const PANEL_WORDS = ['dhcp', 'name', 'ntp', 'udp']
const NO_ADDRESS = '0.0.0.0'

/** The settings with what a story says of them: address by DHCP, the receiver by its name, time by NTP, reports by UDP. */
export function panelSettings(config: DemoConfig, words: string[]): DemoConfig {
  if (words.length === 0) return config
  const [station, ...others] = config.receivers
  const has = (word: string) => words.includes(word)
  const { ethernet } = config
  return {
    ...config,
    receivers: [
      {
        ...station,
        host: has('name') ? RECEIVER_NAME : station.host,
        protocol: has('udp') ? 'udp' : station.protocol,
      },
      ...others,
    ],
    ethernet: {
      ...ethernet,
      isDynamic: has('dhcp') || ethernet.isDynamic,
      // Else the address in the settings serves while no server answers.
      ...(has('dhcp') ? { address: NO_ADDRESS, mask: NO_ADDRESS, gateway: NO_ADDRESS } : {}),
      dnsServers: has('name') || has('ntp') ? [ROUTER] : ethernet.dnsServers,
      timeServer: has('ntp') ? TIME_NAME : ethernet.timeServer,
    },
  }
}

/** All three, in a simulator's world. */
export class Premises {
  readonly dhcp: DhcpServer
  readonly dns = new DnsServer([
    { name: RECEIVER_NAME, address: RECEIVER_ADDRESS, ttlSeconds: TTL_SECONDS },
    { name: TIME_NAME, address: TIME_ADDRESS, ttlSeconds: TTL_SECONDS },
  ])
  readonly ntp: NtpServer
  /** The time server's clock is ahead by so much. */
  aheadSeconds = 0

  constructor({ board, cellular, clock, ethernet, network }: Simulator<unknown, unknown>) {
    this.dhcp = new DhcpServer(clock, ethernet, {
      address: ROUTER,
      first: FIRST_LEASE,
      mask: '255.255.255.0',
      router: ROUTER,
      dnsServers: [ROUTER],
      leaseSeconds: LEASE_SECONDS,
    })
    this.ntp = new NtpServer(() => board.utcSeconds() + (clock.nowMs % 1000) / 1000 + this.aheadSeconds)
    ethernet.neighbour(ROUTER, 53, this.dns.serve)
    cellular.names[RECEIVER_NAME] = RECEIVER_ADDRESS
    network.serve(TIME_ADDRESS, 123, this.ntp.serve)
  }
}
