/**
 * The present moment twice more: run on with the code of user 1 and with that user's duress code, and laid side by side for
 * each rank of onlookers. The one difference to be found is in the ciphertext of a frame, and at the station.
 */

import type { Packet } from '../network'
import { firstDifference, type Note, noteOfLine, noteOfPacket, ofRank } from '../notes'
import { RANKS } from '../onlooker'
import { eventText } from '../simulator'
import type { TwinRow, TwinView } from './page-protocol'
import { type Input, inputOf, type Setup, World } from './page-world'

const CODES = ['code A', 'duress A']
/** Beyond these only the counts and the first difference are told. */
const ROW_LIMIT = 400

interface Run {
  notes: Note[]
  packets: Packet[]
  station: string[]
}

/** forMs: how long both run on. */
export function twins(moment: { setup: Setup; inputs: readonly Input[]; untilMs: number }, forMs: number): TwinView {
  const untilMs = moment.untilMs + forMs
  const [left, right] = CODES.map((code) => runOn(moment, code, untilMs))
  const ranks = RANKS.map((rank) => {
    const [one, other] = [ofRank(left.notes, rank), ofRank(right.notes, rank)]
    return { rank, count: one.length, difference: firstDifference(one, other)?.text ?? '' }
  })
  return {
    fromMs: moment.untilMs,
    untilMs,
    ranks,
    rows: RANKS.flatMap((rank) => rowsOf(ofRank(left.notes, rank), ofRank(right.notes, rank)))
      .sort((one, other) => one.atMs - other.atMs)
      .slice(0, ROW_LIMIT),
    ciphers: ciphersOf(left.packets, right.packets),
    station: [left.station, right.station],
  }
}

function runOn({ setup, inputs, untilMs: fromMs }: Parameters<typeof twins>[0], code: string, untilMs: number): Run {
  const run: Run = { notes: [], packets: [], station: [] }
  const world = new World(setup)
  world.powerOn()
  world.runTo(fromMs, inputs)
  const heardBefore = world.simulator.station.length
  world.listen({
    onLine: (atMs, source, what) => {
      const note = noteOfLine(atMs, source, what)
      if (note !== undefined) run.notes.push(note)
    },
    onPacket: (packet) => {
      run.notes.push(noteOfPacket(packet))
      run.packets.push(packet)
    },
  })
  world.runTo(untilMs, [...inputs, inputOf(`enter ${code}`, fromMs, setup)])
  run.station = world.simulator.station
    .slice(heardBefore)
    .map((event) => `${eventText(event)} ${event.name} over ${event.via}${event.isDuplicate ? ' (copy)' : ''}`)
  return run
}

/** Both runs line by line; where one has more, the other has ''. */
function rowsOf(left: Note[], right: Note[]): TwinRow[] {
  const rows: TwinRow[] = []
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const [one, other] = [left[index], right[index]]
    const isSame = one?.atMs === other?.atMs && one?.text === other?.text
    const { atMs, rank } = (one ?? other) as Note
    rows.push({ atMs, rank, left: one?.text ?? '', right: other?.text ?? '', isSame })
  }
  return rows
}

/** What is between the brackets of the panel's encrypted frames. */
function ciphersOf(left: Packet[], right: Packet[]): TwinView['ciphers'] {
  const sealed = (packets: Packet[]) =>
    packets.flatMap(({ atMs, via, isUp, bytes }) => {
      const cipher = /\[([0-9A-F]{32,})\r$/.exec(bytes)
      return isUp && cipher !== null ? [{ atMs, via, hex: cipher[1] }] : []
    })
  const others = sealed(right)
  return sealed(left).map(({ atMs, via, hex }, index) => {
    const other = others[index]?.hex ?? ''
    return { atMs, via, left: hex, right: other, isSame: hex === other }
  })
}
