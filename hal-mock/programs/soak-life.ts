/**
 * What happens to a panel in a life made by chance: people who come and go, burglars now and then, and a world in which
 * cables, providers, receivers, modems and mains fail, alone or together, for seconds or hours. All of it from one seed.
 */

import { DEMO_CODES, type DemoConfig, demoConfig, demoReceiver, SECOND_ADDRESS } from '../demo'
import type { ModemModel } from '../modem'
import type { VirtualNic } from '../network'
import type { Random } from '../random'
import type { Simulator } from '../simulator'

export type Bench = Simulator<unknown, unknown>

const CATEGORIES = ['SP2', 'SP3', 'SP4', 'SP5', 'DP1', 'DP2', 'DP3', 'DP4']
const MODEMS: ModemModel[] = ['A7670', 'SIM7600', 'SIM7080', 'SIM7000', 'SIM800', 'BG95', 'EC25', 'SARA-R4']
const MINUTE_MS = 60000
/** Mean time between two things that people do, and between two that break. */
const DEED_MS = 40 * MINUTE_MS
const FAULT_MS = 110 * MINUTE_MS

export const digits = (name: string) => DEMO_CODES.find((code) => code.name === name)?.digits ?? ''

function pick<T>(random: Random, list: readonly T[]): T {
  return list[random.below(list.length)]
}

/** A panel as somebody might set it up. */
export function someConfig(random: Random): DemoConfig {
  const config = demoConfig()
  const station = config.receivers[0]
  config.category = pick(random, CATEGORIES)
  config.exitDelaySeconds = 45
  if (random.oneIn(3)) station.protocol = 'udp'
  if (random.oneIn(3)) station.key = ''
  if (random.oneIn(4)) station.isPolled = false
  if (random.oneIn(3)) config.receivers.push({ ...demoReceiver(), host: SECOND_ADDRESS, isBackup: true })
  else if (random.oneIn(2)) {
    const home = { ...demoReceiver(), host: SECOND_ADDRESS, account: 'ABC', key: '', isMonitoring: false }
    config.receivers.push({ ...home, events: pick(random, ['all', 'alarms', 'alarms,openings']) })
  }
  return config
}

export function someModem(random: Random): ModemModel {
  return pick(random, MODEMS)
}

/** One seed's chain of deeds and faults. Each returns the virtual ms until the next one of its kind. */
export class Life {
  /** What is broken, and how it is mended. */
  private repairs: { atMs: number; repair: () => void }[] = []
  private deedMs: number
  private faultMs: number

  constructor(
    private bench: Bench,
    private random: Random,
    private note: (what: string) => void,
  ) {
    this.deedMs = 90000
    this.faultMs = this.wait(FAULT_MS)
  }

  /** The next moment at which something happens. */
  nextMs(): number {
    return Math.min(this.deedMs, this.faultMs, ...this.repairs.map((entry) => entry.atMs))
  }

  /** Does what is due. */
  act(): void {
    const nowMs = this.bench.clock.nowMs
    for (const entry of this.repairs.filter((one) => one.atMs <= nowMs)) entry.repair()
    this.repairs = this.repairs.filter((one) => one.atMs > nowMs)
    if (nowMs >= this.deedMs) {
      this.deed()
      this.deedMs = nowMs + this.wait(DEED_MS)
    }
    if (nowMs >= this.faultMs) {
      this.fault()
      this.faultMs = nowMs + this.wait(FAULT_MS)
    }
  }

  /** Everything is mended. */
  calm(): void {
    for (const entry of this.repairs) entry.repair()
    this.repairs = []
    this.deedMs = Number.POSITIVE_INFINITY
    this.faultMs = Number.POSITIVE_INFINITY
    this.bench.board.flash.cutAtOperation = 0
    for (const zone of [0, 1]) this.bench.setZone(zone, false)
    if (!this.bench.board.isPowered) this.bench.powerOn()
  }

  /** Between a twentieth of the mean and twice of it. */
  private wait(meanMs: number): number {
    return ((meanMs / 20) | 0) + this.random.below(2 * meanMs)
  }

  private deed(): void {
    const { bench, random } = this
    switch (random.below(8)) {
      case 0:
      case 1: {
        this.note('somebody arms')
        const doneMs = bench.type(digits('code A'))
        bench.clock.after(doneMs - bench.clock.nowMs + 800, () => bench.type('2'))
        return
      }
      case 2:
      case 3:
        this.note('a user code')
        bench.type(digits(pick(random, ['code A', 'code B'])))
        return
      case 4:
        this.note('a duress code')
        bench.type(digits('duress A'))
        return
      case 5:
        this.note('a duress code after a burglary')
        this.open(1)
        bench.clock.after(20000, () => bench.type(digits('duress A')))
        return
      default:
        this.open(random.below(2))
    }
  }

