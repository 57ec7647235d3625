/**
 * A zone's loop as it is on the wall: contacts and resistors by wiring style, two cores of cable, and what goes wrong with
 * them. Source: panel-behaviour.md §3, hardware.md §3.7.
 *
 *   NC    --contact--          NO    --contact--         SEOL, CLOSING (fire)   --contact--EOL--,  EOL || contact
 *   DEOL  --tamper--(alarm contact || alarm resistor)--EOL--         TEOL  and --(fault contact || fault resistor)--
 *
 * Not modelled: capacitance and inductance of the cable, voltages that something else couples in.
 */

/** In the order of the firmware's list. */
export const STYLES = ['NC', 'NO', 'SEOL', 'CLOSING', 'DEOL', 'TEOL'] as const
export type StyleName = (typeof STYLES)[number]

/** A bare contact, closed; and one that is open, dust and damp included. */
const CLOSED_OHMS = 0.2
const OPEN_OHMS = 50e6

export interface Resistors {
  eol: number
  alarm: number
  fault: number
}

export class Loop {
  /** The detector's contacts. */
  isAlarm = false
  isTampered = false
  isFault = false
  cable: 'whole' | 'short' | 'cut' = 'whole'
  /** Both cores together. */
  cableOhms = 10
  /** Between the cores, by damp. */
  leakageOhms = Infinity

  /** resistors: as they are, not as their rings say. */
  constructor(
    readonly style: StyleName,
    public resistors: Resistors,
  ) {}

  /** What a meter at the panel's terminals reads. */
  ohms(): number {
    if (this.cable === 'short') return this.cableOhms / 2
    if (this.cable === 'cut') return OPEN_OHMS
    return this.cableOhms + parallel(this.detector(), this.leakageOhms)
  }

  /** At the panel's terminal, with a pull-up to the supply. */
  millivolts(pullUpOhms: number, supplyMillivolts: number): number {
    const ohms = this.ohms()
    return (supplyMillivolts * ohms) / (ohms + pullUpOhms)
  }

  private detector(): number {
    const { eol, alarm, fault } = this.resistors
    switch (this.style) {
      case 'NC':
        return contact(this.isAlarm || this.isTampered)
      case 'NO':
        return contact(!this.isAlarm || this.isTampered)
      case 'SEOL':
        return contact(this.isTampered) + contact(this.isAlarm) + eol
      case 'CLOSING':
        return contact(this.isTampered) + parallel(eol, contact(!this.isAlarm))
      default: {
        const bridged = this.style === 'TEOL' ? parallel(contact(this.isFault), fault) : 0
        return contact(this.isTampered) + parallel(contact(this.isAlarm), alarm) + bridged + eol
      }
    }
  }
}

function contact(isOpen: boolean): number {
  return isOpen ? OPEN_OHMS : CLOSED_OHMS
}

function parallel(left: number, right: number): number {
  if (right === Infinity) return left
  return (left * right) / (left + right)
}
