/**
 * Listens to a simulator where its trace does not tell enough: packets with what they carry, the bytes between panel and
 * modem, SPI frames of the W5500, and levels of pins. Listening changes nothing of a run.
 *
 * Not here: rows and columns of the keypad. Who has those has the digits of codes.
 */

import type { Packet } from './network'
import type { Simulator } from './simulator'

export interface Taps {
  onPacket?: (packet: Packet) => void
  /** isUp: from the panel to the modem. A character a byte. */
  onUart?: (atMs: number, isUp: boolean, bytes: string) => void
  /** As the chip had it, and what it answered. */
  onSpi?: (atMs: number, frame: Uint8Array, reply: Uint8Array) => void
  /** Each change, and once all levels that there are at the start. */
  onPin?: (atMs: number, name: string, level: number) => void
}

/** Pins with their names, as far as the panel has them; none of the keypad's. */
export function pinNames({ pins, zones }: Simulator<unknown, unknown>['settings']): [name: string, pin: number][] {
  const named: [string, number | undefined][] = [
    ['siren', pins.siren],
    ['light', pins.light],
    ['buzzer', pins.buzzer],
    ['w5500 reset', pins.w5500Reset],
    ['modem key', pins.modemPowerKey],
    ['modem supply', pins.modemSupply],
    ['mains sense', pins.acSense],
    ['box', pins.boxTamper],
  ]
  zones.pins.forEach((pin, zone) => {
    named.push([`zone ${zone + 1}`, pin])
  })
  const found: [string, number][] = []
  for (const [name, pin] of named) if (pin !== undefined && pin >= 0 && pin < 40) found.push([name, pin])
  return found
}

/** Begins to listen; the function that comes back ends it. */
export function tap(simulator: Simulator<unknown, unknown>, taps: Taps): () => void {
  const { board, clock, network } = simulator
  const { modem, ethernet } = board
  const undo: (() => void)[] = []
  const { onPacket, onUart, onSpi, onPin } = taps
  if (onPacket !== undefined) {
    network.onPacket = onPacket
    undo.push(() => {
      network.onPacket = undefined
    })
  }
  if (onUart !== undefined) {
    const receive = modem.receive.bind(modem)
    const answer = modem.onOutput
    modem.receive = (bytes) => {
      onUart(clock.nowMs, true, bytes)
      receive(bytes)
    }
    modem.onOutput = (bytes) => {
      onUart(clock.nowMs, false, bytes)
      answer(bytes)
    }
    undo.push(() => {
      modem.receive = receive
      modem.onOutput = answer
    })
  }
  if (onSpi !== undefined) {
    const transfer = ethernet.transfer.bind(ethernet)
    ethernet.transfer = (frame) => {
      const reply = transfer(frame)
      onSpi(clock.nowMs, frame, reply)
      return reply
    }
    undo.push(() => {
      ethernet.transfer = transfer
    })
  }
  if (onPin !== undefined) undo.push(watchPins(simulator, onPin))
  return () => {
    for (const act of undo) act()
  }
}

function watchPins(simulator: Simulator<unknown, unknown>, onPin: NonNullable<Taps['onPin']>): () => void {
  const { board, clock } = simulator
  const names = pinNames(simulator.settings)
  const known = names.map(() => -1)
  const look = () => {
    for (let index = 0; index < names.length; index++) {
      const level = board.pins.level(names[index][1])
      if (level === known[index]) continue
      known[index] = level
      onPin(clock.nowMs, names[index][0], level)
    }
  }
  const { listeners } = board.pins
  listeners.push(look)
  look()
  return () => {
    listeners.splice(listeners.indexOf(look), 1)
  }
}
