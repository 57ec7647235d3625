/**
 * What a scenario's words about the network and about the receiver's ways do to a simulator's world. It also puts there
 * what a premises' network has: a router with DHCP and DNS on the cable, a time server behind it.
 *
 * The bench in the interpreter has none of this; stories there can load it (interpreter-world.ts). Not here: cables, cuts,
 * power, 'receiver silent' (scenario.ts).
 */

import { type DemoConfig, RECEIVER_ADDRESS, RECEIVER_NAME } from './demo'
import { DhcpServer } from './dhcp-server'
import { DnsServer } from './dns-server'
import type { VirtualNic } from './network'
import { NtpServer } from './ntp-server'
import type { Account, Receiver } from './receiver'
import { HABITS, type Quirk } from './receiver-quirks'
import type { Faults } from './scenario'
import type { Simulator } from './simulator'

const ROUTER = '192.168.1.1'
/** A neighbour of the demo panel's own address. */
const FIRST_LEASE = '192.168.1.50'
const LEASE_SECONDS = 3600
/** Names that the router's DNS knows; the receiver's comes first. */
const TIME_NAME = 'time.example.net'
const TIME_ADDRESS = '198.51.100.20'
/** Where nobody is. */
const WRONG_ADDRESS = '198.51.100.99'
const WRONG_SECONDS = 86400
const TTL_SECONDS = 300
const SERVER_FAILURE = 2

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

/** Words of the receiver: they need no virtual network. */
export class ReceiverFaults implements Faults {
  constructor(protected receiver: Receiver) {}

  /** args: 'receiver', then what it does. Throws for words that scenario-world-words.ts does not make. */
  act(args: string[]): void {
    const [subject, word, value] = args
    if (subject !== 'receiver') throw new Error('no such word: ' + args.join(' '))
    const { receiver } = this
    switch (word) {
      case 'like':
        receiver.habits = HABITS[value as Quirk]
        return
      case 'clock':
        receiver.aheadSeconds = Number(value)
        return
      case 'key':
        receiver.know(value === 'right' ? receiver.accounts : receiver.accounts.map(otherKey))
        return
      case 'account':
        receiver.know(value === 'known' ? receiver.accounts : [])
        return
      default:
        throw new Error('no such word: ' + args.join(' '))
    }
  }
}

/** A key as long, with its first digit changed; an account without a key stays without. */
function otherKey(known: Account): Account {
  const first = known.keyHex.charAt(0) === '0' ? '1' : '0'
  return { account: known.account, keyHex: known.keyHex === '' ? '' : first + known.keyHex.slice(1) }
}

/** All of them. */
export class WorldFaults extends ReceiverFaults {
  readonly dhcp: DhcpServer
  readonly dns = new DnsServer([
    { name: RECEIVER_NAME, address: RECEIVER_ADDRESS, ttlSeconds: TTL_SECONDS },
    { name: TIME_NAME, address: TIME_ADDRESS, ttlSeconds: TTL_SECONDS },
  ])
  readonly ntp: NtpServer
  private wrongSeconds = 0

  constructor(private simulator: Simulator<unknown, unknown>) {
    super(simulator.receiver)
    const { clock, ethernet, network } = simulator
    this.dhcp = new DhcpServer(clock, ethernet, {
      address: ROUTER,
      first: FIRST_LEASE,
      mask: '255.255.255.0',
      router: ROUTER,
      dnsServers: [ROUTER],
      leaseSeconds: LEASE_SECONDS,
    })
    this.ntp = new NtpServer(() => simulator.board.utcSeconds() + (clock.nowMs % 1000) / 1000 + this.wrongSeconds)
    ethernet.neighbour(ROUTER, 53, this.dns.serve)
    simulator.cellular.names[RECEIVER_NAME] = RECEIVER_ADDRESS
    network.serve(TIME_ADDRESS, 123, this.ntp.serve)
  }

  act(args: string[]): void {
    switch (args[0]) {
      case 'ethernet':
        this.change(this.simulator.ethernet, args[1], args[2], args[3])
        return
      case 'cellular':
        this.change(this.simulator.cellular, args[1], args[2], args[3])
        return
      case 'dhcp':
        this.changeDhcp(args[1], args[2])
        return
      case 'dns':
        this.dns.isSilent = args[1] === 'off'
        this.dns.failure = args[1] === 'fails' ? SERVER_FAILURE : 0
        this.dns.records[0].address = args[1] === 'wrong' ? WRONG_ADDRESS : RECEIVER_ADDRESS
        return
      case 'ntp':
        this.ntp.isSilent = args[1] === 'off'
        this.wrongSeconds = args[1] === 'wrong' ? WRONG_SECONDS : 0
        return
      default:
        super.act(args)
    }
  }

  /** Numbers are whole percent, or ms. */
  private change(nic: VirtualNic, word: string, value: string, most: string): void {
    switch (word) {
      case 'loses':
        nic.lossPercent = Number(value)
        return
      case 'doubles':
        nic.duplicatePercent = Number(value)
        return
      case 'bends':
        nic.bendPercent = Number(value)
        return
      case 'delays':
        nic.delayMs = Number(value)
        nic.jitterMs = Number(most) - Number(value)
        return
      case 'out':
        nic.isUpCut = value === 'break'
        return
      case 'in':
        nic.isDownCut = value === 'break'
        return
      case 'receiver':
        nic.parted = value === 'part' ? [RECEIVER_ADDRESS] : []
        return
      case 'nat':
        this.changeNat(nic, value, Number(most))
        return
      default:
        throw new Error('no such word: ' + word)
    }
  }

  /** ms: without a packet for longer, a mapping is gone. */
  private changeNat(nic: VirtualNic, word: string, ms: number): void {
    if (word === 'keeps') nic.natUdpMs = nic.natTcpMs = Infinity
    else if (word === 'udp') nic.natUdpMs = ms
    else {
      nic.natTcpMs = ms
      nic.natResets = word === 'resets'
    }
  }

  private changeDhcp(word: string, value: string): void {
    const { dhcp } = this
    if (word === 'gives') dhcp.move(value)
    else if (word === 'leases') dhcp.options.leaseSeconds = Number(value) / 1000
    else {
      dhcp.isSilent = word === 'off'
      dhcp.refuses = word === 'refuses'
    }
  }
}
