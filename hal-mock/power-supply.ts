/**
 * The panel's supply: mains, charger, a 12 V lead battery with its resistance, and loads; the siren's circuit with its
 * resistor; and the ESP32's ADC, through which the firmware sees both. Source: hardware.md §3.6 to §3.8.
 *
 * Not modelled: charge and discharge over time, temperature, the sag under the modem's bursts, ageing.
 */

import { Random } from './random'

/** Float voltage of a lead battery. */
const CHARGER_VOLTS = 13.7
/** What the panel draws, and what a test puts on top of it. */
const PANEL_AMPERES = 0.4
const TEST_AMPERES = 2
/** The regulators give up below this; a relay takes the battery off there (deep discharge). */
const LOWEST_VOLTS = 10.5
/** 100k and 18k. */
const DIVIDER = 18 / 118
// The ADC's curve.
const ZERO_MILLIVOLTS = 142
const STEP_MILLIVOLTS = 0.8056
const BEND_MILLIVOLTS = 2450
const LAST_CODE = 4095

export class PowerSupply {
  isMains = true
  /** Open-circuit voltage, 0 while there is no battery. */
  batteryVolts = 12.9
  /** Of battery and leads. */
  ohms = 0.1

  /** At the battery's terminals. isTest: charger off and load on. */
  terminalVolts(isTest: boolean): number {
    if (this.isMains && !isTest) return CHARGER_VOLTS
    if (this.batteryVolts === 0) return 0
    const amperes = (this.isMains ? 0 : PANEL_AMPERES) + (isTest ? TEST_AMPERES : 0)
    return Math.max(this.batteryVolts - amperes * this.ohms, 0)
  }

  /** At the pin behind the divider. */
  senseMillivolts(isTest: boolean): number {
    return this.terminalVolts(isTest) * 1000 * DIVIDER
  }

  /** True while the panel runs: in a test with mains it runs on mains. */
  feeds(): boolean {
    return this.isMains || this.terminalVolts(false) >= LOWEST_VOLTS
  }
}

/** 3.3 V behind 1 kOhm, a contact that a quiet siren closes, and the siren with 1 kOhm across it (S-5). */
export class SirenLoop {
  state: 'ok' | 'open' | 'short' = 'ok'

  senseMillivolts(isSounding: boolean): number {
    if (isSounding || this.state === 'open') return 3300
    return this.state === 'short' ? 0 : 1650
  }
}

/**
 * One chip's ADC1 at 11 dB: code = (mV - 142) / 0.8056 for a reference of 1100 mV, which spreads from 1000 to 1200; above
 * 2450 mV it bends, to the last code at 3060 to 3210 mV. A reading is some codes off by noise.
 */
export class Esp32Adc {
  constructor(
    public referenceMillivolts = 1100,
    private noiseCodes = 4,
    private random = new Random(1),
  ) {}

  read(millivolts: number): number {
    const noise = this.noiseCodes === 0 ? 0 : (this.random.next() % (2 * this.noiseCodes + 1)) - this.noiseCodes
    return Math.min(Math.max(Math.round(this.ideal(millivolts) + noise), 0), LAST_CODE)
  }

  private ideal(millivolts: number): number {
    if (millivolts <= BEND_MILLIVOLTS) return this.straight(millivolts)
    const lastMillivolts = 3060 + 0.75 * (this.referenceMillivolts - 1000)
    const from = this.straight(BEND_MILLIVOLTS)
    return from + ((LAST_CODE - from) * (millivolts - BEND_MILLIVOLTS)) / (lastMillivolts - BEND_MILLIVOLTS)
  }

  private straight(millivolts: number): number {
    return ((millivolts - ZERO_MILLIVOLTS) / STEP_MILLIVOLTS) * (1100 / this.referenceMillivolts)
  }
}
