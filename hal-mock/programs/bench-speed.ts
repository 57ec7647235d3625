/**
 * How fast virtual time passes on Node: the demo panel armed and quiet, in category DP3: Ethernet polled every 60 s,
 * cellular as that asks (docs/settings.md). The goal is a million seconds in one. What stands in the way is counted beside it:
 * the firmware asks to be called some twelve times a second, to look at its inputs every 95 ms and at the W5500 every second.
 *
 * Twice: as the page runs it, which leaves out looks at inputs that cannot find anything (firmware/app/quiet.ts), and with each
 * look made, as tests and stories run it. Calls and frames are those of the latter.
 */

import { DEMO_CODES, demoConfig } from '../demo'
import { Simulator } from '../simulator'
import type { Row } from './bench-row'
import { nodeCrypto } from './node-crypto'
import { panelFirmware, quietFirmware } from './panel-firmware'

const WARM_UP_MS = 24 * 3600000
const MEASURED_MS = 24 * 3600000
const SECONDS = MEASURED_MS / 1000
const GOAL = 1000000

export function speedRows(say: (text: string) => void): Row[] {
  say('a quiet day, twice ...')
  // This one first: what both run is quick by then.
  const each = quietDay(panelFirmware)
  const quick = quietDay(quietFirmware)
  return [
    {
      name: 'virtual seconds in one, a quiet armed panel on Node',
      value: quick.secondsInOne,
      unit: 's/s',
      goal: GOAL,
      better: 'higher',
    },
    {
      name: '  with each look at the inputs made',
      value: each.secondsInOne,
      unit: 's/s',
      goal: null,
      better: 'higher',
    },
    {
      name: '  of which the firmware is called',
      value: each.calls / SECONDS,
      unit: 'times/s',
      goal: null,
      better: 'lower',
    },
    {
      name: '  and the W5500 gets',
      value: each.frames / SECONDS,
      unit: 'frames/s',
      goal: null,
      better: 'lower',
    },
  ]
}

function quietDay(firmware: typeof panelFirmware): { secondsInOne: number; calls: number; frames: number } {
  let calls = 0
  const counted = {
    ...firmware,
    poll: (panel: unknown) => {
      calls++
      return firmware.poll(panel)
    },
  }
  const config = { ...demoConfig(), category: 'DP3' }
  const bench = new Simulator<unknown, unknown>({ firmware: counted, config, crypto: nodeCrypto, seed: 1 })
  bench.powerOn()
  bench.runTo(30000)
  bench.runTo(bench.type(DEMO_CODES[0].digits) + 1000)
  bench.type('2#')
  bench.runTo(WARM_UP_MS)
  if (!bench.onlooker.now.text.startsWith('ARMED')) throw new Error('the panel of the quiet day is not armed')
  const before = { calls, frames: bench.board.spiFrames }
  // Of the processor, not of the wall: others may use the machine too.
  const from = process.cpuUsage()
  bench.runTo(WARM_UP_MS + MEASURED_MS)
  const { user, system } = process.cpuUsage(from)
  return {
    secondsInOne: Math.round((SECONDS * 1000000) / (user + system)),
    calls: calls - before.calls,
    frames: bench.board.spiFrames - before.frames,
  }
}