  private open(zone: number): void {
    this.note(`zone ${zone + 1} for a while`)
    this.bench.setZone(zone, true)
    this.bench.clock.after(2000 + this.random.below(30000), () => this.bench.setZone(zone, false))
  }

  private fault(): void {
    const { bench, random } = this
    const lengthMs = random.oneIn(3) ? random.below(180 * MINUTE_MS) : 5000 + random.below(10 * MINUTE_MS)
    const via = pick(random, ['ethernet', 'cellular'])
    switch (random.below(10)) {
      case 0:
        bench.setLink(via, false)
        this.until(lengthMs, `${via} cut`, () => bench.setLink(via, true))
        break
      case 1:
        bench.setInternet(via, false)
        this.until(lengthMs, `nothing behind ${via}`, () => bench.setInternet(via, true))
        break
      case 2:
        this.oneWay(this.nic(via), via, lengthMs)
        break
      case 3:
        this.badWay(this.nic(via), via, lengthMs)
        break
      case 4:
      case 5:
        this.badReceiver(lengthMs)
        break
      case 6:
        this.note('the modem restarts')
        bench.board.modem.reboot()
        break
      case 7:
        this.cutAtFlash(lengthMs)
        break
      case 8:
        bench.powerOff()
        this.until(lengthMs, 'no power', () => bench.powerOn())
        break
      default:
        bench.setInternet('ethernet', false)
        bench.setInternet('cellular', false)
        this.until(lengthMs, 'nothing behind either path', () => {
          bench.setInternet('ethernet', true)
          bench.setInternet('cellular', true)
        })
    }
  }

  private nic(via: string): VirtualNic {
    return via === 'ethernet' ? this.bench.ethernet : this.bench.cellular
  }

  private oneWay(nic: VirtualNic, via: string, lengthMs: number): void {
    const way = this.random.oneIn(2) ? 'isUpCut' : 'isDownCut'
    nic[way] = true
    this.until(lengthMs, `${via} one way only`, () => {
      nic[way] = false
    })
  }

  private badWay(nic: VirtualNic, via: string, lengthMs: number): void {
    nic.lossPercent = this.random.oneIn(2) ? 5 + this.random.below(50) : 0
    nic.duplicatePercent = this.random.oneIn(2) ? 5 + this.random.below(50) : 0
    nic.jitterMs = this.random.below(1500)
    nic.bendPercent = this.random.oneIn(3) ? 1 + this.random.below(30) : 0
    nic.natTcpMs = this.random.oneIn(2) ? 120000 : Number.POSITIVE_INFINITY
    nic.natUdpMs = this.random.oneIn(2) ? 30000 : Number.POSITIVE_INFINITY
    if (this.random.oneIn(3)) nic.parted = [pick(this.random, this.bench.settings.receivers).host]
    this.until(lengthMs, `${via} loses, doubles, delays or bends`, () => {
      nic.lossPercent = 0
      nic.duplicatePercent = 0
      nic.jitterMs = 0
      nic.bendPercent = 0
      nic.natTcpMs = Number.POSITIVE_INFINITY
      nic.natUdpMs = Number.POSITIVE_INFINITY
      nic.parted = []
    })
  }

  private badReceiver(lengthMs: number): void {
    const receiver = pick(this.random, this.bench.receivers)
    const mode = pick(this.random, ['silent', 'nak', 'duh'] as const)
    receiver.mode = mode
    this.until(lengthMs, `a receiver is ${mode}`, () => {
      receiver.mode = 'ack'
    })
  }

  /** The supply goes inside one of the next flash operations. */
  private cutAtFlash(lengthMs: number): void {
    const flash = this.bench.board.flash
    flash.cutAtOperation = 1 + this.random.below(12)
    flash.cutAfterBytes = this.random.below(33)
    this.until(lengthMs + 60000, 'no power after a flash operation', () => {
      flash.cutAtOperation = 0
      this.bench.powerOn()
    })
  }

  private until(lengthMs: number, what: string, repair: () => void): void {
    this.note(`${what} for ${Math.round(lengthMs / 1000)} s`)
    this.repairs.push({ atMs: this.bench.clock.nowMs + lengthMs, repair })
  }
}
