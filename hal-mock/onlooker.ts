/**
 * What people can perceive of a panel, each thing with its virtual time. Tests compare two onlookers' notes; whatever is
 * missing here would be a way to tell duress that no test can find.
 *
 *   room    a person at the panel: text, light, buzzer, siren, the supply; further keypads are 'text 2', 'buzzer 2'
 *   wall    somebody at router and modem, or on the cable: each packet with its length and the peer, what radio and chip do
 *   phone   who owns the phone: what receivers get that are no monitoring station (D-18, D-19)
 *   bench   who has the board on a bench: each write and erase of flash with its place and length, and how many of the
 *           interpreter's variables are in use, where they are counted (programs/heap.ts; the twin runs)
 *
 * Not seen: the contents of encrypted frames, the processor's load, heat, the modem's hum in a loudspeaker (D-35).
 */

export interface Sight {
  atMs: number
  source: string
  what: string
}

export type Rank = 'room' | 'wall' | 'phone' | 'bench'
export const RANKS: readonly Rank[] = ['room', 'wall', 'phone', 'bench']

/** Sources of the bench's trace, by who perceives them. Those that are not here nobody does: the station, the tester's hands. */
const RANK_OF: { [source: string]: Rank | undefined } = {
  text: 'room',
  siren: 'room',
  light: 'room',
  buzzer: 'room',
  output: 'room',
  power: 'room',
  ethernet: 'wall',
  cellular: 'wall',
  packet: 'wall',
  phone: 'phone',
  flash: 'bench',
  heap: 'bench',
}

/** Who perceives a line of the trace; undefined when nobody does. */
export function rankOf(source: string): Rank | undefined {
  return RANK_OF[source.replace(/ \d$/, '')] // a further keypad's number
}

/** The person at the panel. */
export class Onlooker {
  sights: Sight[] = []
  /** What is there now, by source. */
  now: { [source: string]: string } = { text: '', siren: 'off', light: 'off', buzzer: 'off' }
  onSight: (sight: Sight) => void = () => {}

  /** Notes a change; the same again is no change. */
  see(atMs: number, source: string, what: string): void {
    if (this.now[source] === what) return
    this.now[source] = what
    const sight = { atMs, source, what }
    this.sights.push(sight)
    this.onSight(sight)
  }
}
