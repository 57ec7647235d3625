/** The interpreter's globals over a board's chips, with nobody's program in it. */

import { Board } from '../../hal-mock/board'
import { VirtualClock } from '../../hal-mock/clock'
import { demoConfig } from '../../hal-mock/demo'
import { Espruino, type EspruinoOptions } from '../../hal-mock/espruino'
import { FlashChip } from '../../hal-mock/flash'
import { VirtualNetwork } from '../../hal-mock/network'
import { Onlooker } from '../../hal-mock/onlooker'
import { espruinoNatives } from '../../hal-mock/programs/espruino-natives'
import { nodeCrypto } from '../../hal-mock/programs/node-crypto'
import { Random } from '../../hal-mock/random'

// A test looks at natives by name, whatever they are.
// biome-ignore lint/suspicious/noExplicitAny: as loose as the interpreter's own globals
export type Globals = Record<string, any>

export class Rig {
  readonly clock = new VirtualClock()
  readonly board: Board
  readonly storage = new FlashChip(4096, 4)
  readonly lines: string[] = []
  readonly resets: string[] = []
  espruino: Espruino
  g: Globals

  constructor(private options: Partial<EspruinoOptions> = {}) {
    const network = new VirtualNetwork(this.clock)
    const nics = { ethernet: network.attach('ethernet'), cellular: network.attach('cellular') }
    const pins = demoConfig().pins
    this.board = new Board(this.clock, pins, [34, 35], nics, nodeCrypto, new Random(1), new Onlooker())
    this.board.powerOn()
    this.espruino = this.start()
    this.g = this.espruino.globals()
  }

  /** A new run of the interpreter on the same board. */
  start(): Espruino {
    this.espruino = new Espruino(this.board, this.clock, {
      natives: espruinoNatives,
      storage: this.storage,
      onPrint: (line) => this.lines.push(line),
      onReset: (cause) => this.resets.push(cause),
      ...this.options,
    })
    this.g = this.espruino.globals()
    return this.espruino
  }

  /** Moves time on by so many ms. */
  pass(ms: number): void {
    this.clock.runTo(this.clock.nowMs + ms)
  }
}
