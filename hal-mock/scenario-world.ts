/**
 * What a scenario's words about the network and about the receiver's ways do to a simulator's world. It also puts there
 * what a premises' network has (premises.ts).
 *
 * For Node only: the bench in the interpreter has none of this. Not here: cables, cuts, power, 'receiver silent'
 * (scenario.ts).
 */

import { RECEIVER_ADDRESS } from './demo'
import type { DhcpServer } from './dhcp-server'
import type { DnsServer } from './dns-server'
import type { VirtualNic } from './network'
import type { NtpServer } from './ntp-server'
import { LOOP_OHMS, Premises } from './premises'
import type { Account, Receiver } from './receiver'
import { HABITS, type Quirk } from './receiver-quirks'
import type { Faults } from './scenario'
import type { Simulator } from './simulator'

/** Where nobody is. */
const WRONG_ADDRESS = '198.51.100.99'
const WRONG_SECONDS = 86400
const SERVER_FAILURE = 2

export { PANEL_WORDS, panelProblem, panelSettings, zoneCount } from './premises'

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
  readonly dns: DnsServer
  readonly ntp: NtpServer
  private premises: Premises

  constructor(private simulator: Simulator<unknown, unknown>) {
    super(simulator.receiver)
    this.premises = new Premises(simulator)
    this.dhcp = this.premises.dhcp
    this.dns = this.premises.dns
    this.ntp = this.premises.ntp
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
        this.premises.aheadSeconds = args[1] === 'wrong' ? WRONG_SECONDS : 0
        return
      case 'mains':
        this.simulator.setMains(args[1] === 'on')
        return
      case 'battery':
        this.simulator.setBattery(Number(args[1]))
        return
      case 'box':
        this.simulator.setBoxOpen(args[1] === 'open')
        return
      case 'sim':
        this.simulator.board.modem.sim = args[1] === 'removed' ? 'absent' : 'ready'
        return
      case 'modem':
        this.changeModem(args[1])
        return
      case 'loop':
        this.changeLoop(Number(args[1]) - 1, args[2], args[3])
        return
      case 'flash':
        this.simulator.board.flash.cutAtOperation = Number(args[1])
        this.simulator.board.flash.cutAfterBytes = Number(args[2])
        return
      case 'siren':
        this.simulator.setSirenLoop(args[1] === 'cut' ? 'open' : args[1] === 'short' ? 'short' : 'ok')
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

  /** zone: 0 is the first. Of a panel whose loops have no resistors nothing changes. */
  private changeLoop(zone: number, word: string, ohms: string): void {
    const loop = this.simulator.board.loops[zone]
    if (loop === undefined) return
    if (word === 'cut' || word === 'short') loop.cable = word
    else if (word === 'tampered') loop.isTampered = true
    else if (word === 'resistor') loop.resistors = { ...loop.resistors, eol: Number(ohms) }
    else {
      loop.cable = 'whole'
      loop.isTampered = false
      loop.resistors = { ...loop.resistors, eol: LOOP_OHMS }
    }
  }

  private changeModem(word: string): void {
    const { modem } = this.simulator.board
    if (word === 'reboots') modem.reboot()
    else modem.faults.silent = word === 'silent'
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
